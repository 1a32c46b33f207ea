"""What is opened of an index, and opened again whenever another one took its place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from index.encoders import encoder_of
from index.errors import InputError, KhabarError
from index.open import open_store

from ..engine import Engine

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Opening:
    """The address of an index; `model` names the model of the index where that has to be named (see `encoder_of`)."""

    address: str
    model: str | None = None
    device: str | None = None

    def engine(self) -> Engine:
        """An engine of the index. Raises KhabarError where it cannot be read."""
        index = open_store(self.address)
        return Engine(index, encoder_of(index.manifest, self.device, self.model))


class Opened(Generic[T]):
    """Something of the index that is opened at the first question, and again whenever another took its place.

    Threads share it. Where the index cannot be read, every question raises the KhabarError that says what to type; the
    next one tries again.
    """

    def __init__(self, opening: Callable[[], T]) -> None:
        self._opening, self._lock = opening, threading.Lock()
        self._held: T | None = None

    def __call__(self, work: Callable[..., R], *given: Any) -> R:
        """What `work` finds in it, at the second try in what stands at the address now."""
        held = self._opened()
        try:
            return work(held, *given)
        except InputError:
            raise
        except KhabarError:
            with self._lock:
                if self._held is held:
                    self._held = None
            return work(self._opened(), *given)

    def _opened(self) -> T:
        with self._lock:
            if self._held is None:
                self._held = self._opening()
            return self._held
