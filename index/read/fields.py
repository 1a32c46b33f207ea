"""A row, whatever its scraper calls its fields -> a Document."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from ..text import fold, parse_date
from ..types import Document, Noted, Records, Rejected, is_address
from .names import ENVELOPES, MAY_BE_TEXT, fields_of, known
from .prose import PROSE, as_string, clean, prose_of, size_of_prose
from .repair import repaired

_LANGUAGES = {"arabic": "ar", "ara": "ar", "العربية": "ar", "عربي": "ar", "عربية": "ar"}
_LANGUAGES |= {"english": "en", "eng": "en", "الإنجليزية": "en", "الانجليزية": "en", "إنجليزي": "en", "انجليزي": "en"}

_HOME_PAGE = re.compile(r"(?:\w+:)?//[^/?#]*/?")
_ADDRESS = re.compile(r"(?:https?:)?//(?:www\.)?", re.IGNORECASE)
_BEFORE_SOURCE = re.compile(r"\s+[-–—|•·:]\s+|\s*\|\s*")
_CUT_SHORT = re.compile(r"[\[(]\+\s?\d{1,9} (?:more )?(?:chars|characters|حرف[اً]*|أحرف|حروف)[\])]\Z", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{8})T?(\d{6})(Z|[+-]\d{2}:?\d{2})?")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")


MAX_TITLE = 1_000
"""Characters of the longest title; the rest of a longer one is cut off, and that is noted."""

MAX_FIELD = 500
"""Characters of the longest source, keyword or date."""

MAX_URL = 8_000
"""Characters of the longest address."""

MAX_ID = 500
"""Characters of the longest id that is kept as it is."""

MAX_KEYWORDS = 200


def records(row: Mapping[str, object], path: str, *, file: str | None = None, page: bool = False) -> Records:
    """The document that a row describes, or Rejected where it has no text; then notes about what was changed in it.

    `path` is where the row stands (`file:line`); `file` is set when a whole file is one document, and names it then.
    The id is the row's own, else made of its address, else of the file's absolute path, else of title and text (see
    `made_id`). An address that is only a site's home page makes no id: all its articles may have it.

    A row of a title alone is a document, as lists of headlines have them; but not where one of its other fields, whose
    name is not known, looks like the text: that row is rejected, and the field named. Whatever goes wrong in a row
    rejects that row only.
    """
    try:
        yield from _records(row, path, file, page)
    except Exception as error:  # MemoryError and RecursionError too: parsers of others meet anybody's rows here
        yield Rejected(path, f"row that cannot be read: {type(error).__name__}: {error}")


def _records(row: Mapping[str, object], path: str, file: str | None, page: bool) -> Records:
    for envelope in ENVELOPES:
        if isinstance(inner := row.get(envelope), Mapping):
            row = {name: value for name, value in row.items() if name != envelope} | dict(inner)
    notes: list[str] = []
    found = fields_of(row)
    title = _bounded(" ".join(prose_of(found.get("title", [])[:1]).split()), MAX_TITLE, "title", notes)
    text = next(filter(None, (prose_of([value]) for value in found.get("text", []))), "")
    if text:
        pass
    elif text := max((prose_of([value]) for value in found.get("summary", [])), key=len, default=""):
        if longest := _unknown_prose(row, 2 * len(text)):
            notes.append(f"its field {longest!r} is longer than its summary, which was read; rename it to text")
    elif title and (longest := _unknown_prose(row, len(title))):
        names = ", ".join(map(str, list(row)[:12]))
        yield Rejected(
            path,
            f"row with a title and no text: is {longest!r} its text? Rename that field to text. "
            f"Its fields are {clean(names)}",
        )
        return
    else:
        text = title
    if not text:
        names = ", ".join(str(name) for name in list(row)[:8])
        yield Rejected(path, "row without text: " + (f"its fields are {clean(names)}" if names else "it has no fields"))
        return
    if cut := _CUT_SHORT.search(text, max(0, len(text) - 40)):  # only at the end: a text may be long
        text = text[: cut.start()].rstrip()
        notes.append("its text is cut short: the source kept only its beginning")
    text, what = repaired(text)
    title, what_title = repaired(title)
    text, title = clean(text), clean(title)  # an escape sequence may stand for a control character
    if what := what or what_title:
        notes.append(what)
    source, url = _source_and_url(found, notes)
    title = _without_source(title, source)
    if own := _first(found, "id"):
        identity = " ".join(own.split())
        if len(identity) > MAX_ID:
            notes.append(f"its id has {len(identity):,} characters; one was made of it")
            identity = made_id(identity.encode())
    elif url and not _HOME_PAGE.fullmatch(url):
        identity = made_id(url.encode())
    elif file is not None:
        identity = file_id(file, f"{title}\n{text}")
    else:
        identity = made_id(f"{title}\n{text}".encode())
    keywords = _keywords(found.get("keywords", []))
    if len(keywords) > MAX_KEYWORDS:
        notes.append(f"only the first {MAX_KEYWORDS} of its {len(keywords):,} keywords were kept")
    if any(len(word) > MAX_FIELD for word in keywords[:MAX_KEYWORDS]):
        notes.append(f"a keyword was cut to {MAX_FIELD} characters")
    yield Document(
        id=identity,
        text=text,
        path=path,
        title=title,
        language=_language(_first(found, "language")),
        published=_published(found.get("published", []), notes),
        source=source,
        url=url,
        keywords=tuple(word[:MAX_FIELD] for word in keywords[:MAX_KEYWORDS]),
        page=page,
    )
    for note in notes:
        yield Noted(path, note)


def file_id(file: str, text: str) -> str:
    """The id of a file that is one document: made of its absolute path or address, or of the text of standard input."""
    return made_id(text.encode() if file == "-" else os.fsencode(file if is_address(file) else os.path.abspath(file)))


def made_id(data: bytes) -> str:
    """An id for what has none: 128 bits of the SHA-256 of some bytes, 32 hexadecimal digits.

    Its first 12 digits are the id that was made of the same bytes when ids had 48 bits.
    """
    return hashlib.sha256(data).hexdigest()[:32]


def _unknown_prose(row: Mapping[str, object], longer_than: int) -> str | None:
    """The field of unknown name or form that holds most prose, where that is longer than so many characters."""
    best, most = None, max(longer_than, PROSE - 1)
    for name, value in row.items():
        if known(name) in MAY_BE_TEXT and (size := size_of_prose(value)) > most:
            best, most = clean(str(name)), size
    return best


def _bounded(value: str, most: int, name: str, notes: list[str]) -> str:
    if len(value) <= most:
        return value
    notes.append(f"its {name} has {len(value):,} characters; it was cut to {most:,}")
    return value[:most].rsplit(" ", 1)[0]


def _source_and_url(found: Mapping[str, list[object]], notes: list[str]) -> tuple[str | None, str | None]:
    """The name of the outlet and the article's address; some programs put the address where others put the name."""
    url = _first(found, "url") or None
    names = [name for value in found.get("source", []) if (name := " ".join(as_string(value).split()))]
    addresses = [name for name in names if _ADDRESS.match(name)]
    source = next((name for name in names if name not in addresses), None)
    if addresses:
        url = url or addresses[0]
        source = source or _ADDRESS.sub("", addresses[0]).split("/")[0]
    if url and len(url) > MAX_URL:
        notes.append(f"its address has {len(url):,} characters; it was left out")
        url = None
    return (_bounded(source, MAX_FIELD, "source", notes) if source else None), url or None


