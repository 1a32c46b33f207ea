"""What questions are answered with: hits, answers, links between articles, stories. Plain and immutable."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from index.errors import InputError
from index.types import Article, Passage


class Mode(StrEnum):
    """How passages are scored: by words, by meaning, or by both."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    LEXICAL = "lexical"

    @classmethod
    def _missing_(cls, value: object) -> Mode:
        raise InputError(f"{value!r} is not a mode. Choose hybrid, semantic or lexical.")


@dataclass(frozen=True, slots=True)
class Match:
    """Why a passage was found: a `query` word met the corpus `term`; `weight` in (0, 1], 1 for the same word.

    `kind` is "same" (the same letters), "folded" (other marks or letter forms), "stem" (another form of the word),
    "translation" or "name".
    """

    query: str
    term: str
    kind: str
    weight: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked article with its best passage. `highlights` are [start, end) offsets into `passage.text`."""

    rank: int
    score: float
    article: Article
    passage: Passage
    highlights: tuple[tuple[int, int], ...] = ()
    matched: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranked hits of one query; `seconds` is the time the search took, without loading the index.

    `query` is what was searched for; `cut` says that the rest of a very long query was left out.
    """

    query: str
    language: str
    mode: Mode
    seconds: float
    hits: tuple[Hit, ...]
    cut: bool = False


class Tier(StrEnum):
    """How two printings of one story relate, the closest first."""

    EXACT = "exact"
    NEAR = "near"
    CONTAINED = "contained"
    REWRITTEN = "rewritten"
    TRANSLATED = "translated"

    @classmethod
    def _missing_(cls, value: object) -> Tier:
        raise InputError(f"{value!r} is not a tier. Choose {', '.join(cls)}.")


@dataclass(frozen=True, slots=True)
class Link:
    """Two articles (ids `a` and `b`) that print the same story. `score` in (0, 1]; `evidence` is JSON-ready:

    what is shared and what differs, under names such as "shared", "only_a", "only_b", "numbers".
    """

    a: str
    b: str
    tier: Tier
    score: float
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alteration:
    """One thing that an altered copy says otherwise, as each text writes it; "" where nothing stands in its place.

    `kind` is "number", "name", "negation", "date" or "opposite" (a rise for a fall).
    """

    kind: str
    asked: str
    printed: str


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that belong together, in order of publication, and the links that hold them together.

    `affair` is the id of the first article of the affair that this story is an event of, None where it is the only one.
    """

    representative: Article
    articles: tuple[Article, ...]
    links: tuple[Link, ...]
    affair: str | None = None
