"""What is made of strings, such as the tokens of words: that of a string that was met before is not made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from .packed import ranges, with_room

Ids = npt.NDArray[np.int64]

Column = tuple[npt.NDArray[Any], Ids]
"""Numbers made of strings, those of all end to end (n,), and how many are those of each string (len(strings),)."""


FEWEST = 1 << 10
"""Slots of an empty table."""

T = TypeVar("T")


class Memo(dict[str, T]):
    """What `make` makes of a string, looked up as in a dict: what is there is found without a line of Python.

    At most `most` strings are kept, those that were not asked for lately go first; of strings of more than `longest`
    letters, none. Threads may share it.
    """

    def __init__(self, make: Callable[[str], T], most: int, longest: int) -> None:
        super().__init__()
        self._make, self._half, self._longest = make, most // 2, longest
        self._older: dict[str, T] = {}

    def __missing__(self, string: str) -> T:
        if len(string) > self._longest:
            return self._make(string)
        made = self._older[string] if string in self._older else self._make(string)
        if len(self) >= self._half:
            self._older = dict(self)
            self.clear()
        self[string] = made
        return made


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
    """Strings and what was made of them, by their hashes: where each string stands in each column.

    Hashes are those of Python: among a million strings, two have the same once in ten million cases. They stand in
    arrays, each at the first free place from its last bits on: thousands are looked up there in a third of the time
    that a large dict takes, whose keys and values are all over the memory.
    """

    def __init__(self) -> None:
        self._slots = _slots(FEWEST)
        self.columns: list[_Column] = []
        self.size = self.letters = 0

    def places_of(self, strings: Sequence[str]) -> Ids:
        """The places of strings, -1 for those that are unknown."""
        hashes, places = self._slots  # another thread may be putting larger ones there
        asked = np.fromiter(map(hash, strings), np.int64, len(strings))
        at = asked & (len(hashes) - 1)
        found: Ids = places[at]
        left = np.flatnonzero((hashes[at] != asked) & (found >= 0))
        while len(left):
            at[left] = following = (at[left] + 1) & (len(hashes) - 1)
            found[left] = held = places[following]
            left = left[(hashes[following] != asked[left]) & (held >= 0)]
        return found

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
        hashes, places = self._slots
        new = np.fromiter(map(hash, strings), np.int64, len(strings)), np.arange(self.size, self.size + len(strings))
        if 2 * (self.size + len(strings)) > len(hashes):
            held, larger = places >= 0, _slots(4 * (self.size + len(strings)))
            _put(*larger, hashes[held], places[held])
            _put(*larger, *new)
            self._slots = larger
        else:
            _put(hashes, places, *new)
        self.size += len(strings)
        self.letters += sum(map(len, strings))


def _slots(least: int) -> tuple[Ids, Ids]:
    """An empty hash table of `least` slots or more: hashes and places, int64 (2^n,) each. A place of -1 is free."""
    size = 1 << (least - 1).bit_length()
    return np.zeros(size, np.int64), np.full(size, -1, np.int64)


def _put(hashes: Ids, places: Ids, new: Ids, where: Ids) -> None:
    """Insert new hashes and their places by linear probing. The table must have more free slots than hashes."""
    at = new & (len(hashes) - 1)
    while len(new):
        free = np.flatnonzero(places[at] < 0)
        _, first = np.unique(at[free], return_index=True)
        free = free[first]
        hashes[at[free]] = new[free]
        places[at[free]] = where[free]  # behind its hash: another thread may be looking
        left = np.ones(len(new), bool)
        left[free] = False
        new, where, at = new[left], where[left], (at[left] + 1) & (len(hashes) - 1)


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
