"""What stands between the spaces of texts, looked up: nineteen in twenty such pieces of a text were met before."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from threading import Lock

import numpy as np
import numpy.typing as npt

from .packed import ranges, with_room

REMEMBERED = 1 << 21
"""The most letters that all remembered pieces have together; that takes some 100 MB of memory.

Beyond that, the least recently used half is dropped.
"""

Numbers = npt.NDArray[np.int64]
NONE: Numbers = np.zeros(0, np.int64)

_MARKS = ".,:;!\"'()[]{}/*-–—…،؛«»“”‘’"
"""What may stand around a word without making others of it: question marks and signs such as % and $ do."""


def bare(piece: str) -> str:
    """A word of letters alone without the marks around it; any other piece as it is.

    Both have the same words, and the same tokens (`Learned`). A quarter of the pieces of news differ in such marks.
    """
    word = piece.strip(_MARKS)
    return word if word.isalpha() else piece


class Table:
    """Different pieces, each with its place; `bare` ones with that of what they are then. Threads may share it."""

    def __init__(self, older: Table | None = None, kept: Numbers = NONE) -> None:
        """With `older`, piece i is the one at `kept[i]` (int64, ascending) there."""
        pieces = [older.pieces[i] for i in kept.tolist()] if older else []
        self.pieces: list[str] = pieces  # bare
        self.older, self.kept = older, kept
        self.letters = sum(map(len, pieces))
        self._places = dict(zip(pieces, range(len(pieces)), strict=True))
        self._met = np.zeros(len(pieces), np.int64)  # when each was met last
        self._turn = 0
        self._lock = Lock()

    def places(self, pieces: Sequence[str]) -> Numbers:
        """The place of each piece: int64 (len(pieces),). New ones are added."""
        with self._lock:
            found = self._looked_up(pieces)
            if len(unknown := np.flatnonzero(found < 0)):
                new = [pieces[i] for i in unknown.tolist()]
                self._add(list(dict.fromkeys(new)))
                found[unknown] = self._looked_up(new)
            self._turn += 1
            self._met[found] = self._turn
        return found

    def younger(self) -> Table:
        """A table of the half that was met last."""
        with self._lock:
            self.older = None  # nobody needs it any more
            met = self._met[: len(self.pieces)]
            return Table(self, np.sort(np.argsort(met, kind="stable")[len(met) // 2 :]))

    def _add(self, pieces: Sequence[str]) -> None:
        """Add different pieces that have no place."""
        words = list(map(bare, pieces))
        added = [word for word in dict.fromkeys(words) if word not in self._places]
        known = len(self.pieces)
        self._places.update(zip(added, range(known, known + len(added)), strict=True))
        self._places.update(zip(pieces, map(self._places.__getitem__, words), strict=True))
        self.pieces += added
        self._met = with_room(self._met, known, np.zeros(len(added), np.int64))
        self.letters += sum(map(len, added)) + sum(len(a) for a, b in zip(pieces, words, strict=True) if a != b)

    def _looked_up(self, pieces: Sequence[str]) -> Numbers:
        return np.fromiter(map(self._places.get, pieces, repeat(-1)), np.int64, len(pieces))


@dataclass(frozen=True, slots=True)
class Pieced:
    """The pieces of n texts: their places in a table, end to end (int64), and how many each text has (int64, (n,))."""

    table: Table
    places: Numbers
    counts: Numbers


class _Pieces:
    """The table in use, and what was looked up in it last: both what is stored of texts and their vectors need that."""

    def __init__(self) -> None:
        self._table = Table()
        self._last: tuple[tuple[str, ...], Pieced] | None = None

    def __call__(self, texts: tuple[str, ...]) -> Pieced:
        last, table = self._last, self._table
        if last and last[0] == texts:
            return last[1]
        places = table.places("\n".join(texts).replace("\n", " ").split(" ") if texts else [])
        counts = [text.count(" ") + text.count("\n") + 1 for text in texts]
        found = Pieced(table, places, np.array(counts, np.int64))
        self._last = texts, found
        if table.letters > REMEMBERED:
            self._table = table.younger()
        return found


_pieces = _Pieces()


def pieced(texts: Sequence[str]) -> Pieced:
    """The pieces of some texts: what stands between their spaces and line breaks."""
    return _pieces(tuple(texts))


class Learned(ABC):
    """The numbers that `learn` gives for pieces, each of which it is asked once. Threads may share it."""

    def __init__(self) -> None:
        """Nothing is learned yet."""
        self._lock = Lock()
        self._table: Table | None = None
        self._size = 0  # so many pieces of the table were learned
        self._starts = np.zeros(1, np.int64)  # the numbers of piece i are from `starts[i]` to `starts[i + 1]`
        self._numbers = np.zeros(0, np.int64)

    @abstractmethod
    def learn(self, pieces: Sequence[str]) -> tuple[Numbers, Numbers]:
        """The numbers of some pieces, end to end, and how many each has: int64 (n,), int64 (len(pieces),)."""

    def numbers(self, texts: Pieced) -> tuple[Numbers, Numbers]:
        """The numbers of all pieces of some texts, end to end, and how many each text has: int64 (n,), int64 (m,)."""
        with self._lock:
            if texts.table is not self._table:
                self._change(texts.table)
            if new := texts.table.pieces[self._size :]:
                numbers, counts = self.learn(new)
                behind = int(self._starts[self._size])
                self._starts = with_room(self._starts, self._size + 1, behind + np.cumsum(counts))
                self._numbers = with_room(self._numbers, behind, numbers)
                self._size += len(new)
            starts, numbers = self._starts, self._numbers
        counts = starts[texts.places + 1] - starts[texts.places]
        ends = np.append(0, np.cumsum(counts))[np.append(0, np.cumsum(texts.counts))]
        return numbers[ranges(starts[texts.places], counts)], np.diff(ends)

    def _change(self, table: Table) -> None:
        """Go on with another table, and with what is known of the pieces that it has from this one."""
        kept = np.zeros(0, np.int64)
        if table.older is not None and table.older is self._table:
            kept = table.kept[table.kept < self._size]
        counts = self._starts[kept + 1] - self._starts[kept]
        self._numbers = self._numbers[ranges(self._starts[kept], counts)]
        self._starts = np.append(0, np.cumsum(counts))
        self._size = len(kept)
        self._table = table
