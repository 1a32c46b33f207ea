"""Mails (eml) and boxes of them (mbox), as newsletters are kept -> a document for each."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import BinaryIO

from ...types import Noted, Records, Rejected
from ..fields import records
from ..input import MAX_PAGE
from ..prose import plain
from .mime import content_of

FEW = 200
"""Letters up to which the plain part of a mail may only say that there is another part."""


def from_mail(file: BinaryIO, path: str) -> Records:
    """One mail: its subject, text and date; attachments are not read, but noted."""
    yield from _mail(file.read(), path, path)


def from_mbox(file: BinaryIO, path: str) -> Records:
    """Every mail of a box, each named by the line on which it begins. One of more than MAX_PAGE bytes is rejected."""
    for line, data in _mails(file):
        place = f"{path}:{line}"
        if len(data) > MAX_PAGE:
            yield Rejected(place, f"a mail of more than {MAX_PAGE >> 20} MiB; save it without its attachments")
        else:
            yield from _mail(data, place, None)


def _mails(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(line, bytes) of each mail: it begins with "From " after an empty line, and has ">From " where its text does."""
    begun, size, empty = 1, 0, True
    held: list[bytes] = []
    for number, line in enumerate(iter(lambda: file.readline(MAX_PAGE), b""), 1):
        if empty and line.startswith(b"From "):
            if held:
                yield begun, b"".join(held)
            begun, size, held = number, 0, []
        elif size <= MAX_PAGE:
            held.append(line[1:] if line.lstrip(b">").startswith(b"From ") and line.startswith(b">") else line)
            size += len(line)
        empty = not line.strip()
    if held:
        yield begun, b"".join(held)


def _mail(data: bytes, path: str, file: str | None) -> Records:
    message = message_from_bytes(data, policy=default)
    if not message.keys():
        yield Rejected(path, "is no mail: it has no headers")
        return
    text = _text(message)
    if not text:
        yield Rejected(path, "is a mail without text")
        return
    row: dict[str, object] = {"text": text.split("\n"), "title": _header(message, "Subject"), "date": _date(message)}
    if identity := _header(message, "Message-ID").strip("<> "):
        row["id"] = identity
    yield from records(row, path, file=file, page=True)
    if attached := sum(part.is_attachment() for part in message.walk() if isinstance(part, EmailMessage)):
        yield Noted(path, f"{attached} attachment{'s were' if attached > 1 else ' was'} not read; save and give them")


def _text(message: EmailMessage) -> str:
    """Its plain part, or the text of its page where that says more."""
    bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    parts = {kind: "" if body is None else content_of(body) for kind, body in bodies.items()}
    page = plain(parts["html"]) if parts["html"] else ""
    said = parts["plain"].strip()
    return page if len(said) <= FEW and len(page) > len(said) else said


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name) or "").split())
    except (LookupError, ValueError, IndexError):  # the email package on headers that nobody should write
        return ""


def _date(message: EmailMessage) -> str | None:
    try:
        return parsedate_to_datetime(_header(message, "Date")).isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
