"""The file searches.db of an index folder: how it is made and opened, and its tables.

It is made when the first search is saved or the first address fetched. The articles do not depend on it. It is for its
owner alone, since what somebody looks for is nobody else's business.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from . import database
from .database import explained, require_schema
from .layout import PRIVATE, SEARCHES, inspect
from .sums import BESIDE, Sums

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
-- `asked` is how the search was saved, `scale` how its threshold was found; articles up to `mark` have been looked at.
CREATE TABLE searches (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, asked TEXT NOT NULL, saved TEXT NOT NULL,
    scale TEXT NOT NULL, mark INTEGER NOT NULL, checksum BLOB NOT NULL);
-- A hit without a `body` is never told: it was there when the search was saved, or repeats another hit.
CREATE TABLE hits (
    number INTEGER PRIMARY KEY AUTOINCREMENT, search INTEGER NOT NULL REFERENCES searches ON DELETE CASCADE,
    article TEXT NOT NULL, found TEXT NOT NULL, body TEXT, told TEXT, checksum BLOB NOT NULL, UNIQUE (search, article));
CREATE INDEX hits_article ON hits (article);
CREATE INDEX hits_waiting ON hits (search) WHERE told IS NULL AND body IS NOT NULL;
-- What has still to be delivered to a channel, which is known by a hash: its address may be a secret.
CREATE TABLE outbox (
    hit INTEGER NOT NULL REFERENCES hits ON DELETE CASCADE, channel BLOB NOT NULL, label TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, after REAL NOT NULL DEFAULT 0, PRIMARY KEY (hit, channel)) WITHOUT ROWID;
-- What was fetched, by a hash of its address. Until `after` (seconds since 1970) it is not asked for again.
CREATE TABLE fetched (
    address BLOB PRIMARY KEY, etag TEXT, modified TEXT, seen BLOB, failures INTEGER NOT NULL DEFAULT 0,
    after REAL NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
"""


class Beside:
    """The file of an index in `folder`. Its blocks raise StorageError where it cannot be used, IndexDamaged where it is
    not what Khabar writes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / SEARCHES

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A block that reads it; without a file, its tables are empty."""
        if not self.path.exists():
            with closing(sqlite3.connect(":memory:")) as db:
                db.executescript(SCHEMA)
                yield db
            return
        with self.opened(writing=False) as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A block that changes it in one transaction; the file is made where there is none."""
        self._make()
        with self.opened(writing=True) as db:
            sums = Sums(db, BESIDE)
            with database.transaction(db, self.folder, SEARCHES):
                yield db
                sums.save()

    @contextmanager
    def opened(self, *, writing: bool) -> Iterator[sqlite3.Connection]:
        """A block with a connection to the file, which is there."""
        with explained(self.folder, SEARCHES):
            inspect(self.folder, writing=writing)
            db = database.connect(self.path, writing=writing)
            with closing(db):
                require_schema(db, SCHEMA, SEARCHES)
                yield db

    def _make(self) -> None:
        """Make the file with its tables, unless it is there. What was killed meanwhile, the next one ends."""
        with explained(self.folder, SEARCHES):
            inspect(self.folder, writing=True)
            if self.path.exists() and self.path.stat().st_size:
                with closing(sqlite3.connect(self.path)) as db:
                    if db.execute("SELECT 1 FROM sqlite_master").fetchone():
                        return
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, PRIVATE))
            with closing(sqlite3.connect(self.path, isolation_level=None, timeout=30)) as db:
                db.execute("PRAGMA journal_mode = MEMORY")  # a journal in a file is what `inspect` refuses
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("BEGIN IMMEDIATE")
                if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    for statement in SCHEMA.split(";\n"):
                        db.execute(statement)
                    db.execute("INSERT INTO meta VALUES ('identity', ?)", (secrets.token_hex(16),))
                db.execute("COMMIT")
