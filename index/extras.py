"""Extras: libraries that only some parts of Khabar need, as pyproject.toml groups them."""

from __future__ import annotations

from importlib.util import find_spec

from .errors import InputError


def require_extra(what: str, name: str, *libraries: str, error: type[Exception] = InputError) -> None:
    """Raises `error` where a library of the extra `name` is not installed; `what` needs it."""
    if any(find_spec(library) is None for library in libraries):
        raise error(f"{what} needs the extra {name}: pip install 'khabar[{name}]'")
