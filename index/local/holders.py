"""Which articles hold which fingerprints, in memory: what would be sought in all of them is sought in a few."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ports import Numbers
from ..text import PACKED, Sketch, Sketches, distinct, unpack

Rows = Callable[[str, Sequence[Any]], Iterator[Any]]

TOGETHER = 8
"""Fingerprints, on average, that are not told apart here: the sketches of their holders are read to see."""

TAIL = 4_096
"""Newer articles that are looked at one by one, until all are read anew. A smaller index is never read."""

SKETCHES_AT_ONCE = 4_096
"""Articles whose sketches, some 4 MB, are in memory at once while they are searched for fingerprints."""

_AT_ONCE = 1 << 22  # fingerprints that are sorted at once
_BITS = 32  # of a fingerprint


class Holders:
    """The holders of the fingerprints of one database, as the views of one process know them; threads share it.

    They are read when they are asked for the second time, which takes some 20 microseconds an article: a process that
    asks once is sooner done without. Then they take some 600 bytes an article.
    """

    def __init__(self) -> None:
        """Nothing read yet."""
        self._lock = Lock()
        self._asked = False
        self._read: _Read | None = None

    def sharing(
        self, asked: Sketch, least: int, rows: Rows, generation: int, condition: str, parameters: Sequence[str]
    ) -> Numbers:
        """The articles that hold `least` (1 or more) of some fingerprints and meet a condition, ascending.

        `rows` runs an SQL query in a view of this generation.
        """
        ((last,),) = rows("SELECT ifnull(max(number), 0) FROM articles", ())
        read = self._known(rows, generation, last)
        if read is None:
            return _holding(asked, least, rows, condition, parameters)
        likely = read.likely(asked)
        few = "number IN (SELECT value FROM json_each(?))"
        found = [
            _holding(asked, least, rows, f"{condition} AND {few}", [*parameters, f"[{','.join(map(str, likely))}]"]),
            _holding(asked, least, rows, f"{condition} AND number > ?", [*parameters, read.last]),
        ]
        return np.concatenate(found)

    def _known(self, rows: Rows, generation: int, last: int) -> _Read | None:
        """What was read for a view, now if need be; None where that does not pay."""
        with self._lock:
            first, self._asked = not self._asked, True
            read = self._read
            if read is None or last - read.last > TAIL:
                if last <= TAIL or first:
                    return None
                read = self._read = _Read.of(rows, generation, last)
            return read if read.generation <= generation else None  # an older view may hold what was removed since


class _Read:
    """The holders of all fingerprints up to article `last`, as they were at a generation.

    `holders` (uint32) are places in `numbers`, by the first bits of the fingerprints; `bounds` (uint32) say where those
    of each begin.
    """

    def __init__(
        self,
        generation: int,
        last: int,
        numbers: Numbers,
        holders: npt.NDArray[np.uint32],
        bounds: npt.NDArray[np.uint32],
    ) -> None:
        self.generation, self.last = generation, last
        self._numbers, self._holders, self._bounds = numbers, holders, bounds
        self._shift = np.uint64(_BITS - (len(bounds) - 1).bit_length() + 1)

    @classmethod
    def of(cls, rows: Rows, generation: int, last: int) -> _Read:
        numbers: list[int] = []

        def stored() -> Iterator[Sketch]:
            for number, packed in rows(
                "SELECT number, sketch FROM articles WHERE number <= ? ORDER BY number", (last,)
            ):
                numbers.append(number)
                yield unpack(packed)

        sketches = Sketches.of(stored())
        count = len(sketches.fingerprints)
        bits = min(max(math.ceil(math.log2(max(count / TOGETHER, 1))), 1), _BITS - 1)
        buckets = sketches.fingerprints >> np.uint32(_BITS - bits)
        owners = np.repeat(np.arange(len(sketches), dtype=np.uint32), sketches.sizes)
        parts = max(1, math.ceil(count / _AT_ONCE))
        holders = []
        edges = (np.arange(parts + 1) << bits) // parts
        for low, high in pairwise(edges.tolist()):
            chosen = (buckets >= low) & (buckets < high)
            keys = buckets[chosen].astype(np.uint64) << np.uint64(32) | owners[chosen]
            keys.sort()
            holders.append((keys & np.uint64((1 << 32) - 1)).astype(np.uint32))
        bounds = np.zeros((1 << bits) + 1, np.uint32)
        np.cumsum(np.bincount(buckets, minlength=1 << bits), out=bounds[1:])
        return cls(generation, last, np.array(numbers, np.int64), np.concatenate(holders), bounds)

    def likely(self, asked: Sketch) -> list[int]:
        """The numbers of the articles that may hold some of the fingerprints: all that do, and a few others."""
        buckets = distinct(asked >> self._shift).astype(np.int64)
        found = [self._holders[:0]]
        found += [self._holders[self._bounds[bucket] : self._bounds[bucket + 1]] for bucket in buckets.tolist()]
        numbers: list[int] = self._numbers[distinct(np.concatenate(found))].tolist()
        return numbers


def _holding(asked: Sketch, least: int, rows: Rows, condition: str, parameters: Sequence[Any]) -> Numbers:
    """The articles that meet a condition and hold so many of some fingerprints, by reading their sketches."""
    stored = rows(f"SELECT number, sketch FROM articles WHERE {condition} ORDER BY number", parameters)
    found: list[Numbers] = [np.zeros(0, np.int64)]
    while read := list(islice(stored, SKETCHES_AT_ONCE)) if len(asked) else []:
        numbers = np.array([number for number, _ in read], np.int64)
        found.append(numbers[_shared(asked, [packed for _, packed in read]) >= least])
    return np.concatenate(found)


def _shared(asked: Sketch, stored: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """How many of some fingerprints each packed sketch holds: (n,)."""
    sought = asked.astype(np.uint32)
    likely = np.zeros(1 << 16, bool)  # by the last bits of a fingerprint, which tell most others apart
    likely[sought.astype(np.uint16)] = True
    fingerprints = np.frombuffer(b"".join(stored), "<u4")
    places = np.flatnonzero(likely[fingerprints.astype(np.uint16)])
    places = places[np.isin(fingerprints[places], sought)]
    ends = np.cumsum([len(packed) // PACKED for packed in stored])
    return np.bincount(np.searchsorted(ends, places, "right"), minlength=len(stored))
