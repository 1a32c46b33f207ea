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
    """How two printings of one story relate, the closest first. An altered copy is no duplicate: see DUPLICATES."""

    EXACT = "exact"
    NEAR = "near"
    CONTAINED = "contained"
    ALTERED = "altered"
    REWRITTEN = "rewritten"
    TRANSLATED = "translated"

    @classmethod
    def _missing_(cls, value: object) -> Tier:
        raise InputError(f"{value!r} is not a tier. Choose {', '.join(cls)}.")


DUPLICATES = tuple(tier for tier in Tier if tier is not Tier.ALTERED)
"""The tiers that say the same; an altered copy says something else in the same words."""


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
class Reasons:
    """What two articles share, as each writes it: pairs (in the article asked about, in the other one)."""

    names: tuple[tuple[str, str], ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    numbers: tuple[int | float, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()


class Kind(StrEnum):
    """What an article is to a text that is checked: one of the tiers, or coverage of the same; the closest first."""

    EXACT = "exact"
    NEAR = "near"
    CONTAINED = "contained"
    ALTERED = "altered"
    REWRITTEN = "rewritten"
    TRANSLATED = "translated"
    COVERS = "covers"


@dataclass(frozen=True, slots=True)
class Finding:
    """An article found for a text that is checked. `score`, in (0, 1], compares findings of one kind.

    `said` are the words of the article that are nearest to the text: sentences, or its title. An altered copy has
    `alterations`: what the text says, and what the article says in its place.
    """

    article: Article
    kind: Kind
    score: float
    said: str
    alterations: tuple[Alteration, ...]
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Checked:
    """A text beside an archive. `findings` come the closest first; none means that nothing was found.

    `first` is the article with a date that was certainly first to print the text unaltered, None where none did or it
    is unknown.
    """

    text: str
    first: Article | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that belong together, in order of publication, and the links that hold them together.

    `affair` is the id of the first article of the affair that this story is an event of, None where it is the only one.
    """

    representative: Article
    articles: tuple[Article, ...]
    links: tuple[Link, ...]
    affair: str | None = None
