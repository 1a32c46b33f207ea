"""Plain text -> one document."""

from __future__ import annotations

from ...types import Document, Noted, Records
from ..fields import file_id
from ..prose import clean
from ..repair import repaired


def from_text(text: str, path: str) -> Records:
    """One document, a whole page as it was scraped."""
    if body := clean(text):
        body, what = repaired(body)
        body = clean(body)  # an escape sequence may stand for a control character
        if not body:
            return
        yield Document(id=file_id(path, body), text=body, path=path, page=True)
        if what:
            yield Noted(path, what)
