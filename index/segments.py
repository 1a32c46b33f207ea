"""Segments: the derived part of an index, in folders of plain files that never change once written.

A segment holds the lexical and the vector index of a run of passages. Each commit adds one; segments of like size are
merged, so that their number stays logarithmic and a small change never rewrites a large file. Everything in them can
be made again from the store (see store.py).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import vectors
from .lexical import Postings
from .types import Vectors
from .vectors import VectorIndex

# A segment is merged into its elder when that one is less than this many times larger: with 4, every passage is
# rewritten about log4(n) times over the life of an index.
GROWTH = 4


@dataclass(frozen=True)
class Segment:
    """One opened segment of n passages.

    `positions` (int64, (n,), ascending) are the passages' numbers in the store, `articles` (int64, (n,)) the numbers of
    their articles; row i of `postings` and of `vectors` is passage `positions[i]`.
    """

    name: str
    positions: npt.NDArray[np.int64]
    articles: npt.NDArray[np.int64]
    postings: Postings
    vectors: VectorIndex

    def __len__(self) -> int:
        return len(self.positions)

    @classmethod
    def open(cls, folder: Path) -> Segment:
        """Map a segment into memory, all its files at once: it stays readable when a writer then deletes them.

        Raises OSError or ValueError when a file is missing or damaged.
        """
        positions, articles = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ("positions", "articles")
        )
        path = folder / "vectors.faiss"
        path.stat()  # FAISS reports a missing file as an error of its own
        return cls(folder.name, positions, articles, Postings.open(folder), VectorIndex(path))


def write(
    folder: Path,
    positions: npt.NDArray[np.int64],
    articles: npt.NDArray[np.int64],
    postings: Postings,
    rows: Vectors,
) -> dict[str, str]:
    """Write a segment to a new folder, force it to the disk, and return the checksum of each of its files."""
    shutil.rmtree(folder, ignore_errors=True)  # left behind by a writer that was killed
    folder.mkdir(parents=True)
    np.save(folder / "positions.npy", positions)
    np.save(folder / "articles.npy", articles)
    postings.save(folder)
    vectors.build(rows, folder / "vectors.faiss")
    for path in [*folder.iterdir(), folder, folder.parent]:
        _force(path)
    return checksums(folder)


def merge(folder: Path, parts: Sequence[Segment], dead: npt.NDArray[np.int64]) -> dict[str, str]:
    """Join segments into a new one, without the passages whose positions are in `dead`; returns checksums."""
    keep = [~np.isin(part.positions, dead) for part in parts]

    def join(arrays: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
        return np.concatenate([a[k] for a, k in zip(arrays, keep, strict=True)])

    return write(
        folder,
        join([part.positions for part in parts]),
        join([part.articles for part in parts]),
        Postings.merge([part.postings for part in parts], keep),
        np.concatenate([part.vectors.rows(np.flatnonzero(k)) for part, k in zip(parts, keep, strict=True)]),
    )


def due(sizes: Sequence[int]) -> int:
    """How many of the youngest segments (sizes in order of age) should be merged into one now; 0 when none."""
    count, total = 1, sizes[-1] if sizes else 0
    for size in reversed(sizes[:-1]):
        if size >= GROWTH * total:
            break
        count, total = count + 1, total + size
    return count if count > 1 else 0


def checksums(folder: Path) -> dict[str, str]:
    """File name -> SHA-256, for every file of a segment."""
    sums = {}
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            sums[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return sums


def _force(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
