"""What is made of strings, such as the tokens of words: that of a string that was met before is not made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from .packed import ranges, with_room

Ids = npt.NDArray[np.int64]

Column = tuple[npt.NDArray[Any], Ids]
"""Numbers made of strings, those of all end to end (n,), and how many are those of each string (len(strings),)."""


class Remembered:
    """What `make` makes of strings, as columns. Threads share it.

    Strings of at most `letters` letters together are kept; then only those that were asked for last, if these are not
    too many either.
    """

    def __init__(self, make: Callable[[Sequence[str]], Sequence[Column]], letters: int) -> None:
        self._make, self._letters = make, letters
        self._lock = Lock()
        self._table = _Table()

    def __call__(self, strings: Sequence[str]) -> list[Column]:
        """What is made of strings, one or more."""
        table = self._table
        places = table.places_of(strings)
        unknown = np.flatnonzero(places < 0)
        if len(unknown):
            missing = [strings[i] for i in unknown.tolist()]
            new = list(dict.fromkeys(missing))
            made = self._make(new)  # without the lock: in another thread it may take as long
            with self._lock:
                table.add(new, made)
                if table.letters > self._letters and table is self._table:  # threads that still use it keep it
                    last = table.only(list(dict.fromkeys(strings)))
                    self._table = last if last.letters <= self._letters else _Table()
            places[unknown] = table.places_of(missing)
        return [column.of(places) for column in table.columns]


class _Table:
    """Strings and what was made of them: `places` says where each string stands in each column."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.columns: list[_Column] = []
        self.size = self.letters = 0

    def places_of(self, strings: Sequence[str]) -> Ids:
        """The places of strings, -1 for those that are unknown."""
        return np.fromiter(map(self.places.get, strings, repeat(-1)), np.int64, len(strings))

    def only(self, strings: Sequence[str]) -> _Table:
        """A table of some of the strings, each once."""
        places = self.places_of(strings)
        table = _Table()
        table.add(strings, [column.of(places) for column in self.columns])
        return table

    def add(self, strings: Sequence[str], made: Sequence[Column]) -> None:
        """Add strings, each once; another thread may have added some of them already, which then stand there twice."""
        if not self.columns:
            self.columns = [_Column(values[:0]) for values, _ in made]
        for column, (values, counts) in zip(self.columns, made, strict=True):
            column.add(self.size, values, counts)
        self.places.update(zip(strings, range(self.size, self.size + len(strings)), strict=True))
        self.size += len(strings)
        self.letters += sum(map(len, strings))


class _Column:
    """Numbers of n strings: those of string i are `values[starts[i] : starts[i + 1]]`.

    Both arrays have room at their ends. What is in them stays there, so that it can be read while others are added.
    """

    def __init__(self, values: npt.NDArray[Any]) -> None:
        self.starts, self.values = np.zeros(1, np.int64), values

    def of(self, places: Ids) -> Column:
        """The numbers of some strings."""
        first = self.starts[places]
        counts = self.starts[places + 1] - first
        return self.values[ranges(first, counts)], counts

    def add(self, size: int, values: npt.NDArray[Any], counts: Ids) -> None:
        """Add those of further strings behind the first `size`."""
        behind = int(self.starts[size])
        self.values = with_room(self.values, behind, values)
        self.starts = with_room(self.starts, size + 1, np.cumsum(counts) + behind)
