"""The API as data: what is asked, which is checked, and what is answered, which search/show/as_json.py writes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from index.ports import Facet

from ..coverage import Genre, Relation, StoryOrder
from ..types import Kind, Listing, Mode, Order, Tier
from .archive import Asked, Narrowing

QUERY, NAME, TEXT = 1_000, 200, 200_000
"""The longest query, the longest name of a source, language or day, and the longest text, in characters."""

Name = Annotated[str, Field(min_length=1, max_length=NAME)]
Text = Annotated[str, Field(min_length=1, max_length=TEXT)]
Several = Annotated[list[Name], Field(max_length=20)]


class Given(BaseModel):
    """Parameters; one that does not exist is refused, since it would change nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Narrowed(Given):
    """Filters."""

    lang: Several = Field([], description="Only articles in these languages: ar, en, arabic.")
    source: Several = Field([], description="Only articles of these sources, or of ones named like them.")
    since: str = Field("", max_length=NAME, description="Only articles of this day or later: 2018, 2018-05, 7d.")
    until: str = Field("", max_length=NAME, description="Only articles of this day or earlier.")

    def narrowing(self) -> Narrowing:
        """The filters as an archive takes them."""
        return Narrowing(tuple(self.lang), tuple(self.source), self.since or None, self.until or None)


class Search(Narrowed):
    """A search, as `khabar search` takes it."""

    q: str = Field(min_length=1, max_length=QUERY, description="What to look for, in Arabic or English.")
    k: int = Field(10, ge=1, le=200, description="How many articles.")
    offset: int = Field(0, ge=0, le=9_800, description="How many articles to pass over.")
    mode: Mode = Field(Mode.HYBRID, description="By words, by meaning, or both.")
    sort: Order = Field(Order.RELEVANCE, description="In which order.")
    facet: Annotated[tuple[Facet, ...], Field(max_length=3)] = Field((), description="Count what is relevant by these.")
    min_score: float = Field(0.0, ge=0, le=1, description="Only articles that score this or more.")
    diversity: float = Field(0.0, ge=0, le=1, description="How far articles that repeat others move down.")
    all: bool = Field(False, description="List copies as articles of their own.")

    def asked(self) -> Asked:
        """The search as an archive takes it."""
        listing = Listing(self.sort, self.offset, not self.all, self.facet)
        return Asked(self.q, self.k, self.mode, self.narrowing(), self.min_score, self.diversity, listing)


class OneSearch(Search):
    """A search in one list, or in one a language."""

    both: bool = Field(False, description="Two lists, one a language, each ranked by itself.")


class Counted(Narrowed):
    """What is counted, and by what."""

    by: Facet = Field(description="What articles are counted by.")


class Near(Given):
    """How many related articles, and in which order."""

    k: int = Field(20, ge=1, le=200, description="How many.")
    timeline: bool = Field(False, description="In order of publication.")


class Latest(Given):
    """How many hits."""

    k: int = Field(100, ge=1, le=1_000, description="How many.")


class NearText(Near):
    """A text to which related coverage is wanted."""

    model_config = ConfigDict(strict=True)  # JSON has numbers and truth values of its own

    text: Text
    title: str = Field("", max_length=QUERY)


class TextToCheck(Narrowed):
    """A text to be checked."""

    model_config = ConfigDict(strict=True)

    text: Text
    k: int = Field(10, ge=1, le=200, description="How many articles of each language that only cover it.")


class Part(Given):
    """Which part of a long list."""

    offset: int = Field(0, ge=0, le=10_000_000, description="How many to pass over.")
    k: int = Field(0, ge=0, le=10_000_000, description="How many; 0 for all.")

    def of(self, found: list[Any]) -> list[Any]:
        """That part."""
        return found[self.offset : self.offset + self.k] if self.k else found[self.offset :]


class Repeated(Part):
    """Which duplicates."""

    tier: Annotated[tuple[Tier, ...], Field(max_length=len(Tier))] = Field((), description="Default: all but altered.")
    since: str = Field("", max_length=NAME, description="Only articles of this day or later, and what they repeat.")


class Told(Narrowed, Part):
    """Which stories."""

    of_article: str = Field("", alias="of", max_length=QUERY, description="The story of this article, by its id.")
    order: StoryOrder = StoryOrder.DATE
    affairs: bool = Field(False, description="Events together under their affair.")


