"""JSON and JSON lines -> a document for each row, and every row that cannot be used by its line."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator

from ...types import Noted, Records, Rejected
from ..exported import MARK, exported
from ..fields import records
from ..names import is_content, known
from ..prose import clean

MAX_WRAPPERS = 8
"""Objects around a list of articles, one in the other, that are opened. Each is parsed once more than the one in it."""

_SPACE = re.compile(r"[ \t\n\r]*")


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 20 else digits  # Python refuses to read one of more than 4,300 digits


_JSON = json.JSONDecoder(
    strict=False, parse_int=_integer
)  # not strict: scrapers write raw tabs and line ends into strings


def from_json_lines(lines: Iterable[str], path: str) -> Records:
    """A document for each line that holds an object."""
    number = 1
    for line in lines:
        if row := line.strip().strip("\0"):
            yield from _json_line(row, f"{path}:{number}")
        number += line.count("\n") or 1


def _json_line(line: str, path: str) -> Records:
    try:
        value = _JSON.decode(line)
    except json.JSONDecodeError as error:
        yield Rejected(path, f"broken JSON: {error.msg} at column {error.colno} ({glimpse(line)})")
    except RecursionError:
        yield Rejected(path, f"JSON is nested too deeply ({glimpse(line)})")
    except MemoryError:
        yield Rejected(path, f"row that needs more memory than there is ({glimpse(line)})")
    else:
        yield from _row(value, path)


def from_json(text: str, path: str) -> Records:
    """A document for each object in a list, in an object's list of articles, or standing on its own."""
    line, seen = 1, 0
    passed: dict[str, int] = {}
    try:
        for at, value in _values(text, _skip(text, 0)):
            line += text.count("\n", seen, at)
            seen = at
            for row in _unwrapped(value):
                if what := _no_article(row):
                    passed[what] = passed.get(what, 0) + 1
                else:
                    yield from _row(row, f"{path}:{line}")
    except json.JSONDecodeError as error:
        what = f"broken JSON: {error.msg} at column {error.colno}; nothing after it was read"
        yield Rejected(f"{path}:{error.lineno}", what)
    except RecursionError:
        yield Rejected(f"{path}:{line}", "JSON is nested too deeply; nothing after this line was read")
    for what, count in passed.items():
        yield Noted(path, f"{count} {what} passed over")


def _unwrapped(value: object, wrappers: int = 0) -> Iterator[object]:
    """A record, or the records of the lists in it where it says nothing itself, as each chat of an export has one."""
    inner = []
    if isinstance(value, dict) and wrappers < MAX_WRAPPERS and not any(map(is_content, value)):
        inner = [
            held
            for name, held in value.items()
            if known(name) == "list"
            and (isinstance(held, dict) or (isinstance(held, list) and held and isinstance(held[0], dict)))
        ]
    if not inner:
        yield value
    for held in inner:
        for one in held if isinstance(held, list) else [held]:
            yield from _unwrapped(one, wrappers + 1)


def _no_article(value: object) -> str | None:
    """What a row of an export of messages is, when nobody wrote it: "somebody joined the channel"."""
    if isinstance(value, dict) and value.get("type") == "service" and "date" in value and "action" in value:
        return "notices of the channel itself were"
    return None


def _row(value: object, path: str) -> Records:
    if isinstance(value, dict):
        if MARK in value:
            yield exported(value, path)
        else:
            yield from records(value, path)
        return
    kinds = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    yield Rejected(
        path, f"row is {kinds.get(type(value), 'a number')}, not an object with fields ({glimpse(repr(value))})"
    )


def glimpse(text: str) -> str:
    """The first 40 characters of a text, for a message."""
    short = clean(text[:40])
    return short + "…" if len(text) > 40 else short


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


Found = Generator[tuple[int, object], None, int]


def _values(text: str, at: int) -> Found:
    """(offset, record) of every record in some JSON, one at a time, so that what is whole before a break comes out."""
    while at < len(text):
        at = _skip(text, (yield from _value(text, at)))
    return at


def _value(text: str, at: int) -> Found:
    if text.startswith("[", at):
        return (yield from _elements(text, at))
    if text.startswith("{", at):
        return (yield from _object(text, at))
    value, end = _JSON.raw_decode(text, at)
    yield at, value
    return end


def _elements(text: str, at: int) -> Found:
    at = _skip(text, at + 1)
    while not text.startswith("]", at):
        value, end = _JSON.raw_decode(text, at)
        yield at, value
        at = _next(text, end, "]")
    return at + 1


def _object(text: str, start: int, wrappers: int = 0) -> Found:
    """An object is a record, unless it has no text of its own and a member that holds the records.

    Raises RecursionError where records are wrapped in more than MAX_WRAPPERS objects.
    """
    if wrappers > MAX_WRAPPERS:
        raise RecursionError
    row: dict[str, object] = {}
    inner: int | None = None
    unpacked = False
    at = _skip(text, start + 1)
    while not text.startswith("}", at):
        name, end = _JSON.raw_decode(text, at)
        if not isinstance(name, str):
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        at = _skip(text, end)
        if not text.startswith(":", at):
            raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
        at = _skip(text, at + 1)
        if known(name) == "list" and not any(known(key) == "text" for key in row):
            if text.startswith("[", at) and text.startswith("{", _skip(text, at + 1)):
                unpacked = True
                at = _next(text, (yield from _elements(text, at)), "}")
                continue
            if text.startswith("{", at):
                inner = at
                _, end = _JSON.raw_decode(text, at)  # parsed to find its end, and not kept: it may hold all records
                row.setdefault(name, None)
                at = _next(text, end, "}")
                continue
        row[name], end = _JSON.raw_decode(text, at)
        at = _next(text, end, "}")
    if not unpacked:
        if any(is_content(key) for key in row):
            if inner is not None and not any(known(key) in ("text", "summary") for key in row):
                around, _ = _JSON.raw_decode(text, inner)
                row |= {name: value for name, value in around.items() if known(name) == "text"}
            yield start, row
        elif inner is not None:
            yield from _object(text, inner, wrappers + 1)
        elif not any(known(key) == "list" and row[key] == [] for key in row):
            yield start, row
    return at + 1


def _next(text: str, at: int, end: str) -> int:
    """Where the next member is, after a comma; or where its list or object ends."""
    at = _skip(text, at)
    if text.startswith(",", at):
        after = _skip(text, at + 1)
        if not text.startswith(end, after):
            return after
    elif text.startswith(end, at):
        return at
    raise json.JSONDecodeError(f"Expecting ',' delimiter or '{end}'", text, at)