def _without_source(title: str, source: str | None) -> str:
    """A headline without the name of the outlet behind it, where the row says that this is its name."""
    if source and len(title) <= MAX_TITLE:
        name = fold(source)
        for mark in _BEFORE_SOURCE.finditer(title):
            if fold(title[mark.end() :]) == name and mark.start() > 0:
                return title[: mark.start()]
    return title


def _first(found: Mapping[str, list[object]], field: str) -> str | None:
    return as_string(found[field][0]) if field in found else None


def _keywords(values: list[object]) -> tuple[str, ...]:
    """Keywords of all the columns that have some, in order, each once; a string is split at its separators."""
    words: list[str] = []
    for value in values:
        for item in value if isinstance(value, list) else [value]:
            text = as_string(item)
            listed = text.startswith("[") and text.endswith("]")  # a list that went through a spreadsheet
            parts = re.split(r"[,،;؛|\n]", text[1:-1] if listed else text)
            words += (part.strip(" \t\"'" if listed else None) for part in parts)
    return tuple(dict.fromkeys(filter(None, words)))


def _language(stated: str | None) -> str | None:
    """The ISO 639-1 code of what is stated: "ar-EG", "Arabic", "العربية" -> "ar"; None when it is no language."""
    code = re.split(r"[-_ (]", (stated or "").casefold())[0]
    code = _LANGUAGES.get(code, code)
    return code if re.fullmatch(r"[a-z]{2}", code) else None


def _published(values: list[object], notes: list[str]) -> str | None:
    """The first date that can be read, as it is written; one that cannot is noted and kept for the cleaner.

    Seconds or milliseconds since 1970 (from 1973 on) become ISO 8601 in UTC, and so does the compact form without
    hyphens and colons (20240105T080000Z, 20240105080000).
    """
    stated = [date for value in values if (date := _date(as_string(value)))]
    if not stated:
        return None
    readable = next((date for date in stated if parse_date(date)), None)
    if readable is None:
        notes.append(f"its date could not be read: {stated[0][:60]!r}")
    return readable or stated[0][:MAX_FIELD]


def _date(stated: str) -> str:
    try:
        if _EPOCH.fullmatch(stated):
            seconds = float(stated) if len(stated.split(".")[0]) <= 10 else int(stated) / 1000
            return datetime.fromtimestamp(int(seconds), UTC).isoformat()
        if found := _COMPACT.fullmatch(stated):
            return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or ''}").isoformat()
    except (ValueError, OverflowError):  # a month, day or hour that there is not
        pass
    return stated
