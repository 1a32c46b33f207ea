"""A row, whatever its scraper calls its fields -> a Document."""

from __future__ import annotations

import hashlib
import html
import logging
import math
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

from ..types import Document, Rejected

# Search engines and content systems wrap the row itself in one of these.
_ENVELOPES = ("_source", "attributes", "fields")

# Where the value is when a field holds an object: {"source": {"name": ...}}, {"title": {"rendered": ...}}.
_INSIDE = ("name", "title", "rendered", "value", "#text", "text", "href", "url", "label", "term", "$date", "$oid", "id")

_LANGUAGES = {"arabic": "ar", "ara": "ar", "العربية": "ar", "عربي": "ar", "عربية": "ar"}
_LANGUAGES |= {"english": "en", "eng": "en", "الإنجليزية": "en", "الانجليزية": "en", "إنجليزي": "en", "انجليزي": "en"}

_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TAGS = "p|div|br|span|strong|em|b|i|u|a|ul|ol|li|h[1-6]|img|blockquote|figure|table|tr|td|section|article|script|style"
_MARKUP = re.compile(rf"<(?:{_TAGS})(?:\s[^<>]*)?/?>|</(?:{_TAGS})\s*>", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"<(?:p|div|br|li|h[1-6]|td)[\s/>]", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|amp|quot|apos|nbsp|lt|gt|laquo|raquo|hellip|[nm]dash|[lr][sd]quo|rlm|lrm|zwnj);"
)
_HOME_PAGE = re.compile(r"(?:\w+:)?//[^/?#]*/?")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")

_HIDDEN = ("script", "style", "noscript", "template", "svg", "iframe")


def document(
    row: Mapping[str, object], path: str, *, file: str | None = None, page: bool = False
) -> Document | Rejected:
    """The document that a row describes, or Rejected when it has neither text nor title.

    `path` is where the row stands (`file:line`); `file` is set when a whole file is one document, and names it then.
    The id is the row's own, else made of its address, else of the file's absolute path, else of title and text: 12
    hexadecimal digits of SHA-256. An address that is only a site's home page makes no id: all its articles may have it.
    """
    for envelope in _ENVELOPES:
        if isinstance(inner := row.get(envelope), Mapping):
            row = {name: value for name, value in row.items() if name != envelope} | dict(inner)
    found = _fields(row)
    title = " ".join(_prose(found.get("title", [])[:1]).split())
    text = _prose(found.get("text", [])[:1]) or title
    if not text:
        names = ", ".join(str(name) for name in list(row)[:8])
        return Rejected(
            path, "row without text: " + (f"its fields are {clean(names)}" if names else "it has no fields")
        )
    url = _first(found, "url")
    if own := _first(found, "id"):
        identity = " ".join(own.split())
    elif url and not _HOME_PAGE.fullmatch(url):
        identity = _hash(url.encode())
    elif file is not None:
        identity = file_id(file, f"{title}\n{text}")
    else:
        identity = _hash(f"{title}\n{text}".encode())
    return Document(
        id=identity,
        text=text,
        path=path,
        title=title,
        language=_language(_first(found, "language")),
        published=_published(_first(found, "published")),
        source=_first(found, "source"),
        url=url,
        keywords=_keywords(found.get("keywords", [])),
        page=page,
    )


def file_id(file: str, text: str) -> str:
    """The id of a file that is one document: made of its absolute path, or of its text when it is standard input."""
    return _hash(text.encode() if file == "-" else os.fsencode(os.path.abspath(file)))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def known(name: object) -> str | None:
    """The field that a column's name stands for ("title", "text", "published" ...), or None."""
    place = _names().get(_key(str(name)))
    return place[1] if place else None


