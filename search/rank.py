"""From the scores of passages to a ranking of articles: functions on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

# How much meaning weighs against words in a hybrid score, by whether the passage is in the language of the query.
# Words are surer within one language; across languages they are translations. Tuned on XQuAD-R paragraphs.
SEMANTIC_WEIGHT = {"same": 0.35, "other": 0.55}

# An article's score is that of its best passage plus this share of its second best: two good passages beat one.
SECOND_PASSAGE = 0.1


def best(scores: Scores, k: int, allowed: npt.NDArray[np.bool_] | None = None) -> Rows:
    """The rows of the k highest scores above 0, best first; ties by row."""
    eligible = scores > 0 if allowed is None else (scores > 0) & allowed
    rows = np.flatnonzero(eligible)
    if len(rows) > k:
        threshold = np.partition(scores[rows], -k)[-k]
        rows = rows[scores[rows] >= threshold]
    return rows[np.lexsort((rows, -scores[rows]))][:k]


def fuse(lexical: Scores, semantic: Scores, same_language: npt.NDArray[np.bool_]) -> Scores:
    """Weighted sum of both scores of the same candidates, each scaled to 0-1 over them."""
    weight = np.where(same_language, SEMANTIC_WEIGHT["same"], SEMANTIC_WEIGHT["other"])
    fused: Scores = (weight * scaled(semantic) + (1 - weight) * scaled(lexical)).astype(np.float32)
    return fused


def by_article(rows: Rows, scores: Scores, articles: npt.NDArray[Any], k: int) -> list[tuple[int, int, float]]:
    """The k best articles among scored passages: (article number, its best row, score), best first, ties by row."""
    order = np.lexsort((rows, -scores))
    found: dict[int, tuple[int, float]] = {}
    second: dict[int, float] = {}
    for row, score in zip(rows[order].tolist(), scores[order].tolist(), strict=True):
        article = int(articles[row])
        if article not in found:
            found[article] = (row, score)
        else:
            second.setdefault(article, score)
    ranked = [
        (number, row, (score + SECOND_PASSAGE * second.get(number, 0.0)) / (1 + SECOND_PASSAGE))
        for number, (row, score) in found.items()
    ]
    return sorted(ranked, key=lambda r: (-r[2], r[1]))[:k]


def scaled(scores: Scores) -> Scores:
    """Between 0, the lowest of them, and 1, the highest; all 1 where they are equal."""
    low, high = (float(scores.min()), float(scores.max())) if len(scores) else (0.0, 0.0)
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)
