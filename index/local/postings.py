"""The bilingual lexical index of a segment: which passages hold which terms, as plain arrays on disk.

Terms of both languages live in one vocabulary, in the order of their keys (`term_key`), English before Arabic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..text import ARABIC, Analysed, Strings, ranges
from ..types import LANGUAGES
from . import frequencies
from .arrays import mapped, require_length, require_offsets
from .forms import preference
from .frequencies import Frequencies

Array = npt.NDArray[Any]

CHUNK = 1 << 16
"""Rows whose numbers share all but their last two bytes: only those are stored of each posting."""

COMMON = 16
"""A term of more than one row in so many is common. In a large segment it is looked up in an array of all rows."""

SEVERAL = 4_096
"""More rows than that are looked up in such an array of any term."""

REMEMBERED = 1 << 26
"""Bytes of such arrays of one segment that are kept in memory."""


@dataclass(frozen=True)
class Postings:
    """The terms of one segment's n passages.

    `vocabulary` holds V terms, `keys` (uint64, ascending) the key of each; `surfaces` the written form that stands for
    each (forms.py). `entries` (int32) says where the embedded model has the vector of each surface
    (`StaticEncoder.entries`), by which translations are found; -1 where it has none. `arabic` (int32) counts the mostly
    Arabic rows of each term.

    The P postings of term i are those from `starts[i]` to `starts[i + 1]`: rows in ascending order, of which `rows`
    (uint16) has the last two bytes, and frequencies, `counts` (its slices are uint8, capped at 255). The rows lie in
    the chunks `chunks[j]` (uint16), `sizes[j]` + 1 (uint16) in each, for j from `pieces[i]` to `pieces[i + 1]`.

    `lengths` is (n, 2) uint16: terms of each language in each row, capped at 65,535.
    """

    keys: Array
    vocabulary: Strings
    surfaces: Strings
    entries: Array
    arabic: Array
    starts: Array
    rows: Array
    counts: Array | Frequencies
    pieces: Array
    chunks: Array
    sizes: Array
    lengths: Array

    ARRAYS: ClassVar[dict[str, type[np.integer[Any]]]] = {
        "keys": np.uint64,
        "entries": np.int32,
        "arabic": np.int32,
        "starts": np.int64,
        "rows": np.uint16,
        "pieces": np.int64,
        "chunks": np.uint16,
        "sizes": np.uint16,
        "lengths": np.uint16,
    }
    STRINGS = ("vocabulary", "surfaces")

    @classmethod
    def build(cls, passages: Analysed, entries: Callable[[Sequence[str]], Array]) -> Postings:
        """Index passages, of whose words each stands in some; `entries` maps different words to their entries."""
        words, word_ids, several = passages.words.written, passages.numbers, len(passages.counts)
        row_ids = np.repeat(np.arange(several), passages.counts)
        keys, a_word, term_of_word = np.unique(passages.words.keys, return_index=True, return_inverse=True)

        entry_of_word = entries(words)
        by_preference = np.lexsort((preference(passages.words.keys, Strings.pack(words), entry_of_word), term_of_word))
        surface_of = by_preference[np.searchsorted(term_of_word[by_preference], np.arange(len(keys)))]

        size = max(several, 1)
        postings, counts = np.unique(term_of_word[word_ids] * size + row_ids, return_counts=True)
        terms, rows = np.divmod(postings, size)
        starts = np.searchsorted(terms, np.arange(len(keys) + 1))
        arabic_word = (keys >= ARABIC).astype(np.int64)[term_of_word[word_ids]]
        lengths = np.bincount(row_ids * len(LANGUAGES) + arabic_word, minlength=several * len(LANGUAGES))
        lengths = lengths.reshape(several, len(LANGUAGES))
        arabic = lengths[:, 1] > lengths[:, 0]
        pieces, chunks, sizes = chunked(starts, rows)
        return cls(
            keys,
            Strings.pack(passages.words.terms[i] for i in a_word.tolist()),
            Strings.pack(words[i] for i in surface_of.tolist()),
            entry_of_word[surface_of],
            np.bincount(terms[arabic[rows]], minlength=len(keys)).astype(np.int32),
            starts.astype(np.int64),
            within(rows),
            np.minimum(counts, 255).astype(np.uint8),
            np.append(pieces, len(chunks)),
            chunks,
            sizes,
            np.minimum(lengths, 65_535).astype(np.uint16),
        )

    def save(self, folder: Path) -> None:
        """Write every array to a file of its own in a folder."""
        for name in self.ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        with frequencies.writing(folder, len(self.counts)) as write:
            write(self.counts[:])
        for name in self.STRINGS:
            save_strings(folder, name, getattr(self, name))

    @classmethod
    def open(cls, folder: Path) -> Postings:
        """Map the arrays of a saved segment into memory; nothing is read until it is used.

        Raises ValueError for a file that `save` did not write; OSError.
        """
        strings: dict[str, Any] = {
            name: Strings(mapped(folder / f"{name}.npy", np.uint8), mapped(folder / f"{name}_offsets.npy", np.int64))
            for name in cls.STRINGS
        }
        arrays: dict[str, Any] = {
            name: mapped(folder / f"{name}.npy", kind, len(LANGUAGES) if name == "lengths" else None)
            for name, kind in cls.ARRAYS.items()
        }
        return cls(**strings, **arrays, counts=Frequencies.open(folder, len(arrays["rows"])))

    def require_sound(self, rows: int) -> None:
        """Raises ValueError for arrays that do not fit together, or not so many rows."""
        terms = len(self.keys)
        for strings, what in ((self.vocabulary, "terms"), (self.surfaces, "written forms")):
            require_offsets(strings.offsets, terms, len(strings.blob), what)
        require_offsets(self.starts, terms, len(self.rows), "rows of the terms")
        require_offsets(self.pieces, terms, len(self.chunks), "chunks of the terms")
        require_length(self.sizes, len(self.chunks), "sizes of chunks")
        require_length(self.counts, len(self.rows), "frequencies")
        require_length(self.lengths, rows, "lengths of passages")
        require_length(self.entries, terms, "entries of words")
        require_length(self.arabic, terms, "frequencies in Arabic")

    def find(self, keys: Array) -> npt.NDArray[np.int64]:
        """The numbers of the terms with these keys (uint64, (m,)): int64 (m,), -1 for those that no passage holds."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int64)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)

    def numbers(self, language: str) -> range:
        """The numbers of the terms of a language."""
        first_arabic = int(np.searchsorted(self.keys, np.uint64(ARABIC)))
        return range(first_arabic, len(self.keys)) if language == "ar" else range(first_arabic)

    @cached_property
    def preferred(self) -> npt.NDArray[np.uint64]:
        """The `preference` of the written form of each term: uint64 (V,)."""
        return preference(self.keys, self.surfaces, self.entries)

    @cached_property
    def in_arabic(self) -> npt.NDArray[np.bool_]:
        """Which rows are mostly Arabic: (n,)."""
        return np.asarray(self.lengths[:, 1] > self.lengths[:, 0])

    @cached_property
    def words(self) -> Array:
        """Terms of both languages in each row: int32, (n,)."""
        return np.asarray(self.lengths.sum(1, dtype=np.int32))

    @cached_property
    def totals(self) -> list[tuple[int, int]]:
        """For each language, how many rows are of it, and how many terms of both these rows have."""
        return [(int(here.sum()), int(self.words[here].sum())) for here in (~self.in_arabic, self.in_arabic)]

    def held(self, numbers: Array) -> npt.NDArray[np.int64]:
        """How many rows of each language hold each of some terms: int64 (len(numbers), len(LANGUAGES))."""
        arabic = self.arabic[numbers].astype(np.int64)
        return np.stack([self.starts[numbers + 1] - self.starts[numbers] - arabic, arabic], axis=1)

    def occurrences(self, numbers: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Array]:
        """The rows that hold each of some terms, one term behind the other, and its frequencies there (uint8).

        For terms with few rows. Those of a term with many rows are read faster by `between`.
        """
        starts, pieces = self.starts[numbers], self.pieces[numbers]
        where = ranges(starts, self.starts[numbers + 1] - starts)
        parts = ranges(pieces, self.pieces[numbers + 1] - pieces)
        return self._decoded(self.rows[where], parts), self.counts.take(where)

    def between(self, first: int, last: int) -> tuple[npt.NDArray[np.int64], Array]:
        """The rows and frequencies of the terms from `first` to before `last`, one term behind the other."""
        where = slice(self.starts[first], self.starts[last])
        return self._decoded(self.rows[where], slice(self.pieces[first], self.pieces[last])), self.counts[where]

    def _decoded(self, low: Array, pieces: slice | npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The rows whose last two bytes are `low`, which lie in these pieces."""
        rows: npt.NDArray[np.int64] = low.astype(np.int64)
        if len(self.lengths) <= CHUNK:
            return rows
        sizes = self.sizes[pieces]
        held = int(sizes.sum(dtype=np.int64)) + len(sizes)
        if held != len(rows):  # else a damaged file could fill the memory
            raise ValueError("the chunks of a term do not hold its rows")
        if len(sizes) == 1:  # most terms: in a third of the time
            rows += int(self.chunks[pieces][0]) * CHUNK
        else:
            rows += np.repeat(self.chunks[pieces].astype(np.int64) * CHUNK, sizes.astype(np.int64) + 1)
        return rows

    def frequencies(self, number: int, rows: npt.NDArray[np.int64]) -> Array:
        """How often a term stands in each of some rows (ascending): uint8 (len(rows),)."""
        common = (self.starts[number + 1] - self.starts[number]) * COMMON > len(self.lengths) > CHUNK
        if common or len(rows) > SEVERAL:
            return self._dense(number, common).take(rows)
        held, counts = self.between(number, number + 1)
        if not len(held):
            return np.zeros(len(rows), np.uint8)
        places = np.searchsorted(held, rows)
        places[places == len(held)] = 0
        return np.where(held[places] == rows, counts[places], 0)

    def _dense(self, number: int, common: bool) -> Array:
        """How often a term stands in each row: uint8 (n,)."""
        found = self._common.get(number)
        if found is None:
            found = np.zeros(len(self.lengths), np.uint8)
            rows, counts = self.between(number, number + 1)
            found[rows] = counts
            if common:
                if (len(self._common) + 1) * len(found) > REMEMBERED:
                    self._common.clear()
                self._common[number] = found
        return found

    @cached_property
    def _common(self) -> dict[int, Array]:
        """What was asked for of common terms: nearly every question has some of the same."""
        return {}


def chunked(starts: Array, rows: Array) -> tuple[npt.NDArray[np.int64], Array, Array]:
    """The pieces that postings lie in: where those of each term begin, the chunk of each, and its size less one.

    The rows of term i, ascending, are those from `starts[i]` to `starts[i + 1]`.
    """
    chunks = rows // CHUNK
    first = np.zeros(len(rows) + 1, bool)
    first[1:-1] = chunks[1:] != chunks[:-1]
    first[starts] = True
    begins = np.flatnonzero(first[:-1])
    sizes = np.diff(np.append(begins, len(rows))) - 1
    return np.searchsorted(begins, starts[:-1]), chunks[begins].astype(np.uint16), sizes.astype(np.uint16)


def within(rows: Array) -> Array:
    """The places of rows in their chunks: uint16."""
    found: Array = (rows % CHUNK).astype(np.uint16)
    return found


def save_strings(folder: Path, name: str, strings: Strings) -> None:
    """Write a list of strings to two files in a folder."""
    np.save(folder / f"{name}.npy", strings.blob)
    np.save(folder / f"{name}_offsets.npy", strings.offsets)