def clean(text: str) -> str:
    """Text without characters that no database, terminal or encoder takes; lone surrogates become U+FFFD."""
    return _SURROGATE.sub("\ufffd", _UNUSABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def plain(markup: str) -> str:
    """The text of some HTML, one line for each paragraph or other block; without scripts and styles."""
    import lxml.html.defs  # type: ignore[import-untyped]

    blocks = (lxml.html.defs.block_tags | {"br", "article", "section", "header", "footer", "figure", "figcaption"}) - {
        "ins",
        "del",
    }
    try:
        # As bytes, since lxml refuses a str that declares an encoding; huge_tree, or texts of 10 MB are cut short.
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        tree = lxml.html.document_fromstring(clean(markup).encode(), parser=parser)
    except (lxml.etree.ParserError, ValueError):
        return ""  # nothing but comments, declarations or blanks
    lxml.etree.strip_elements(tree, lxml.etree.Comment, lxml.etree.PI, *_HIDDEN, with_tail=False)
    parts: list[str] = []
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        if element.tag in blocks:
            parts.append("\n")
        if event == "start":
            parts.append(" ".join((element.text or "").split("\n")))
        elif event == "end" and element.tail:
            parts.append(" ".join(element.tail.split("\n")))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(filter(None, lines))


@cache
def _names() -> dict[str, tuple[int, str]]:
    """Folded column name -> (rank, field)."""
    table = Path(__file__).with_name("fields.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in table if line and not line.startswith("#")]
    names: dict[str, tuple[int, str]] = {}
    for rank, (field, name) in enumerate(pairs):
        names.setdefault(_key(name), (rank, field))
    return names


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return re.sub(r"[\s_\ufeff-]+", "", name).casefold()


def _fields(row: Mapping[str, object]) -> dict[str, list[object]]:
    """For each field the values a row has for it, the most trusted name first."""
    found = []
    names = _names()
    for name, value in row.items():
        if (place := names.get(_key(str(name)))) and _string(value):
            found.append((*place, value))
    found.sort(key=lambda entry: entry[0])
    fields: dict[str, list[object]] = {}
    for _, field, value in found:
        fields.setdefault(field, []).append(value)
    return fields


def _string(value: object) -> str:
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, Mapping):
        return next((text for name in _INSIDE if (text := _string(value.get(name)))), "")
    if isinstance(value, list):
        return next((text for item in value if (text := _string(item))), "")
    return str(value)


def _prose(values: list[object]) -> str:
    """The text of a title or body; a list is its paragraphs, and HTML becomes plain."""
    value = values[0] if values else ""
    text = "\n".join(filter(None, map(_string, value))) if isinstance(value, list) else _string(value)
    if _MARKUP.search(text):
        # Where only bold type and links are marked up, the line ends are still what parts the paragraphs.
        return plain(text if _PARAGRAPHS.search(text) else text.replace("\n", "<br>"))
    return clean(html.unescape(text)) if _ENTITY.search(text) else text


def _first(found: Mapping[str, list[object]], field: str) -> str | None:
    return _string(found[field][0]) if field in found else None


def _keywords(values: list[object]) -> tuple[str, ...]:
    """Keywords of all the columns that have some, in order, each once; a string is split at its separators."""
    words: list[str] = []
    for value in values:
        for item in value if isinstance(value, list) else [value]:
            text = _string(item)
            listed = text.startswith("[") and text.endswith("]")  # a list that went through a spreadsheet
            parts = re.split(r"[,،;؛|\n]", text[1:-1] if listed else text)
            words += (part.strip(" \t\"'" if listed else None) for part in parts)
    return tuple(dict.fromkeys(filter(None, words)))


def _language(stated: str | None) -> str | None:
    """The ISO 639-1 code of what is stated: "ar-EG", "Arabic", "العربية" -> "ar"; None when it is no language."""
    code = re.split(r"[-_ (]", (stated or "").casefold())[0]
    code = _LANGUAGES.get(code, code)
    return code if re.fullmatch(r"[a-z]{2}", code) else None


def _published(stated: str | None) -> str | None:
    """A date as it is written, but seconds or milliseconds since 1970 (from 1973 on) as ISO 8601 in UTC."""
    if stated is None or not _EPOCH.fullmatch(stated):
        return stated
    seconds = float(stated) if len(stated.split(".")[0]) <= 10 else int(stated) / 1000
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


def quiet(*loggers: str) -> None:
    """Keeps what libraries log about other people's pages from the terminal, unless the program asked for logging."""
    for name in loggers:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
