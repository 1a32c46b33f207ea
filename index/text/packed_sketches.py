"""The sketches of many articles in two arrays: a list of arrays takes three times the memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from .fingerprints import Sketch
from .packed import ranges

_TOGETHER = 1 << 12  # sketches that are packed at once


class Sketches(Sequence[Sketch]):
    """A read-only list of n sketches.

    `fingerprints` (uint32, (m,)) stand one sketch behind the other, `bounds` (int64, (n + 1,)) say where each begins.
    """

    def __init__(self, fingerprints: npt.NDArray[np.uint32], bounds: npt.NDArray[np.int64]) -> None:
        self.fingerprints, self.bounds = fingerprints, bounds

    @classmethod
    def of(cls, sketches: Iterable[Sketch]) -> Sketches:
        """Those sketches, which may be made one by one."""
        if isinstance(sketches, Sketches):
            return sketches
        parts = [np.empty(0, np.uint32)]
        sizes: list[int] = []
        waiting: list[Sketch] = []
        for sketch in sketches:
            waiting.append(sketch)
            sizes.append(len(sketch))
            if len(waiting) == _TOGETHER:
                parts.append(np.concatenate(waiting).astype(np.uint32))
                waiting = []
        parts += [sketch.astype(np.uint32) for sketch in waiting]
        return cls(np.concatenate(parts), np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))))

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """How many fingerprints each sketch has: int64 (n,)."""
        return np.diff(self.bounds)

    def take(self, positions: npt.NDArray[np.int64]) -> Sketches:
        """The sketches at some positions, in their order."""
        sizes = self.sizes[positions]
        bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
        return Sketches(self.fingerprints[ranges(self.bounds[positions], sizes)], bounds)

    def __add__(self, other: Sketches) -> Sketches:
        bounds = np.concatenate((self.bounds, self.bounds[-1] + other.bounds[1:]))
        return Sketches(np.concatenate((self.fingerprints, other.fingerprints)), bounds)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @overload
    def __getitem__(self, i: int) -> Sketch: ...
    @overload
    def __getitem__(self, i: slice) -> list[Sketch]: ...
    def __getitem__(self, i: int | slice) -> Sketch | list[Sketch]:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(f"there is no sketch {i} of {len(self)}")
        i %= len(self)
        return self.fingerprints[self.bounds[i] : self.bounds[i + 1]].astype(np.uint64)
