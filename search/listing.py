"""A ranking becomes a list: in order of days, without repetition, copies under the first of them, with counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from index.ports import Facet, Numbers, View
from index.text import overlapping

from .ranking import Ranked, diverse
from .types import Order, Source

LOOKED_AT = 50
"""Best articles among which copies of those that are listed are looked for, where not more are listed."""

COPIED = 0.2
"""Share of its fingerprints that a copy has in common with another article at least."""


def folded(ranked: Sequence[Ranked], wanted: int, view: View) -> list[list[Ranked]]:
    """The first `wanted` articles, or fewer, that are no copies of one before, each with its copies."""
    size = max(LOOKED_AT, 2 * wanted)
    while True:
        few = ranked[:size]
        first = copies(numbers_of(few, "article"), view, wanted)
        groups = {i: [one] for i, one in enumerate(few) if i not in first}
        for copy, original in sorted(first.items()):
            groups[original].append(few[copy])
        if len(groups) >= wanted or size >= len(ranked):
            return list(groups.values())[:wanted]
        size *= 2


def copies(numbers: Numbers, view: View, wanted: int) -> dict[int, int]:
    """The places of articles that are copies of one before -> the first place of which they are one.

    Only those are looked for that are copies of one of the first `wanted` articles that are none.
    """
    alike = overlapping(view.sketches(numbers), COPIED)
    if not alike:
        return {}
    from .coverage import reprints  # reads texts side by side: not loaded for a ranking without copies

    places = sorted({place for pair in alike for place in pair})
    return reprints(dict(zip(places, view.articles(numbers[places]), strict=True)), alike, wanted)


def spread(
    groups: Sequence[list[Ranked]], relevant: Collection[int], diversity: float, view: View
) -> list[list[Ranked]]:
    """Relevant articles so that what repeats comes later (see `diverse`); behind them the others, as they were."""
    group_of = {group[0].article: group for group in groups}
    near = [group[0] for group in groups if group[0].article in relevant]
    chosen = diverse(near, view.vectors(numbers_of(near, "passage")), diversity, len(near)) if near else []
    return [group_of[one.article] for one in chosen] + [group for group in groups if group[0].article not in relevant]


def by_day(ranked: Sequence[Ranked], order: Order, view: View) -> list[Ranked]:
    """Articles by their days, of one day the best first, undated ones last."""
    days = dict(zip((one.article for one in ranked), view.days(numbers_of(ranked, "article")), strict=True))
    dated = [one for one in ranked if days[one.article]]
    dated.sort(key=lambda one: days[one.article] or "", reverse=order is Order.NEWEST)
    return dated + [one for one in ranked if not days[one.article]]


def counted(articles: Collection[int], facets: Sequence[Facet], view: View) -> dict[Facet, dict[str | None, int]]:
    """How many of some articles have each value of each facet: days in order, others by their counts."""
    numbers = np.array(sorted(articles), np.int64)
    found: dict[Facet, dict[str | None, int]] = {}
    for name in facets:
        found[name] = in_order(name, {value: count for (value,), count in view.facets([name], among=numbers).items()})
    return found


def in_order(name: Facet, counts: Mapping[str | None, int]) -> dict[str | None, int]:
    """The counts of a facet: days in order, others the largest first, what articles do not say last."""
    return dict(sorted(counts.items(), key=lambda one: (0 if name == "day" else -one[1], one[0] or "~")))


def sources(view: View) -> list[Source]:
    """The sources of all articles, the largest first."""
    languages: dict[str | None, dict[str, int]] = {}
    days: dict[str | None, list[str]] = {}
    for (name, language, day), count in view.facets(["source", "language", "day"]).items():
        held = languages.setdefault(name, {})
        held[language or ""] = held.get(language or "", 0) + count
        if day:
            days.setdefault(name, []).append(day)
    found = [
        Source(
            name, sum(held.values()), held, min(days.get(name, ()), default=None), max(days.get(name, ()), default=None)
        )
        for name, held in languages.items()
    ]
    return sorted(found, key=lambda source: (-source.articles, source.name or "~"))


def numbers_of(ranked: Sequence[Ranked], what: str) -> Numbers:
    """The numbers of ranked articles, or with "passage" of their best passages: int64, (len(ranked),)."""
    return np.array([getattr(one, what) for one in ranked], np.int64)
