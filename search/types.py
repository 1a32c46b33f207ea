"""What questions are answered with: hits, answers, links between articles, stories. Plain and immutable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from index.choices import Choice
from index.errors import InputError
from index.ports import Facet
from index.types import Article, Filters, Passage


class Mode(Choice, called="a mode"):
    """How passages are scored: by words, by meaning, or by both."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class Match:
    """Why a passage was found: a `query` word met the corpus `term`; `weight` in (0, 1], 1 for the same word.

    `kind` is "same" (the same letters), "folded" (other marks or letter forms), "stem" (another form of the word),
    "spelling" (what a typing error was meant to be, or the word joined or parted), "translation" or "name".
    """

    query: str
    term: str
    kind: str
    weight: float


FACETS: tuple[Facet, ...] = ("source", "language", "day")


class Order(Choice, called="an order"):
    """In which order hits are listed; undated articles come last where days decide."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


def facets_named(written: str) -> tuple[Facet, ...]:
    """The facets in a list parted by commas; none for "". Raises InputError for one that does not exist."""
    names = [name.strip() for name in written.split(",")] if written else []
    for name in names:
        if name not in FACETS:
            raise InputError(f"{name!r} is not a facet. Choose source, language or day.")
    return tuple(facet for facet in FACETS if facet in names)


@dataclass(frozen=True, slots=True)
class Listing:
    """How what was found is listed: in which order, after `offset` hits that are passed over.

    With `folded`, copies of an article are listed under the first of them. `facets` names what the relevant articles
    are counted by.
    """

    order: Order = Order.RELEVANCE
    offset: int = 0
    folded: bool = True
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked article with its best passage.

    `highlights` are [start, end) offsets into `passage.text`, `title_highlights` into `article.title`; `reasons` and
    `title_reasons` are the match at each of them. `copies` are the articles among those found that print it again, best
    first.
    """

    rank: int
    score: float
    article: Article
    passage: Passage
    highlights: tuple[tuple[int, int], ...] = ()
    matched: tuple[Match, ...] = ()
    title_highlights: tuple[tuple[int, int], ...] = ()
    copies: tuple[Article, ...] = ()
    reasons: tuple[Match, ...] = ()
    title_reasons: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search, which tells of new articles that score `threshold` or more.

    The threshold is the user's own `min_score`; else it was calibrated on `articles` so that about `rate` of 1,000 new
    articles pass it. `saved` is when, in ISO 8601, UTC. `waiting` and `found` count hits: not yet told, and all.
    """

    name: str
    query: str
    mode: Mode
    filters: Filters
    rate: float
    min_score: float | None
    threshold: float
    articles: int
    saved: str
    waiting: int = 0
    found: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """A hit of a saved search among new articles. Its article has no text: the passage says why it was found.

    `found` is when it was found and `told` when it was told, both in ISO 8601, UTC; None while it was not. `id` is the
    same whenever and wherever the hit is told, `number` that of the hit in its index.
    """

    number: int
    id: str
    search: str
    hit: Hit
    found: str
    told: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranked hits of one query; `seconds` is the time the search took, without loading the index.

    `query` is what was searched for; `cut` says that the rest of a very long query was left out. `relevant` is False
    where even the best hit scores less than what answers a query mostly does. `notes` say, in sentences, how the query
    was read where that may not be as it was meant. `facets` are the counts asked for: what -> value -> relevant
    articles, None for those that do not say.
    """

    query: str
    language: str
    mode: Mode
    seconds: float
    hits: tuple[Hit, ...]
    cut: bool = False
    relevant: bool = True
    notes: tuple[str, ...] = ()
    facets: Mapping[Facet, Mapping[str | None, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """What an index holds of one source: articles, in all and by language, and the days of the first and the last.

    `name` is None for the articles that name none; the days are None where no article has one.
    """

    name: str | None
    articles: int
    languages: dict[str, int]
    first_date: str | None
    last_date: str | None


class Tier(Choice, called="a tier"):
    """How two printings of one story relate, the closest first. An altered copy is no duplicate: see DUPLICATES."""

    EXACT = "exact"
    NEAR = "near"
    CONTAINED = "contained"
    ALTERED = "altered"
    REWRITTEN = "rewritten"
    TRANSLATED = "translated"


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

    def joined(self) -> Iterator[tuple[Article, Link | None]]:
        """Its articles in order, each with the closest of its links to one before it, if there is any."""
        listed: set[str] = set()
        for article in self.articles:
            beside = (link for link in self.links if article.id in (link.a, link.b) and listed & {link.a, link.b})
            yield article, min(beside, key=lambda link: list(Tier).index(link.tier), default=None)
            listed.add(article.id)
