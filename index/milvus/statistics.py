"""What an index on a cluster counts: which terms its passages hold, how many of each language hold them, their names.

Each commit adds a part for its passages, and parts of like size are merged, so that a reader has few to fetch. A part
says which passages it counts: of two that count the same ones, a reader takes the larger.
"""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..encoders import embedded
from ..local import Postings
from ..text import Analysed, NameIndex, Strings
from ..types import LANGUAGES, Vectors

Numbers = npt.NDArray[np.int64]

_EMPTY: dict[str, Any] = {
    "rows": np.zeros(0, np.uint16), "counts": np.zeros(0, np.uint8), "chunks": np.zeros(0, np.uint16),
    "sizes": np.zeros(0, np.uint16), "lengths": np.zeros((0, len(LANGUAGES)), np.uint16),
}  # fmt: skip

_COLUMNS = ("keys", "vocabulary", "surfaces", "entries", "arabic")


@dataclass(frozen=True)
class Counted(Postings):
    """The terms of passages that are not here: how many hold each, but not which. `both` are the totals of these."""

    both: tuple[tuple[int, int], ...] = field(default=((0, 0), (0, 0)))

    @cached_property
    def totals(self) -> list[tuple[int, int]]:
        """For each language, how many passages are of it, and how many terms of both they have."""
        return list(self.both)


@dataclass(frozen=True, slots=True)
class Part:
    """The terms of some passages. `runs` (int64, (r, 2), ascending) are their numbers: the first of each run and how
    many follow one another from there. Word i of `names` is term i of `postings`, in the form that stands for it.
    `total` is the sum of their vectors (float32, (dim,)); empty where an older Khabar counted them."""

    runs: Numbers
    postings: Counted
    names: NameIndex
    total: Vectors

    def __len__(self) -> int:
        """How many passages it counts."""
        return int(self.runs[:, 1].sum())

    @classmethod
    def of(cls, first: int, passages: Analysed, vectors: Vectors) -> Part:
        """The part of passages that are numbered from `first` on, with their vectors (float32, (n, dim))."""
        found = Postings.build(passages, embedded().entries)
        columns = {name: getattr(found, name) for name in _COLUMNS} | {"held": np.diff(found.starts)}
        runs = np.array([[first, len(passages.counts)]], np.int64)
        return cls._made(runs, found.totals, columns, vectors.sum(0, dtype=np.float32))

    @classmethod
    def merged(cls, parts: Sequence[Part]) -> Part:
        """One part that counts what several count."""
        lists = [part.postings for part in parts]
        keys = np.concatenate([one.keys for one in lists])
        counts = np.concatenate([np.diff(one.starts) for one in lists])
        arabic = np.concatenate([one.arabic for one in lists])
        places = np.concatenate([np.arange(len(one.keys)) for one in lists])
        owners = np.repeat(np.arange(len(lists)), [len(one.keys) for one in lists])
        preferred = np.concatenate([one.preferred for one in lists])
        order = np.lexsort((preferred, keys))
        firsts = np.flatnonzero(np.append(True, np.diff(keys[order]) != 0)) if len(order) else order
        best = order[firsts]
        held, written_in_arabic = (
            np.add.reduceat(values[order].astype(np.int64), firsts) if len(order) else np.zeros(0, np.int64)
            for values in (counts, arabic)
        )
        runs = np.concatenate([part.runs for part in parts])
        totals = [
            (sum(one.totals[side][0] for one in lists), sum(one.totals[side][1] for one in lists))
            for side in range(len(LANGUAGES))
        ]
        columns = {
            "keys": keys[best],
            "vocabulary": Strings.taken([one.vocabulary for one in lists], owners[best], places[best]),
            "surfaces": Strings.taken([one.surfaces for one in lists], owners[best], places[best]),
            "entries": np.concatenate([one.entries for one in lists])[best],
            "arabic": written_in_arabic.astype(np.int32),
            "held": held,
        }
        return cls._made(runs[np.argsort(runs[:, 0])], totals, columns, _sum(parts))

    @classmethod
    def _made(
        cls,
        runs: Numbers,
        totals: Sequence[tuple[int, int]],
        columns: Mapping[str, Any],
        total: Vectors,
        names: NameIndex | None = None,
    ) -> Part:
        """The part with some arrays of `Postings`; `held` says how many passages have each term."""
        terms = dict(columns)
        starts = np.append(0, np.cumsum(terms.pop("held"))).astype(np.int64)
        pieces = np.zeros(len(starts), np.int64)
        counted = Counted(**terms, **_EMPTY, starts=starts, pieces=pieces, both=tuple(totals))
        return cls(runs, counted, names or NameIndex.build(counted.surfaces), total)

    def written(self) -> str:
        """The part as a text (ASCII)."""
        one = self.postings
        arrays: dict[str, Any] = {
            "runs": self.runs, "keys": one.keys, "entries": one.entries, "arabic": one.arabic,
            "held": np.diff(one.starts).astype(np.int32), "totals": np.array(one.totals, np.int64),
            "vocabulary": one.vocabulary.blob, "vocabulary_offsets": one.vocabulary.offsets,
            "surfaces": one.surfaces.blob, "surfaces_offsets": one.surfaces.offsets,
            "names_keys": self.names.keys, "names_owners": self.names.owners, "names_letters": self.names.letters,
            "total": self.total,
        }  # fmt: skip
        file = io.BytesIO()
        np.savez(file, **arrays)
        return base64.b64encode(zlib.compress(file.getvalue(), 1)).decode()

    @classmethod
    def read(cls, text: str) -> Part:
        """The part that a text says. Raises ValueError, KeyError or zlib.error where it says none."""
        with np.load(io.BytesIO(zlib.decompress(base64.b64decode(text))), allow_pickle=False) as said:
            arrays = dict(said)
        names = NameIndex(*(arrays.pop(f"names_{name}") for name in ("keys", "owners", "letters")))
        totals = [(int(size), int(terms)) for size, terms in arrays.pop("totals").tolist()]
        strings = {name: Strings(arrays[name], arrays.pop(f"{name}_offsets")) for name in ("vocabulary", "surfaces")}
        total = arrays.pop("total", np.zeros(0, np.float32))
        return cls._made(arrays.pop("runs"), totals, arrays | strings, total, names)


