"""News as an Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from index.harmless import harmless
from index.ports import Store

from ..types import News
from .saved import hits, moment

ENTRIES = 200
"""The latest hits that a feed holds."""

_NAMESPACE = "http://www.w3.org/2005/Atom"


def atom(index: Store, name: str | None = None, k: int = ENTRIES) -> str:
    """The k latest hits of a saved search, or of all, as an Atom feed. The id of an entry never changes.

    Raises InputError where there is no search of this name.
    """
    import lxml.etree as etree  # type: ignore[import-untyped]

    found = hits(index, name, k)
    feed = etree.Element(f"{{{_NAMESPACE}}}feed", nsmap={None: _NAMESPACE})
    _add(feed, "id", f"urn:khabar:{index.searches.identity()}" + (f":{_urn(name)}" if name else ""))
    _add(feed, "title", f"Khabar: {name}" if name else "Khabar")
    _add(feed, "updated", found[0].found if found else moment())
    _add(_add(feed, "author"), "name", "Khabar")
    for one in found:
        _entry(feed, one)
    written: bytes = etree.tostring(feed, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written.decode()


def _entry(feed: Any, one: News) -> None:
    article = one.hit.article
    entry = _add(feed, "entry")
    _add(entry, "id", one.id)
    _add(entry, "title", article.title or "(no title)")
    _add(entry, "updated", one.found)
    if article.published and _is_moment(article.published):
        _add(entry, "published", article.published)
    _add(_add(entry, "author"), "name", article.source or "unknown")
    if article.url and article.url.lower().startswith(("http://", "https://")):
        _add(entry, "link", href=article.url)
    _add(entry, "category", term=one.search)
    summary = _add(entry, "summary", one.hit.passage.text, type="text")
    summary.set("{http://www.w3.org/XML/1998/namespace}lang", harmless(article.language))


def _is_moment(written: str) -> bool:
    """Whether a date says the time and the zone too, without which Atom takes none."""
    return "T" in written and datetime.fromisoformat(written).tzinfo is not None


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    import lxml.etree as etree

    made = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", {k: harmless(v) for k, v in attributes.items()})
    made.text = None if text is None else harmless(text)
    return made


def _urn(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
