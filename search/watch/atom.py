"""News as an Atom feed."""

from __future__ import annotations

import uuid

from index.ports import Store

from ..show import Feed, FeedEntry, feed_xml
from ..types import News
from .saved import hits, moment

ENTRIES = 200
"""The latest hits that a feed holds."""


def atom(index: Store, name: str | None = None, k: int = ENTRIES) -> str:
    """The k latest hits of a saved search, or of all, as an Atom feed. The id of an entry never changes.

    Raises InputError where there is no search of this name.
    """
    found = hits(index, name, k)
    own = f":{uuid.uuid5(uuid.NAMESPACE_URL, name)}" if name else ""
    return feed_xml(
        Feed(
            id=f"urn:khabar:{index.searches.identity()}{own}",
            title=f"Khabar: {name}" if name else "Khabar",
            updated=found[0].found if found else moment(),
            entries=[_entry(one) for one in found],
        )
    )


def _entry(one: News) -> FeedEntry:
    url = one.hit.article.url or ""
    link = url if url.lower().startswith(("http://", "https://")) else None
    return FeedEntry(one.id, one.hit, one.found, link, one.search)
