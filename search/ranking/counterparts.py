"""Counterparts: what is found in one language lifts what says the same in the other.

A question finds reports in its own language more surely than those of the same event in the other language. The best of
the former say better than the question what is looked for. Feedback from the best documents: Rocchio, "Relevance
Feedback in Information Retrieval" (1971); here only across languages, since within one it found nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from index.ports import Candidates, Scores
from index.types import LANGUAGES, Vectors

BEST = 3
"""Passages of each language that lift others."""

LIFT = 0.4
"""The most that a counterpart gains, as a share of the distance from its score to 1.

A higher share helps where both languages report an event, and harms where only one does (training/README.md).
"""

UNRELATED = 0.3
"""The cosine of passages in two languages up to which they count as unrelated."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best passages of one language: their scores, float32 (b,), and their vectors, float32 (b, dim)."""

    scores: Scores
    vectors: Vectors

    @classmethod
    def of(cls, scores: Scores, vectors: Vectors) -> Best:
        """The best of m passages, by scores, float32 (m,) from 0 to 1, with their vectors, float32 (m, dim)."""
        first = np.argsort(-scores, kind="stable")[:BEST]
        return cls(scores[first], vectors[first])

    def lift(self, scores: Scores, vectors: Vectors) -> Scores:
        """The scores of passages of the other language, raised where they are like these: float32 (len(scores),)."""
        likeness = np.clip((vectors @ self.vectors.T - UNRELATED) / (1 - UNRELATED), 0, 1)
        return np.asarray(scores + LIFT * (likeness * self.scores).max(1, initial=0) * (1 - scores), np.float32)


def lifted(scores: Scores, found: Candidates, beside: Best | None = None) -> Scores:
    """The scores of candidates, float32 (m,) from 0 to 1, raised where they are like the best in the other language.

    Where the candidates are of one language, `beside` are the best in the other. Without vectors, nothing is raised.
    """
    if found.vectors is None:
        return scores
    if beside is not None:
        return beside.lift(scores, found.vectors)
    raised = scores.copy()
    for language in range(len(LANGUAGES)):
        own, others = np.flatnonzero(found.languages == language), np.flatnonzero(found.languages != language)
        if len(own) and len(others):
            raised[others] = Best.of(scores[own], found.vectors[own]).lift(scores[others], found.vectors[others])
    return raised
