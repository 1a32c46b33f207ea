"""Which files gave which documents, as a writer works with it: the tables of a folder's database, kept in memory.

They are filled from the ledger when the writer begins. What changes in them is written back with each commit, in texts
of some thousand documents each.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b

import numpy as np

from ..local import Records
from ..ports import Known
from .cluster import Row
from .reading import Rows
from .schema import key_of

PACK = 2_000
"""Documents of a file that are in one text of the ledger, at most."""

_TABLES = """
CREATE TABLE articles (id TEXT PRIMARY KEY, document TEXT, title TEXT, url TEXT, path TEXT, host TEXT);
CREATE INDEX articles_host ON articles (host) WHERE host IS NOT NULL;
CREATE TABLE files (number INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, hash BLOB);
CREATE TABLE held (
    file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, id TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (file, id)) WITHOUT ROWID;
CREATE INDEX held_id ON held (id);
CREATE TABLE changed_files (number INTEGER PRIMARY KEY);
CREATE TABLE changed_held (file INTEGER, id TEXT, PRIMARY KEY (file, id)) WITHOUT ROWID;
CREATE TABLE gone_paths (path BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE packs (file INTEGER, id TEXT, pack TEXT, PRIMARY KEY (file, id)) WITHOUT ROWID;
CREATE INDEX packs_pack ON packs (pack);
PRAGMA foreign_keys = ON;
"""

_TRIGGERS = """
CREATE TRIGGER file_new AFTER INSERT ON files BEGIN INSERT OR IGNORE INTO changed_files VALUES (NEW.number); END;
CREATE TRIGGER file_changed AFTER UPDATE ON files BEGIN INSERT OR IGNORE INTO changed_files VALUES (NEW.number); END;
CREATE TRIGGER file_moved AFTER UPDATE OF path ON files BEGIN
    INSERT OR IGNORE INTO gone_paths VALUES (OLD.path);
    INSERT OR IGNORE INTO changed_held SELECT file, id FROM held WHERE file = NEW.number;
    DELETE FROM packs WHERE file = NEW.number; END;
CREATE TRIGGER file_gone AFTER DELETE ON files BEGIN
    INSERT OR IGNORE INTO gone_paths VALUES (OLD.path); DELETE FROM packs WHERE file = OLD.number; END;
CREATE TRIGGER held_new AFTER INSERT ON held BEGIN INSERT OR IGNORE INTO changed_held VALUES (NEW.file, NEW.id); END;
CREATE TRIGGER held_changed AFTER UPDATE ON held BEGIN
    INSERT OR IGNORE INTO changed_held VALUES (NEW.file, NEW.id); END;
CREATE TRIGGER held_gone AFTER DELETE ON held BEGIN
    INSERT OR IGNORE INTO changed_held VALUES (OLD.file, OLD.id); END;
"""


class MilvusRecords(Records):
    """The records of a writer. Articles are looked up in the engine when they are first asked for.

    `moved` are the ids of articles that have another path by now, with that path; the writer stores them anew.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._mirror = db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        db.executescript(_TABLES)
        super().__init__(db)
        self.moved: dict[str, str] = {}
        self._looked_up: set[str] = set()
        self._load()
        db.executescript(_TRIGGERS)
        stored = rows.cluster.scan(rows.state.articles, "number > 0", ("number", "key", "host"), "Strong")
        keys = [key for row in stored for key in (row["key"], row["host"])]
        self._keys = np.unique(np.array(keys, np.int64))  # of ids that are not among them nothing is asked
        self._added: set[int] = set()

    # ---------------------------------------------------------------- articles

    def article(self, doc: str) -> Known | None:
        """What is known of the article with an id; None when there is none."""
        if doc not in self._looked_up:
            self.look_up([doc, *self._beside(doc)])  # a file that is read again gives these next
        return super().article(doc)

    def _beside(self, doc: str) -> list[str]:
        """The documents that the ledger keeps in the same text as one, PACK at most."""
        query = (
            "SELECT two.id FROM held JOIN packs one USING (file, id) JOIN packs two ON two.pack = one.pack "
            "WHERE held.id = ? LIMIT ?"
        )
        return [one for (one,) in self._mirror.execute(query, (doc, PACK))]

    def counted(self, ids: Iterable[str]) -> int:
        """How many stored articles some documents gave, embedded ones among them, without those counted before."""
        asked = list(ids)
        self.look_up(asked)
        return super().counted(asked)

    def look_up(self, ids: Iterable[str]) -> None:
        """Learn of the articles with some ids, and of those embedded in them, unless they are known."""
        fresh = [one for one in dict.fromkeys(ids) if one not in self._looked_up]
        self._looked_up.update(fresh)
        asked = [key for key in map(key_of, fresh) if self._is_stored(key)]
        if not asked:
            return
        rows, fields = self._rows, ("number", "key", "facts", "document")
        found = rows.of_keys(asked, fields) + rows.of_keys(asked, fields, hosts=True)
        rows.unspill("facts", {row["number"]: row for row in found})
        for row in sorted(found, key=lambda row: int(row["number"])):
            self.learn(json.loads(row["facts"]), row["document"])

    def learn(self, facts: Row, document: str) -> None:
        """An article is stored by now."""
        self._looked_up.add(facts["id"])
        values = (facts["id"], document, facts["title"], facts["url"], facts["path"], facts["host"])
        query = "INSERT OR REPLACE INTO articles (id, document, title, url, path, host) VALUES (?, ?, ?, ?, ?, ?)"
        self._mirror.execute(query, values)

    def unlearn(self, ids: Iterable[str]) -> None:
        """Articles are gone by now."""
        self._mirror.executemany("DELETE FROM articles WHERE id = ?", [(one,) for one in ids])

    def is_held(self, name: str) -> bool:
        """Whether some file holds a document."""
        return self._mirror.execute("SELECT 1 FROM held WHERE id = ? AND NOT gone", (name,)).fetchone() is not None

    def stored(self, keys: Iterable[int]) -> None:
        """Articles with these keys, and those they are embedded in, are in the engine by now."""
        self._added.update(keys)

    def _is_stored(self, key: int) -> bool:
        place = int(np.searchsorted(self._keys, key))
        return key in self._added or (place < len(self._keys) and int(self._keys[place]) == key)

    def _move(self, doc: str, path: str) -> None:
        self.look_up([doc])
        query = (
            "SELECT id FROM articles WHERE id = ?1 OR host = ?1 AND path IS (SELECT path FROM articles WHERE id = ?1)"
        )
        for (one,) in self._mirror.execute(query, (doc,)).fetchall():
            self._mirror.execute("UPDATE articles SET path = ? WHERE id = ?", (path, one))
            self.moved[one] = path

    # ---------------------------------------------------------------- the ledger

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A block whose changes are undone when it fails."""
        self._mirror.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._mirror.rollback()
            self.moved.clear()
            raise
        self._mirror.commit()

    def write(self) -> None:
        """Write down what changed since the last time."""
        db, ledger = self._mirror, self._rows.ledger
        gone = {_name(path) for (path,) in db.execute("SELECT path FROM gone_paths")}
        held = db.execute("SELECT DISTINCT file, pack FROM changed_held JOIN packs USING (file, id)").fetchall()
        fresh = db.execute(
            "SELECT c.file, c.id FROM changed_held c JOIN held USING (file, id) LEFT JOIN packs p "
            "ON p.file = c.file AND p.id = c.id WHERE p.pack IS NULL ORDER BY c.file, c.id"
        ).fetchall()
        touched = {pack for _, pack in held}
        by_file: dict[int, list[str]] = defaultdict(list)
        for file, one in fresh:
            by_file[file].append(one)
        for file, ids in by_file.items():
            for start in range(0, len(ids), PACK):
                pack = f"held/{self._named(file)}/{os.urandom(6).hex()}"
                touched.add(pack)
                db.executemany(
                    "INSERT INTO packs VALUES (?, ?, ?)", [(file, one, pack) for one in ids[start : start + PACK]]
                )
        packs, empty = self._packs(touched)
        files = {}
        for path, digest in db.execute("SELECT path, hash FROM files JOIN changed_files USING (number)").fetchall():
            said = {"path": path.hex(), "hash": None if digest is None else digest.hex()}
            files[f"file/{_name(path)}"] = json.dumps(said)
        ledger.put("held", packs)
        ledger.put("file", files)
        lost = [f"file/{name}" for name in gone if f"file/{name}" not in files]
        old = [pack for pack in ledger.names("held", "Strong") if pack.split("/")[1] in gone] if gone else []
        ledger.delete([*lost, *empty, *(pack for pack in old if pack not in packs)])
        for table in ("changed_files", "changed_held", "gone_paths"):
            db.execute(f"DELETE FROM {table}")

    def _packs(self, names: set[str]) -> tuple[dict[str, str], list[str]]:
        """What some packs say now, and which are empty."""
        packs, empty = {}, []
        query = "SELECT file, id, gone FROM packs JOIN held USING (file, id) WHERE pack = ? ORDER BY id"
        for name in sorted(names):
            rows = self._mirror.execute(query, (name,)).fetchall()
            if rows:
                packs[name] = json.dumps(
                    {"file": self._named(rows[0][0]), "held": [[one, gone] for _, one, gone in rows]}
                )
            else:
                empty.append(name)
        return packs, empty

    def _named(self, file: int) -> str:
        return _name(self._mirror.execute("SELECT path FROM files WHERE number = ?", (file,)).fetchone()[0])

    def _load(self) -> None:
        ledger, db = self._rows.ledger, self._mirror
        numbers: dict[str, int] = {}
        for name, text in ledger.kinds(["file"], "Strong").items():
            said = json.loads(text)
            digest = None if said["hash"] is None else bytes.fromhex(said["hash"])
            row = db.execute("INSERT INTO files (path, hash) VALUES (?, ?)", (bytes.fromhex(said["path"]), digest))
            numbers[name.partition("/")[2]] = row.lastrowid or 0
        for name, text in ledger.kinds(["held"], "Strong").items():
            said = json.loads(text)
            if (file := numbers.get(said["file"])) is not None:
                db.executemany(
                    "INSERT OR REPLACE INTO held VALUES (?, ?, ?)", [(file, one, gone) for one, gone in said["held"]]
                )
                db.executemany(
                    "INSERT OR REPLACE INTO packs VALUES (?, ?, ?)", [(file, one, name) for one, _ in said["held"]]
                )


def _name(path: bytes) -> str:
    return blake2b(path, digest_size=12).hexdigest()
