"""The database of an index, which everything else is derived from: its tables, rows and errors."""

from __future__ import annotations

import errno
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import fields
from functools import partial
from hashlib import blake2b, sha256
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import IndexDamaged, StorageError
from ..output import replacing
from ..types import Article
from .layout import DATABASE, PRIVATE, SEARCHES, delete_unfinished
from .manifest import Manifest
from .sums import Sums

LAST_RUN = "last_run"
"""The key in the table `meta` of what the last indexing run did, as JSON."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL,
    language TEXT NOT NULL, published TEXT, source TEXT, url TEXT, path TEXT, keywords TEXT NOT NULL,
    city TEXT, agency TEXT, host TEXT, document TEXT NOT NULL, sketch BLOB NOT NULL, whole BLOB NOT NULL,
    checksum BLOB NOT NULL);
CREATE INDEX articles_host ON articles (host) WHERE host IS NOT NULL;
CREATE INDEX articles_facets ON articles (source, language, published); -- filters and counts read no texts
CREATE TABLE passages (
    position INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE INDEX passages_article ON passages (article);

-- What is derived. `pure` says that no passage that has since been removed was ever part of the segment.
CREATE TABLE segments (
    name TEXT PRIMARY KEY, first INTEGER NOT NULL, size INTEGER NOT NULL, pure INTEGER NOT NULL, files TEXT NOT NULL);
CREATE TABLE tombstones (position INTEGER PRIMARY KEY);

-- What came from where. A file whose content still has this hash need not be read again; `gone` marks documents that
-- it gave once and no longer holds.
CREATE TABLE files (number INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, hash BLOB);
CREATE TABLE held (
    file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, id TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (file, id)) WITHOUT ROWID;
CREATE INDEX held_id ON held (id);

-- What the cleaner has learned of each source. Both columns hold hashes only, so that removed words are in neither.
CREATE TABLE learned (source BLOB PRIMARY KEY, lines TEXT NOT NULL) WITHOUT ROWID;
"""

PAGE = 65_536
"""Bytes in a page of the database. An article's text takes whole pages unless several fit into one."""

COLUMNS = tuple(f.name for f in fields(Article))
_VALUES = attrgetter(*COLUMNS)
_KEYWORDS = COLUMNS.index("keywords")
_OPTIONAL = {f.name for f in fields(Article) if f.default is None}  # columns that may be NULL


def connect(path: Path, *, writing: bool = False) -> sqlite3.Connection:
    """Open an existing database. Raises sqlite3.Error, and StorageError where only a writer could begin to read it.

    Readers open it for reading only, so that they never delete the log beside it: with the log in place, a process
    that may not write to the folder can read it too, and sees whole commits.
    """
    options = "mode=rw" if writing else "mode=ro"
    if not writing and not path.with_name(f"{path.name}-wal").exists() and not os.access(path.parent, os.W_OK):
        if not _on_read_only_disk(path):
            raise StorageError(
                f"{path.parent} cannot be read without the right to write to it, since the log of its database is "
                f"missing. Its owner makes it with: khabar info --index {path.parent}"
            )
        options = "mode=ro&immutable=1"  # nobody can write, so nothing changes
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, isolation_level=None, timeout=30)
    # A damaged text can still be read, and then does not match its article's checksum.
    db.text_factory = partial(str, encoding="utf-8", errors="replace")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA trusted_schema = OFF")  # a database from a stranger runs nothing
    db.execute("PRAGMA cell_size_check = ON")  # damaged pages are noticed when they are read
    db.execute("PRAGMA secure_delete = ON")  # removed text is overwritten, not just unlinked
    db.execute("PRAGMA synchronous = FULL")  # an acknowledged commit survives a power cut
    if not writing:
        # Else all of a page is copied for each row, which takes twice the time. SQLite itself maps 2 GB at most.
        db.execute(f"PRAGMA mmap_size = {1 << 40}")
    return db


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """An existing database, to be changed. Raises IndexDamaged or StorageError."""
    with explained(path.parent):
        # As long as this one is open, closing the other does not delete the log that others may need (see `connect`).
        reader = connect(path)
    with closing(reader):
        with explained(path.parent):
            require_schema(reader)
            db = connect(path, writing=True)
        with closing(db):
            yield db


