"""Which files gave which documents: an unchanged file is not read again, and one that is gone or moved can be told.

A file is known by its absolute path and by the hash of its bytes.
"""

from __future__ import annotations

import glob
import os
import re
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from fnmatch import translate

from ..ports import Known, Lost, Reading, is_there, key
from . import database
from .database import COLUMNS

_PATH = COLUMNS.index("path")
_LINE = re.compile(r":\d+$")


class Records:
    """The tables `files` and `held` of a database (see database.py). What changes them belongs inside a transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        db.execute("CREATE TEMP TABLE IF NOT EXISTS met (file, id, PRIMARY KEY (file, id)) WITHOUT ROWID")
        db.execute("CREATE TEMP TABLE IF NOT EXISTS counted (id PRIMARY KEY) WITHOUT ROWID")

    # ---------------------------------------------------------------- questions

    def knows(self, file: bytes) -> bool:
        """Whether a file was read whole before."""
        query = "SELECT 1 FROM files WHERE path = ? AND hash IS NOT NULL"
        return self._db.execute(query, (file,)).fetchone() is not None

    def unchanged(self, file: bytes, digest: bytes) -> int | None:
        """How many articles a file gave, if it was read whole and has the same content still; else None.

        Those embedded in its pages are among them, and those that `counted` knows already are not.
        """
        row = self._db.execute("SELECT number FROM files WHERE path = ? AND hash = ?", (file, digest)).fetchone()
        held = self._db.execute("SELECT id FROM held WHERE file = ? AND NOT gone", row).fetchall() if row else []
        return self.counted(doc for (doc,) in held) if row else None

    def counted(self, ids: Iterable[str]) -> int:
        """How many stored articles some documents gave, embedded ones among them, without those counted before."""
        query = "INSERT OR IGNORE INTO counted SELECT id FROM articles WHERE id = ?1 OR host = ?1"
        return self._db.executemany(query, ((doc,) for doc in ids)).rowcount

    def same_content(self, digest: bytes) -> list[bytes]:
        """The files that had a content when they were read, and that are gone."""
        found = self._db.execute("SELECT path FROM files WHERE hash = ?", (digest,)).fetchall()
        return [path for (path,) in found if not is_there(path)]

    def article(self, doc: str) -> Known | None:
        """What is known of the article with an id; None when there is none."""
        query = "SELECT document, title, url, path, host FROM articles WHERE id = ?"
        row = self._db.execute(query, (doc,)).fetchone()
        return row and Known(database.read_hash(row[0]), *row[1:])

    def holders(self, doc: str) -> list[bytes]:
        """The files that hold a document, as far as they have been read."""
        query = "SELECT path FROM held JOIN files ON number = file WHERE id = ? AND NOT gone ORDER BY path"
        return [path for (path,) in self._db.execute(query, (doc,))]

    def held_by(self, file: bytes) -> list[str]:
        """The ids of at most two documents that a file holds."""
        query = "SELECT id FROM held JOIN files ON number = file WHERE path = ? AND NOT gone LIMIT 2"
        return [doc for (doc,) in self._db.execute(query, (file,))]

    def holds(self, file: bytes, doc: str) -> bool:
        """Whether a file held a document when it was last read."""
        query = "SELECT 1 FROM held JOIN files ON number = file WHERE path = ? AND id = ? AND NOT gone"
        return self._db.execute(query, (file, doc)).fetchone() is not None

    def met(self, file: bytes, doc: str) -> bool:
        """Whether a document was met in the file that is being read, in a batch before this one."""
        query = "SELECT 1 FROM met JOIN files ON number = file WHERE path = ? AND id = ?"
        return self._db.execute(query, (file, doc)).fetchone() is not None

    def lost(self, sources: Sequence[str], unseen: Collection[bytes] = ()) -> Lost:
        """What some sources gave and no longer hold. What lies at or below a path of `unseen` counts as still there."""
        files: list[int] = []
        held: list[tuple[int, str]] = []
        mine: set[str] = set()
        for number, path in self._db.execute("SELECT number, path FROM files").fetchall():
            if not any(_within(path, source) for source in sources):
                continue
            mine.update(doc for (doc,) in self._db.execute("SELECT id FROM held WHERE file = ?", (number,)))
            if is_there(path) or any(path == one or path.startswith(os.path.join(one, b"")) for one in unseen):
                gone = self._db.execute("SELECT id FROM held WHERE file = ? AND gone", (number,))
                held += [(number, doc) for (doc,) in gone]
            else:
                files.append(number)
        going = set(files)
        lost = {doc for number in files for (doc,) in self._db.execute("SELECT id FROM held WHERE file = ?", (number,))}
        lost |= {doc for _, doc in held}
        articles = []
        for doc in sorted(lost):
            others = self._db.execute("SELECT file FROM held WHERE id = ? AND NOT gone", (doc,))
            if all(number in going for (number,) in others):
                articles.append(doc)
        return Lost(files, held, articles, len(mine))

    # ---------------------------------------------------------------- changes

    def update(self, reading: Reading) -> None:
        """Note down what was read."""
        for old, new, place in reading.moved_files:
            self._move_file(old, new, place)
        numbers = {
            path: self._number(path) for path in dict.fromkeys([*(p for p, _ in reading.documents), *reading.finished])
        }
        rows = [(numbers[path], doc) for path, doc in reading.documents]
        self._db.executemany("INSERT OR IGNORE INTO met VALUES (?, ?)", rows)
        self._db.executemany("INSERT INTO held (file, id) VALUES (?, ?) ON CONFLICT DO UPDATE SET gone = 0", rows)
        for path, digest in reading.finished.items():
            # A file that could not be read in full may still hold what was not met.
            if digest is not None:
                gone = "id NOT IN (SELECT id FROM met WHERE file = ?1)"
                self._db.execute(
                    f"UPDATE held SET gone = {gone} WHERE file = ?1 AND gone <> ({gone})", (numbers[path],)
                )
            self._db.execute("UPDATE files SET hash = ?1 WHERE number = ?2 AND hash IS NOT ?1", (digest, numbers[path]))
            self._db.execute("DELETE FROM met WHERE file = ?", (numbers[path],))
        for doc, place in reading.moved.items():
            self._move(doc, place)
            self._leave_missing(doc)

    def reread(self, ids: Iterable[str]) -> None:
        """Have the files that hold some documents read again the next time."""
        query = "UPDATE files SET hash = NULL WHERE number IN (SELECT file FROM held WHERE id = ?)"
        self._db.executemany(query, [(doc,) for doc in ids])

    def reread_all(self) -> None:
        """Have all files read again the next time: what is noted of them cannot be relied on."""
        self._db.execute("UPDATE files SET hash = NULL")
        self._db.execute("UPDATE held SET gone = 0")

    def forget(self, ids: Iterable[str]) -> None:
        """Forget documents: the files that hold them will be read again, and paths that only they had are dropped."""
        for doc in ids:
            files = self._db.execute("SELECT file FROM held WHERE id = ?", (doc,)).fetchall()
            self._db.execute("DELETE FROM held WHERE id = ?", (doc,))
            self._db.executemany("UPDATE files SET hash = NULL WHERE number = ?", files)
            self._drop_empty(number for (number,) in files)

    def drop(self, lost: Lost) -> None:
        """Forget what was lost. A file that holds a document which another one held too is read again the next time."""
        ids = {
            doc for number in lost.files for (doc,) in self._db.execute("SELECT id FROM held WHERE file = ?", (number,))
        }
        ids |= {doc for _, doc in lost.held}
        self._db.executemany("DELETE FROM files WHERE number = ?", [(number,) for number in lost.files])
        self._db.executemany("DELETE FROM held WHERE file = ? AND id = ?", lost.held)
        self.reread(ids - set(lost.articles))

    def _move_file(self, old: bytes, new: bytes, path: str) -> None:
        self._db.execute("DELETE FROM files WHERE path = ?", (new,))
        self._db.execute("UPDATE files SET path = ? WHERE path = ?", (new, old))
        name = os.path.basename(old).decode("utf-8", "replace")
        query = "SELECT id FROM held JOIN files ON number = file WHERE path = ? AND NOT gone"
        for (doc,) in self._db.execute(query, (new,)).fetchall():
            known = self.article(doc)
            if known and known.path and os.path.basename(_LINE.sub("", known.path)) == name:
                self._move(doc, path + (line[0] if (line := _LINE.search(known.path)) else ""))

    def _move(self, doc: str, path: str) -> None:
        """Give an article, and those embedded in it, the path at which it stands now."""
        guests = self._db.execute(
            "SELECT id FROM articles WHERE host = ? AND path IS (SELECT path FROM articles WHERE id = ?1)",
            (doc,),
        )
        for one in [doc, *(guest for (guest,) in guests.fetchall())]:
            for row in database.stored(self._db, key=one):
                columns = (*row.columns[:_PATH], path, *row.columns[_PATH + 1 :])
                checksum = row._replace(columns=columns).sum() if row.sum() == row.checksum else row.checksum
                query = "UPDATE articles SET path = ?, checksum = ? WHERE number = ?"
                self._db.execute(query, (path, checksum, row.number))

    def _leave_missing(self, doc: str) -> None:
        """A document that stands in another file now is no longer held by files that are gone."""
        query = "SELECT number, path FROM held JOIN files ON number = file WHERE id = ?"
        missing = [number for number, path in self._db.execute(query, (doc,)).fetchall() if not is_there(path)]
        for number in missing:
            self._db.execute("DELETE FROM held WHERE file = ? AND id = ?", (number, doc))
            self._db.execute("UPDATE files SET hash = NULL WHERE number = ?", (number,))
        self._drop_empty(missing)

    def _drop_empty(self, numbers: Iterable[int]) -> None:
        query = "DELETE FROM files WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM held WHERE file = ?1)"
        self._db.executemany(query, [(number,) for number in numbers])

    def _number(self, path: bytes) -> int:
        self._db.execute("INSERT OR IGNORE INTO files (path) VALUES (?)", (path,))
        number: int = self._db.execute("SELECT number FROM files WHERE path = ?", (path,)).fetchone()[0]
        return number


def _within(path: bytes, source: str) -> bool:
    """Whether a file belongs to a source, which may be gone."""
    if glob.has_magic(source) and not os.path.lexists(source):
        return re.match(translate(os.path.abspath(source)), os.fsdecode(path)) is not None
    if source == "-":
        return False
    return path == key(source) or path.startswith(os.path.join(key(source), b""))
