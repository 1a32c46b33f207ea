"""From the scores of passages to a ranking of articles: functions on arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from index.ports import Numbers, Scores
from index.types import Vectors


def _constant(**values: float) -> Any:
    return field(default_factory=lambda: MappingProxyType(values))


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence weighs. Tuned on XQuAD-R paragraphs and NTREX headlines, 300 queries of each, and
    among 207,000 passages of news: benchmarks/retrieval.py.
    """

    semantic: float = 0.4
    """The share of meaning in a hybrid score; the rest is that of words."""

    reading: Mapping[str, float] = _constant(semantic=0.25, words=0.2, lexical=0.12)
    """The share that the close reading takes of a passage's score: for the meaning of its best sentence ("semantic"),
    for its single words nearest to those of the query ("words"), for the words of its best sentence ("lexical")."""

    cross_language: Mapping[str, float] = _constant(lexical=1.1, semantic=1.05, words=1.1)
    """Factors by which scores of passages in the other language are raised: relevant ones score lower by about as much
    than their translation would, since no translation has the very words of the query."""


class Ranked(NamedTuple):
    """An article in a ranking: its number, the number of its best passage, its score."""

    article: int
    passage: int
    score: float


def fuse(lexical: Scores | None, semantic: Scores | None, same_language: npt.NDArray[np.bool_], w: Weights) -> Scores:
    """One score from 0 to 1 from those by words and by meaning, or from the one that is given.

    All are float32, (m,); `same_language` says which passages are in the language of the query.
    """
    parts = [("semantic", w.semantic, semantic), ("lexical", 1 - w.semantic, lexical)]
    given = [(weight, _fair(kind, scores, same_language, w)) for kind, weight, scores in parts if scores is not None]
    weights = [weight for weight, _ in given]
    return np.average([scores for _, scores in given], axis=0, weights=weights).astype(np.float32)


def refine(first: Scores, evidence: Mapping[str, Scores], same_language: npt.NDArray[np.bool_], w: Weights) -> Scores:
    """The scores `first` of passages, corrected by what the close reading found, by each kind of `Weights.reading`.

    All are float32 from 0 to 1, `first` (m,) best first. Those of `evidence` are (r,) with r <= m: the passages beyond
    were not read; they keep their order and stay below.
    """
    values = first.copy()
    for kind, scores in evidence.items():
        read = slice(len(scores))
        values[read] += w.reading[kind] * (_fair(kind, scores, same_language[read], w) - first[read])
        values[len(scores) :] -= max(0.0, float(values[len(scores) :].max(initial=0) - values[read].min(initial=1)))
    return np.maximum(values, 0)


def _fair(kind: str, scores: Scores, same_language: npt.NDArray[np.bool_], w: Weights) -> Scores:
    return np.clip(scores * np.where(same_language, 1.0, w.cross_language[kind]), 0, 1).astype(np.float32)


def by_article(passages: Numbers, scores: Scores, articles: Numbers, k: int) -> list[Ranked]:
    """The k best articles among scored passages, each with its best passage, best first; ties by passage number."""
    order = np.lexsort((passages, -scores))
    _, first = np.unique(articles[order], return_index=True)
    chosen = order[np.sort(first)[:k]]
    found = zip(articles[chosen].tolist(), passages[chosen].tolist(), scores[chosen].tolist(), strict=True)
    return list(map(Ranked._make, found))


def diverse(ranked: Sequence[Ranked], vectors: Vectors, diversity: float, k: int) -> list[Ranked]:
    """k of the ranked articles: next comes what scores well and repeats little of those before.

    Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): of the score, `diversity` (0 to 1) is given up for
    the highest cosine with an article chosen before. `vectors`, float32 (len(ranked), dim), are those of the passages.
    """
    values = np.array([one.score for one in ranked], np.float32)
    nearest = np.zeros(len(ranked), np.float32)
    left = np.ones(len(ranked), np.bool_)
    chosen: list[Ranked] = []
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
