"""CSV and TSV -> a document for each row, and every row that cannot be used by its line."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable
from typing import Any

from ...types import Records, Rejected
from ..fields import records
from ..names import is_content, known
from .json import glimpse

MAX_CELL = 1 << 24
"""Characters of the longest cell of a CSV file: 16 million, thousands of times a long article. It bounds memory."""

# As spreadsheets say in the first line what separates the cells.
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)

# A CSV file whose quoting breaks this often is broken throughout; each break costs reading its lines once more.
_MAX_BROKEN = 100


def from_table(lines: Iterable[str], path: str, delimiters: str = ",;\t|") -> Records:
    """A document for each row of CSV or TSV; the first row names the columns. Cells may hold line ends, in quotes."""
    source = _Lines(lines)
    if source.head() and (said := _SEPARATOR.match(source.head()[0])):
        delimiters = said[1]
        next(source)
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
                if header is None or cells == header or _is_header(cells):
                    header = cells  # again in the midst of a file where several were put together
                    if not any(map(is_content, header)):
                        names = glimpse(", ".join(header))
                        yield Rejected(place, f"no column is called title or text: its first row is {names}")
                        return
                elif any(cell.strip() for cell in cells[len(header) :]):
                    count = f"row of {len(cells)} cells under {len(header)} columns"
                    yield Rejected(
                        place, f"{count}; put cells that hold {options['delimiter']!r} in quotes ({glimpse(cells[0])})"
                    )
                else:
                    row: dict[str, object] = {}
                    for name, cell in zip(header, cells, strict=False):
                        if cell.strip():
                            row.setdefault(name, cell)
                    yield from records(row, place)
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


def _is_header(cells: list[str]) -> bool:
    """Whether a row names columns, as no article does: every cell is the name of a field, one that of the text."""
    return len(cells) > 1 and all(map(known, cells)) and any(known(cell) == "text" for cell in cells)


class _Lines:
    """The lines of a table, with a memory of those that the row being read is made of."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._waiting: deque[str] = deque()
        self._row: list[str] = []
        self.first = 1  # number of the line at which the row begins

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while True:
            line = self._waiting.popleft() if self._waiting else next(self._lines).replace("\0", "")
            if self._row or line.strip("\n"):
                self._row.append(line)
                return line
            self.first += line.count("\n")  # empty lines between rows, perhaps very many

    def head(self) -> list[str]:
        """The first lines, without taking them."""
        characters = sum(map(len, self._waiting))
        if characters > 1 << 16:
            return list(self._waiting)
        for line in self._lines:
            self._waiting.append(line.replace("\0", ""))
            characters += len(line)
            if characters > 1 << 16:
                break
        return list(self._waiting)

    def begin(self) -> None:
        """Another row begins."""
        self.first += sum(line.count("\n") for line in self._row)
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
