"""Saved searches and what they found, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from index.harmless import isolate

from ..types import Hit, News, Saved
from .as_json import article_json, hit_json, saved_json
from .terminal import hit_lines

SHOWN = 5
"""Old articles that a search would have told of, as far as they are shown when it is saved."""


def saving_json(saved: Saved, old: Sequence[Hit]) -> dict[str, Any]:
    """A search that was saved, with the old articles that it would have told of."""
    return saved_json(saved) | {"would_have_told": [hit_json(hit) for hit in old]}


def saving_lines(saved: Saved, old: Sequence[Hit], *, bold: bool) -> Iterator[str]:
    """The same for people."""
    yield f"Saved {isolate(saved.name)}: {isolate(saved.query)}"
    yield f"  It tells of new articles that score {saved.threshold:.3f} or more{_why(saved)}."
    if not old:
        yield f"  None of the {saved.articles:,} articles that are indexed would have been told."
        return
    yield f"  Of the {saved.articles:,} articles that are indexed, it would have told of {len(old):,}:"
    for rank, hit in enumerate(old[:SHOWN], 1):
        yield from hit_lines(replace(hit, rank=rank), bold=bold)
    if len(old) > SHOWN:
        yield f"     and {len(old) - SHOWN:,} more"


def _why(saved: Saved) -> str:
    if saved.min_score is not None:
        return ""
    if saved.rate * saved.articles < 1000:
        return f": too few articles are indexed to find a threshold for {_rate(saved.rate)}"
    return f": {_rate(saved.rate)}"


def _rate(rate: float) -> str:
    return f"about {rate:g} alerts for 1,000 new articles"


def saved_lines(saved: Sequence[Saved], undelivered: Mapping[str, int]) -> Iterator[str]:
    """All saved searches, and what could not be delivered yet."""
    if not saved:
        yield "No search is saved. Save one with: khabar save NAME QUERY"
    for one in saved:
        filters = one.filters
        narrowed = [*filters.languages, *filters.sources]
        narrowed += [f"since {filters.since}"] if filters.since else []
        narrowed += [f"until {filters.until}"] if filters.until else []
        yield f"{isolate(one.name)}: {isolate(one.query)}"
        how = [one.mode.value, f"score {one.threshold:.3f} or more", *map(isolate, narrowed)]
        yield f"     {' · '.join(how)} · {one.found:,} found, {one.waiting:,} not told yet"
    for label, count in undelivered.items():
        yield f"{count:,} hits could not be delivered to {isolate(label)} yet."


def news_lines(news: Sequence[News], *, bold: bool) -> Iterator[str]:
    """Hits under the name of their search."""
    for name, found in groupby(sorted(news, key=lambda one: one.search), key=lambda one: one.search):
        yield isolate(name)
        for rank, one in enumerate(found, 1):
            yield from hit_lines(replace(one.hit, rank=rank), bold=bold)
        yield ""


def digest(news: Sequence[News]) -> str:
    """Hits as plain text, for a mail."""
    parts = []
    for name, found in groupby(sorted(news, key=lambda one: one.search), key=lambda one: one.search):
        parts.append(name)
        for one in found:
            article = article_json(one.hit.article)
            facts = " · ".join(filter(None, (article["published"], article["source"])))
            parts.append(
                "\n".join(filter(None, (article["title"] or "(no title)", facts, article["url"], article["id"])))
            )
            parts.append(one.hit.passage.text.strip())
    return "\n\n".join(parts) + "\n"
