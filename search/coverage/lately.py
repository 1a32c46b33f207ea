"""Stories that have news of a day or later, found without comparing the archive before.

What decides whether an article belongs to a story are the articles of the days before it, the links between them, and
how rare its terms were until then. Of the archive before, the last alone is needed: it is estimated from a sample.
"""

from __future__ import annotations

from datetime import date
from hashlib import blake2b

import numpy as np

from index.ports import Numbers, Store, View
from index.types import Filters

from ..types import Story
from .articles import AT_ONCE
from .collection import ALL, Collection
from .judged import Watch
from .leads import Leads
from .listing import listed
from .neighbours import DAYS
from .rarity import Rarity
from .retellings import retold_links
from .stories import stories

LOOKBACK = 14
"""Days before a day in which articles are read to find the stories that have news of that day or later. Chosen by how
many of these are the same as among all: see docs/stories.md."""

SAMPLE = 4_096
"""Earlier articles that are sampled to estimate document frequencies. Reading them takes a second or two."""


def stories_since(index: Store, since: str, watch: Watch | None = None) -> list[Story]:
    """The stories that have news of a day or later, mostly as they are among those of all articles.

    A story that began more than `LOOKBACK` days before is told from then on. With another model than the embedded one
    all articles are compared: their scale is that of all. Raises IndexDamaged or StorageError.
    """
    running = Filters(since=since)
    with index.reading() as view:
        if not index.embedded:
            return listed(Collection.of(index, watch=watch).stories(), running)
        begins = _before(since, LOOKBACK)
        numbers, _ = view.newer(0, ALL)
        days = np.array([day or "" for day in view.days(numbers)], "U10")
        earlier = (days != "") & (days < begins)
        collection = Collection.of(index, watch=watch, recent=numbers[~earlier])
        leads = Leads(index, view.generation)
        rarity = _estimated(view, numbers[earlier], leads, collection.judged.tell)
        heads = collection.articles.heads
        # Of an article's rivals, which tell the same as well, some are twice as far from it in time as itself.
        ordered, first = collection.since(_before(since, 2 * DAYS))
        texts, judged = collection.texts, collection.judged
        links = ordered.printed()
        links += retold_links(ordered.articles, ordered.vectors, links, texts, judged=judged, since=first)
        linked = {end for link in links for end in (link.a, link.b)}
        # An article without a date is part of what has dates only by a link.
        told = collection.pick(n for n, name in enumerate(heads.ids) if heads.days[n] >= 0 or name in linked)
        found = stories(told.articles, told.vectors, links, watch=judged.tell, rarity=rarity, lead=leads)
        leads.keep()
        return listed(found, running)


def _before(day: str, count: int) -> str:
    """The day so many days before another, in ISO 8601; the first of the calendar where there is none."""
    return date.fromordinal(max(date.fromisoformat(day).toordinal() - count, 1)).isoformat()


def _estimated(view: View, numbers: Numbers, leads: Leads, tell: Watch) -> Rarity:
    """How rare terms are among some articles, by an even sample of them: each of these stands for as many.

    Which ones are read depends on the ids of these articles alone, and not on how they came into the store.
    """
    hashes = [blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in view.ids(numbers)]
    chosen = np.sort(numbers[np.argsort(np.array(hashes, "S8"), kind="stable")[:SAMPLE]])
    rarity = Rarity()
    for start in range(0, len(chosen), AT_ONCE):
        tell("terms", start, len(chosen))
        for article in view.articles(chosen[start : start + AT_ONCE]):
            rarity.learn(leads(article))
    tell("terms", len(chosen), len(chosen))
    rarity.represent(len(numbers))
    return rarity
