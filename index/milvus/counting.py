"""The parts of the statistics in the ledger: read, written and merged (see statistics.py)."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from ..errors import IndexDamaged
from ..local import due
from ..text import analysed
from ..types import Vectors
from .cluster import Consistency
from .ledger import Ledger
from .reading import Rows
from .statistics import Part, Statistics, counting, starts

PIECE = 8_192
"""Passages that are analysed at once when all are counted anew."""

ARTICLES_AT_ONCE = 500

STALE = 0.2
"""Statistics that count so much more or less than there is are made anew: what is removed stays counted until then."""


class Parts:
    """The parts that a reader has fetched. A part never changes, so each is fetched once."""

    def __init__(self, ledger: Ledger, collection: str) -> None:
        """`collection` is the one whose passages they count."""
        self._ledger, self._collection = ledger, collection
        self._known: dict[str, Part] = {}

    def read(self, at: Consistency) -> dict[str, Part]:
        """The parts that count now, by name, in the order of storage. Raises IndexDamaged."""
        prefix = prefix_of(self._collection)
        names = [name for name in self._ledger.names("part", at) if name.startswith(prefix)]
        fresh = self._ledger.get([name for name in names if name not in self._known], at)
        try:
            parts = {
                name: self._known.get(name) or Part.read(fresh[name])
                for name in names
                if name in self._known or name in fresh
            }
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise IndexDamaged(
                f"The statistics of {self._collection} cannot be read ({error}). Mend them with: khabar verify --repair"
            ) from None
        self._known = counting(parts)
        return self._known

    def statistics(self, at: Consistency) -> Statistics:
        """All that is counted now."""
        return Statistics(tuple(self.read(at).values()))


class PartsWriter:
    """Adds the parts of one writer, and merges its own: those of others may be being merged by them."""

    def __init__(self, ledger: Ledger, collection: str) -> None:
        self._ledger, self._collection = ledger, collection
        self._before: Statistics | None = None
        self._mine: dict[str, Part] = {}

    def lengths(self, part: Part) -> list[float]:
        """The average length of passages in each language, with those of a new part."""
        if self._before is None:
            self._before = Parts(self._ledger, self._collection).statistics("Strong")
        return Statistics((*self._before.parts, *self._mine.values(), part)).lengths

    def add(self, part: Part) -> None:
        """Store a part; merge it with those before it that are not much larger."""
        self._put(self._mine, part)
        self._merge(self._mine)

    def count(self, rows: Rows, numbers: Sequence[int]) -> None:
        """Count the passages of some articles, unless they are counted already."""
        counted = {
            first for part in Parts(self._ledger, self._collection).read("Strong").values() for first in starts(part)
        }
        for first, passages, vectors in _stored(rows, numbers):
            if first not in counted:
                self.add(Part.of(first, analysed(passages), vectors))

    def settle(self, rows: Rows) -> None:
        """Merge the parts of all writers, where there is no other writer; count anew where they are stale."""
        parts = Parts(self._ledger, self._collection).read("Strong")
        if stale(Statistics(tuple(parts.values())), rows):
            self.renew(rows)
        else:
            self._merge(parts)

    def renew(self, rows: Rows) -> None:
        """Count all passages anew, in place of all parts."""
        old = [name for name in self._ledger.names("part", "Strong") if name.startswith(prefix_of(self._collection))]
        fresh: dict[str, Part] = {}
        for first, passages, vectors in _stored(rows, rows.everything()):
            self._put(fresh, Part.of(first, analysed(passages), vectors))
            self._merge(fresh)
        self._ledger.delete([name for name in old if name not in fresh])
        self._before, self._mine = Statistics(tuple(fresh.values())), {}

    def _put(self, parts: dict[str, Part], part: Part) -> None:
        name = f"{prefix_of(self._collection)}{part.runs[0, 0]:x}-{os.urandom(4).hex()}"
        self._ledger.put("part", {name: part.written()})
        parts[name] = part

    def _merge(self, parts: dict[str, Part]) -> None:
        while count := due([len(part) for part in parts.values()]):
            names = list(parts)[-count:]
            merged = Part.merged([parts.pop(name) for name in names])
            self._put(parts, merged)
            self._ledger.delete(names)


def stale(statistics: Statistics, rows: Rows) -> str:
    """In what statistics are no longer those of an index; "" where they are."""
    counted, there = len(statistics), rows.cluster.count(rows.state.passages)
    return f"count {counted} passages, and there are {there}" if abs(counted - there) > STALE * there else ""


def prefix_of(collection: str) -> str:
    """What the names of the parts of a collection begin with."""
    return f"part/{collection}/"


def _stored(rows: Rows, numbers: Sequence[int]) -> Iterator[tuple[int, list[str], Vectors]]:
    """The texts and vectors of passages that follow one another, PIECE or so, with the number of the first."""
    first, found, vectors = 0, list[str](), list[Vectors]()
    for start in range(0, len(numbers), ARTICLES_AT_ONCE):
        some = numbers[start : start + ARTICLES_AT_ONCE]
        heads = rows.heads(some)
        keys = [number + place for number in some for place in range(heads[number]["passages"])]
        for number, text, vector in rows.encoded(keys):
            if found and (number != first + len(found) or len(found) >= PIECE):
                yield first, found, np.array(vectors)
                found, vectors = [], []
            if not found:
                first = number
            found.append(text)
            vectors.append(vector)
    if found:
        yield first, found, np.array(vectors)
