"""BM25 over the postings of an index, in which a query word may stand for several terms of both languages.

BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). A concept's term and
document frequencies are expected ones, summed over its terms by their probabilities: probabilistic structured queries,
Darwish and Oard (2003). That is how an English word is counted in an Arabic passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..text import script
from ..types import LANGUAGES, Concept
from .postings import Array, Postings

# Saturation of repeated terms, and length normalisation. Passages have 100 to 180 words, so length says little;
# K1 = 1.2 and B = .75 were tried.
K1 = 0.9
B = 0.4

# A query word that no passage of a language holds still counts in the ideal score of that language, by this share where
# the language has many passages: it may only lack a translation. With fewer passages it counts more, at MANY of them
# half way between this share and all of it.
ABSENT = 0.3
MANY = 100

Scores = npt.NDArray[np.float32]


def score(segments: Sequence[Postings], concepts: Sequence[Concept]) -> tuple[Scores, Scores]:
    """The BM25 score of each row, and the inverse document frequency of each concept in each language.

    Scores are float32 (rows of all segments in order,), 0 where a row has none of the concepts. They are divided by the
    score of an ideal passage in the row's language, one that repeats every concept without limit, so that they stay
    below 1 and mean the same for short and long queries and in both languages. (The factor K1 + 1 of both cancels.)

    The frequencies are float32 (len(LANGUAGES), len(concepts)), 0 where no passage of the language holds the concept.
    They are counted among the passages of one language, translations included: an English name in an Arabic passage
    does not make its word common in Arabic. Function words count in passages of their own language alone.
    """
    scores = [np.zeros(len(s.lengths), np.float32) for s in segments]
    expected = [np.zeros(len(s.lengths), np.float32) for s in segments]  # term frequencies of one concept at a time
    collections = [_Collection.of(segments, language) for language in LANGUAGES]
    lengths = [collection.length for collection in collections]
    saturation = [
        (K1 * (1 - B + B * segment.sizes / np.where(segment.arabic, lengths[1], lengths[0]))).astype(np.float32)
        for segment in segments
    ]
    frequencies = np.zeros((len(LANGUAGES), len(concepts)), np.float32)
    ideal = np.zeros(len(LANGUAGES), np.float32)
    for place, concept in enumerate(concepts):
        counted = [_count(segment, concept, tf) for segment, tf in zip(segments, expected, strict=True)]
        held = sum((df for _, df in counted), np.zeros(len(LANGUAGES)))
        for language, (collection, df) in enumerate(zip(collections, held.tolist(), strict=True)):
            idf = collection.idf(df)
            frequencies[language, place] = idf if df else 0
            ideal[language] += idf * (1 if df else 0 if concept.function else collection.absent)
        english, arabic = frequencies[:, place]
        for segment, (rows, _), total, tf, back in zip(segments, counted, scores, expected, saturation, strict=True):
            here = tf[rows]
            total[rows] += np.where(segment.arabic[rows], arabic, english) * here / (here + back[rows])
            tf[rows] = 0
    for segment, total in zip(segments, scores, strict=True):
        total /= np.where(segment.arabic, ideal[1], ideal[0]) + np.float32(1e-9)
    return np.minimum(np.concatenate(scores), 1) if scores else np.zeros(0, np.float32), frequencies


def _count(segment: Postings, concept: Concept, tf: npt.NDArray[np.float32]) -> tuple[Array, Array]:
    """Adds the expected term frequencies of a concept to `tf` (one entry a row, all 0 before).

    Returns the rows that have some, and the expected document frequency in each language. The time goes with the number
    of postings, not of passages.
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
    """The passages of one language: how many there are, and their average length in terms."""

    size: int
    length: float

    def idf(self, df: float) -> float:
        """Inverse document frequency; `df` may be an expected one."""
        return float(np.log1p((max(self.size - df, 0) + 0.5) / (df + 0.5)))

    @property
    def absent(self) -> float:
        """The share by which a word that no passage holds counts in the ideal score."""
        return 1 - (1 - ABSENT) * self.size / (self.size + MANY)

    @classmethod
    def of(cls, segments: Sequence[Postings], language: str) -> _Collection:
        column = LANGUAGES.index(language)
        size, words = (sum(segment.totals[column][i] for segment in segments) for i in (0, 1))
        return cls(size, words / size if words else 1.0)
