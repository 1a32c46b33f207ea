"""Articles -> their passages, and the vectors of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..passages import encoded_text, split
from ..types import Article, Encoder, Passage, Vectors
from .whole_article import article_vectors


@dataclass(frozen=True, slots=True)
class Encoded:
    """An article as it is stored: its passages, their vectors (float32, (len(passages), dim)), and that of the whole
    article (float32, (dim,) or (0,); see `article_vectors`)."""

    article: Article
    passages: tuple[Passage, ...]
    vectors: Vectors
    whole: Vectors

    def __reduce__(self) -> tuple[Any, ...]:
        # To another process goes no text twice, and none of what Python writes down of a dataclass.
        spans = [(passage.start, passage.end) for passage in self.passages]
        return _received, (self.article, spans, self.vectors, self.whole)


def _received(article: Article, spans: Sequence[tuple[int, int]], vectors: Vectors, whole: Vectors) -> Encoded:
    passages = [Passage(article.id, start, end, article.text[start:end]) for start, end in spans]
    return Encoded(article, tuple(passages), vectors, whole)


def encode_articles(articles: Sequence[Article], encoder: Encoder) -> list[Encoded]:
    """Split articles into passages that the encoder can see the end of, and encode them at once."""
    divided = [encoder.fit(article, split(article)) for article in articles]
    texts = [encoded_text(a.title, p.text) for a, passages in zip(articles, divided, strict=True) for p in passages]
    vectors = encoder.encode_passages(texts)
    encoded, first = [], 0
    for article, passages, whole in zip(articles, divided, article_vectors(articles, encoder), strict=True):
        last = first + len(passages)
        encoded.append(Encoded(article, tuple(passages), vectors[first:last], whole))
        first = last
    return encoded
