"""What of an index is not as it was written: derived files, articles, tables, counts."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import numpy as np

from ..encoders import embedded_hash
from ..errors import IndexDamaged
from ..ports import Problem
from . import database, kept
from .damage import damaged_files
from .database import COLUMNS, described, explained, tombstones
from .layout import DATABASE, MANIFEST, SEARCHES, SEGMENTS, segment_folder
from .lock import locked
from .searches import SearchFile
from .sums import damaged
from .writer import Opened


def verify(index: Opened) -> list[Problem]:
    """All that is wrong with an index. Raises IndexLocked or StorageError.

    The index is locked meanwhile. Who may not write to it cannot lock it: then what was found while a writer committed
    is looked at again.
    """
    if os.access(index.path, os.W_OK):
        with locked(index.path, index.patience):
            return _problems(index)[1]
    generation, problems = _problems(index)
    while problems and (again := _problems(index))[0] != generation:
        generation, problems = again
    return problems


def _problems(index: Opened) -> tuple[int | None, list[Problem]]:
    """The generation of an index, None where it does not say, and all that is wrong with it."""
    problems: list[Problem] = []
    generation = None
    with explained(index.path), closing(database.connect(index.path / DATABASE)) as db:
        with explained(index.path):
            db.execute("BEGIN")
        for check in (_database, _tables, _articles, _segments, _manifest, _searches, _kept):
            try:
                with explained(index.path):
                    problems.extend(check(index, db))
                    generation = database.generation_of(db)
            except IndexDamaged as error:
                problems.append(Problem(DATABASE, str(error), False))
            except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
                # Whatever cannot even be checked is damaged.
                problems.append(Problem(DATABASE, f"cannot be checked ({type(error).__name__}: {error})", False))
    return generation, problems


def _database(index: Opened, db: sqlite3.Connection) -> Iterator[Problem]:
    if not index.manifest.is_current(embedded_hash()):
        yield Problem(DATABASE, "was analysed by another version of Khabar", True)
    for (found,) in db.execute("PRAGMA integrity_check(10)"):
        if found != "ok":
            yield Problem(DATABASE, found, "index" in found)
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield Problem(DATABASE, f"row {row} of {table} belongs to no row of {parent}", False)


def _tables(index: Opened, db: sqlite3.Connection) -> Iterator[Problem]:
    for table in damaged(db):
        what = f"the table {table} does not match its checksum; after --repair, index the sources again"
        yield Problem(DATABASE, what, True)


def _articles(index: Opened, db: sqlite3.Connection) -> Iterator[Problem]:
    for row in database.stored(db):
        if not row.is_whole():
            path = dict(zip(COLUMNS, row.columns, strict=True))["path"] or "its source"
            what = f"does not match its checksum; after --repair, index {path} again, or remove the article"
            yield Problem(f"article {row.columns[0]}", what, False)


def _segments(index: Opened, db: sqlite3.Connection) -> Iterator[Problem]:
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


def _kept(index: Opened, _: sqlite3.Connection) -> Iterator[Problem]:
    for name in kept.damaged(index.path):
        yield Problem(name, "does not match its checksum", True)


def _searches(index: Opened, _: sqlite3.Connection) -> Iterator[Problem]:
    for what in SearchFile(index.path).problems():
        yield Problem(SEARCHES, what, False)


def _manifest(index: Opened, db: sqlite3.Connection) -> Iterator[Problem]:
    path = index.path / MANIFEST
    generation = database.generation_of(db)
    if not path.exists():
        if generation:  # a new index may have been killed before it described itself
            yield Problem(MANIFEST, "is missing", True)
        return
    said = database.facts_in(path)
    behind = said["generation"] - generation if said else 0
    if said is None:
        yield Problem(MANIFEST, "is damaged", True)
    elif behind > 0:
        yield Problem(DATABASE, f"lacks the last {behind} commits; index the sources again", False)
    elif behind == 0 and path.read_text("utf-8") != described(db):
        yield Problem(MANIFEST, "does not describe the index", True)
