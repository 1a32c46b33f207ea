"""A list of strings stored in two arrays, so that it can be memory-mapped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, overload

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

STRINGS_AT_ONCE = 1 << 16
"""Strings that are taken from other lists at once: some megabytes of working memory."""


class Strings(Sequence[str]):
    """A read-only list of n strings. `blob` holds their UTF-8 bytes, `offsets` (int64, (n + 1,)) where each begins."""

    def __init__(self, blob: Array, offsets: Array) -> None:
        self.blob, self.offsets = blob, offsets

    @classmethod
    def pack(cls, strings: Iterable[str]) -> Strings:
        """Pack strings into arrays; lone surrogates are kept."""
        encoded = [s.encode("utf-8", "surrogatepass") for s in strings]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(e) for e in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    @classmethod
    def taken(cls, lists: Sequence[Strings], which: Array, places: Array) -> Strings:
        """String `places[i]` of `lists[which[i]]` for each i, without making any of them a string."""
        lengths = np.zeros(len(which), np.int64)
        starts = np.zeros(len(which), np.int64)
        for number, strings in enumerate(lists):
            here = np.flatnonzero(which == number)
            starts[here] = strings.offsets[places[here]]
            lengths[here] = strings.offsets[places[here] + 1] - starts[here]
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        blob = np.zeros(offsets[-1], np.uint8)
        for first in range(0, len(which), STRINGS_AT_ONCE):
            part = slice(first, first + STRINGS_AT_ONCE)
            for number, strings in enumerate(lists):
                here = first + np.flatnonzero(which[part] == number)
                blob[ranges(offsets[here], lengths[here])] = strings.blob[ranges(starts[here], lengths[here])]
        return cls(blob, offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> list[str]: ...
    def __getitem__(self, i: int | slice) -> str | list[str]:
        if isinstance(i, slice):
            first, last, step = i.indices(len(self))
            if step != 1:
                return [self[j] for j in range(first, last, step)]
            offsets = self.offsets[first : max(first, last) + 1].tolist()
            held = self.blob[offsets[0] : offsets[-1]].tobytes()
            return [
                held[start - offsets[0] : end - offsets[0]].decode("utf-8", "surrogatepass")
                for start, end in pairwise(offsets)
            ]
        return self.blob[self.offsets[i] : self.offsets[i + 1]].tobytes().decode("utf-8", "surrogatepass")


def ranges(starts: Array, lengths: Array) -> npt.NDArray[np.int64]:
    """The numbers from each start on, as many as its length, one range behind the other: int64 (lengths.sum(),)."""
    ends = np.cumsum(lengths)
    found: npt.NDArray[np.int64] = np.arange(ends[-1] if len(ends) else 0)
    found += np.repeat(starts - (ends - lengths), lengths)
    return found


def distinct(numbers: Array) -> Array:
    """The different numbers of an array (n,), ascending. np.unique hashes them, and takes two to nine times as long."""
    ordered = np.sort(numbers)
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def with_room(held: Array, size: int, new: Array) -> Array:
    """An array whose first `size` numbers are followed by new ones: the same one where it has room for them."""
    if size + len(new) > len(held):
        held = np.concatenate([held[:size], np.zeros(max(size, len(new)) + len(new), held.dtype)])
    held[size : size + len(new)] = new
    return held
