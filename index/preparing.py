"""Documents become articles ready to be stored: cleaned, sketched, divided, encoded and analysed; in any process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .clean import Tidied, clean
from .encoders import Encoded, encode_articles
from .errors import InputError
from .passages import encoded_text
from .read import Exported
from .text import Analysed, Sketch, analysed, sketches
from .types import Article, Document, Encoder


@dataclass(frozen=True, slots=True)
class Job:
    """A document to be prepared, the positions of its lines that its source repeats, and its lines, if known."""

    document: Document
    repeated: frozenset[int] = frozenset()
    tidied: Tidied | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A clean article with its fingerprints. `encoded` is None where its vectors are made later, or the reason why they
    cannot be made; `words` are those of the passages, None where there are no such."""

    article: Article
    sketch: Sketch
    encoded: Encoded | str | None
    words: Analysed | None

    def __reduce__(self) -> tuple[Any, ...]:
        return Prepared, (self.article, self.sketch, self.encoded, self.words)  # as in `Analysed`

    def named(self, name: str) -> Prepared:
        """The same under another id."""
        article, encoded = replace(self.article, id=name), self.encoded
        if isinstance(encoded, Encoded):
            passages = tuple(replace(passage, article=name) for passage in encoded.passages)
            encoded = replace(encoded, article=article, passages=passages)
        return replace(self, article=article, encoded=encoded)


Outcome = list[Prepared] | str
"""The articles of a document, itself first and then those embedded in its page, or why there are none."""


def prepare(jobs: Sequence[Job], encoder: Encoder | None) -> list[Outcome]:
    """The outcome of each job. What is wrong with a document, whatever it is, concerns that document only.

    Without `encoder` nothing is encoded.
    """
    cleaned = [_cleaned(job) for job in jobs]
    articles = [article for one in cleaned if not isinstance(one, str) for article in one]
    encoded = encode(articles, encoder) if encoder else [None] * len(articles)
    sketched = sketches([article.text for article in articles])
    ready = iter(map(Prepared, articles, sketched, encoded, _words(encoded)))
    return [one if isinstance(one, str) else [next(ready) for _ in one] for one in cleaned]


def encode(articles: Sequence[Article], encoder: Encoder) -> list[Encoded | str]:
    """Each article encoded, or why not. Where memory does not suffice for all at once they are encoded one by one."""
    try:
        return list(encode_articles(articles, encoder)) if articles else []
    except (MemoryError, RecursionError) as error:
        if len(articles) > 1:
            return [found for article in articles for found in encode([article], encoder)]
        return [failure(error)]


def _words(made: Sequence[Encoded | str | None]) -> Iterator[Analysed | None]:
    """The words of the passages of each article."""
    articles = [one if isinstance(one, Encoded) else None for one in made]
    texts = [encoded_text(one.article.title, p.text) for one in articles if one for p in one.passages]
    divided = analysed(texts).divided([len(one.passages) for one in articles if one])
    return (next(divided) if one else None for one in articles)


def failure(error: Exception) -> str:
    """Why a document cannot be used, after an error that no code expected."""
    if isinstance(error, MemoryError):
        return "needs more memory than there is; split it into articles"
    if isinstance(error, RecursionError):
        return "is nested too deeply to be cleaned"
    return f"cannot be used: {type(error).__name__}: {error}"


def _cleaned(job: Job) -> list[Article] | str:
    try:
        if isinstance(job.document, Exported):
            return [job.document.article]
        return clean(job.document, job.repeated, job.tidied)
    except InputError as error:
        return str(error)
    except Exception as error:
        return failure(error)
