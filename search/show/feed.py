"""Articles as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from index.harmless import harmless

from ..types import Hit

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[\ufffe\uffff]")  # beside the controls, which are never shown


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A hit in a feed. `id` is an IRI that never changes, `updated` a time with its zone (RFC 3339).

    `link` leads to the article, `category` names the search that found it.
    """

    id: str
    hit: Hit
    updated: str
    link: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself, and its entries. `address` is where it is had, for one that has an address."""

    id: str
    title: str
    updated: str
    entries: Sequence[FeedEntry]
    subtitle: str = ""
    address: str = ""


def feed_xml(feed: Feed) -> str:
    """A feed as XML, in which no text of a stranger is markup."""
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    if feed.address:
        _add(root, "link", rel="self", href=feed.address)
    _add(root, "updated", feed.updated)
    _add(_add(root, "author"), "name", "Khabar")
    for entry in feed.entries:
        _add_entry(root, entry)
    indent(root)
    written: bytes = tostring(root, "utf-8", xml_declaration=True)
    return written.decode()


def _add_entry(root: Element, entry: FeedEntry) -> None:
    article = entry.hit.article
    added = _add(root, "entry")
    added.set(_LANGUAGE, _text(article.language))
    _add(added, "id", entry.id)
    _add(added, "title", article.title or "(no title)")
    _add(added, "updated", entry.updated)
    if article.published and _is_moment(article.published):
        _add(added, "published", article.published)
    _add(_add(added, "author"), "name", article.source or "unknown")
    if entry.link:
        _add(added, "link", rel="alternate", href=entry.link)
    if entry.category:
        _add(added, "category", term=entry.category)
    _add(added, "summary", entry.hit.passage.text)


def _is_moment(written: str) -> bool:
    """Whether a date says the time and the zone too, without which Atom takes none."""
    return "T" in written and datetime.fromisoformat(written).tzinfo is not None


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    made = SubElement(parent, name, {key: _text(value) for key, value in attributes.items()})
    made.text = None if text is None else _text(text)
    return made


def _text(given: str) -> str:
    return _NOT_XML.sub("\ufffd", harmless(given))
