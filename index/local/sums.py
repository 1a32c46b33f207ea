"""Checksums of the tables of an index, kept up to date row by row.

The checksum of a table is the sum of the hashes of its rows, modulo 2^128 (an incremental multiset hash: Clarke and
others 2003, MSet-Add-Hash). A change adds and subtracts only the rows it touches, so a commit does not read the whole
table. The rows are watched by temporary triggers, which belong to the writer's connection and are not stored.

This finds damage, not forgery: there is no secret in it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
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
    """Follows the changes that one connection makes; `save` belongs at the end of each transaction.

    Triggers write down the rows that change. They call no function of Python: what a signal raised there, SQLite would
    take for a failure of its own.
    """

    def __init__(self, db: sqlite3.Connection, columns: Mapping[str, tuple[str, ...]] = COLUMNS) -> None:
        self._db, self._columns = db, columns
        # Rows that INSERT OR REPLACE deletes are seen too.
        db.execute("PRAGMA recursive_triggers = ON")
        for table in columns:
            values = ", ".join(f"value{i}" for i in range(2 * len(columns[table])))
            db.execute(f"CREATE TEMP TABLE {table}_changed (sign, {values})")
            for event, rows in (("INSERT", ("new",)), ("DELETE", ("old",)), ("UPDATE", ("old", "new"))):
                noted = "".join(
                    f"INSERT INTO {table}_changed VALUES ({1 if row == 'new' else -1}, {_values(table, f'{row}.')});"
                    for row in rows
                )
                db.execute(f"CREATE TEMP TRIGGER {table}_{event} AFTER {event} ON main.{table} BEGIN {noted} END")

    def save(self) -> None:
        """Bring the stored checksums up to date. A table that has none yet, in an older index, is read whole."""
        stored = _stored(self._db)
        for table in self._columns:
            old = stored.get(table)
            if old is None:
                _store(self._db, table, table_sum(self._db, table))
            elif _SUM.fullmatch(old) and (change := self._change(table)):  # a damaged one stays wrong, until `renew`
                _store(self._db, table, f"{(int(old, 16) + change) % _MODULUS:032x}")
        new = table_sum(self._db, "meta")
        if stored.get("meta") != new:
            _store(self._db, "meta", new)
        self._forget()

    def renew(self) -> None:
        """Take all tables as they are now for what they should be."""
        for table in self._columns:
            _store(self._db, table, table_sum(self._db, table))
        self._forget()

    def _change(self, table: str) -> int:
        """What the changed rows of a table add to its checksum."""
        return sum(sign * _hash(tuple(row)) for sign, *row in self._db.execute(f"SELECT * FROM {table}_changed"))

    def _forget(self) -> None:
        for table in self._columns:
            self._db.execute(f"DELETE FROM {table}_changed")


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
