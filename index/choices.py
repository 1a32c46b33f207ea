"""Values of options, of which users choose one by its name."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, NoReturn

from .errors import InputError


class Choice(StrEnum):
    """Base of enumerations. A value that is none of them raises InputError, in which each is `called` so."""

    _called: ClassVar[str]

    def __init_subclass__(cls, called: str) -> None:
        cls._called = called

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        *others, last = cls
        raise InputError(f"{value!r} is not {cls._called}. Choose {', '.join(others)} or {last}.")
