"""BM25 over the postings of an index, in which a query word may stand for several terms of both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..text import script
from ..types import LANGUAGES, Concept
from .postings import Array, Postings

# BM25: how fast repetition saturates, and how much long passages are held back. Passages are 100-180 words, so length
# says little; see benchmarks/retrieval.py for the sweep.
K1 = 0.9


B = 0.4


# A query word that no passage of a language holds counts against them by this share where there are many: it may just
# not have been translated. The fewer there are, the more it counts; at MANY it is half way from there to all of it.
ABSENT = 0.3


MANY = 100


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
