"""A PDF -> one document, its text in the order in which it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from ...extras import require_extra
from ...types import Noted, Records
from ..fields import records
from ..input import Refused

MAX_PAGES = 1_000
"""Pages of the largest file that is read: beyond that it is a book or an archive, and no article."""

MAX_TEXT = 1 << 24
"""Characters of the longest text that is read."""

# PDFium reverses each right-to-left line, and so also the letters of a ligature: it gives "خالل" for "خلال" and "اليت"
# for "التي". The letters of a ligature share its bounding box, or have parts of it from left to right.
_ARABIC = re.compile("[\u0621-\u063a\u0641-\u064a]{2,}")

_SCATTERED = 0.5
"""Share of the lines of a file that hold three letters or fewer, from which its letters stand in no order."""

_SOFT_HYPHEN = "\u00ad"
_FULL = 0.75
"""Share of the longest line of a page, from which a line goes on in the next one."""

_ENDS = (".", "!", "?", "؟", ":", "…", "»", "”", '"')


def from_pdf(file: BinaryIO, path: str) -> Records:
    """The text of all pages; lines that were broken to fit a page are joined again.

    Its title is that of no field of the file, which is mostly the name of another one. Raises Refused for a file that
    has a password, no text or more than MAX_PAGES pages, and for one that is damaged.
    """
    require_extra("a PDF", "pdf", "pypdfium2", error=Refused)
    import pypdfium2 as pdfium  # type: ignore[import-untyped]

    try:
        document = pdfium.PdfDocument(file)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise Refused("has a password; save it without one" if locked else "is a PDF that is damaged") from None
    with document:
        count = len(document)
        if count > MAX_PAGES:
            raise Refused(f"has {count:,} pages, more than {MAX_PAGES:,}; split it into articles")
        pages = list(_pages(document))
    text = "\n".join(map(_joined, pages))
    if not text.strip():
        raise Refused("has no text: its pages are pictures. Recognise their text first, for instance with ocrmypdf")
    lines = list(filter(None, "\n".join(pages).split("\n")))
    if len(lines) > 20 and sum(len(line) <= 3 for line in lines) > _SCATTERED * len(lines):
        raise Refused("has no text in order: its letters are placed one by one. Recognise them, such as with ocrmypdf")
    yield from records({"text": text.split("\n")}, path, file=path, page=True)
    if empty := sum(not page.strip() for page in pages):
        yield Noted(path, f"{empty} of its {count} pages have no text")


def _pages(document: Any) -> Iterator[str]:
    size = 0
    for number in range(len(document)):
        page = document[number]
        text = _in_order(page.get_textpage())
        page.close()
        size += len(text)
        if size > MAX_TEXT:
            raise Refused(f"has more than {MAX_TEXT:,} characters; split it into articles")
        yield text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", _SOFT_HYPHEN)


def _in_order(page: Any) -> str:
    """The text of a page, the letters of each ligature in the order in which they are read."""
    text = page.get_text_range()
    letters = list(text)
    for word in _ARABIC.finditer(text):
        boxes = [page.get_charbox(at) for at in range(*word.span())]
        first = 0
        for at in range(1, len(boxes) + 1):
            if at == len(boxes) or not _of_one_glyph(boxes[at - 1], boxes[at]):
                begin, end = word.start() + first, word.start() + at
                letters[begin:end] = letters[begin:end][::-1]
                first = at
    return "".join(letters)


def _of_one_glyph(box: tuple[float, ...], following: tuple[float, ...]) -> bool:
    return following[0] >= box[0] and (following[1], following[3]) == (box[1], box[3])


def _joined(page: str) -> str:
    """The paragraphs of a page, a line each: a line that is nearly as long as any goes on in the next."""
    lines = [line.strip() for line in page.split("\n")]
    width = _FULL * max(map(len, lines), default=0)
    paragraphs: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on and line:
            before = paragraphs[-1]
            hyphenated = before.endswith(_SOFT_HYPHEN)
            paragraphs[-1] = before[:-1] + line if hyphenated else f"{before} {line}"
        else:
            paragraphs.append(line)
        goes_on = bool(line) and len(line) >= width and not line.endswith(_ENDS)
    return "\n".join(filter(None, paragraphs))
