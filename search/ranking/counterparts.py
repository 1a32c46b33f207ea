"""Counterparts: what is found in one language lifts what says the same in the other.

A question finds reports in its own language more surely than those of the same event in the other language. The best of
the former say better than the question what is looked for. Feedback from the best documents: Rocchio, "Relevance
Feedback in Information Retrieval" (1971); here only across languages, since within one it found nothing more.
"""

from __future__ import annotations

import numpy as np

from index.ports import Candidates, Scores
from index.types import LANGUAGES

BEST = 3
"""Passages of each language that lift others."""

LIFT = 0.4
"""The most that a counterpart gains, as a share of the distance from its score to 1. A higher share helps events that
both languages report, and harms those that only one reports: training/README.md."""

UNRELATED = 0.3
"""The cosine of passages in two languages up to which they count as unrelated."""


def lifted(scores: Scores, found: Candidates) -> Scores:
    """The scores of candidates, float32 (m,) from 0 to 1, raised where they are like the best in the other language.

    Without vectors, nothing is raised.
    """
    if found.vectors is None:
        return scores
    raised = scores.copy()
    for language in range(len(LANGUAGES)):
        own, others = np.flatnonzero(found.languages == language), np.flatnonzero(found.languages != language)
        if not len(own) or not len(others):
            continue
        best = own[np.argsort(-scores[own], kind="stable")[:BEST]]
        likeness = np.clip((found.vectors[others] @ found.vectors[best].T - UNRELATED) / (1 - UNRELATED), 0, 1)
        raised[others] += LIFT * (likeness * scores[best]).max(1) * (1 - scores[others])
    return raised
