"""The bilingual lexical index: which passages hold which terms, kept per segment as plain arrays on disk.

Terms of both languages live in one vocabulary, English first and Arabic after it, each part sorted. `score` computes
BM25 (Robertson and Zaragoza 2009) in which a query word may stand for several corpus terms at once, each with a
probability: term and document frequencies are then expected frequencies (probabilistic structured queries, Darwish and
Oard 2003). That is how an English word is counted in an Arabic passage.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..text.tokens import analyse, script

# BM25: how fast repetition saturates, and how much long passages are held back. Passages are 100-180 words, so length
# says little; see benchmarks/retrieval.py for the sweep.
K1 = 0.9
B = 0.4

# A query word that no passage of a language holds counts against them by this share where there are many: it may just
# not have been translated. The fewer there are, the more it counts; at MANY it is half way from there to all of it.
ABSENT = 0.3
MANY = 100

REMEMBERED = 50_000  # terms of a segment whose numbers are kept in memory

LANGUAGES = ("en", "ar")  # in the order of the vocabulary

Array = npt.NDArray[Any]


class Strings(Sequence[str]):
    """A list of strings in two arrays (UTF-8 bytes and offsets), so that it can be memory-mapped."""

    def __init__(self, blob: Array, offsets: Array) -> None:
        self.blob, self.offsets = blob, offsets

    @classmethod
    def pack(cls, strings: Iterable[str]) -> Strings:
        """Put strings into arrays."""
        encoded = [s.encode("utf-8", "surrogatepass") for s in strings]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(e) for e in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> list[str]: ...
    def __getitem__(self, i: int | slice) -> str | list[str]:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        return self.blob[self.offsets[i] : self.offsets[i + 1]].tobytes().decode("utf-8", "surrogatepass")


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
        """Map the arrays of a saved segment into memory; nothing is read until it is used."""

        def array(name: str) -> Array:
            path = folder / f"{name}.npy"
            return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))

        vocabulary, surfaces = (Strings(array(name), array(f"{name}_offsets")) for name in cls.STRINGS)
        return cls(vocabulary, surfaces, *(array(name) for name in cls.ARRAYS))

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


@dataclass(frozen=True, slots=True)
class Concept:
    """One query word as the corpus terms that may express it, in either language, each with its probability.

    A `function` word joins others and tells nothing of a subject: "the" in an Arabic passage is of the title of a film.
    """

    terms: tuple[tuple[str, float], ...]
    function: bool = False

    def terms_in(self, language: str) -> list[tuple[str, float]]:
        """Those of the terms that count in passages of a language."""
        return [(term, p) for term, p in self.terms if not self.function or script(term) == language]


def score(
    segments: Sequence[Postings], concepts: Sequence[Concept]
) -> tuple[npt.NDArray[np.float32], dict[str, npt.NDArray[np.float32]]]:
    """How much of the query each row says: float32, (rows of all segments in order,), from 0 (no word) to 1.

    And what each concept weighs in each language, its inverse document frequency: language -> float32,
    (len(concepts),), 0 where no passage holds it.

    BM25 divided by what a passage of the row's language would get that said every word of the query without end; so a
    score means the same for short and long queries and in both languages (K1 + 1, a factor of both, is left out). How
    rare a word is, is counted among the passages of the row's language, with its translations: those that speak of a
    school say "school" in a name only. Function words count in passages of their own language alone.
    """
    scores = [np.zeros(len(s.lengths), np.float32) for s in segments]
    expected = [np.zeros(len(s.lengths), np.float32) for s in segments]  # term frequencies of one concept at a time
    collections = [_Collection.of(segments, language) for language in LANGUAGES]
    lengths = [collection.length for collection in collections]
    held_back = [
        (K1 * (1 - B + B * segment.sizes / np.where(segment.arabic, lengths[1], lengths[0]))).astype(np.float32)
        for segment in segments
    ]
    weights = np.zeros((len(LANGUAGES), len(concepts)), np.float32)
    ideal = np.zeros(len(LANGUAGES), np.float32)
    for place, concept in enumerate(concepts):
        counted = [_count(segment, concept, tf) for segment, tf in zip(segments, expected, strict=True)]
        held = sum((frequencies for _, frequencies in counted), np.zeros(len(LANGUAGES)))
        for language, (collection, df) in enumerate(zip(collections, held.tolist(), strict=True)):
            idf = collection.idf(df)
            weights[language, place] = idf if df else 0
            ideal[language] += idf * (1 if df else 0 if concept.function else collection.blamed)
        english, arabic = weights[:, place]
        for segment, (rows, _), total, tf, back in zip(segments, counted, scores, expected, held_back, strict=True):
            here = tf[rows]
            total[rows] += np.where(segment.arabic[rows], arabic, english) * here / (here + back[rows])
            tf[rows] = 0
    for segment, total in zip(segments, scores, strict=True):
        total /= np.where(segment.arabic, ideal[1], ideal[0]) + np.float32(1e-9)
    found = np.minimum(np.concatenate(scores), 1) if scores else np.zeros(0, np.float32)
    return found, dict(zip(LANGUAGES, weights, strict=True))


def _count(segment: Postings, concept: Concept, tf: npt.NDArray[np.float32]) -> tuple[Array, Array]:
    """Adds the expected frequencies of a concept to `tf`, which is 0 everywhere.

    Returns the rows that have some, and the expected number of rows that do, of each language. The time goes with the
    postings, not with the passages.
    """
    touched = [np.zeros(0, np.int32)]
    frequencies = np.zeros(len(LANGUAGES))
    for term, p in concept.terms:
        number = segment.find(term)
        if number is None:
            continue
        rows, counts = segment.occurrences(number)
        if concept.function:
            own = segment.arabic[rows] == (script(term) == "ar")
            rows, counts = rows[own], counts[own]
        before = tf[rows]
        touched.append(rows[before == 0])
        tf[rows] = before + np.float32(p) * counts
        in_arabic = np.count_nonzero(segment.arabic[rows])
        frequencies += p * np.array([len(rows) - in_arabic, in_arabic])
    return np.concatenate(touched), frequencies


@dataclass(frozen=True, slots=True)
class _Collection:
    """Passages of a language: how many, and how long they are on average."""

    size: int
    length: float

    def idf(self, df: float) -> float:
        """Inverse document frequency; `df` may be an expected one."""
        return float(np.log1p((max(self.size - df, 0) + 0.5) / (df + 0.5)))

    @property
    def blamed(self) -> float:
        """The share of a word that none of them holds which counts against them."""
        return 1 - (1 - ABSENT) * self.size / (self.size + MANY)

    @classmethod
    def of(cls, segments: Sequence[Postings], language: str) -> _Collection:
        column = LANGUAGES.index(language)
        size, words = (sum(segment.totals[column][i] for segment in segments) for i in (0, 1))
        return cls(size, words / size if words else 1.0)
