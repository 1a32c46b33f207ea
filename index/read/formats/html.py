"""An HTML page -> one document."""

from __future__ import annotations

import re
from typing import Any

from ...types import Records, Rejected
from ..fields import clean, plain, quiet, records

_TIME = re.compile(r"<time\b[^<>]*>([^<>]{4,80})</time>", re.IGNORECASE)


def from_html(text: str, path: str) -> Records:
    """One document: the article that trafilatura finds in a page, else all of the page's text as a page."""
    import trafilatura

    quiet("trafilatura", "htmldate", "courlan")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", clean(text))
    try:
        # The extensive search would date a page that does not state its date by its copyright notice.
        found = trafilatura.bare_extraction(
            text,
            with_metadata=True,
            include_comments=False,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
        article: dict[str, Any] = {} if found is None else found if isinstance(found, dict) else found.as_dict()
    except (
        Exception
    ):  # a third party's parser on anybody's page: whatever it stumbles on, the plain text is still there
        article = {}
    row: dict[str, object] = {
        "title": article.get("title"),
        "url": article.get("url"),
        "site": article.get("sitename"),
        "date": article.get("date") or (time[1] if (time := _TIME.search(text)) else None),
        "tags": [*(article.get("tags") or []), *(article.get("categories") or [])],
    }
    body = (article.get("text") or "").strip()
    if title := article.get("title"):
        body = body.removeprefix(title).lstrip() or body  # the heading, which is no sentence of the text
    if body:
        yield from records({**row, "text": body.split("\n")}, path, file=path)
    elif whole := plain(text):
        yield from records({**row, "text": whole.split("\n")}, path, file=path, page=True)
    else:
        yield Rejected(path, "has no text between its tags")
