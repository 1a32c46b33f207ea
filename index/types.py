"""The data that flows through Khabar. Everything here is plain and immutable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from .errors import InputError
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


def is_address(path: str) -> bool:
    """Whether the place of a document is an address of the web, and no file."""
    return path.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `of` parts of all documents, the `number`th from 1 on: each document is in one, by a hash of its id."""

    number: int
    of: int

    @classmethod
    def parse(cls, written: str) -> Shard:
        """The shard that is written as 2/8. Raises InputError."""
        number, _, of = written.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise InputError(f"{written!r} is no shard. Write the second of eight as 2/8.")
        return cls(int(number), int(of))

    def holds(self, document: Document) -> bool:
        """Whether a document is in it."""
        digest = blake2b(document.id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "little") % self.of == self.number - 1


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that could not be used: `path` is `file` or `file:line`, `reason` one sentence."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the user must know about an input that was used: a title was cut, letters were repaired."""

    path: str
    what: str


Records = Iterator[Document | Rejected | Noted]
"""What a file holds, in order: documents, the inputs that could not be used, and notes about those that were."""


@dataclass(frozen=True, slots=True)
class Collision:
    """A document whose id another article has: `given` is that id, `id` the one under which it is stored."""

    path: str
    given: str
    id: str


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
    """What one indexing run did, in articles; `rejected` names every input that was not used.

    `renamed` are the documents stored under another id than the one they came with, `replaced` those that took the
    place of an article from another file. `unknown` are the files in folders whose kind is not read.
    """

    added: int
    updated: int
    unchanged: int
    removed: int
    passages: int
    rejected: tuple[Rejected, ...]
    seconds: float
    notes: tuple[Noted, ...] = ()
    renamed: tuple[Collision, ...] = ()
    replaced: tuple[Collision, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What the last indexing run did that changed or rejected anything. `ended` is a time in ISO 8601, UTC.

    `rejected` counts the inputs that were not used; `examples` are the first of them.
    """

    ended: str
    added: int
    updated: int
    unchanged: int
    removed: int
    rejected: int
    examples: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may be found: all that pass every filter that is not None.

    `language` is an ISO 639 code, or several of which any will do; `source` likewise, as stored, "" for articles that
    name none. `since` and `until` are days in ISO 8601, both included; undated articles pass neither. Raises InputError
    for a value that can match nothing.
    """

    language: str | tuple[str, ...] | None = None
    since: str | None = None
    until: str | None = None
    source: str | tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for language in self.languages:
            if not re.fullmatch("[a-z]{2,3}", language):
                raise InputError(f"{language!r} is not a language code. Write ar, en, or another ISO 639 code.")
        for name in ("since", "until"):
            day = getattr(self, name)
            if day is not None and not _is_day(day):
                raise InputError(f"{day!r} is not a day for {name}. Write it as YYYY-MM-DD.")
        if self.since and self.until and self.since > self.until:
            raise InputError(f"Nothing is both since {self.since} and until {self.until}. Exchange the two days.")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that pass; () where any does."""
        return _several(self.language)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that pass; () where any does."""
        return _several(self.source)

    def passes(self, article: Article) -> bool:
        """Whether an article passes every filter."""
        day = article.published[:10] if article.published else None
        return (
            (not self.languages or article.language in self.languages)
            and (not self.sources or (article.source or "") in self.sources)
            and (self.since is None or (day is not None and self.since <= day))
            and (self.until is None or (day is not None and day <= self.until))
        )


def _several(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except (TypeError, ValueError):
        return False


NO_FILTERS = Filters()


class Tokens(NamedTuple):
    """The words of m texts, or the pieces of unknown words, one text after the other; behind them all the inflections
    that some of them carry.

    n tokens in all. `entries` are their rows in the model's table; `scales` are their weights, 0 for a token that the
    model does not know; `owners` say in which text each stands. `words` is how many words or pieces each text has.
    """

    entries: npt.NDArray[np.int32]  # (n,)
    scales: npt.NDArray[np.float32]  # (n,)
    owners: npt.NDArray[np.int64]  # (n,)
    words: npt.NDArray[np.int64]  # (m,)


class WordEncoder(Protocol):
    """An encoder that has a vector for each word, so that single words can be compared."""

    def entries(self, words: Sequence[str]) -> npt.NDArray[np.int32]:
        """The row of each word in the model's table: int32 (len(words),), -1 for an out-of-vocabulary word."""
        ...

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """The tokens of texts."""
        ...

    def query_tokens(self, queries: Sequence[str]) -> Tokens:
        """The tokens of queries."""
        ...

    def averaged(self, tokens: Tokens) -> Vectors:
        """The vectors of tokenised texts: float32 (len(tokens.words), dim), rows of unit length."""
        ...

    def vectors(self, entries: npt.NDArray[np.integer[Any]], dim: int | None = None) -> Vectors:
        """The vectors at rows of the table, their first `dim` numbers: float32 (*entries.shape, dim), unit length."""
        ...

    def lengths(self, entries: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.float32]:
        """The lengths of the vectors at rows of the table before they are normalised: float32 (n,)."""
        ...


class Encoder(Protocol):
    """Turns text into vectors: float32, shape (n, dim), rows of unit length (a zero row where nothing is known).

    A class of your own that inherits from this one needs `name`, `dim`, `hash` and the three methods without a body.
    """

    name: str
    """What `load_encoder` takes to load it again."""
    dim: int
    """Numbers in a vector."""
    hash: str
    """Identifies the weights and the tokenizer: two encoders with one hash give the same vectors."""
    prompts: Mapping[str, str] = MappingProxyType({})
    """Texts put before queries ("query"), passages ("passage") and compared texts ("similarity"), where it has any."""
    limit: int | None = None
    """The longest text that the model sees whole, in tokens with its prompt; None where there is no limit."""
    cut: int = 0
    """How many passages so far were longer than `limit`."""
    progress: Callable[[int, int], None] | None = None
    """Called with (passages done, passages in all) while passages are encoded."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to be found."""
        ...

    def encode_similar(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to be compared with each other, as for related coverage."""
        ...

    def fit(self, article: Article, passages: Sequence[Passage]) -> list[Passage]:
        """The passages of an article, those beyond `limit` divided where sentences end."""
        return list(passages)

    @property
    def words(self) -> WordEncoder | None:
        """The same model as an encoder of single words; None where it has none."""
        return None


LANGUAGES = ("en", "ar")
"""The languages whose statistics are kept apart, in the order of every array that has a column for each."""


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
