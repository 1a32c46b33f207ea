"""Articles as JSON lines: a backup that `khabar index` reads back to an equal index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from .atomic import replacing
from .errors import InputError
from .read import MARK, VERSION

if TYPE_CHECKING:
    from .local import Index


def lines(index: Index) -> Iterator[str]:
    """The articles of an index as lines of JSON, without line ends; what an article does not say is left out."""
    for _, article in index.articles():
        said = {name: value for name, value in asdict(article).items() if value}
        yield json.dumps({MARK: VERSION} | said, ensure_ascii=False)


def write(index: Index, path: Path) -> int:
    """Write the articles of an index to a file, which is replaced only when all are there; returns how many.

    A link is followed; a device or pipe is written to. Raises InputError where the file cannot be written, and where
    it belongs to the index.
    """
    path = path.resolve()
    if path.is_relative_to(index.path.resolve()):
        raise InputError(f"{path} is inside the index. Name a file outside of {index.path}.")
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            return _write(index, path)
        with replacing(path) as unfinished:
            return _write(index, unfinished)
    except OSError as error:
        raise InputError(f"{error}. Name a file that can be written.") from None


def _write(index: Index, path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for line in lines(index):
            out.write(f"{line}\n")
            count += 1
    return count
