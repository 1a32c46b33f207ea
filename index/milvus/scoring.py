"""The exact scores of passages that the engine found: BM25 over concepts, by the same code as in a folder.

The engine compares sparse vectors, and what a concept adds to a score is no inner product: its words are saturated
together. So the engine finds more passages than are wanted, and here they are scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..local import K1, Lexicon, Postings, Ranking
from ..ports import Numbers
from ..text import Strings, term_key
from ..types import LANGUAGES, Concept, Vectors
from .cluster import Row
from .schema import sparse_key, unpacked
from .statistics import Statistics


class Found(Postings):
    """The terms of a question in some passages. How many passages hold them is counted elsewhere."""

    def held(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """None: the statistics know."""
        return np.zeros((len(numbers), len(LANGUAGES)), np.int64)

    @property
    def totals(self) -> list[tuple[int, int]]:
        """None."""
        return [(0, 0)] * len(LANGUAGES)


@dataclass(frozen=True, slots=True)
class Passages:
    """Rows of passages as arrays, ascending: their numbers, articles, languages and vectors."""

    numbers: Numbers
    articles: Numbers
    languages: npt.NDArray[np.int8]
    vectors: Vectors
    rows: Sequence[Row]

    @classmethod
    def of(cls, rows: Sequence[Row], dim: int) -> Passages:
        """The rows in any order, with vectors of `dim` numbers."""
        ordered = sorted(rows, key=lambda row: row["number"])
        numbers, articles = (np.array([row[name] for row in ordered], np.int64) for name in ("number", "article"))
        languages = np.array([row["arabic"] for row in ordered], np.int8)
        vectors = np.array([row["dense"] for row in ordered], np.float32).reshape(len(ordered), dim)
        return cls(numbers, articles, languages, vectors, ordered)

    def take(self, places: Numbers) -> Passages:
        """Those at some places, ascending."""
        rows = [self.rows[place] for place in places.tolist()]
        return Passages(self.numbers[places], self.articles[places], self.languages[places], self.vectors[places], rows)

    def ranking(self, statistics: Statistics, concepts: Sequence[Concept]) -> Ranking:
        """Their ranking for the concepts of a question, by what the whole index counts."""
        asked = {term for concept in concepts for term, _ in concept.terms}
        return Ranking(Lexicon([*(part.postings for part in statistics.parts), self._postings(asked)]), concepts)

    def _postings(self, asked: set[str]) -> Found:
        terms = sorted(asked, key=term_key)
        own = {sparse_key(term, side): place for side in range(len(LANGUAGES)) for place, term in enumerate(terms)}
        keys, counts, rows = unpacked([row["terms"] for row in self.rows])
        wanted = np.isin(keys, np.array(list(own), np.uint32))
        places = np.array([own[one] for one in keys[wanted].tolist()], np.int64)
        rows, counts = rows[wanted], counts[wanted]
        order = np.lexsort((rows, places))
        starts = np.searchsorted(places[order], np.arange(len(terms) + 1)).astype(np.int64)
        words = np.minimum([row["words"] for row in self.rows] or np.zeros(0, int), 65_535).astype(np.uint16)
        side = self.languages.astype(bool)
        return Found(
            keys=np.array([term_key(term) for term in terms], np.uint64), vocabulary=Strings.pack(terms),
            surfaces=Strings.pack(terms), entries=np.full(len(terms), -1, np.int32),
            arabic=np.zeros(len(terms), np.int32), starts=starts,
            rows=rows[order].astype(np.uint16), counts=counts[order], pieces=np.zeros(len(terms) + 1, np.int64),
            chunks=np.zeros(0, np.uint16), sizes=np.zeros(0, np.uint16),
            lengths=np.stack([np.where(side, 0, words), np.where(side, words, 0)], 1),
        )  # fmt: skip


def query_vector(statistics: Statistics, concepts: Sequence[Concept]) -> dict[int, float]:
    """The sparse vector of a question: its inner product with a passage is the score where each concept stands there
    once, in one of its words."""
    weights = Ranking(Lexicon([part.postings for part in statistics.parts]), concepts).weights
    vector: dict[int, float] = {}
    for place, concept in enumerate(concepts):
        for side, language in enumerate(LANGUAGES):
            for term, p in concept.terms_in(language):
                if weight := float(weights[side, place]) * p * (1 + K1) / (p + K1):
                    where = sparse_key(term, side)
                    vector[where] = vector.get(where, 0.0) + weight
    return vector
