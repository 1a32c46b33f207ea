"""Articles as JSON lines: a backup that `khabar index` reads back to an equal index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

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

    Raises InputError where it cannot be written.
    """
    unfinished = path.with_name(f"{path.name}.new")
    count = 0
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            for line in lines(index):
                out.write(f"{line}\n")
                count += 1
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InputError(f"{error}. Name a file that can be written.") from None
    return count