@dataclass(frozen=True, slots=True)
class Statistics:
    """All parts that count at one moment, those with the earliest passages first."""

    parts: tuple[Part, ...]

    def __len__(self) -> int:
        """How many passages are counted."""
        return sum(map(len, self.parts))

    @property
    def lengths(self) -> list[float]:
        """The average number of terms in a passage of each language; 100 where there is none yet."""
        sums = [[sum(part.postings.totals[side][i] for part in self.parts) for i in (0, 1)] for side in range(2)]
        return [terms / size if size and terms else 100.0 for size, terms in sums]

    @property
    def mean(self) -> Vectors | None:
        """The mean of the vectors of all passages that are counted: float32, (dim,). None where it is not known."""
        total = _sum(self.parts)
        mean: Vectors = total / np.float32(len(self))
        return mean if len(mean) else None

    def spread(self, k: int) -> Numbers:
        """The numbers of at most k passages, spread evenly in the order of storage."""
        runs = np.concatenate([np.zeros((0, 2), np.int64), *(part.runs for part in self.parts)])
        runs = runs[np.argsort(runs[:, 0])]
        ends = np.cumsum(runs[:, 1])
        if not len(runs):
            return np.zeros(0, np.int64)
        ranks = np.unique(np.linspace(0, ends[-1] - 1, k).astype(np.int64))
        places = np.searchsorted(ends, ranks, side="right")
        found: Numbers = runs[places, 0] + ranks - (ends - runs[:, 1])[places]
        return found


def _sum(parts: Sequence[Part]) -> Vectors:
    """The sum of the vectors of several parts: float32, (dim,); empty where that of one is not known."""
    totals = [part.total for part in parts]
    if not all(map(len, totals)):
        return np.zeros(0, np.float32)
    total: Vectors = np.array(totals, np.float64).sum(0).astype(np.float32)
    return total


def counting(parts: dict[str, Part]) -> dict[str, Part]:
    """Those of some parts, by name, that count no passage which a larger one counts too, in the order of storage."""
    chosen: dict[str, Part] = {}
    taken: set[int] = set()
    for name, part in sorted(parts.items(), key=lambda one: (-len(one[1]), one[0])):
        firsts = set(starts(part))
        if taken.isdisjoint(firsts):
            chosen[name] = part
            taken |= firsts
    return dict(sorted(chosen.items(), key=lambda one: starts(one[1])[:1]))


def starts(part: Part) -> list[int]:
    """The first numbers of the runs that a part counts."""
    firsts: list[int] = part.runs[:, 0].tolist()
    return firsts
