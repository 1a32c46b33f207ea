"""Which files gave which documents: an unchanged file is not read again, and one that is gone can be told.

A file is known by its absolute path and by the hash of its bytes.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import translate


@dataclass(frozen=True, slots=True)
class Reading:
    """What a batch took from files: (path, document id) of each document, and the hash of each file that was read to
    its end; None instead of a hash where something in the file was rejected, so that it is read and named again."""

    documents: list[tuple[bytes, str]] = field(default_factory=list)
    finished: dict[bytes, bytes | None] = field(default_factory=dict)


class Records:
    """The tables `files` and `held` of a database (see database.py). Its methods belong inside a transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def unchanged(self, path: bytes, hash: bytes) -> int | None:
        """How many documents a file gave, if it was read whole and has the same content still; else None."""
        query = "SELECT count(id) FROM files LEFT JOIN held ON file = number AND NOT gone WHERE path = ? AND hash = ?"
        row = self._db.execute(f"{query} GROUP BY number", (path, hash)).fetchone()
        return row and int(row[0])

    def update(self, reading: Reading) -> None:
        """Note down what was read."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS met (file, id, PRIMARY KEY (file, id)) WITHOUT ROWID")
        numbers = {
            path: self._number(path) for path in dict.fromkeys([*(p for p, _ in reading.documents), *reading.finished])
        }
        rows = [(numbers[path], id) for path, id in reading.documents]
        self._db.executemany("INSERT OR IGNORE INTO met VALUES (?, ?)", rows)
        self._db.executemany("INSERT OR IGNORE INTO held (file, id) VALUES (?, ?)", rows)
        for path, hash in reading.finished.items():
            # A file that could not be read in full may still hold what was not met.
            if hash is not None:
                gone = "id NOT IN (SELECT id FROM met WHERE file = ?1)"
                self._db.execute(
                    f"UPDATE held SET gone = {gone} WHERE file = ?1 AND gone <> ({gone})", (numbers[path],)
                )
            self._db.execute("UPDATE files SET hash = ?1 WHERE number = ?2 AND hash IS NOT ?1", (hash, numbers[path]))
            self._db.execute("DELETE FROM met WHERE file = ?", (numbers[path],))

    def reread(self, ids: Iterable[str]) -> None:
        """Have the files that hold some documents read again the next time."""
        query = "UPDATE files SET hash = NULL WHERE number IN (SELECT file FROM held WHERE id = ?)"
        self._db.executemany(query, [(id,) for id in ids])

    def reread_all(self) -> None:
        """Have all files read again the next time: what is noted of them cannot be relied on."""
        self._db.execute("UPDATE files SET hash = NULL")
        self._db.execute("UPDATE held SET gone = 0")

    def forget(self, ids: Iterable[str]) -> None:
        """Forget documents: the files that hold them will be read again, and paths that only they had are dropped."""
        for id in ids:
            files = self._db.execute("SELECT file FROM held WHERE id = ?", (id,)).fetchall()
            self._db.execute("DELETE FROM held WHERE id = ?", (id,))
            self._db.executemany("UPDATE files SET hash = NULL WHERE number = ?", files)
            self._db.executemany(
                "DELETE FROM files WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM held WHERE file = ?1)", files
            )

    def prune(self, sources: Sequence[str]) -> list[str]:
        """Forget the files of some sources that are gone; returns the documents that no file holds any more.

        A file that still holds a document which another one held too will be read again the next time.
        """
        lost: set[str] = set()
        for number, path in self._db.execute("SELECT number, path FROM files").fetchall():
            if any(_within(path, source) for source in sources):
                there = os.path.lexists(path)
                query = "SELECT id FROM held WHERE file = ?" + (" AND gone" if there else "")
                lost.update(id for (id,) in self._db.execute(query, (number,)))
                what = "FROM held WHERE file = ? AND gone" if there else "FROM files WHERE number = ?"
                self._db.execute(f"DELETE {what}", (number,))
        orphans = []
        for id in sorted(lost):
            others = self._db.execute("SELECT file FROM held WHERE id = ? AND NOT gone", (id,)).fetchall()
            self._db.executemany("UPDATE files SET hash = NULL WHERE number = ?", others)
            if not others:
                orphans.append(id)
        return orphans

    def _number(self, path: bytes) -> int:
        self._db.execute("INSERT OR IGNORE INTO files (path) VALUES (?)", (path,))
        number: int = self._db.execute("SELECT number FROM files WHERE path = ?", (path,)).fetchone()[0]
        return number


def key(path: str) -> bytes:
    """Under which a file is known: its absolute path, as the system has it."""
    return os.fsencode(os.path.abspath(path))


def digest(path: str) -> bytes:
    """The hash of a file's bytes. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _within(path: bytes, source: str) -> bool:
    """Whether a file belongs to a source that is there: a folder that is gone may only not be mounted."""
    if os.path.isdir(source):
        return path.startswith(os.path.join(key(source), b""))
    if os.path.exists(source):
        return path == key(source)
    return glob.has_magic(source) and re.match(translate(os.path.abspath(source)), os.fsdecode(path)) is not None
