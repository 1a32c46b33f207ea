"""Files that hold rows -> documents, and every row that cannot be used by its line: JSON, JSON lines, CSV and TSV."""

from __future__ import annotations

import csv
import json
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from ...types import Document, Rejected
from ..exported import MARK, exported
from ..fields import clean, document, known

Records = Iterator[Document | Rejected]

MAX_CELL = 1 << 24
"""Characters of the longest cell of a CSV file: 16 million, thousands of times a long article. It bounds memory."""

# A CSV file whose quoting breaks this often is broken throughout; each break costs reading its lines once more.
_MAX_BROKEN = 100

# --- JSON -----------------------------------------------------------------------------------------

_SPACE = re.compile(r"[ \t\n\r]*")


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 20 else digits  # Python refuses to read one of more than 4,300 digits


_JSON = json.JSONDecoder(
    strict=False, parse_int=_integer
)  # not strict: scrapers write raw tabs and line ends into strings


def from_json_lines(lines: Iterable[str], path: str) -> Records:
    """A document for each line that holds an object."""
    for number, line in enumerate(lines, 1):
        if line := line.strip().strip("\0"):
            yield _json_line(line, f"{path}:{number}")


def _json_line(line: str, path: str) -> Document | Rejected:
    try:
        return _row(_JSON.decode(line), path)
    except json.JSONDecodeError as error:
        return Rejected(path, f"broken JSON: {error.msg} at column {error.colno} ({_glimpse(line)})")
    except RecursionError:
        return Rejected(path, f"JSON is nested too deeply ({_glimpse(line)})")


def from_json(text: str, path: str) -> Records:
    """A document for each object in a list, in an object's list of articles, or standing on its own."""
    records = _records(text, _skip(text, 0))
    line, seen = 1, 0
    try:
        for at, value in records:
            line += text.count("\n", seen, at)
            seen = at
            yield _row(value, f"{path}:{line}")
    except json.JSONDecodeError as error:
        what = f"broken JSON: {error.msg} at column {error.colno}; nothing after it was read"
        yield Rejected(f"{path}:{error.lineno}", what)
    except RecursionError:
        yield Rejected(f"{path}:{line}", "JSON is nested too deeply; nothing after this line was read")


def _row(value: object, path: str) -> Document | Rejected:
    if isinstance(value, dict):
        return exported(value, path) if MARK in value else document(value, path)
    kinds = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return Rejected(
        path, f"row is {kinds.get(type(value), 'a number')}, not an object with fields ({_glimpse(repr(value))})"
    )


def _glimpse(text: str) -> str:
    short = clean(text[:40])
    return short + "…" if len(text) > 40 else short


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


Found = Generator[tuple[int, object], None, int]


def _records(text: str, at: int) -> Found:
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


def _object(text: str, start: int) -> Found:
    """An object is a record, unless it has no text of its own and a member that holds the records."""
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
        row[name], end = _JSON.raw_decode(text, at)
        at = _next(text, end, "}")
    if not unpacked:
        if any(known(key) in ("title", "text") for key in row):
            yield start, row
        elif inner is not None:
            yield from _object(text, inner)
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


# --- Tables ---------------------------------------------------------------------------------------


def from_table(lines: Iterable[str], path: str, delimiters: str = ",;\t|") -> Records:
    """A document for each row of CSV or TSV; the first row names the columns. Cells may hold line ends, in quotes."""
    source = _Lines(lines)
    options = _dialect(source.head(), delimiters)
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
    header: list[str] | None = None
    broken = 0
    while True:
        reader = csv.reader(source, strict=True, **options)
        try:
            while True:
                source.begin()
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                place = f"{path}:{source.first}"
                if not any(cell.strip() for cell in cells):
                    continue
                if header is None:
                    header = cells
                    if not any(known(name) in ("title", "text") for name in header):
                        names = _glimpse(", ".join(header))
                        yield Rejected(place, f"no column is called title or text: its first row is {names}")
                        return
                elif any(cell.strip() for cell in cells[len(header) :]):
                    count = f"row of {len(cells)} cells under {len(header)} columns"
                    yield Rejected(
                        place, f"{count}; put cells that hold {options['delimiter']!r} in quotes ({_glimpse(cells[0])})"
                    )
                else:
                    row: dict[str, object] = {}
                    for name, cell in zip(header, cells, strict=False):
                        if cell.strip():
                            row.setdefault(name, cell)
                    yield document(row, place)
        except csv.Error as error:
            broken += 1
            reason = (
                "a quotation mark opens here and never closes"
                if "end of data" in str(error)
                else f"broken CSV: {error}"
            )
            yield Rejected(f"{path}:{source.first}", reason)
            if header is None or broken == _MAX_BROKEN:
                yield Rejected(path, "is not CSV that can be read; nothing after that row was used")
                return
            source.again()  # only its first line is lost: what it swallowed are rows of their own


class _Lines:
    """The lines of a table, with a memory of those that the row being read is made of."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._waiting: deque[str] = deque()
        self._row: list[str] = []
        self.first = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._lines).replace("\0", "")
        self._row.append(line)
        return line

    def head(self) -> list[str]:
        """The first lines, without taking them."""
        characters = 0
        for line in self._lines:
            self._waiting.append(line.replace("\0", ""))
            characters += len(line)
            if characters > 1 << 16:
                break
        return list(self._waiting)

    def begin(self) -> None:
        """Another row begins."""
        self.first += len(self._row)
        self._row = []

    def again(self) -> None:
        """Give the lines of this row once more, but for the first."""
        self._waiting.extendleft(reversed(self._row[1:]))
        self._row = self._row[:1]


def _dialect(head: list[str], delimiters: str) -> dict[str, Any]:
    """How a table is written: the delimiter that gives most known columns; what quotes and backslashes mean."""

    def columns(delimiter: str) -> tuple[int, int]:
        names = head[0].rstrip("\n").split(delimiter) if head else []
        return sum(known(name.strip('" ')) is not None for name in names), len(names)

    delimiter = max(delimiters, key=columns)
    options: dict[str, Any] = {"delimiter": delimiter, "quoting": csv.QUOTE_MINIMAL}
    sample = "".join(head)
    if '\\"' in sample:
        options["escapechar"] = "\\"
    if delimiter == "\t" and '\t"' in sample:
        # Most programs write tab-separated values without quoting: there a quotation mark is only a letter.
        width = len(head[0].split(delimiter))
        if all(len(line.split(delimiter)) == width for line in head):
            options["quoting"] = csv.QUOTE_NONE if not _quoted(head, delimiter) else csv.QUOTE_MINIMAL
    return options


def _quoted(head: list[str], delimiter: str) -> bool:
    """Whether every cell that begins with a quotation mark also ends with one, none inside it standing alone."""
    cells = [cell.rstrip("\n") for line in head for cell in line.split(delimiter) if cell.startswith('"')]
    return all(len(cell) > 1 and cell.endswith('"') and '"' not in cell[1:-1].replace('""', "") for cell in cells)
