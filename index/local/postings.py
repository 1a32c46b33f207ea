"""The bilingual lexical index: which passages hold which terms, kept per segment as plain arrays on disk.

Terms of both languages live in one vocabulary, English first and Arabic after it, each part sorted. `score` computes
BM25 (Robertson and Zaragoza 2009) in which a query word may stand for several corpus terms at once, each with a
probability: term and document frequencies are then expected frequencies (probabilistic structured queries, Darwish and
Oard 2003). That is how an English word is counted in an Arabic passage.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..text import Strings, analyse, script
from ..types import LANGUAGES
from .arrays import mapped, require_length, require_offsets

REMEMBERED = 50_000  # terms of a segment whose numbers are kept in memory


Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Postings:
    """The terms of one segment's passages.

    `vocabulary` holds V terms, English before Arabic (the first Arabic one at `first_arabic`); `surfaces` the commonest
    written form of each. Term i stands in the rows `rows[starts[i]:starts[i+1]]` (int32, ascending) with the
    frequencies `counts[...]` (uint8, capped at 255). `lengths` is (n, 2) int32: terms of each language in each row.
    `entries` is (V,) int32: where the embedded model has the vector of each surface (`StaticEncoder.entries`), by which
    search/query/expansion.py finds translations; -1 where it has none.
    """

    vocabulary: Strings
    surfaces: Strings
    starts: Array
    rows: Array
    counts: Array
    lengths: Array
    entries: Array

    ARRAYS = ("starts", "rows", "counts", "lengths", "entries")
    KINDS: ClassVar[tuple[type[np.integer[Any]], ...]] = (np.int64, np.int32, np.uint8, np.int32, np.int32)
    STRINGS = ("vocabulary", "surfaces")

    @classmethod
    def build(cls, passages: Sequence[Sequence[str]], entries: Callable[[Sequence[str]], Array]) -> Postings:
        """Index passages given as their words as written, in row order; `entries` maps words to their entries."""
        numbers: dict[str, int] = {}
        flat = [numbers.setdefault(word, len(numbers)) for words in passages for word in words]
        word_ids = np.array(flat, np.int64)
        row_ids = np.repeat(np.arange(len(passages)), [len(words) for words in passages])

        words = list(numbers)
        terms = [analyse(word)[0] for word in words]
        vocabulary = sorted(set(terms), key=_order)
        number_of = {term: i for i, term in enumerate(vocabulary)}
        term_of_word = np.array([number_of[t] for t in terms], np.int64)

        # The commonest written form stands for the term: sort words by frequency so that the last one written wins.
        surface_of = np.zeros(len(vocabulary), np.int64)
        by_frequency = np.argsort(np.bincount(word_ids, minlength=len(words)), kind="stable")
        surface_of[term_of_word[by_frequency]] = by_frequency
        surfaces = [words[i] for i in surface_of]

        keys, counts = np.unique(term_of_word[word_ids] * len(passages) + row_ids, return_counts=True)
        term_ids = keys // max(len(passages), 1)
        languages = np.array([LANGUAGES.index(script(t)) for t in vocabulary], np.int64)
        lengths = np.zeros((len(passages), len(LANGUAGES)), np.int32)
        np.add.at(lengths, (row_ids, languages[term_of_word[word_ids]]), 1)
        return cls(
            Strings.pack(vocabulary),
            Strings.pack(surfaces),
            np.searchsorted(term_ids, np.arange(len(vocabulary) + 1)).astype(np.int64),
            (keys % max(len(passages), 1)).astype(np.int32),
            np.minimum(counts, 255).astype(np.uint8),
            lengths,
            entries(surfaces),
        )

    @classmethod
    def merge(cls, parts: Sequence[Postings], keep: Sequence[Array]) -> Postings:
        """Join segments, leaving out the rows whose entry in `keep` (one boolean array a part) is False."""
        vocabulary = sorted({term for part in parts for term in part.vocabulary}, key=_order)
        number_of = {term: i for i, term in enumerate(vocabulary)}
        surfaces: list[str] = [""] * len(vocabulary)
        best = np.zeros(len(vocabulary), np.int64)  # rows of the part whose surface form was taken
        entries = np.zeros(len(vocabulary), np.int32)
        columns: list[tuple[Array, Array, Array]] = []
        first_row = 0
        for part, alive in zip(parts, keep, strict=True):
            new_ids = np.array([number_of[t] for t in part.vocabulary], np.int64)
            frequency = np.diff(part.starts)
            better = np.flatnonzero(frequency > best[new_ids])
            for i in better:
                surfaces[new_ids[i]] = part.surfaces[int(i)]
            best[new_ids[better]] = frequency[better]
            entries[new_ids[better]] = part.entries[better]
            new_rows = np.cumsum(alive) - 1 + first_row
            kept = alive[part.rows]
            columns.append((np.repeat(new_ids, frequency)[kept], new_rows[part.rows[kept]], part.counts[kept]))
            first_row += int(alive.sum())
        terms, rows, counts = (np.concatenate(c) for c in zip(*columns, strict=True))
        order = np.lexsort((rows, terms))
        terms = terms[order]
        used = np.unique(terms)  # a term whose every passage is gone leaves the vocabulary: nothing of it may stay
        return cls(
            Strings.pack(vocabulary[i] for i in used),
            Strings.pack(surfaces[i] for i in used),
            np.append(np.searchsorted(terms, used), len(terms)).astype(np.int64),
            rows[order].astype(np.int32),
            counts[order],
            np.concatenate([part.lengths[alive] for part, alive in zip(parts, keep, strict=True)]),
            entries[used],
        )

    def save(self, folder: Path) -> None:
        """Write every array to a file of its own in a folder."""
        for name in self.ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        for name in self.STRINGS:
            np.save(folder / f"{name}.npy", getattr(self, name).blob)
            np.save(folder / f"{name}_offsets.npy", getattr(self, name).offsets)

    @classmethod
    def open(cls, folder: Path) -> Postings:
        """Map the arrays of a saved segment into memory; nothing is read until it is used.

        Raises ValueError for a file that `save` did not write; OSError.
        """
        vocabulary, surfaces = (
            Strings(mapped(folder / f"{name}.npy", np.uint8), mapped(folder / f"{name}_offsets.npy", np.int64))
            for name in cls.STRINGS
        )
        arrays = (
            mapped(folder / f"{name}.npy", kind, len(LANGUAGES) if name == "lengths" else None)
            for name, kind in zip(cls.ARRAYS, cls.KINDS, strict=True)
        )
        return cls(vocabulary, surfaces, *arrays)

    def require_sound(self, rows: int) -> None:
        """Raises ValueError for arrays that do not fit together, or not so many rows."""
        terms = len(self.vocabulary)
        for strings, what in ((self.vocabulary, "terms"), (self.surfaces, "written forms")):
            require_offsets(strings.offsets, terms, len(strings.blob), what)
        require_offsets(self.starts, terms, len(self.rows), "rows of the terms")
        require_length(self.counts, len(self.rows), "frequencies")
        require_length(self.lengths, rows, "lengths of passages")
        require_length(self.entries, terms, "entries of words")

    def find(self, term: str) -> int | None:
        """The number of a term, or None when no passage holds it."""
        number = self._found.get(term, -1)  # -1: not looked up yet
        if number == -1:
            numbers = self.numbers(script(term))
            i = bisect_left(self.vocabulary, term, numbers.start, numbers.stop)
            number = i if i in numbers and self.vocabulary[i] == term else None
            if len(self._found) > REMEMBERED:
                self._found.clear()
            self._found[term] = number
        return number

    @cached_property
    def _found(self) -> dict[str, int | None]:
        """Terms that were looked up: a search asks several times for each, and the next search for many again."""
        return {}

    @cached_property
    def first_arabic(self) -> int:
        """The number of the first Arabic term; V when there is none."""
        return bisect_left(self.vocabulary, True, key=lambda term: script(term) == "ar")

    def numbers(self, language: str) -> range:
        """The numbers of the terms of a language."""
        return range(self.first_arabic, len(self.vocabulary)) if language == "ar" else range(self.first_arabic)

    @cached_property
    def arabic(self) -> npt.NDArray[np.bool_]:
        """Which rows are mostly Arabic: (n,)."""
        return np.asarray(self.lengths[:, 1] > self.lengths[:, 0])

    @cached_property
    def sizes(self) -> Array:
        """Terms of both languages in each row: int32, (n,)."""
        return np.asarray(self.lengths.sum(1, dtype=np.int32))

    @cached_property
    def totals(self) -> list[tuple[int, int]]:
        """For each language, how many rows are of it, and how many terms of both these rows have."""
        return [(int(here.sum()), int(self.sizes[here].sum())) for here in (~self.arabic, self.arabic)]

    def occurrences(self, number: int) -> tuple[Array, Array]:
        """The rows that hold a term and its frequencies there."""
        where = slice(self.starts[number], self.starts[number + 1])
        return self.rows[where], self.counts[where]


def _order(term: str) -> tuple[bool, str]:
    return script(term) == "ar", term
