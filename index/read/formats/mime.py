"""A page that a browser saved whole (MHTML), or a mail -> one document."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

from ...types import Records, Rejected
from ..encodings import decode
from .html import from_html
from .plain import from_text

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}:[ \t]")
_HEADERS = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]{0,2000}\n|[ \t][^\n]{0,2000}\n){1,100}\n")
_TELLING = re.compile(r"^(?:MIME-Version:|Content-Type:\s*(?:multipart|text)/|Snapshot-Content-Location:)", re.I | re.M)

# In the order in which they are preferred.
_READABLE = ("text/html", "application/xhtml+xml", "text/plain")


def is_mime(head: str) -> bool:
    """Whether a file begins with the headers of a MIME message."""
    if not _HEADER.match(head):
        return False
    headers = _HEADERS.match(head)
    return headers is not None and bool(_TELLING.search(headers[0]))


def from_mime(text: str, path: str) -> Records:
    """One document: the first HTML page of the message, else its first plain text. Pictures and styles are left out."""
    message = message_from_bytes(text.encode())
    parts = [part for part in message.walk() if not part.is_multipart()]
    for kind in _READABLE:
        for part in parts:
            if part.get_content_type() == kind and (content := content_of(part)).strip():
                if kind == "text/plain":
                    yield from from_text("\n\n".join(filter(None, [_subject(message), content])), path)
                else:
                    yield from from_html(content, path)
                return
    kinds = ", ".join(dict.fromkeys(part.get_content_type() for part in parts))
    yield Rejected(path, f"is a MIME message without a page or text (it holds {kinds or 'nothing'})")


def content_of(part: Message) -> str:
    """The text of a part of a message, in whatever encoding it is sent."""
    data = part.get_payload(decode=True)
    return decode(data, part.get_content_charset()) if isinstance(data, bytes) else ""


def _subject(message: Message) -> str:
    try:
        return str(make_header(decode_header(message.get("Subject", ""))))
    except (LookupError, ValueError):
        return ""
