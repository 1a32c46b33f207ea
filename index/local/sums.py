"""Checksums of the tables of an index, kept up to date row by row.

The checksum of a table is the sum of the hashes of its rows, modulo 2^128 (an incremental multiset hash: Clarke and
others 2003, MSet-Add-Hash). A change adds and subtracts only the rows it touches, so a commit does not read the whole
table. The rows are watched by temporary triggers, which belong to the writer's connection and are not stored.

This finds damage, not forgery: there is no secret in it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b

# The columns of each table of articles.db that are summed. Texts, vectors and the like are under the checksum of their
# article.
COLUMNS = {
    "articles": ("number", "id"),
    "passages": ("position", "article"),
    "segments": ("name", "first", "size", "pure", "files"),
    "tombstones": ("position",),
    "files": ("number", "path", "hash"),
    "held": ("file", "id", "gone"),
    "learned": ("source", "lines"),
}
TABLES = (*COLUMNS, "meta")
# And of searches.db. What a search found is under a checksum of its own too.
BESIDE = {
    "searches": ("number", "mark", "checksum"),
    "hits": ("number", "search", "told", "checksum"),
    "outbox": ("hit", "channel", "label", "tries", "after"),
    "fetched": ("address", "etag", "modified", "seen", "failures", "after", "gone"),
}

_MODULUS = 1 << 128
_SUM = re.compile("[0-9a-f]{32}")
_PREFIX = "sum."  # of the keys in the table `meta`


class Sums:
    """Follows the changes that one connection makes, in the block of `following`."""

    def __init__(self, db: sqlite3.Connection, columns: Mapping[str, tuple[str, ...]] = COLUMNS) -> None:
        self._db, self._columns = db, columns
        self._begin()
        # Rows that INSERT OR REPLACE deletes are seen too.
        db.execute("PRAGMA recursive_triggers = ON")
        db.create_function("khabar_changed", -1, self._changed)
        for table in columns:
            for event, rows in (("INSERT", ("new",)), ("DELETE", ("old",)), ("UPDATE", ("old", "new"))):
                calls = "".join(
                    f"SELECT khabar_changed('{table}', {1 if row == 'new' else -1}, {_values(table, f'{row}.')});"
                    for row in rows
                )
                db.execute(f"CREATE TEMP TRIGGER {table}_{event} AFTER {event} ON main.{table} BEGIN {calls} END")

    @contextmanager
    def following(self) -> Iterator[None]:
        """The block of one transaction, at whose end the stored checksums are brought up to date.

        What a signal raises while SQLite calls back is raised as it was: SQLite only passes on that something was.
        """
        self._begin()
        try:
            yield
        except sqlite3.OperationalError:
            if self._raised is not None:
                raise self._raised from None
            raise
        self.save()

    def save(self) -> None:
        """Bring the stored checksums up to date. A table that has none yet, in an older index, is read whole."""
        stored = _stored(self._db)
        for table, change in self._changes.items():
            old = stored.get(table)
            if old is None:
                _store(self._db, table, table_sum(self._db, table))
            elif change and _SUM.fullmatch(old):  # a damaged one stays wrong, until `renew`
                _store(self._db, table, f"{(int(old, 16) + change) % _MODULUS:032x}")
        new = table_sum(self._db, "meta")
        if stored.get("meta") != new:
            _store(self._db, "meta", new)
        self._begin()

    def renew(self) -> None:
        """Take all tables as they are now for what they should be."""
        for table in self._columns:
            _store(self._db, table, table_sum(self._db, table))
        self._begin()

    def _begin(self) -> None:
        """What an earlier transaction left when it failed does not count."""
        self._changes = dict.fromkeys(self._columns, 0)
        self._raised: BaseException | None = None

    def _changed(self, table: str, sign: int, *values: object) -> None:
        try:
            self._changes[table] += sign * _hash(values)
        except BaseException as error:
            self._raised = error
            raise


def damaged(db: sqlite3.Connection, tables: tuple[str, ...] = TABLES) -> list[str]:
    """Those of the tables that do not match their checksums; a table without one, in an older index, is passed over."""
    stored = _stored(db)
    if not stored:
        return []
    return [table for table in tables if stored.get(table) != table_sum(db, table)]


def table_sum(db: sqlite3.Connection, table: str) -> str:
    """The checksum of a table as it is now: 32 hexadecimal digits."""
    if table == "meta":
        rows = db.execute(f"SELECT {_values('meta')} FROM meta WHERE key <> '{_PREFIX}meta' ORDER BY CAST(key AS BLOB)")
    else:
        rows = db.execute(f"SELECT {_values(table)} FROM {table}")
    return f"{sum(map(_hash, rows)) % _MODULUS:032x}"


def _values(table: str, of: str = "") -> str:
    """SQL for the values of a row, as bytes and exactly as stored, whatever damage has made of them."""
    columns = (COLUMNS | BESIDE | {"meta": ("key", "value")})[table]
    return ", ".join(f"typeof({of}{column}), CAST({of}{column} AS BLOB)" for column in columns)


def _hash(values: object) -> int:
    return int.from_bytes(blake2b(repr(values).encode(), digest_size=16).digest(), "little")


def _stored(db: sqlite3.Connection) -> dict[str, str]:
    rows = db.execute("SELECT key, value FROM meta WHERE key >= ? AND key < ?", (_PREFIX, f"{_PREFIX}~"))
    return {key.removeprefix(_PREFIX): str(value) for key, value in rows}


def _store(db: sqlite3.Connection, table: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"{_PREFIX}{table}", value))
