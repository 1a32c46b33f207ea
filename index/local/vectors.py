"""FAISS behind one small face: vectors in, positions and inner products out, higher is better."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..types import Vectors

# What a segment's FAISS index is, by its number of rows: the first entry that is large enough is taken. Exact search
# over 100,000 rows of 256 numbers takes some milliseconds; an approximate kind for larger ones is one more entry.
KINDS: tuple[tuple[float, str], ...] = ((float("inf"), "Flat"),)


def build(vectors: Vectors, path: Path) -> None:
    """Write a FAISS index over the rows of `vectors` (float32, (n, dim), unit length) to a file. Raises OSError."""
    import faiss

    kind = next(kind for limit, kind in KINDS if len(vectors) <= limit)
    index = faiss.index_factory(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    index.add(vectors)
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:  # FAISS has one kind of error, and says in prose what the system said
        raise OSError(errno.EIO, str(error).splitlines()[0], str(path)) from None


class VectorIndex:
    """The vectors of one segment, read from a file that `build` wrote, memory-mapped.

    Raises ValueError when the file cannot be read as one.
    """

    def __init__(self, path: Path) -> None:
        import faiss

        try:
            self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise ValueError(f"{path} is no index of vectors ({str(error).splitlines()[0]})") from None

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self._index.d)

    def search(
        self, query: Vectors, k: int, allowed: npt.NDArray[np.bool_] | None = None
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The rows nearest to `query` (float32, (dim,)) and their inner products, best first, at most k.

        Only rows whose entry in `allowed` (n booleans) is True are considered.
        """
        import faiss

        if allowed is None:
            selected = None
        else:
            bits = np.packbits(allowed, bitorder="little")
            parameters: Any = faiss.SearchParameters  # their stubs know less than their code
            selector: Any = faiss.IDSelectorBitmap
            selected = parameters(sel=selector(bits))
        scores, rows = self._index.search(query[None, :], min(k, self._index.ntotal), params=selected)
        found = rows[0] >= 0
        return rows[0][found], scores[0][found]

    def rows(self, rows: npt.NDArray[np.int64]) -> Vectors:
        """The stored vectors of some rows: float32, (len(rows), dim)."""
        vectors: Vectors = self._index.reconstruct_batch(rows)
        return vectors
