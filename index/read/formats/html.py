"""An HTML page -> one document."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ...clean import refusal
from ...types import Document, Records, Rejected, is_address
from .. import webpage
from ..fields import records
from ..prose import clean, plain, quiet

_RULE = re.compile(r"^\|[|: -]+\|\n?", re.MULTILINE)  # between the head of a table and its rows

FEW = 400
"""Letters up to which what was found is not taken for the whole text, if a script holds more."""


def from_html(text: str, path: str) -> Records:
    """One document, as a page: the article that trafilatura finds in it, else all of its text.

    Title and date are those of `webpage`; a date that the page does not state is "", so that none is guessed from its
    text. Pages that stand in place of an article are refused: errors, checks for robots.
    """
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", clean(text))
    tree = webpage.parse(text)
    if tree is None:
        yield Rejected(path, "has no text between its tags")
        return
    lines = webpage.visible_lines(tree)
    names = webpage.names(tree)
    title, number = webpage.title(lines, names)
    shown = [line.text for line in lines]
    if reason := refusal([*names.stated[-1:], title], shown):
        yield Rejected(path, f"is no article but the notice {reason!r} in its place; fetch the page again")
        return
    published, dated = webpage.published(tree, lines, number)
    whole, held = plain(text), webpage.body(tree)
    held = plain(held) if re.search("</(?:p|div)>|<br", held) else held
    if dated:
        webpage.without(tree, dated)
    webpage.prune(tree, lines[number].element if number is not None else None)
    article = _extracted(tree)
    body = _RULE.sub("", article.get("text") or "").strip()
    body = body.removeprefix(title).lstrip() or body  # the heading, which is no sentence of the text
    if held.split() == body.split() or (len(body) < FEW and len(held) > 2 * len(body)):
        body = held
    if not body and not whole:
        yield Rejected(path, "has no text between its tags")
        return
    row: dict[str, object] = {
        "title": title,
        "url": article.get("url") or (path if is_address(path) else None),
        "site": names.site or article.get("sitename"),
        "date": published,
        "language": tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        "tags": [*(article.get("tags") or []), *(article.get("categories") or [])],
        "text": (body or whole).split("\n"),
    }
    for found in records(row, path, file=path, page=True):
        yield replace(found, published=found.published or "") if isinstance(found, Document) else found


def _extracted(tree: Any) -> dict[str, Any]:
    import trafilatura

    quiet("trafilatura", "htmldate", "courlan")
    dates = {"extensive_search": False, "original_date": True}  # the cheapest: its date is not used
    try:
        found = trafilatura.bare_extraction(
            tree, with_metadata=True, include_comments=False, date_extraction_params=dates
        )
    except (
        Exception
    ):  # a third party's parser on anybody's page: whatever it stumbles on, the plain text is still there
        return {}
    return {} if found is None else found if isinstance(found, dict) else found.as_dict()
