"""Is an index what was written? Every byte that is derived, every article, every count; and the mending of it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..encoders import embedded_hash
from ..errors import IndexDamaged
from . import database
from .damage import damaged_files
from .database import COLUMNS, described, explained, facts_sum
from .index import Index, tombstones
from .layout import DATABASE, MANIFEST, SEGMENTS, segment_folder
from .lock import locked
from .sums import damaged
from .writer import writing


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written: a file of the index or an article, and what is wrong with it.

    `mendable` says that `repair` makes it whole again; the rest must come from the sources or a backup.
    """

    where: str
    what: str
    mendable: bool


def verify(path: str | Path) -> list[Problem]:
    """All that is wrong with an index; it is locked meanwhile. Raises IndexMissing, IndexLocked, StorageError."""
    try:
        index = Index.open(path, outdated=True)
    except IndexDamaged as error:
        return [Problem(DATABASE, str(error), False)]
    problems: list[Problem] = []
    # Where nobody can write, nobody needs to be kept from writing.
    held = locked(index.path) if os.access(index.path, os.W_OK) else nullcontext()
    with held, explained(index.path), closing(database.connect(index.path / DATABASE)) as db:
        with explained(index.path):
            db.execute("BEGIN")  # one state, also where the lock cannot be taken
        for check in (_database, _tables, _articles, _segments, _manifest):
            try:
                with explained(index.path):
                    problems.extend(check(index, db))
            except IndexDamaged as error:
                problems.append(Problem(DATABASE, str(error), False))
            except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
                # Whatever cannot even be checked is damaged.
                problems.append(Problem(DATABASE, f"cannot be checked ({type(error).__name__}: {error})", False))
    return problems


def repair(path: str | Path) -> list[Problem]:
    """Make all that is derived from the articles again, without encoding; returns what is wrong still.

    Damaged articles stay as they are, and are replaced when their sources are indexed again. Raises as `verify`, and
    IndexDamaged when the database cannot be used at all.
    """
    with writing(Index.open(path, outdated=True)) as writer:
        writer.rederive()
        writer.distrust()
    return verify(path)


def _database(index: Index, db: sqlite3.Connection) -> Iterator[Problem]:
    if not index.manifest.is_current(embedded_hash()):
        yield Problem(DATABASE, "was analysed by another version of Khabar", True)
    for (found,) in db.execute("PRAGMA integrity_check(10)"):
        if found != "ok":
            yield Problem(DATABASE, found, "index" in found)
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield Problem(DATABASE, f"row {row} of {table} belongs to no row of {parent}", False)


def _tables(index: Index, db: sqlite3.Connection) -> Iterator[Problem]:
    for table in damaged(db):
        what = f"the table {table} does not match its checksum; after --repair, index the sources again"
        yield Problem(DATABASE, what, True)


def _articles(index: Index, db: sqlite3.Connection) -> Iterator[Problem]:
    for row in database.stored(db):
        if not row.is_whole():
            path = dict(zip(COLUMNS, row.columns, strict=True))["path"] or "its source"
            what = f"does not match its checksum; after --repair, index {path} again, or remove the article"
            yield Problem(f"article {row.columns[0]}", what, False)


def _segments(index: Index, db: sqlite3.Connection) -> Iterator[Problem]:
    readable = agree = True
    rows = [np.zeros((0, 2), np.int64)]  # position, article
    for name, size, said in db.execute("SELECT name, size, files FROM segments ORDER BY first"):
        try:
            folder = segment_folder(index.path, name)
            problems = [Problem(where, what, True) for where, what in damaged_files(folder, json.loads(said))]
        except (ValueError, TypeError, AttributeError, RecursionError):
            problems = [Problem(f"{SEGMENTS}/{name}", "is not described", True)]
        yield from problems
        readable = readable and not problems
        if readable:
            arrays = [np.load(folder / f"{name}.npy", allow_pickle=False) for name in ("positions", "articles")]
            rows.append(np.stack(arrays, 1))
            agree = agree and len(rows[-1]) == size
    if readable:
        held, dead = np.concatenate(rows), tombstones(db)
        removed = np.isin(held[:, 0], dead)
        stored = db.execute("SELECT position, article FROM passages ORDER BY position").fetchall()
        same = np.array_equal(held[~removed], np.array(stored, np.int64).reshape(-1, 2))
        if not (agree and same and removed.sum() == len(dead)):
            yield Problem(SEGMENTS, "do not hold the passages of the stored articles", True)


def _manifest(index: Index, db: sqlite3.Connection) -> Iterator[Problem]:
    path = index.path / MANIFEST
    generation = database.generation_of(db)
    if not path.exists():
        if generation:  # a new index may have been killed before it described itself
            yield Problem(MANIFEST, "is missing", True)
        return
    try:
        said = json.loads(path.read_bytes())
        behind = int(said["generation"]) - int(generation)
        whole = said.pop("checksum") == facts_sum(said)
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        yield Problem(MANIFEST, "is damaged", True)
    elif behind > 0:
        yield Problem(DATABASE, f"lacks the last {behind} commits; index the sources again", False)
    elif behind == 0 and path.read_text("utf-8") != described(db):
        yield Problem(MANIFEST, "does not describe the index", True)
