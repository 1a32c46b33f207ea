"""What stands between the spaces of texts, looked up: nineteen in twenty such pieces of a text were met before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, repeat
from threading import Lock

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


class Pieces:
    """Remembers the numbers that a function gives for pieces of text. Threads may share it."""

    def __init__(self, learn: Callable[[Sequence[str]], tuple[Numbers, Numbers]]) -> None:
        """`learn` gives the numbers of pieces that were not met before, end to end, and how many each piece has."""
        self._learn = learn
        self._lock = Lock()
        self._places: dict[str, int] = {}  # a piece -> its place in the arrays
        self._starts = np.zeros(1, np.int64)
        self._numbers = np.zeros(0, np.int64)
        self.letters = 0
        """Letters of all the pieces that are remembered."""

    def __call__(self, texts: Sequence[Sequence[str]]) -> tuple[Numbers, Numbers]:
        """The numbers of texts that are given as their pieces, end to end, and how many each text has.

        int64 (n,) and int64 (len(texts),).
        """
        pieces = list(chain.from_iterable(texts))
        with self._lock:
            places = self._looked_up(pieces)
            if len(unknown := np.flatnonzero(places < 0)):
                new = [pieces[i] for i in unknown.tolist()]
                self._add(sorted(set(new)))
                places[unknown] = self._looked_up(new)
            starts, numbers = self._starts, self._numbers
        counts = starts[places + 1] - starts[places]
        ends = np.append(0, np.cumsum(counts))
        found = numbers[np.arange(ends[-1]) + np.repeat(starts[places] - ends[:-1], counts)]
        behind = np.cumsum([len(text) for text in texts], dtype=np.int64)
        return found, np.diff(ends[behind], prepend=0)

    def _looked_up(self, pieces: Sequence[str]) -> Numbers:
        return np.fromiter(map(self._places.get, pieces, repeat(-1)), np.int64, len(pieces))

    def _add(self, pieces: Sequence[str]) -> None:
        numbers, counts = self._learn(pieces)
        self._starts = np.concatenate([self._starts, len(self._numbers) + np.cumsum(counts)])
        self._numbers = np.concatenate([self._numbers, numbers])
        self._places.update(zip(pieces, range(len(self._places), len(self._starts) - 1), strict=True))
        self.letters += sum(map(len, pieces))


def pieces_of(text: str) -> list[str]:
    """What stands between the spaces and line breaks of a text."""
    return text.replace("\n", " ").split(" ")