# ---------------------------------------------------------------- answers; these only describe


class Listed(BaseModel):
    """An article in a list."""

    id: str
    title: str
    language: str
    published: str | None
    source: str | None
    url: str | None
    path: str | None


class Whole(Listed):
    """A whole article."""

    text: str
    keywords: list[str]
    city: str | None
    agency: str | None
    host: str | None


class Passage(BaseModel):
    """A stretch of an article, by offsets into its text."""

    start: int
    end: int
    text: str


class Match(BaseModel):
    """A word of the query and the word that it met."""

    query: str
    term: str
    kind: str
    weight: float


class Hit(BaseModel):
    """A ranked article with its best passage."""

    rank: int
    score: float
    article: Listed
    passage: Passage
    highlights: list[tuple[int, int]]
    matched: list[Match]
    title_highlights: list[tuple[int, int]]
    copies: list[Listed] = []


class Count(BaseModel):
    """How many articles have a value; null is for those that do not say."""

    value: str | None
    articles: int


class Answer(BaseModel):
    """What a search found."""

    query: str
    language: str
    mode: Mode
    seconds: float
    hits: list[Hit]
    cut: bool
    relevant: bool
    notes: list[str]
    facets: dict[str, list[Count]] = {}


class Answers(BaseModel):
    """What a search found in each language."""

    query: str
    language: str
    mode: Mode
    seconds: float
    lists: dict[str, Answer]


class Alteration(BaseModel):
    """One thing that an altered copy says otherwise."""

    kind: str
    asked: str
    printed: str


class Reasons(BaseModel):
    """What two articles share, as each writes it."""

    names: list[tuple[str, str]]
    places: list[tuple[str, str]]
    numbers: list[float]
    terms: list[tuple[str, str]]


class RelatedArticle(BaseModel):
    """One related article, and why it is."""

    relation: Relation
    score: float
    tier: Tier | None
    kind: Genre
    article: Listed
    printed: list[Listed]
    reasons: Reasons
    alterations: list[Alteration]


class Related(BaseModel):
    """Related coverage of an article."""

    article: Listed
    related: list[RelatedArticle]


class Finding(BaseModel):
    """An article found for a text that is checked."""

    article: Listed
    kind: Kind
    score: float
    said: str
    alterations: list[Alteration]
    reasons: Reasons


class Checked(BaseModel):
    """A text beside the archive."""

    text: str
    first: Listed | None
    findings: list[Finding]


class Filtered(BaseModel):
    """The filters of a saved search."""

    language: str | list[str] | None
    since: str | None
    until: str | None
    source: str | list[str] | None


class Saved(BaseModel):
    """A saved search, and how many hits it has: not yet told, and all."""

    name: str
    query: str
    mode: Mode
    filters: Filtered
    rate: float
    min_score: float | None
    threshold: float
    articles: int
    saved: str
    waiting: int
    found: int


class SavedSearches(BaseModel):
    """The saved searches, by name."""

    saved: list[Saved]


class News(Hit):
    """A hit of a saved search."""

    search: str
    id: str
    found: str
    told: str | None


class Hits(BaseModel):
    """Hits of saved searches, the latest first."""

    hits: list[News]


class Coverage(BaseModel):
    """Articles counted."""

    by: Facet
    articles: int
    coverage: list[Count]


class Source(BaseModel):
    """What the archive holds of one source."""

    name: str | None
    articles: int
    languages: dict[str, int]
    first_date: str | None
    last_date: str | None


class Sources(BaseModel):
    """All sources, the largest first."""

    sources: list[Source]


class Info(BaseModel):
    """What the archive holds; it also says how the index was made."""

    model_config = ConfigDict(extra="allow")

    articles: int
    passages: int
    languages: dict[str, int]
    sources: int
    first_date: str | None
    last_date: str | None


class Error(BaseModel):
    """A parameter that is not as it must be."""

    parameter: str
    detail: str


class Problem(BaseModel):
    """What went wrong, and what to do (RFC 9457). `error` is the kind of a Khabar error."""

    type: str
    title: str
    status: int
    detail: str
    error: str = ""
    errors: list[Error] = []


def problem() -> dict[str, Any]:
    """The schemas of a problem, by their names."""
    described = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**described.pop("$defs"), "Problem": described}
