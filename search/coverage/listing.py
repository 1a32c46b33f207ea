"""Which stories are listed, and in which order; and the affairs that they are events of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from index.choices import Choice
from index.publication import published_order
from index.types import NO_FILTERS, Article, Filters

from ..types import Story


class StoryOrder(Choice, called="an order of stories"):
    """The order in which stories are listed: the one that began first, the largest, or the one with the latest news."""

    DATE = "date"
    SIZE = "size"
    RECENT = "recent"


def listed(found: Iterable[Story], filters: Filters = NO_FILTERS, order: StoryOrder = StoryOrder.DATE) -> list[Story]:
    """The stories that were running in the days of the filters, with an article in their language and of their source.

    A story without dates passes when no day is asked for.
    """
    chosen = [story for story in found if _passes(story, filters)]
    if order is StoryOrder.SIZE:
        return sorted(chosen, key=lambda story: (-len(story.articles), published_order(story.articles[0])))
    if order is StoryOrder.RECENT:
        return sorted(chosen, key=_latest, reverse=True)
    return sorted(chosen, key=lambda story: published_order(story.articles[0]))


def story_of(found: Iterable[Story], article: Article) -> list[Story]:
    """The story that holds an article, after it the other events of its affair; empty where it is in no story."""
    found = list(found)
    own = [story for story in found if article in story.articles]
    return own + [
        story for story in found if own and own[0].affair and story.affair == own[0].affair and story != own[0]
    ]


def affairs(found: Iterable[Story]) -> list[list[Story]]:
    """The stories as groups: the events of one affair together, where its first story stood; else each alone."""
    groups: dict[str, list[Story]] = {}
    for story in found:
        groups.setdefault(story.affair or story.articles[0].id, []).append(story)
    return list(groups.values())


def _latest(story: Story) -> tuple[bool, datetime]:
    """The time of its latest news; a story without dates sorts before all others."""
    orders = [published_order(article) for article in story.articles]
    return max(((True, when) for undated, when, _ in orders if not undated), default=(False, orders[0][1]))


def _passes(story: Story, filters: Filters) -> bool:
    days = sorted(article.published[:10] for article in story.articles if article.published)
    if filters.since is not None and (not days or days[-1] < filters.since):
        return False
    if filters.until is not None and (not days or days[0] > filters.until):
        return False
    languages = {article.language for article in story.articles}
    sources = {article.source or "" for article in story.articles}
    return (not filters.languages or not languages.isdisjoint(filters.languages)) and (
        not filters.sources or not sources.isdisjoint(filters.sources)
    )