def _on_read_only_disk(path: Path) -> bool:
    return hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def create(path: Path, manifest: Manifest) -> None:
    """Make an empty database, which appears under its name only when it is whole and on the disk.

    Raises sqlite3.Error or OSError; then no file of it is left.
    """
    delete_unfinished(path.parent)
    try:
        with replacing(path, path.with_name(f"{path.name}.new"), PRIVATE) as unfinished:
            with closing(sqlite3.connect(unfinished, isolation_level=None)) as db:
                # Without a log as yet: all of it is in the one file that is renamed.
                db.execute(f"PRAGMA page_size = {PAGE}")
                db.execute("PRAGMA journal_mode = DELETE")
                db.execute("PRAGMA synchronous = FULL")
                db.executescript(f"BEGIN;{SCHEMA}")
                values = manifest.facts() | {"generation": 0, "identity": secrets.token_hex(16)}
                db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
                Sums(db).save()
                db.execute("COMMIT")
                # It stays set: readers and a writer do not wait for each other.
                if db.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
                    raise sqlite3.OperationalError("the file system has no write-ahead log")
            if unfinished.with_name(f"{unfinished.name}-wal").exists():
                raise sqlite3.OperationalError("the log could not be written back")
    except BaseException:
        delete_unfinished(path.parent)
        raise
    with suppress(sqlite3.Error, OSError), closing(connect(path)) as db:  # makes the log, for those who may only read
        db.execute("SELECT 1 FROM meta").fetchone()


def require_schema(db: sqlite3.Connection, schema: str = SCHEMA, file: str = DATABASE) -> None:
    """Raises IndexDamaged when a database has other tables than Khabar makes: triggers and views could run anything."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master"
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(schema)
        expected = set(made.execute(query))
    found = set(db.execute(query))
    for kind, name, *_ in sorted(found ^ expected, key=repr):
        raise IndexDamaged(f"The database {file} has no {kind} {name!r} as Khabar makes it. {_REMEDY[file]}")


_REMEDY = {
    DATABASE: "Restore it from a backup, or index the sources again into a new folder.",
    SEARCHES: "Remove that file, and save the searches again; the articles do not depend on it.",
}


@contextmanager
def transaction(db: sqlite3.Connection, folder: Path, file: str = DATABASE) -> Iterator[None]:
    """A block whose changes are committed as a whole, or not at all when anything in it fails."""
    with explained(folder, file):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.rollback()
            raise


def empty_log(db: sqlite3.Connection, patience: float) -> bool:
    """Move what was committed from the log into the database; False when a reader prevents that for so many seconds."""
    db.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
    ((busy, _, _),) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return not busy


# SQLite's result codes for a file that is no longer what was written; all others are about the system.
_DAMAGE = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_MISMATCH", "SQLITE_CONSTRAINT", "SQLITE_TOOBIG"}
_ROOM = {"SQLITE_FULL", "SQLITE_IOERR"}


@contextmanager
def explained(folder: Path, file: str = DATABASE) -> Iterator[None]:
    """A block whose database, file and memory errors become IndexDamaged or StorageError, which say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "SQLITE_MISMATCH")  # Python's own: a text that is no UTF-8
        kind = "_".join(name.split("_")[:2])
        if kind in _DAMAGE:
            raise IndexDamaged(
                f"{folder / file} is damaged ({error}). See what is left with: khabar verify --index {folder}"
            ) from error
        if name.endswith(("NOMEM", "MMAP", "SHMMAP")):
            raise StorageError(f"{folder} cannot be used (out of memory). {_MEMORY}") from error
        advice = _DISK if kind in _ROOM else _RIGHTS
        raise StorageError(f"{folder} cannot be used ({error}). {advice}") from error
    except MemoryError as error:
        raise StorageError(f"{folder} cannot be used (out of memory). {_MEMORY}") from error
    except OSError as error:
        advice = {errno.ENOMEM: _MEMORY, errno.EACCES: _RIGHTS, errno.EPERM: _RIGHTS}.get(error.errno or 0, _DISK)
        raise StorageError(
            f"{error.filename or folder} cannot be used ({error.strerror or error}). {advice}"
        ) from error


_AS_IT_WAS = "The index is as it was."
_DISK = f"{_AS_IT_WAS} Make room on the disk, or see that the folder may be written to, and try again."
_RIGHTS = f"{_AS_IT_WAS} See that the folder may be read, and for changes that it may be written to, and try again."
_MEMORY = f"{_AS_IT_WAS} Free some memory, or allow this process more, and try again."


def file_at(path: Path) -> tuple[int, int]:
    """Which file a path leads to now. Raises OSError.

    It tells whether that is still a file that is open: once it is closed, another file may get the same numbers.
    """
    about = path.stat()
    return about.st_dev, about.st_ino


def identity_of(db: sqlite3.Connection) -> object:
    """What a database was called at random when it was made; None in one from before there were such names."""
    row = db.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()
    return row[0] if row else None


def article(row: Sequence[Any]) -> Article:
    """An article from its COLUMNS. Raises IndexDamaged where they are not what an article has."""
    values = dict(zip(COLUMNS, row, strict=True))
    for name, value in values.items():
        if not (isinstance(value, str) or (value is None and name in _OPTIONAL)):
            raise IndexDamaged(f"The {name} of article {values['id']!r} is no text. See: khabar verify")
    try:
        keywords = json.loads(values["keywords"])
    except (ValueError, RecursionError):
        keywords = None
    if not (isinstance(keywords, list) and all(isinstance(keyword, str) for keyword in keywords)):
        raise IndexDamaged(f"The keywords of article {values['id']!r} cannot be read. See: khabar verify")
    return Article(**values | {"keywords": tuple(keywords)})


