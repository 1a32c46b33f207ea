"""The data that flows through Khabar. Everything here is plain and immutable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .text import script

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Document:
    """One record as it was read from a file, before cleaning; `clean` turns it into articles.

    `path` names where it came from, as `file` or `file:line`. `page` says that `text` is a whole scraped page, whose
    title, date and boilerplate stand inside it; otherwise `text` is the body alone. `published` is still as written; ""
    says that the page was searched for its date and states none, so that none is read from its text.
    """

    id: str
    text: str
    path: str
    title: str = ""
    language: str | None = None
    published: str | None = None
    source: str | None = None
    url: str | None = None
    keywords: tuple[str, ...] = ()
    page: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that could not be used: `path` is `file` or `file:line`, `reason` one sentence."""

    path: str
    reason: str


Records = Iterator[Document | Rejected]
"""What a file holds, in order: documents, and the inputs that could not be used."""


@dataclass(frozen=True, slots=True)
class Article:
    """A clean article. `text` is the original wording, never folded; passages and highlights are offsets into it.

    `language` is "ar" or "en" (or another ISO 639-1 code the input stated). `published` is ISO 8601, a date or a
    date and time, or None when the page does not say. `host` is the id of the article in whose page this one stood.
    """

    id: str
    title: str
    text: str
    language: str
    published: str | None = None
    source: str | None = None
    url: str | None = None
    path: str | None = None
    keywords: tuple[str, ...] = ()
    city: str | None = None
    agency: str | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article that ends at sentence ends: `text == article.text[start:end]`."""

    article: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one indexing run did, in articles; `rejected` names every input that was not used."""

    added: int
    updated: int
    unchanged: int
    removed: int
    passages: int
    rejected: tuple[Rejected, ...]
    seconds: float


class Encoder(Protocol):
    """Turns text into vectors: float32, shape (n, dim), rows of unit length (a zero row where nothing is known)."""

    @property
    def name(self) -> str:
        """What `load_encoder` takes to load it again."""
        ...

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def hash(self) -> str:
        """Identifies the weights and the tokenizer: two encoders with one hash give the same vectors."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to be found."""
        ...

    def encode_similar(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to be compared with each other, as for related coverage."""
        ...


LANGUAGES = ("en", "ar")  # in the order of the vocabulary


@dataclass(frozen=True, slots=True)
class Concept:
    """One query word as the corpus terms that may express it, in either language, each with its probability.

    A `function` word joins others and tells nothing of a subject: "the" in an Arabic passage is of the title of a film.
    """

    terms: tuple[tuple[str, float], ...]
    function: bool = False

    def terms_in(self, language: str) -> list[tuple[str, float]]:
        """Those of the terms that count in passages of a language."""
        return [(term, p) for term, p in self.terms if not self.function or script(term) == language]
