"""A Parquet table, as collections of news are published -> a document for each row."""

from __future__ import annotations

from typing import BinaryIO

from ...extras import require_extra
from ...types import Records
from ..fields import records
from ..input import Refused

_ROWS = 256
"""Rows that are in memory at once."""


def from_parquet(file: BinaryIO, path: str) -> Records:
    """A document for each row, whose number stands after the path. Raises Refused for a table that is damaged."""
    require_extra("a table", "parquet", "pyarrow", error=Refused)
    import pyarrow
    import pyarrow.parquet

    number = 0
    try:
        with pyarrow.parquet.ParquetFile(file) as table:
            for batch in table.iter_batches(batch_size=_ROWS):
                for row in batch.to_pylist():
                    number += 1
                    yield from records(row, f"{path}:{number}")
    except (pyarrow.ArrowException, OSError, OverflowError) as error:
        raise Refused(f"is damaged after row {number:,} ({str(error).splitlines()[0][:200]})") from None
