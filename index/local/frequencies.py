"""How often terms stand in passages, two numbers in a byte on disk."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import mapped, require_length, written

Array = npt.NDArray[Any]

MANY = 15
"""Frequencies from here on, 2 in 10,000, stand in a list of their own."""

_PACKED, _PLACES, _MANY = "counts.npy", "counts_places.npy", "counts_many.npy"

_BYTES = np.arange(256, dtype=np.uint8)
_PAIRS = np.stack([_BYTES & 15, _BYTES >> 4], 1).view(np.uint16)[:, 0]  # the two numbers of each byte, a byte each


class Frequencies:
    """A read-only list of n frequencies, 1 to 255.

    Number i is in the lower four bits of `packed[i // 2]` (uint8) where i is even, else in the upper four. Where these
    say MANY, it is `many[j]` (uint8) with `places[j]` (int64, ascending) = i.
    """

    def __init__(self, packed: Array, places: Array, many: Array, size: int) -> None:
        self._packed, self._many, self._size = packed, many, size
        self._places = array("q", places.astype(np.int64).tobytes())  # numpy takes three times as long to look one up

    @classmethod
    def open(cls, folder: Path, size: int) -> Frequencies:
        """Map what `writing` wrote into memory. Raises ValueError for files of another size than `size`; OSError."""
        packed, many = (mapped(folder / name, np.uint8) for name in (_PACKED, _MANY))
        places = mapped(folder / _PLACES, np.int64)
        require_length(packed, (size + 1) // 2, "bytes of frequencies")
        require_length(places, len(many), "places of large frequencies")
        return cls(packed, places, many, size)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> npt.NDArray[np.uint8]:
        """The frequencies in a slice without a step, in memory of their own: uint8 (n,)."""
        first, last, _ = part.indices(self._size)
        pairs = _PAIRS.take(self._packed[first // 2 : (last + 1) // 2])
        found = pairs.view(np.uint8)[first % 2 : first % 2 + last - first]
        begin = bisect_left(self._places, first)
        end = bisect_left(self._places, last, begin)
        if begin < end:
            found[np.array(self._places[begin:end]) - first] = self._many[begin:end]
        return found

    def take(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """The frequencies with some numbers: uint8 (len(numbers),)."""
        found: npt.NDArray[np.uint8] = self._packed[numbers >> 1] >> ((numbers & 1) << 2).astype(np.uint8) & 15
        for i in np.flatnonzero(found == MANY).tolist():  # few
            found[i] = self._many[bisect_left(self._places, int(numbers[i]))]
        return found


@contextmanager
def writing(folder: Path, size: int) -> Iterator[Callable[[Array], None]]:
    """A block that writes `size` frequencies to files in a folder; it is given what writes the next few. Raises
    OSError."""
    places, many = [np.zeros(0, np.int64)], [np.zeros(0, np.uint8)]
    known, odd = 0, np.zeros(0, np.uint8)
    with written(folder / _PACKED, np.uint8, (size + 1) // 2) as write_packed:

        def write(part: Array) -> None:
            nonlocal known, odd
            large = np.flatnonzero(part >= MANY)
            places.append(known + large)
            many.append(part[large])
            known += len(part)
            numbers = np.concatenate([odd, np.minimum(part, MANY)])
            even = len(numbers) // 2 * 2
            odd = numbers[even:]
            write_packed(numbers[:even:2] | numbers[1:even:2] << 4)

        yield write
        write_packed(odd)
    np.save(folder / _PLACES, np.concatenate(places))
    np.save(folder / _MANY, np.concatenate(many))
