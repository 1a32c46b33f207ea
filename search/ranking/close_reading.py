"""A closer reading of the best passages: how much of a query one sentence of theirs says, and each of its words.

An answer mostly stands in one sentence, and the vector of a passage is the mean of many; words of the query that stand
together mean more than the same words apart. Ranking passages by their best sentence: Dai and Callan, "Deeper Text
Understanding for IR with Contextual Neural Language Modeling" (SIGIR 2019), there with a large model. Comparing word
with word: Khattab and Zaharia, "ColBERT" (SIGIR 2020), there with words in their context.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice, pairwise

import numpy as np

from index.encoders import StaticEncoder, Tokens
from index.text import sentences, terms
from index.types import Concept, Vectors

from .fusion import Scores

Text = Sequence[str]
"""The sentences of one passage, its title before them; at least one."""

ANY = 0.2
"""The cosine that some word of any passage has with a word: so near is none."""


def sentences_of(title: str, text: str) -> Text:
    """The title and the sentences of a passage; the whole text where there are none."""
    return [*filter(None, [title]), *(text[start:end] for start, end in sentences(text))] or [text]


def tokens_of(passages: Sequence[Text], encoder: StaticEncoder) -> list[list[Tokens]]:
    """The tokens of each sentence of each passage."""
    every = encoder.tokens([sentence for text in passages for sentence in text])
    return [list(islice(every, len(text))) for text in passages]


def closest(vector: Vectors, passages: Sequence[Sequence[Tokens]], encoder: StaticEncoder) -> Scores:
    """The cosine of a query's vector, float32 (dim,), with the nearest sentence of each passage: (len(passages),)."""
    if not passages:
        return np.zeros(0, np.float32)
    cosines = encoder.averaged([sentence for text in passages for sentence in text]) @ vector
    starts = np.cumsum([0, *(len(text) for text in passages[:-1])])
    return np.asarray(np.maximum.reduceat(cosines, starts), np.float32)


def nearest(query: str, passages: Sequence[Sequence[Tokens]], encoder: StaticEncoder) -> Scores:
    """How near each word of a query is to the nearest word of each passage, on average: (len(passages),), 0-1.

    A word counts by the third power of its own vector's length, which training makes long for words that tell much.
    """
    (asked,) = encoder.query_tokens([query])
    words = asked.entries[: asked.words]
    weights = (asked.scales[: asked.words] * encoder.lengths(words)) ** 3
    held = [np.unique(np.concatenate([tokens.entries[tokens.scales > 0] for tokens in text])) for text in passages]
    here, where = np.unique(np.concatenate([words[:0], *held]), return_inverse=True)
    likeness = np.maximum(encoder.vectors(here) @ encoder.vectors(words).T - ANY, 0) / (1 - ANY)
    best = np.zeros((len(passages), len(weights)), np.float32)
    for i, (start, end) in enumerate(pairwise(np.cumsum([0, *map(len, held)]))):
        best[i] = likeness[where[start:end]].max(axis=0, initial=0)
    return np.asarray(best @ weights / max(float(weights.sum()), 1e-9), np.float32)


def fullest(
    concepts: Sequence[Concept], weights: Mapping[str, Scores], passages: Sequence[Text], languages: Sequence[str]
) -> Scores:
    """The share of the query's words, by weight, that the sentence with the most of them says: (len(passages),), 0-1.

    `weights` are those of `index.local.score`, `languages` those of the passages. Of a passage that is known to have no
    word of the query, no sentences need be given.
    """
    spoken = {
        language: [
            (float(weight), concept.terms_in(language))
            for concept, weight in zip(concepts, weights[language], strict=True)
            if weight > 0
        ]
        for language in weights
    }
    shares = np.zeros(len(passages), np.float32)
    for i, (text, language) in enumerate(zip(passages, languages, strict=True)):
        total = sum(weight for weight, _ in spoken[language])
        if total:
            shares[i] = max((_said(spoken[language], set(terms(s))) for s in text), default=0.0) / total
    return shares


def _said(spoken: Sequence[tuple[float, Sequence[tuple[str, float]]]], held: Collection[str]) -> float:
    return sum(weight * min(1.0, sum(p for term, p in meant if term in held)) for weight, meant in spoken)
