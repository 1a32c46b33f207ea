"""RSS and Atom feeds -> a document for each item."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from ...types import Records, Rejected
from ..fields import clean, document, plain, quiet

# A name for one character, as old feeds define them: the only entities that cannot grow or reach outside.
_HARMLESS_ENTITY = re.compile(r"""<!ENTITY\s{1,9}\w{1,40}\s{1,9}(["'])&#\w{1,8};\1\s{0,9}>""")


_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")


_FEED_END = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF|channel)\s*>\s*(?:<!--.*)?$", re.DOTALL | re.IGNORECASE)


def from_feed(text: str, path: str) -> Records:
    """The entries of an RSS or Atom feed. One that defines entities of entities, or from outside, is refused whole."""
    import feedparser

    quiet("feedparser")
    text = clean(text)
    start = re.search(r"<[A-Za-z]", text)
    prolog = text[: start.start()] if start else text
    if "<!ENTITY" in _HARMLESS_ENTITY.sub("", prolog):
        yield Rejected(
            path, "defines XML entities of other entities or from outside the file, which is not safe to read"
        )
        return
    # Already decoded: whatever encoding the declaration names is no longer true.
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    feed = feedparser.parse(
        io.BytesIO(body.encode()), response_headers={"content-type": "application/xml; charset=utf-8"}
    )
    if not feed.entries:
        root = re.search(r"<([A-Za-z][\w:.-]{0,60})", text)
        reason = (
            "is not XML" if not root else f"holds no RSS item or Atom entry (it is XML that begins with <{root[1]}>)"
        )
        yield Rejected(path, reason)
        return
    places = [item.start() for item in _ITEM.finditer(text)]
    line, place = 1, path
    for i, entry in enumerate(feed.entries):
        # One inside a CDATA section or comment would shift all that follow: then no line rather than a wrong one.
        if len(places) == len(feed.entries):
            line += text.count("\n", places[i - 1] if i else 0, places[i])
            place = f"{path}:{line}"
        yield document(_entry(entry, feed.feed), place)
    if not _FEED_END.search(text[-2000:]):
        yield Rejected(path, "is cut short: the feed has no end, and its last item may not be whole")


def _entry(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> dict[str, object]:
    contents = [content.get("value") for content in entry.get("content", [])]
    return {
        "id": entry.get("id"),
        "title": plain(entry.get("title") or ""),
        "text": plain(next(filter(None, [*contents, entry.get("summary")]), "")).split("\n"),
        "date": entry.get("published") or entry.get("updated"),
        "source": (entry.get("source") or {}).get("title") or feed.get("title"),
        "url": entry.get("link"),
        "tags": [tag.get("term") for tag in entry.get("tags", [])],
    }
