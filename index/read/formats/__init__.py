"""The registry of file formats: one module each, text of a file in, documents and rejected inputs out.

A new format is a module and its line in FORMATS.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from json import loads

from ...types import Records
from ..input import MAX_PAGE
from ..names import is_content, known
from .feed import from_feed
from .html import from_html
from .json import from_json, from_json_lines
from .markdown import from_markdown
from .mime import from_mime, is_mime
from .plain import from_text
from .table import from_table

_SPLIT = "split it into articles"


@dataclass(frozen=True, slots=True)
class Format:
    """How a kind of file is recognised and read.

    `suffixes` are how the names of its files end. `whole` takes the text of a file of at most `limit` bytes (`advice`
    says what to do with a larger one), `by_line` the lines of a file of any size; each has one of the two. `begins`
    tells from the first characters whether a file without a known suffix is of this format; `also` names suffixes
    under which it is recognised all the same.
    """

    name: str
    suffixes: tuple[str, ...]
    whole: Callable[[str, str], Records] | None = None
    by_line: Callable[[Iterable[str], str], Records] | None = None
    limit: int = MAX_PAGE
    advice: str = _SPLIT
    begins: Callable[[str], bool] = lambda head: False
    also: tuple[str, ...] = ()


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
)
_JSON = next(form for form in FORMATS if form.name == "json")


def _suffix(path: str) -> str:
    return os.path.splitext(path.lower().removesuffix(".gz"))[1]


def format_of(path: str) -> Format | None:
    """The format of a file by its name, .gz apart; None when it is none that is read."""
    suffix = _suffix(path)
    return next((form for form in FORMATS if suffix in form.suffixes), None) if suffix else None


def recognised(head: str, path: str) -> Format:
    """The format of a file: by its name, but by its first characters where names are often wrong or missing."""
    named, suffix = format_of(path), _suffix(path)
    if named and named.name == "jsonl" and _is_json_whole(head):
        return _JSON
    for form in FORMATS:
        if (named is None or suffix in form.also) and form.begins(head):
            return form
    assert named is not None  # any text without a known suffix is recognised, as text
    return named
