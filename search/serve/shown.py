"""What templates are given: hits, counts, figures, stories and groups, ready to be printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from index.ports import Facet
from index.types import Article

from ..show import snippet, story_json
from ..types import Alteration, Answer, Hit, Link, Match, Story
from . import charts
from .archive import Archive
from .marked import marked
from .questions import PAGE, Question
from .rendering import evidence
from .translations import Interface

Counts = dict[Facet, dict[str | None, int]]
"""Facet -> value, None for what articles do not say -> how many articles have it."""

_REASONS = 6
"""The most reasons of a hit that are listed."""

_VALUES = 8
"""Values of a facet that are listed at once; the others are opened."""


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit: its title and snippet with marks, reasons that are not seen at once, where its snippet begins."""

    article: Article
    copies: tuple[Article, ...]
    title: Markup
    snippet: Markup
    why: tuple[Match, ...]
    at: int


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One page of an answer."""

    query: str
    relevant: bool
    cut: bool
    notes: tuple[str, ...]
    hits: tuple[ShownHit, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet: what it is called, how many articles have it, the address that asks for it or no longer."""

    said: Markup
    articles: int
    link: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShownFacet:
    """The values of a facet, the most frequent first; `more` are those behind the first few."""

    name: str
    shown: list[Value]
    more: list[Value]


@dataclass(frozen=True, slots=True)
class Figure:
    """Articles over time: the bars, the chart, and the address that each bar leads to."""

    bars: list[charts.Bar]
    svg: Markup
    link: Callable[[charts.Bar], str]


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story in a list."""

    lead: Article
    days: Markup
    articles: int
    outlets: int
    languages: Markup


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a group, and how it stands beside one before it."""

    article: Article
    other: Article | None
    link: Link | None
    alterations: tuple[Alteration, ...]
    evidence: list[Markup]


def answer_shown(answer: Answer, t: Interface) -> ShownAnswer:
    """One page of an answer."""
    hits = tuple(hit_shown(hit, t) for hit in answer.hits[:PAGE])
    return ShownAnswer(answer.query, answer.relevant, answer.cut, answer.notes, hits)


def hit_shown(hit: Hit, t: Interface) -> ShownHit:
    """A hit; of one that was stored without the reason of each highlight, only those that its matches name are told."""
    text, written = hit.passage.text, {match.term: match for match in hit.matched}
    known = bool(hit.reasons or hit.title_reasons)
    reasons = hit.reasons if known else [written.get(text[start:end]) for start, end in hit.highlights]
    named = hit.article.title
    titled = hit.title_reasons if known else [written.get(named[start:end]) for start, end in hit.title_highlights]
    start, end = snippet(text, hit.highlights)
    shown = marked(t, text, hit.highlights, reasons, (start, end))
    title = marked(t, named, hit.title_highlights, titled)
    why = tuple(match for match in hit.matched if match.kind not in ("same", "folded"))[:_REASONS]
    before, after = "…\u00a0" if start else "", "\u00a0…" if end < len(text) else ""
    return ShownHit(hit.article, hit.copies, title, before + shown + after, why, hit.passage.start + start)


def facets_shown(question: Question, counts: Counts, t: Interface) -> list[ShownFacet]:
    """Languages and sources with their counts; side by side, languages are no choice."""
    found = []
    if not question.both:
        found.append(_facet("language", question, "lang", counts["language"], t.language_name, t))
    return [*found, _facet("source", question, "source", counts["source"], str, t)]


def _facet(
    name: str,
    question: Question,
    field: str,
    counts: Mapping[str | None, int],
    said: Callable[[str], str],
    t: Interface,
) -> ShownFacet:
    held: tuple[str, ...] = getattr(question, field)
    values = [
        Value(
            Markup("<bdi>{}</bdi>").format(said(value)) if value else t("no_source"),
            articles,
            question.toggled(field, value or ""),
            (value or "") in held,
        )
        for value, articles in counts.items()
    ]
    first = [value for place, value in enumerate(values) if place < _VALUES or value.chosen]
    return ShownFacet(name, first, [value for value in values if value not in first])


def counts_of(question: Question, answers: Iterable[Answer], archive: Archive) -> Counts:
    """Relevant articles by language, source and day. Raises InputError.

    Languages and sources are counted as if none were chosen, so that another can be added to the chosen ones.
    """
    found: Counts = {}
    for answer in answers:
        for name, counts in answer.facets.items():
            held = found.setdefault(name, {})
            for value, count in counts.items():
                held[value] = held.get(value, 0) + count
    freed: list[tuple[Facet, Question]] = []
    if question.lang:
        freed.append(("language", replace(question, lang=())))
    if question.source:
        freed.append(("source", replace(question, source=())))
    for facet, free in freed:
        # This is what was asked before a filter was chosen, and so mostly remembered.
        found[facet] = dict(archive.search(replace(free, page=1).asked()).facets[facet])
    return found


def figure(counts: Mapping[str | None, int], link: Callable[[charts.Bar], str], t: Interface) -> Figure:
    """Articles by day as a chart; those without a day are left out."""
    bars = charts.bars({day: count for day, count in counts.items() if day})
    titles = [f"{_span(bar, t)}: {t.number(bar.articles)}" for bar in bars]
    return Figure(bars, charts.histogram(bars, titles, mirrored=t.direction == "rtl"), link)


def _span(bar: charts.Bar, t: Interface) -> str:
    return " – ".join(dict.fromkeys(t.plain_day(day) for day in (bar.first, bar.last)))


def story_line(story: Story, t: Interface) -> StoryLine:
    """A story as a line of a list."""
    facts = story_json(story)
    return StoryLine(
        story.representative,
        t.span(facts["first_date"], facts["last_date"]),
        len(story.articles),
        len(facts["sources"]),
        languages_shown(facts["languages"], t),
    )


def languages_shown(codes: Iterable[str], t: Interface) -> Markup:
    """Names of languages."""
    return Markup(" + ").join(t.language_name(code) for code in codes)


def members(story: Story, t: Interface) -> list[Member]:
    """The articles of a group of duplicates."""
    known = {article.id: article for article in story.articles}
    found = []
    for article, link in story.joined():
        other = known[link.b if link.a == article.id else link.a] if link else None
        told = altered_by(link, article) if link else ()
        found.append(Member(article, other, link, told, evidence(t, link) if link else []))
    return found


def altered_by(link: Link, article: Article) -> tuple[Alteration, ...]:
    """What a link says was altered: as the other article says it, and as this one prints it."""
    here, there = ("b", "a") if link.b == article.id else ("a", "b")
    told: Iterable[Mapping[str, Any]] = link.evidence.get("alterations", ())
    return tuple(Alteration(one["kind"], one[there], one[here]) for one in told)


def body(article: Article) -> str:
    """The text of an article; its title where it has no other."""
    return article.text if article.text.strip() else article.title
