"""Which articles are worth reading side by side: pairs whose sketches share fingerprints, found without trying all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.text import Sketch, Sketches, distinct

ESTIMATE = 0.2
"""Share of fingerprints that makes two articles worth reading side by side: with every tenth word changed at random,
a copy still shares half of them."""

CROWD = 32
"""Articles that may share a fingerprint and still be compared each with each; beyond it, each with its neighbours."""

AT_ONCE = 1 << 22
"""Fingerprints, or fingerprints that pairs share, that are sorted at once; their arrays, some 150 MB, are the working
memory."""

NEIGHBOURS = 4
"""Articles next to it in a crowd that an article is compared with."""


def candidate_pairs(sketches: Sequence[Sketch], since: int = 0) -> npt.NDArray[np.int64]:
    """The pairs of articles whose sketches overlap, found through their common fingerprints, not by trying all pairs.

    int64, shape (n, 2): pairs of positions, each row ascending, rows in order; one of the two holds about `ESTIMATE`
    or more of the other. With `since`, only pairs in which one position is `since` or later: new articles against all.
    Fingerprints of one article cost nothing; those of more than `CROWD` articles (formulas, or one text printed
    everywhere) pair each article only with the next ones in an order made from the sketches themselves, so the work
    grows with the corpus and does not depend on the order of the articles.
    """
    packed = Sketches.of(sketches)
    sizes = packed.sizes
    if not sizes.any():
        return np.empty((0, 2), np.int64)
    order = _order(packed)
    found = [np.empty((0, 2), np.int64)]
    for codes, counts in _met(*_shared(packed, order), order >= since):
        pairs = order[np.stack(np.divmod(codes, len(packed)), axis=1)]
        pairs = pairs[counts / sizes[pairs].min(axis=1) >= ESTIMATE]
        pairs.sort(axis=1)
        found.append(pairs)
    pairs = np.concatenate(found)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _order(packed: Sketches) -> npt.NDArray[np.int64]:
    """The positions of the sketches in an order that the sketches alone decide, but for equal ones."""
    least = np.zeros(len(packed), np.uint32)
    filled = packed.sizes > 0
    least[filled] = packed.fingerprints[packed.bounds[:-1][filled]]
    return np.lexsort((packed.sizes, least))


def _shared(packed: Sketches, order: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Who holds the fingerprints that several sketches have: their ranks in `order`, by fingerprint, then by rank; and
    with how many of those behind it each is compared."""
    rank = np.empty(len(order), np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    ranks = np.repeat(rank, packed.sizes)
    bits = max(0, math.ceil(math.log2(max(1, len(ranks) / AT_ONCE))))
    holders, reaches = [], []
    for part in range(1 << bits):
        chosen = np.flatnonzero(packed.fingerprints >> np.uint32(32 - bits) == part) if bits else slice(None)
        keys = packed.fingerprints[chosen].astype(np.uint64)
        keys <<= np.uint64(32)
        keys |= ranks[chosen]
        keys.sort()
        hashes = (keys >> np.uint64(32)).astype(np.uint32)
        starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))[: len(hashes)]
        lengths = np.diff(np.append(starts, len(hashes)))
        common = np.repeat(lengths, lengths)
        behind = np.repeat(starts + lengths, lengths) - np.arange(1, len(hashes) + 1)
        reach = np.minimum(behind, np.where(common > CROWD, NEIGHBOURS, CROWD)).astype(np.uint8)
        holders.append((keys[common > 1] & np.uint64((1 << 32) - 1)).astype(np.uint32))
        reaches.append(reach[common > 1])
    return np.concatenate(holders), np.concatenate(reaches)


def _met(
    holders: npt.NDArray[np.uint32], reach: npt.NDArray[np.uint8], new: npt.NDArray[np.bool_]
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """The pairs that share fingerprints, the lower rank times n plus the higher, ascending, and how many they share.

    In each pair one is `new` (bool, (n,), by rank). They are counted for some articles after the others, so that all
    that one pair shares is counted at once.
    """
    count = len(new)
    work = np.cumsum(np.bincount(holders, reach, count))
    parts = max(1, math.ceil(work[-1] / AT_ONCE))
    bounds = np.searchsorted(work, np.arange(1, parts) * (work[-1] / parts), "right")
    for low, high in pairwise((0, *bounds.tolist(), count)):
        mine = np.flatnonzero((holders >= low) & (holders < high))
        found = [np.empty(0, np.int64)]
        for step in range(1, CROWD):
            mine = mine[reach[mine] >= step]
            if not len(mine):
                break
            one, other = holders[mine].astype(np.int64), holders[mine + step].astype(np.int64)
            met = one * count + other
            found.append(met[new[one] | new[other]])
        yield np.unique(np.concatenate(found), return_counts=True)


class Fingerprints:
    """The fingerprints of a growing collection, sorted: new sketches are looked up, old ones are not paired again."""

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        """Those of the articles at positions 0, 1, ..."""
        self._hashes = np.empty(0, np.uint64)
        self._owners = np.empty(0, np.int64)
        self._count = 0
        self.add(sketches)

    def add(self, sketches: Sequence[Sketch]) -> None:
        """Adds articles at the next positions."""
        hashes, owners = _listed(sketches)
        order = np.argsort(hashes, kind="stable")
        places = np.searchsorted(self._hashes, hashes[order])
        self._hashes = np.insert(self._hashes, places, hashes[order])
        self._owners = np.insert(self._owners, places, owners[order] + self._count)
        self._count += len(sketches)

    def sharing(self, sketches: Sequence[Sketch]) -> npt.NDArray[np.int64]:
        """The positions of the articles that share a fingerprint with one of the sketches: int64, ascending."""
        asked = distinct(_listed(sketches)[0])
        low, high = (np.searchsorted(self._hashes, asked, side) for side in ("left", "right"))
        return distinct(
            np.concatenate([self._owners[:0], *(self._owners[a:b] for a, b in zip(low, high, strict=True) if a < b)])
        )


def _listed(sketches: Sequence[Sketch]) -> tuple[Sketch, npt.NDArray[np.int64]]:
    """All fingerprints, and the position of the sketch that holds each."""
    sizes = np.fromiter(map(len, sketches), np.int64, len(sketches))
    return np.concatenate([np.empty(0, np.uint64), *sketches]), np.repeat(np.arange(len(sketches)), sizes)
