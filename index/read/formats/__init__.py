"""The registry of file formats: one module each, the text or bytes of a file in, documents and rejected inputs out.

A new format is a module and its line in FORMATS.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from json import loads
from typing import BinaryIO

from ...types import Records
from ..encodings import not_text
from ..input import MAX_PAGE, Refused
from ..names import is_content, known
from .archive import Member, tar_members, zip_members
from .epub import from_epub
from .feed import from_feed
from .html import from_html
from .json import from_json, from_json_lines
from .mail import from_mail, from_mbox
from .markdown import from_markdown
from .mime import from_mime, is_mime
from .office import from_docx, from_odt
from .parquet import from_parquet
from .pdf import from_pdf
from .plain import from_text
from .spreadsheet import from_xlsx
from .table import from_table
from .web_archive import from_warc

_SPLIT = "split it into articles"

_ANY = 1 << 40  # bytes of a file that is read piece by piece


@dataclass(frozen=True, slots=True)
class Format:
    """How a kind of file is recognised and read.

    `suffixes` are how the names of its files end. A format of text has `whole`, which takes the text of a file of at
    most `limit` bytes (`advice` says what to do with a larger one), or `by_line`, which takes the lines of a file of
    any size. `begins` tells from the first characters whether a file without a known suffix is of this format; `also`
    names suffixes under which it is recognised all the same.

    One of bytes has `binary`, which takes a file of at most `limit` bytes, or `members`, which takes an archive and
    gives the files in it. It goes back in the file unless `seeks` is False. `magic` tells it by the first bytes.
    """

    name: str
    suffixes: tuple[str, ...]
    whole: Callable[[str, str], Records] | None = None
    by_line: Callable[[Iterable[str], str], Records] | None = None
    limit: int = MAX_PAGE
    advice: str = _SPLIT
    begins: Callable[[str], bool] = lambda head: False
    also: tuple[str, ...] = ()
    binary: Callable[[BinaryIO, str], Records] | None = None
    members: Callable[[BinaryIO], Iterator[Member]] | None = None
    seeks: bool = True
    magic: Callable[[bytes], bool] = lambda head: False


def _is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _is_pdf(head: bytes) -> bool:
    return b"%PDF-" in head[:1024]


def _is_box(head: bytes) -> bool:
    return bool(re.match(rb"From [^\n]{1,500}\n[A-Za-z-]{2,60}:", head))


def _is_page(head: str) -> bool:
    return bool(_PAGE.match(head[:2000]))


def _is_markup(head: str) -> bool:
    return bool(re.match(r"<[A-Za-z!]", head))


def _is_feed(head: str) -> bool:
    return bool(re.match(r"(?:<\?xml|<rss|<feed|<rdf)\b", head, re.IGNORECASE))


def _is_json(head: str) -> bool:
    """Whether it begins with an object or a list of objects, and so is no prose in brackets."""
    return bool(re.match(r'\{\s*"|\[\s*\{|[\[{]\s*$', head))


def _is_json_lines(head: str) -> bool:
    first, _, rest = head.partition("\n")
    return first.startswith("{") and rest.lstrip().startswith("{") and _is_object(first)


def _is_json_whole(head: str) -> bool:
    """Whether JSON lines are no lines: an object or list that goes on over several of them."""
    return head.partition("\n")[0].strip() in ("[", "{") or bool(re.match(r"\[\s*\{", head))


def _is_object(line: str) -> bool:
    try:
        return isinstance(loads(line, strict=False), dict)
    except (ValueError, RecursionError):
        return False


def _is_table(head: str) -> bool:
    """Whether the first line names columns, two of them known, one the text or the title."""
    first = head.partition("\n")[0]
    if re.fullmatch(r'"?sep=."?\s*', first, re.IGNORECASE):
        return True
    columns = max((first.split(mark) for mark in ",;\t|"), key=len)
    names = [column.strip('" \r') for column in columns]
    return len({known(name) for name in names} - {None}) > 1 and any(map(is_content, names))


_PAGE = re.compile(r"(?:(?><\?xml[^>]*>|<!--.*?-->)\s*+)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)

# In the order in which a file is tried against them.
FORMATS = (
    Format("mime", (".mhtml", ".mht"), whole=from_mime, limit=1 << 26, begins=is_mime, also=(".txt", ".html", ".htm")),
    Format("html", (".html", ".htm", ".xhtml"), whole=from_html, begins=_is_page, also=(".txt", ".xml", ".rss")),
    Format("jsonl", (".jsonl", ".ndjson"), by_line=from_json_lines, begins=_is_json_lines, also=(".json", ".txt")),
    Format(
        "json",
        (".json",),
        whole=from_json,
        limit=1 << 28,
        advice="save it as JSON lines (.jsonl)",
        begins=_is_json,
        also=(".txt",),
    ),
    Format("feed", (".xml", ".rss", ".atom"), whole=from_feed, limit=1 << 26, begins=_is_feed),
    Format("page", (), whole=from_html, begins=_is_markup),
    Format("csv", (".csv",), by_line=from_table, begins=_is_table),
    Format("tsv", (".tsv",), by_line=lambda table, path: from_table(table, path, "\t,;|")),
    Format("markdown", (".md", ".markdown"), whole=from_markdown),
    Format("text", (".txt",), whole=from_text, begins=lambda head: True),
    Format("pdf", (".pdf",), binary=from_pdf, limit=1 << 28, magic=_is_pdf),
    Format("docx", (".docx",), binary=from_docx, limit=1 << 28, magic=_is_zip),
    Format("odt", (".odt",), binary=from_odt, limit=1 << 28, magic=_is_zip),
    Format("epub", (".epub",), binary=from_epub, limit=1 << 28, magic=_is_zip),
    Format("xlsx", (".xlsx",), binary=from_xlsx, limit=1 << 28, advice="save it as CSV", magic=_is_zip),
    Format("zip", (".zip",), members=zip_members, limit=_ANY, magic=_is_zip),
    Format("tar", (".tar", ".tgz"), members=tar_members, seeks=False, magic=lambda head: head[257:262] == b"ustar"),
    Format("parquet", (".parquet",), binary=from_parquet, limit=_ANY, magic=lambda head: head.startswith(b"PAR1")),
    Format("warc", (".warc",), binary=from_warc, seeks=False, magic=lambda head: head.startswith(b"WARC/")),
    Format("eml", (".eml",), binary=from_mail, limit=1 << 26, advice="save it without its attachments"),
    Format("mbox", (".mbox",), binary=from_mbox, seeks=False, magic=_is_box),
)
_JSON = next(form for form in FORMATS if form.name == "json")
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")


def _suffix(path: str) -> str:
    return os.path.splitext(path.lower().removesuffix(".gz"))[1]


def format_of(path: str) -> Format | None:
    """The format of a file by its name, .gz apart; None when it is none that is read."""
    suffix = _suffix(path)
    return next((form for form in FORMATS if suffix in form.suffixes), None) if suffix else None


def binary_format(head: bytes, path: str) -> Format | None:
    """The format of a file of bytes: by its name where its first bytes fit, else by these; None for a file of text.

    Raises Refused for one whose name says a format of bytes, and which is neither of it nor text.
    """
    named = format_of(path)
    if named is not None and _fits(named, head):
        return named
    found = next((form for form in reversed(FORMATS) if form.magic(head)), None)
    if head.startswith(_OLD_OFFICE):
        raise Refused("is an old Office file (.doc, .xls), or one with a password; save it as .docx or .xlsx without")
    if found is None and named is not None and _is_binary(named) and (what := not_text(head)):
        raise Refused(f"is damaged, or no {named.name}: it is {what}")
    return found if found is None or found.name != "mbox" or _suffix(path) in ("", ".txt") else None


def _is_binary(form: Format) -> bool:
    return form.binary is not None or form.members is not None


def _fits(form: Format, head: bytes) -> bool:
    """Whether a file of this name may be what its name says; mail has no first bytes of its own."""
    return _is_binary(form) and (form.magic(head) or (form.name in ("eml", "mbox", "tar") and bool(head)))


def recognised(head: str, path: str) -> Format:
    """The format of a file of text: by its name, but by its first characters where names are often wrong or missing."""
    named, suffix = format_of(path), _suffix(path)
    if named and _is_binary(named):
        named, suffix = None, ""
    if named and named.name == "jsonl" and _is_json_whole(head):
        return _JSON
    for form in FORMATS:
        if (named is None or suffix in form.also) and form.begins(head):
            return form
    assert named is not None  # any text without a known suffix is recognised, as text
    return named
