"""Articles as JSON lines: a backup that `khabar index` reads back to an equal index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from .harmless import json_line
from .output import writing_file
from .read import MARK, VERSION

if TYPE_CHECKING:
    from .local import Index


def lines(index: Index, *, ascii_only: bool = False) -> Iterator[str]:
    """The articles of an index as lines of JSON, without line ends; what an article does not say is left out."""
    for _, article in index.articles():
        said = {name: value for name, value in asdict(article).items() if value}
        yield json_line({MARK: VERSION} | said, ascii_only=ascii_only)


def write(index: Index, path: Path) -> int:
    """Write the articles of an index to a file, as `writing_file` does; returns how many. Raises InputError."""
    count = 0
    with writing_file(path) as out:
        for line in lines(index):
            out.write(f"{line}\n")
            count += 1
    return count
