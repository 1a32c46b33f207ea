"""FAISS behind one small face: vectors in, rows and inner products out, higher is better."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..types import Vectors
from .arrays import mapped, require_codes, require_length, require_shortlist

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kind:
    """How the vectors of a segment are stored: the FAISS name of their codes, and whether a shortlist stands beside.

    A shortlist has a coarse code of each vector, a quarter of a byte a number. All of them are looked through, and the
    vectors of the best are compared.
    """

    codes: str
    shortlist: bool


KINDS: tuple[tuple[float, Kind], ...] = ((65_536, Kind("SQfp16", False)), (float("inf"), Kind("SQ8", True)))
"""What a segment has, by its number of rows: the first that is large enough. A file itself says what it holds."""

SHORTLISTED = 20
"""Rows on a shortlist for each that is asked for. Of the 10 nearest among a million news passages .999 are on it, of
the 200 nearest .946; with 10 for each, .991 and .889."""

SELECTIVE = 8
"""Where only one row in so many is allowed, those are compared one by one: a shortlist would hold too few of them."""

SAMPLE = 1 << 16
"""Vectors by which codes are trained, at most."""

ROWS_AT_ONCE = 1 << 14

COMPARED_AT_ONCE = 1 << 12
"""Rows of a shortlist that are decoded at once: more leave the cache, and take half as long again."""

_MEAN = "mean.npy"
_UNITS = float(1 << 30)  # of the mean: whole numbers are all that is read of a .npy file
_SHORTLIST = "shortlist.faiss"
_CODES = "vectors.faiss"


def write(folder: Path, size: int, take: Callable[[Rows], Vectors], like: VectorIndex | None = None) -> None:
    """Write the vectors of `size` rows to a folder: `take` gives those of some rows (float32, (n, dim), unit length).

    Where they are stored in 8 bits, the ranges that these stand for are those of `like`, if given: its codes stay the
    same then. Raises OSError.
    """
    import faiss

    faiss.omp_set_num_threads(1)  # of this thread: two take twenty times the processor time of one to train codes
    kind = next(kind for limit, kind in KINDS if size <= limit)
    sample = take(np.unique(np.linspace(0, size - 1, min(size, SAMPLE)).astype(np.int64)))
    codes: Any = faiss.index_factory(sample.shape[1], kind.codes, faiss.METRIC_INNER_PRODUCT)
    if like is not None and like.kind == codes.sq.qtype:
        codes = like.empty()
    else:
        codes.train(sample)
    shortlist = _shortlist(sample) if kind.shortlist else None
    total = np.zeros(sample.shape[1])
    head = faiss.serialize_index(codes).tobytes()  # which ends with the number of bytes that follow
    with (folder / _CODES).open("xb") as file:
        counted = size.to_bytes(8, "little")
        file.write(head[:8] + counted + head[16:-8] + (size * codes.sa_code_size()).to_bytes(8, "little"))
        for first in range(0, size, ROWS_AT_ONCE):
            vectors = take(np.arange(first, min(first + ROWS_AT_ONCE, size)))
            file.write(codes.sa_encode(vectors).data)
            total += vectors.sum(0, dtype=np.float64)
            if shortlist is not None:
                shortlist.add(vectors)
    np.save(folder / _MEAN, np.rint(total / size * _UNITS).astype("<i4"))
    if shortlist is not None:
        try:
            faiss.write_index(shortlist, str(folder / _SHORTLIST))
        except RuntimeError as error:  # FAISS has one kind of error, and says in prose what the system said
            raise OSError(errno.EIO, str(error).splitlines()[0], str(folder / _SHORTLIST)) from None


def _shortlist(sample: Vectors) -> Any:
    """An empty index of coarse codes, trained: 4 bits for about four numbers (Andre and others 2015, fast scan)."""
    import faiss

    dim = sample.shape[1]
    parts = next(parts for parts in range(max(dim // 4, 1), 0, -1) if dim % parts == 0)
    index = faiss.IndexPQFastScan(dim, parts, 4, faiss.METRIC_INNER_PRODUCT)
    index.pq.cp.min_points_per_centroid = 1  # else it warns on the terminal
    few = sample[:: max(len(sample) // 16_384, 1)]
    index.train(np.resize(few, (max(len(few), 16), dim)))  # one vector for each value of 4 bits, at least
    return index


class VectorIndex:
    """The vectors of one segment of n rows, read from files that `write` wrote, memory-mapped.

    Raises ValueError when a file cannot be read as one, OSError.
    """

    def __init__(self, folder: Path, size: int) -> None:
        require_codes(folder / _CODES, size)
        self._codes = _read(folder / _CODES)
        width = self._codes.sa_code_size()
        behind = os.path.getsize(folder / _CODES) - size * width
        self._bytes = np.asarray(np.memmap(folder / _CODES, np.uint8, "r", behind, (size, width)))
        self._mean: npt.NDArray[np.int32] | None = None
        if os.path.exists(folder / _MEAN):
            self._mean = mapped(folder / _MEAN, np.int32)
            require_length(self._mean, self.dim, "numbers in the mean of all vectors")
        self._shortlist: Any = None
        if os.path.exists(folder / _SHORTLIST):
            require_shortlist(folder / _SHORTLIST, size, self.dim)
            self._shortlist = _read(folder / _SHORTLIST)

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self._codes.d)

    @property
    def mean(self) -> Vectors | None:
        """The mean of all vectors: float32, (dim,); None where an older Khabar wrote the files."""
        return None if self._mean is None else (self._mean / _UNITS).astype(np.float32)

    @property
    def kind(self) -> int:
        """What FAISS calls the type of the codes."""
        return int(self._codes.sq.qtype)

    def empty(self) -> Any:
        """A FAISS index of the same codes without any rows."""
        import faiss

        index: Any = faiss.IndexScalarQuantizer(self.dim, self.kind, faiss.METRIC_INNER_PRODUCT)
        faiss.copy_array_to_vector(faiss.vector_to_array(self._codes.sq.trained), index.sq.trained)
        index.is_trained = True
        return index

    def search(
        self, query: Vectors, k: int, allowed: npt.NDArray[np.bool_] | None = None
    ) -> tuple[Rows, npt.NDArray[np.float32]]:
        """The rows nearest to `query` (float32, (dim,)) and their inner products, best first, at most k.

        Only rows whose entry in `allowed` (n booleans) is True are considered, and k are found where so many are
        allowed. With a shortlist, some of the nearest may be missing.
        """
        return self.searches(query, k, [allowed])[0]

    def searches(
        self, query: Vectors, k: int, several: Sequence[npt.NDArray[np.bool_] | None]
    ) -> list[tuple[Rows, npt.NDArray[np.float32]]]:
        """What `search` finds among the rows that each of `several` allows; the shortlist is looked through once."""
        import faiss

        faiss.omp_set_num_threads(1)  # of this thread: those of one query would wait for each other
        size = int(self._codes.ntotal)
        counts = [size if allowed is None else int(np.count_nonzero(allowed)) for allowed in several]
        wanted = [
            min(SHORTLISTED * min(k, count) * size // count, size)
            if self._shortlist is not None and count and count * SELECTIVE >= size
            else 0
            for count in counts
        ]
        listed = self._listed(query, max(wanted))
        found = []
        for allowed, count, most in zip(several, counts, wanted, strict=True):
            near = listed[:most]
            near = np.sort(near if allowed is None else near[allowed[near]])
            if len(near) >= min(k, count) > 0:
                found.append(self._nearest(query, min(k, count), near))
            else:
                found.append(self._compared(query, min(k, count), None if count == size else allowed))
        return found

    def _listed(self, query: Vectors, k: int) -> Rows:
        """The k rows that are nearest by their coarse codes, best first."""
        if not k:
            return np.zeros(0, np.int64)
        _, (rows,) = self._shortlist.search(query[None, :], k)
        listed: Rows = rows[rows >= 0]
        return listed

    def _nearest(self, query: Vectors, k: int, rows: Rows) -> tuple[Rows, npt.NDArray[np.float32]]:
        """The k nearest of some rows, which ascend, and their inner products, best first."""
        parts = range(0, len(rows), COMPARED_AT_ONCE)
        scores = np.concatenate([self.rows(rows[first : first + COMPARED_AT_ONCE]) @ query for first in parts])
        last = np.partition(scores, len(scores) - k)[len(scores) - k]
        best = np.flatnonzero(scores >= last)  # all that are as near as the last of k
        order = best[np.lexsort((rows[best], -scores[best]))[:k]]
        return rows[order], scores[order]

    def _compared(
        self, query: Vectors, k: int, allowed: npt.NDArray[np.bool_] | None
    ) -> tuple[Rows, npt.NDArray[np.float32]]:
        import faiss

        if not k:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        if allowed is None:
            selected = None
        else:
            bits = np.packbits(allowed, bitorder="little")
            parameters: Any = faiss.SearchParameters  # their stubs know less than their code
            selector: Any = faiss.IDSelectorBitmap
            selected = parameters(sel=selector(bits))
        scores, rows = self._codes.search(query[None, :], k, params=selected)
        found = rows[0] >= 0
        return rows[0][found], scores[0][found]

    def rows(self, rows: Rows) -> Vectors:
        """The stored vectors of some rows: float32, (len(rows), dim)."""
        vectors: Vectors = self._codes.sa_decode(self._bytes[rows])  # in one piece, ten times as fast as row by row
        return vectors


def _read(path: Path) -> Any:
    import faiss

    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise ValueError(f"{path} is no index of vectors ({str(error).splitlines()[0]})") from None
