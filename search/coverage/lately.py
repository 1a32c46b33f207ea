"""Stories that have news of a day or later, found without comparing the archive before.

What decides whether an article belongs to a story are the articles of the days before it, the links between them, and
how rare its terms were until then. Of the archive before, the last alone is needed: it is counted once and remembered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import numpy as np

from index.ports import Numbers, Store, View
from index.types import Article, Filters

from ..types import Story
from .articles import AT_ONCE
from .collection import ALL, Collection
from .helper import in_turn
from .judged import Watch, version
from .listing import listed
from .neighbours import DAYS
from .rarity import Rarity
from .retellings import retold_links
from .stories import lead, stories
from .texts import Texts

NAME = "rarity"
"""Under which a store keeps how many articles before a day hold each term."""

LOOKBACK = 14
"""Days before a day in which articles are read to find the stories that have news of that day or later. Chosen by how
many of these are the same as among all: see docs/stories.md."""


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
        collection = Collection.of(index, watch=watch, since=begins)
        rarity = _learned(index, view, begins, collection.judged.tell)
        heads = collection.articles.heads
        # Of an article's rivals, which tell the same as well, some are twice as far from it in time as itself.
        recent, first = collection.since(_before(since, 2 * DAYS))
        texts, judged = collection.texts, collection.judged
        links = recent.printed()
        links += retold_links(recent.articles, recent.vectors, links, texts, judged=judged, since=first)
        linked = {end for link in links for end in (link.a, link.b)}
        # An article without a date is part of what has dates only by a link.
        told = collection.pick(n for n, name in enumerate(heads.ids) if heads.days[n] >= 0 or name in linked)
        found = stories(told.articles, told.vectors, links, opening=texts.opening, watch=judged.tell, rarity=rarity)
        return listed(found, running)


def _before(day: str, count: int) -> str:
    """The day so many days before another, in ISO 8601; the first of the calendar where there is none."""
    return date.fromordinal(max(date.fromisoformat(day).toordinal() - count, 1)).isoformat()


def _learned(index: Store, view: View, day: str, tell: Watch) -> Rarity:
    """How rare terms are among the articles published before a day.

    Those before an earlier day were counted when this was asked for last, as they were then. Where there are other
    articles before that day now, all are counted anew.
    """
    numbers, _ = view.newer(0, ALL)
    days = np.array([written or "" for written in view.days(numbers)], "U10")
    rarity = Rarity()
    counted = _Counted.read(index.kept(NAME))
    since = counted.day if counted and counted.day <= day else ""
    if counted and since and counted.held == _held(view, numbers[(days != "") & (days < since)]):
        rarity.add(counted.texts, counted.holding)
    else:
        since = ""
    new = numbers[(days != "") & (since <= days) & (days < day)]
    tasks = ((start + AT_ONCE, (view.articles(new[start : start + AT_ONCE]),)) for start in range(0, len(new), AT_ONCE))
    for done, (count, holding) in in_turn(_holding, tasks, Texts(), len(new)):
        tell("terms", min(done, len(new)), len(new))
        rarity.add(count, holding)
    if len(new):
        held = _held(view, numbers[(days != "") & (days < day)])
        index.keep(NAME, _Counted(day, held, rarity.count, rarity.holding).written(), view.generation)
    return rarity


def _holding(texts: Texts, articles: Sequence[Article]) -> tuple[int, Mapping[str, int]]:
    """How many articles these are, and how many of them hold each term."""
    rarity = Rarity()
    for article in articles:
        rarity.learn(lead(article))
    return rarity.count, dict(rarity.holding)


def _held(view: View, numbers: Numbers) -> str:
    """A hash of the ids of some articles."""
    digest = blake2b(digest_size=16)
    for name in sorted(view.ids(numbers)):
        digest.update(name.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Counted:
    """Of how many articles before a day how many hold each term; `held` is the hash of the ids of these articles."""

    day: str
    held: str
    texts: int
    holding: Mapping[str, int]

    def written(self) -> bytes:
        """The same as bytes: a line of JSON, the counts (uint32), the terms, one a line."""
        head = {"code": version(), "day": self.day, "held": self.held, "texts": self.texts, "terms": len(self.holding)}
        counts = np.fromiter(self.holding.values(), "<u4", len(self.holding)).tobytes()
        return b"\n".join(
            (json.dumps(head).encode(), counts + "\n".join(self.holding).encode("utf-8", "surrogatepass"))
        )

    @classmethod
    def read(cls, data: bytes | None) -> _Counted | None:
        """What this version wrote; None for anything else."""
        head, _, rest = (data or b"").partition(b"\n")
        try:
            facts = json.loads(head)
            if facts["code"] != version():
                return None
            counts = np.frombuffer(rest[: 4 * facts["terms"]], "<u4").tolist()
            terms = rest[4 * facts["terms"] :].decode("utf-8", "surrogatepass").split("\n")
            holding = dict(zip(terms, counts, strict=True)) if counts else {}
            return cls(date.fromisoformat(facts["day"]).isoformat(), str(facts["held"]), int(facts["texts"]), holding)
        except Exception:  # an index may come from anybody
            return None
