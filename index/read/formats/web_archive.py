"""A web archive (WARC), as crawlers keep what they fetch -> a document for each page in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, BinaryIO

from ...extras import require_extra
from ...types import Document, Noted, Records, Rejected
from ..encodings import decode
from ..input import MAX_PAGE, Refused
from .html import from_html

_PAGES = ("text/html", "application/xhtml+xml")


def from_warc(file: BinaryIO, path: str) -> Records:
    """The pages that servers answered with, each known by its address; all else is counted in a note.

    What cannot be used is named by the file and its address. Raises Refused where the archive is damaged.
    """
    require_extra("a web archive", "warc", "warcio", error=Refused)
    from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
    from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]

    passed: Counter[str] = Counter()
    try:
        for record in ArchiveIterator(file):
            if record.rec_type is None:
                raise Refused("is a web archive that is damaged; what stands before was read")
            kind = _passed_over(record)
            if kind:
                passed[kind] += 1
                continue
            address = record.rec_headers.get_header("WARC-Target-URI") or path
            data = record.content_stream().read(MAX_PAGE + 1)
            if len(data) > MAX_PAGE:
                yield Rejected(f"{path}: {address}", f"is larger than {MAX_PAGE >> 20} MiB, too large for a page")
                continue
            for found in from_html(decode(data), address):
                yield replace(found, path=path if isinstance(found, Document) else f"{path}: {address}")
    except ArchiveLoadFailed as error:
        raise Refused(f"is a web archive that is damaged ({error}); what stands before was read") from None
    if passed:
        listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(passed.items()))
        yield Noted(path, f"passed over in it: {listed}")


def _passed_over(record: Any) -> str | None:
    """What a record is, if no page that a server answered with."""
    if record.rec_type != "response" or record.http_headers is None:
        return f"{record.rec_type} records"
    if record.http_headers.get_statuscode() != "200":
        return "pages that were not there, moved or failed"
    kind = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    return None if kind in _PAGES else "files that are no pages"
