"""One scale of cosines for all models: thresholds belong to the embedded one, and every model has a scale of its own.

Two articles that have nothing in common but being news have cosines near .02 with the embedded model, near .8 with E5,
and less across languages. What the articles of a language share in a model is therefore taken out of its vectors, and
what they share in the embedded model is put in its place. Without that, an index made with E5 would put everything
together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.encoders import load_encoder
from index.passages import encoded_text
from index.types import Article, Vectors

from .articles import Articles

LEAST = 32
"""Articles that a collection needs for its mean vectors to be used."""

SAMPLE = 512
"""Articles of each language that the embedded model encodes to estimate its mean vectors."""

PRIOR = 8
"""Weight of the mean of all languages in the mean of one language, in articles."""


@dataclass(frozen=True)
class Scale:
    """What the articles of each language share, under "" those of all languages: mean vectors (float32).

    `own` are those of the model, (dim,); `embedded` those of the embedded model, turned so that they need no more
    numbers than there are means, (m,).
    """

    own: dict[str, Vectors]
    embedded: dict[str, Vectors]

    @classmethod
    def of(cls, articles: Sequence[Article], vectors: Vectors) -> Scale:
        """The scale of a model, from its vectors of a collection of at least `LEAST` articles."""
        sample = _sample(articles)
        embedded = _means(sample, encoded(sample))
        turned = np.linalg.qr(np.stack(list(embedded.values())).T).R.T  # inner products stay as they are
        return cls(_means(articles, vectors), dict(zip(embedded, turned, strict=True)))

    def __call__(self, articles: Sequence[Article], vectors: Vectors) -> Vectors:
        """The model's vectors of some articles, (n, dim), on the scale of the embedded one: (n, dim + m), unit rows."""
        own, shared = (
            np.stack([means.get(article.language, means[""]) for article in articles])
            if articles
            else np.zeros((0, len(means[""])), np.float32)
            for means in (self.own, self.embedded)
        )
        rest = vectors - own
        rest *= np.sqrt(1 - (shared**2).sum(axis=1, keepdims=True)) / np.maximum(_norms(rest), 1e-9)
        return np.concatenate((rest, shared), axis=1)


def encoded(articles: Sequence[Article]) -> Vectors:
    """The vectors of whole articles by the embedded model: float32, (n, dim), unit rows."""
    return load_encoder("default").encode_passages([encoded_text(article.title, article.text) for article in articles])


def _means(articles: Sequence[Article], vectors: Vectors) -> dict[str, Vectors]:
    languages = np.array([article.language for article in articles])
    means = {"": vectors.mean(axis=0)}
    for language in np.unique(languages):
        here = vectors[languages == language]
        means[str(language)] = (here.sum(axis=0) + PRIOR * means[""]) / (len(here) + PRIOR)
    return means


def _sample(articles: Sequence[Article]) -> list[Article]:
    """Up to `SAMPLE` articles of each language, chosen by their ids, so that another article changes one of them."""
    known = Articles.of(articles)
    chosen: dict[int, list[int]] = {}
    ids = known.heads.ids.tolist()
    for i in sorted(range(len(ids)), key=lambda i: hashlib.blake2b(ids[i].encode()).digest()):
        chosen.setdefault(int(known.heads.languages[i]), []).append(i)
    return known.several(i for found in chosen.values() for i in found[:SAMPLE])


def _norms(vectors: Vectors) -> Vectors:
    norms: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True)
    return norms
