"""Documents of Word (docx) and LibreOffice (odt) -> one document each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from ...types import Records
from ..fields import records
from ..input import Refused
from ..packages import opened, parsed, part

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

# Styles of paragraphs that are the title of a document, by the names that programs give them in any language.
_TITLES = {"title", "heading1", "heading_20_1"}

_MOST_SPACES = 100
"""Spaces that one mark for several of them may stand for."""


def from_docx(file: BinaryIO, path: str) -> Records:
    """The text of a Word document, without what was deleted in it; its title, where its first paragraph is styled so.

    Raises Refused.
    """
    with opened(file) as package:
        data = part(package, "word/document.xml")
    if data is None:
        raise Refused("is no Word document: it has no text part")
    paragraphs = [p for p in parsed(data).iter(f"{_WORD}p") if next(p.iterancestors(_FALLBACK), None) is None]
    return _document([(_style(p), _word_text(p)) for p in paragraphs], path)


def from_odt(file: BinaryIO, path: str) -> Records:
    """The text of a LibreOffice document, without what was deleted in it and without comments. Raises Refused."""
    with opened(file) as package:
        data = part(package, "content.xml")
    body = None if data is None else parsed(data).find(f".//{_OFFICE}text")
    if body is None:
        raise Refused("is no text document: it has no text part")
    for left_out in [*body.iter(f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note")]:
        _remove(left_out)
    paragraphs = body.iter(f"{_TEXT}p", f"{_TEXT}h")
    return _document([(p.get(f"{_TEXT}style-name") or "", "".join(_odt_text(p))) for p in paragraphs], path)


def _document(paragraphs: list[tuple[str, str]], path: str) -> Records:
    said = [(style, text.strip()) for style, text in paragraphs if text.strip()]
    if not said:
        raise Refused("has no text")
    titled = len(said) > 1 and said[0][0].lower() in _TITLES
    row: dict[str, object] = {"text": [text for _, text in said[1 if titled else 0 :]]}
    if titled:
        row["title"] = said[0][1]
    return records(row, path, file=path, page=True)


def _style(paragraph: Any) -> str:
    style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    return "" if style is None else style.get(f"{_WORD}val") or ""


def _word_text(paragraph: Any) -> str:
    parts = []
    for element in paragraph.iter(f"{_WORD}t", f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr", f"{_WORD}noBreakHyphen"):
        if next(element.iterancestors(f"{_WORD}p", _FALLBACK)) is not paragraph:
            continue  # of a text box, whose paragraphs are told by themselves, or what older programs show instead
        kind = element.tag.removeprefix(_WORD)
        parts.append(element.text or "" if kind == "t" else "-" if kind == "noBreakHyphen" else " ")
    return "".join(parts)


def _odt_text(element: Any) -> Iterator[str]:
    if element.tag == f"{_TEXT}s":
        count = element.get(f"{_TEXT}c") or "1"
        yield " " * min(int(count) if count.isdecimal() else 1, _MOST_SPACES)
    elif element.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
        yield " "
    yield element.text or ""
    for child in element:
        if child.tag not in (f"{_TEXT}p", f"{_TEXT}h"):
            yield from _odt_text(child)
        yield child.tail or ""


def _remove(element: Any) -> None:
    """Takes an element out of its tree; what follows it stays."""
    above, before = element.getparent(), element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            above.text = (above.text or "") + element.tail
    above.remove(element)
