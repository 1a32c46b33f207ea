"""A workbook of Excel (xlsx) -> a document for each row of its sheets, as of other tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, BinaryIO

from ...extras import require_extra
from ...types import Noted, Records, Rejected
from ..fields import records
from ..input import Refused
from ..names import is_content, known
from ..packages import opened

MAX_CELLS = 1_000_000
"""Cells of a workbook that are read; larger tables are better kept as CSV."""


def from_xlsx(file: BinaryIO, path: str) -> Records:
    """A document for each row below one that names the columns. Sheets without such a row are noted.

    Raises Refused for a workbook that cannot be opened, and after MAX_CELLS cells.
    """
    opened(file)  # its limits: openpyxl has none
    require_extra("a workbook", "xlsx", "openpyxl", error=Refused)
    import openpyxl  # type: ignore[import-untyped]

    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except Exception as error:  # openpyxl lets through what zipfile, lxml and its own checks raise
        raise Refused(f"is a workbook that cannot be read ({type(error).__name__}: {error})") from None
    cells = 0
    for sheet in workbook.worksheets:
        sheet.reset_dimensions()  # what a file says of its size may be anything
        header: list[str] | None = None
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            cells += len(row)
            if cells > MAX_CELLS:
                raise Refused(f"has more than {MAX_CELLS:,} cells; save it as CSV. The rows before were read")
            values = [_written(value) for value in row]
            if header is None:
                header = _names(values)
            elif any(values):
                place = f"{path}/{sheet.title}:{number}"
                if len(values) > len(header) and any(values[len(header) :]):
                    yield Rejected(place, "row with more cells than there are columns")
                    continue
                yield from records({name: value for name, value in zip(header, values, strict=False) if name}, place)
        if header is None and sheet.max_row:
            yield Noted(f"{path}/{sheet.title}", "a sheet without a row that names a column of titles or texts")


def _names(values: Sequence[str]) -> list[str] | None:
    """The names of the columns, if a row is one of them."""
    names = [value.strip() for value in values]
    return names if any(name and known(name) and is_content(name) for name in names) else None


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat() if value.time() != dt.time() else value.date().isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
