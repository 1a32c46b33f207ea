"""Which articles are worth reading side by side: pairs whose sketches share fingerprints, found without trying all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from index.text import Sketch

ESTIMATE = 0.2
"""Share of fingerprints that makes two articles worth reading side by side: with every tenth word changed at random,
a copy still shares half of them."""

CROWD = 32
"""Articles that may share a fingerprint and still be compared each with each; beyond it, each with its neighbours."""

AT_ONCE = 1 << 22
"""Fingerprints that are sorted at once; their arrays, some 200 MB, are the working memory."""

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
    sizes = np.fromiter(map(len, sketches), np.int64, len(sketches))
    if not sizes.any():
        return np.empty((0, 2), np.int64)
    least = np.fromiter((s[0] if len(s) else 0 for s in sketches), np.uint64, len(sketches))
    rank = np.empty(len(sketches), np.int64)
    rank[np.lexsort((sizes, least))] = np.arange(len(sketches))
    codes, counts = np.empty(0, np.int64), np.empty(0, np.int64)
    for hashes, owners in _shared(sketches, int(sizes.sum())):
        found, times = np.unique(_met(hashes, owners, rank, since), return_counts=True)
        codes, places = np.unique(np.concatenate((codes, found)), return_inverse=True)
        counts = np.bincount(places, np.concatenate((counts, times)), len(codes)).astype(np.int64)
    pairs = np.stack(np.divmod(codes, len(sketches)), axis=1)
    return np.asarray(pairs[counts / sizes[pairs].min(axis=1) >= ESTIMATE])


def _shared(sketches: Sequence[Sketch], count: int) -> Iterator[tuple[Sketch, npt.NDArray[np.int64]]]:
    """The fingerprints of all sketches, `count` in all, and the position of the sketch that holds each: in parts of
    about `AT_ONCE`, each with all that have one number."""
    parts = 1 << max(0, math.ceil(math.log2(max(1, count / AT_ONCE))))
    if parts == 1:
        yield _listed(sketches)
        return
    bounds = [np.uint64((part << 64) // parts) for part in range(parts)]
    cuts = np.array([np.append(np.searchsorted(sketch, bounds), len(sketch)) for sketch in sketches])
    for part in range(parts):
        chosen = [sketch[a:b] for sketch, a, b in zip(sketches, cuts[:, part], cuts[:, part + 1], strict=True)]
        yield _listed(chosen)


def _met(
    hashes: Sketch, owners: npt.NDArray[np.int64], rank: npt.NDArray[np.int64], since: int
) -> npt.NDArray[np.int64]:
    """The pairs that share a fingerprint, once for each that they share: the lower position times n plus the higher."""
    order = np.lexsort((rank[owners], hashes))
    hashes, owners = hashes[order], owners[order]
    starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
    lengths = np.diff(np.append(starts, len(hashes)))
    common = np.repeat(lengths, lengths)
    hashes, owners, common = hashes[common > 1], owners[common > 1], common[common > 1]
    reach = np.where(common > CROWD, NEIGHBOURS, common)
    found = [np.empty(0, np.int64)]
    for step in range(1, CROWD):
        near = np.flatnonzero((hashes[step:] == hashes[:-step]) & (reach[:-step] >= step))
        if not len(near):
            break
        one, other = owners[near], owners[near + step]
        low, high = np.minimum(one, other), np.maximum(one, other)
        found.append((low * len(rank) + high)[high >= since])
    return np.concatenate(found)


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
        asked = np.unique(_listed(sketches)[0])
        low, high = (np.searchsorted(self._hashes, asked, side) for side in ("left", "right"))
        return np.unique(
            np.concatenate([self._owners[:0], *(self._owners[a:b] for a, b in zip(low, high, strict=True) if a < b)])
        )


def _listed(sketches: Sequence[Sketch]) -> tuple[Sketch, npt.NDArray[np.int64]]:
    """All fingerprints, and the position of the sketch that holds each."""
    sizes = np.fromiter(map(len, sketches), np.int64, len(sketches))
    return np.concatenate([np.empty(0, np.uint64), *sketches]), np.repeat(np.arange(len(sketches)), sizes)
