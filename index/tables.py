"""Tables of tab-separated values that come with the package: rules, word lists, names of fields."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def read_table(path: Path) -> Iterator[list[str]]:
    """The cells of each row of a UTF-8 table, stripped of spaces, in the order of the file.

    Empty lines and lines that begin with "#" are comments. Raises OSError.
    """
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip(" ") for cell in line.split("\t")]
