"""Errors that come from damage, told from errors of the program."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import IndexDamaged, KhabarError
from . import database, segments
from .layout import SEGMENTS, segment_folder
from .sums import damaged


@contextmanager
def blamed_on_damage(path: Path, db: sqlite3.Connection) -> Iterator[None]:
    """A block in which an error of any kind becomes IndexDamaged, if something in the index is not as it was written.

    What was opened was only checked as far as that costs no time. So when something fails, all of it is checked.
    """
    try:
        yield
    except (KhabarError, MemoryError, sqlite3.Error, OSError):
        raise  # these say what happened
    except Exception as error:
        with database.explained(path):
            found = first_damage(path, db)
        if found is None:
            raise
        raise IndexDamaged(f"{path}: {found}. See all that is wrong with: khabar verify --index {path}") from error


def first_damage(path: Path, db: sqlite3.Connection) -> str | None:
    """The first file of a segment, article or table that does not match its checksum, or None."""
    for name, said in db.execute("SELECT name, files FROM segments ORDER BY first"):
        try:
            for where, what in damaged_files(segment_folder(path, name), json.loads(said)):
                return f"{where} {what}"
        except (ValueError, TypeError, AttributeError, RecursionError):
            return f"the segment {name!r} is not described"
    for row in database.stored(db):
        if not row.is_whole():
            return f"article {row.columns[0]} does not match its checksum"
    for table in damaged(db):
        return f"the table {table} does not match its checksum"
    odd = "typeof(first) <> 'integer' OR typeof(size) <> 'integer' OR typeof(pure) <> 'integer'"
    for (name,) in db.execute(f"SELECT name FROM segments WHERE {odd}"):
        return f"the segment {name} is not described"
    return None


def damaged_files(folder: Path, said: segments.Files) -> Iterator[tuple[str, str]]:
    """The files of a segment that are not as they were written: each file, and what is wrong with it."""
    found = segments.files(folder) if folder.is_dir() else {}
    for name, (size, checksum) in said.items():
        where = f"{SEGMENTS}/{folder.name}/{name}"
        if name not in found:
            yield where, "is missing"
        elif found[name][0] != size:
            yield where, f"has {found[name][0]} bytes instead of {size}"
        elif found[name][1] != checksum:
            yield where, "does not match its checksum"