def columns(article: Article) -> tuple[Any, ...]:
    """The COLUMNS of an article."""
    values = list(_VALUES(article))  # `astuple` takes ten times as long
    values[_KEYWORDS] = json.dumps(article.keywords, ensure_ascii=False) if article.keywords else "[]"
    return tuple(values)


class Stored(NamedTuple):
    """All that the database holds of an article, as it is stored."""

    number: int
    columns: tuple[Any, ...]
    document: bytes | str  # see `stored_hash`
    sketch: bytes
    whole: bytes
    checksum: bytes
    passages: list[tuple[int, int, int, bytes]]  # position, start, end, vector

    def sum(self) -> bytes:
        """What `checksum` must be."""
        checksum = blake2b(repr((self.columns, self.document)).encode("utf-8", "surrogatepass"), digest_size=16)
        checksum.update(self.sketch)
        checksum.update(self.whole)
        for _, start, end, vector in self.passages:
            checksum.update(b"%d-%d" % (start, end) + vector)
        return checksum.digest()

    def is_whole(self) -> bool:
        """Whether all of it matches its checksum."""
        try:
            return self.sum() == self.checksum
        except (TypeError, ValueError):  # a value of another type than Khabar stores
            return False


def stored(db: sqlite3.Connection, after: int = 0, limit: int = -1, key: str | None = None) -> Iterator[Stored]:
    """The articles whose numbers are greater than `after`, in order; at most `limit`; or the one with an id."""
    facts = f"SELECT {', '.join(COLUMNS)}, number, document, sketch, whole, checksum FROM articles"
    passages = "SELECT position, start, end, vector FROM passages WHERE article = ? ORDER BY position"
    chosen = "number > ?1" if key is None else "id = ?1"
    for row in db.execute(f"{facts} WHERE {chosen} ORDER BY number LIMIT ?2", (after if key is None else key, limit)):
        columns, (number, document, sketch, whole, checksum) = row[: len(COLUMNS)], row[len(COLUMNS) :]
        yield Stored(number, columns, document, sketch, whole, checksum, db.execute(passages, (number,)).fetchall())


def generation_of(db: sqlite3.Connection) -> int:
    """How many commits there have been. Raises IndexDamaged where the database does not say."""
    row = db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
    if row is None or not isinstance(row[0], int):
        raise IndexDamaged("The database does not say its generation. Mend it with: khabar verify --repair")
    return row[0]


def state_of(db: sqlite3.Connection) -> tuple[Any, ...]:
    """Which commit of which database this is: its identity, its generation and the checksums of all its tables.

    Copies of a database have one identity, and each may have had other commits since. Raises IndexDamaged.
    """
    generation_of(db)
    return tuple(db.execute("SELECT key, value FROM meta ORDER BY key"))


def described(db: sqlite3.Connection) -> str:
    """What manifest.json says of the state that the database is in."""
    counts = {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("articles", "passages", "segments")}
    generation = generation_of(db)
    facts = Manifest.read(db).facts() | counts | {"generation": generation}
    return json.dumps(facts | {"checksum": facts_sum(facts)}, indent=2) + "\n"


def facts_sum(facts: Mapping[str, Any]) -> str:
    """The checksum that manifest.json carries over all else in it."""
    return sha256(json.dumps(facts).encode()).hexdigest()


def facts_in(path: Path) -> dict[str, Any] | None:
    """What a manifest.json says, without its checksum; None where it does not match that. Raises OSError."""
    try:
        facts = json.loads(path.read_bytes())
        whole = facts.pop("checksum") == facts_sum(facts) and isinstance(facts["generation"], int)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return facts if whole else None


def stored_hash(document: str) -> bytes | str:
    """The hash of a document as the database holds it: the bytes that its hexadecimal digits say, else as it is."""
    with suppress(ValueError):
        if (packed := bytes.fromhex(document)).hex() == document:
            return packed
    return document


def read_hash(stored: bytes | str) -> str:
    """The hash of a document, as it was before `stored_hash`."""
    return stored.hex() if isinstance(stored, bytes) else stored


def source_key(source: str) -> bytes:
    """Under which the table `learned` keeps a source."""
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def tombstones(db: sqlite3.Connection) -> npt.NDArray[np.int64]:
    """The positions of passages that segments hold although they were removed: int64, ascending."""
    return np.fromiter((p for (p,) in db.execute("SELECT position FROM tombstones ORDER BY position")), np.int64)
