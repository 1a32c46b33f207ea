"""What a search finds as an Atom feed (RFC 4287), the newest first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

from index.types import Article

from ..types import Answer

ATOM = "application/atom+xml"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(answer: Answer, base: str, query: str) -> bytes:
    """The hits of an answer as a feed at `base`/feed.atom?`query`.

    Articles without a date are left out, since each entry needs one, and counted.
    """
    dated = [hit for hit in answer.hits if hit.article.published]
    feed = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    address = f"{base}/feed.atom?{query}"
    _add(feed, "id", address)
    _add(feed, "title", f"Khabar: {answer.query}")
    undated = len(answer.hits) - len(dated)
    if undated:
        _add(feed, "subtitle", f"Left out: {undated} articles without a date.")
    _add(feed, "link", "", {"rel": "self", "href": address})
    _add(feed, "updated", max((_instant(hit.article) for hit in dated), default="1970-01-01T00:00:00+00:00"))
    for hit in dated:
        entry = SubElement(feed, "entry", {"{http://www.w3.org/XML/1998/namespace}lang": hit.article.language})
        page = f"{base}/article?{urlencode({'id': hit.article.id})}"
        _add(entry, "id", page)
        _add(entry, "title", hit.article.title or hit.article.id)
        _add(entry, "link", "", {"rel": "alternate", "href": page})
        _add(entry, "updated", _instant(hit.article))
        author = SubElement(entry, "author")
        _add(author, "name", hit.article.source or "–")
        _add(entry, "summary", hit.passage.text)
    return bytes(tostring(feed, "utf-8", xml_declaration=True))


def _add(parent: Element, name: str, text: str, attributes: Mapping[str, str] = {}) -> None:
    SubElement(parent, name, dict(attributes)).text = _NOT_XML.sub("\ufffd", text)


def _instant(article: Article) -> str:
    """When an article was published, as Atom has it: a day is its beginning, a time without a zone is in UTC."""
    written = article.published or ""
    when = datetime.fromisoformat(written)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).isoformat()
