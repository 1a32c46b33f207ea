"""From the scores of passages to a ranking of articles: functions on arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from index.types import Vectors

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

# How much meaning weighs against words in a hybrid score. Tuned, as the gains below, on XQuAD-R paragraphs and NTREX
# headlines, 300 queries of each, and among 207,000 passages of news: benchmarks/retrieval.py.
SEMANTIC_WEIGHT = 0.4

# What a closer reading of a passage has to say: so much of the passage's score is given up for the meaning of its best
# sentence, for the words of that, and for its single words nearest to those of the query. Tuned on the same queries.
READING = {"semantic": 0.25, "lexical": 0.12, "words": 0.2}

# A passage in the other language is never as near to a query, nor as full of its words, as its translation would be:
# relevant ones score lower by about these factors. Raised by them, both languages rank fairly in one list.
CROSS_LANGUAGE = {"lexical": 1.1, "semantic": 1.05, "words": 1.1}


def best(scores: Scores, k: int, allowed: npt.NDArray[np.bool_] | None = None) -> Rows:
    """The rows of the k highest scores above 0, best first; ties by row."""
    eligible = scores > 0 if allowed is None else (scores > 0) & allowed
    rows = np.flatnonzero(eligible)
    if len(rows) > k:
        threshold = np.partition(scores[rows], -k)[-k]
        rows = rows[scores[rows] >= threshold]
    return rows[np.lexsort((rows, -scores[rows]))][:k]


def fuse(lexical: Scores | None, semantic: Scores | None, same_language: npt.NDArray[np.bool_]) -> Scores:
    """One score from 0 to 1 from those by words and by meaning, or from the one that is given.

    All are float32, (candidates,); `same_language` says which passages are in the language of the query.
    """
    weighted = [
        (weight, _fair(kind, scores, same_language))
        for kind, weight, scores in (("semantic", SEMANTIC_WEIGHT, semantic), ("lexical", 1 - SEMANTIC_WEIGHT, lexical))
        if scores is not None
    ]
    weights = [weight for weight, _ in weighted]
    return np.average([scores for _, scores in weighted], axis=0, weights=weights).astype(np.float32)


def closer(first: Scores, said: Mapping[str, Scores], same_language: npt.NDArray[np.bool_]) -> Scores:
    """The scores `first` of passages, corrected by what a closer reading says, by each kind of READING.

    All are float32, (candidates,), from 0 to 1, `first` best first; those of `said` may be shorter, all of one length:
    what lies beyond was not read, keeps its order and stays below.
    """
    values = first.copy()
    for kind, scores in said.items():
        read = slice(len(scores))
        values[read] += READING[kind] * (_fair(kind, scores, same_language[read]) - first[read])
        values[len(scores) :] -= max(0.0, float(values[len(scores) :].max(initial=0) - values[read].min(initial=1)))
    return np.maximum(values, 0)


def _fair(kind: str, scores: Scores, same_language: npt.NDArray[np.bool_]) -> Scores:
    return np.clip(scores * np.where(same_language, 1.0, CROSS_LANGUAGE[kind]), 0, 1).astype(np.float32)


def by_article(rows: Rows, scores: Scores, articles: npt.NDArray[Any], k: int) -> list[tuple[int, int, float]]:
    """The k best articles among scored passages: (article number, its best row, score), best first, ties by row."""
    order = np.lexsort((rows, -scores))
    _, first = np.unique(articles[rows[order]], return_index=True)
    chosen = order[np.sort(first)[:k]]
    return list(zip(articles[rows[chosen]].tolist(), rows[chosen].tolist(), scores[chosen].tolist(), strict=True))


def diverse(
    ranked: list[tuple[int, int, float]], vectors: Vectors, diversity: float, k: int
) -> list[tuple[int, int, float]]:
    """k of the ranked articles (as `by_article` gives them): next comes what scores well and repeats little.

    Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): of the score, `diversity` (0 to 1) is given up for
    the highest cosine with an article chosen before. `vectors`, float32 (len(ranked), dim), are those of the passages.
    """
    values = np.array([score for _, _, score in ranked], np.float32)
    nearest = np.zeros(len(ranked), np.float32)
    left = np.ones(len(ranked), np.bool_)
    chosen: list[tuple[int, int, float]] = []
    while left.any() and len(chosen) < k:
        worth = np.where(left, (1 - diversity) * values - diversity * nearest, -np.inf)
        best = int(worth.argmax())
        left[best] = False
        chosen.append(ranked[best])
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return chosen


def scaled(scores: Scores) -> Scores:
    """Between 0, the lowest of them, and 1, the highest; all 1 where they are equal."""
    low, high = (float(scores.min()), float(scores.max())) if len(scores) else (0.0, 0.0)
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)
