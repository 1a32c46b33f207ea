"""The database in which an index keeps its truth: its tables, its rows, and what its errors mean to the user."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, fields
from functools import partial
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import IndexDamaged, StorageError
from ..types import Article
from .manifest import Manifest

DATABASE = "articles.db"

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

COLUMNS = tuple(f.name for f in fields(Article))


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing database; one in a folder that cannot be written to only for reading. Raises sqlite3.Error."""
    options = "mode=rw"
    if not os.access(path.parent, os.W_OK):
        # Without a log beside it no process is writing, and SQLite need not make one.
        options = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, isolation_level=None, timeout=30)
    # A damaged text can still be read, and then does not match its article's checksum.
    db.text_factory = partial(str, encoding="utf-8", errors="replace")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA trusted_schema = OFF")  # a database from a stranger runs nothing
    db.execute("PRAGMA secure_delete = ON")  # removed text is overwritten, not just unlinked
    db.execute("PRAGMA synchronous = FULL")  # an acknowledged commit survives a power cut
    return db


def create(path: Path, manifest: Manifest) -> None:
    """Make an empty database, which appears under its name only when it is complete."""
    unfinished = path.with_name(f"{path.name}.new")
    for left_behind in path.parent.glob(f"{unfinished.name}*"):
        left_behind.unlink()
    db = sqlite3.connect(unfinished, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")  # stays set: readers and a writer do not wait for each other
        db.executescript(SCHEMA)
        values = {f.name: getattr(manifest, f.name) for f in fields(manifest)} | {"generation": 0}
        with db:
            db.execute("BEGIN")
            db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
    finally:
        db.close()
    force(unfinished)
    unfinished.replace(path)
    force(path.parent)


@contextmanager
def transaction(db: sqlite3.Connection, folder: Path) -> Iterator[None]:
    """A block whose changes are committed as a whole, or not at all when anything in it fails."""
    with explained(folder):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.rollback()
            raise


# What SQLite's result codes say about a file that is no longer what was written; all others are about the system.
_DAMAGE = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_MISMATCH", "SQLITE_CONSTRAINT"}


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """A block whose database and file errors become IndexDamaged or StorageError, which say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "SQLITE_MISMATCH")  # Python's own: a text that is no UTF-8
        if "_".join(name.split("_")[:2]) in _DAMAGE:
            raise IndexDamaged(
                f"{folder / DATABASE} is damaged ({error}). See what is left with: khabar verify --index {folder}"
            ) from error
        raise StorageError(f"{folder} cannot be used ({error}). {_ADVICE}") from error
    except OSError as error:
        raise StorageError(
            f"{error.filename or folder} cannot be used ({error.strerror or error}). {_ADVICE}"
        ) from error


_ADVICE = "The index is as it was. Make room on the disk, or see that the folder may be written to, and try again."


def force(path: Path) -> None:
    """Wait until a file or the entries of a folder are on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def article(row: Sequence[Any]) -> Article:
    """An article from its COLUMNS."""
    values = dict(zip(COLUMNS, row, strict=True))
    try:
        keywords = tuple(json.loads(values["keywords"]))
    except (ValueError, TypeError):
        raise sqlite3.DataError(f"the keywords of article {values['id']!r} cannot be read") from None
    return Article(**values | {"keywords": keywords})


def columns(article: Article) -> tuple[Any, ...]:
    """The COLUMNS of an article."""
    return tuple(json.dumps(v, ensure_ascii=False) if isinstance(v, tuple) else v for v in astuple(article))


class Stored(NamedTuple):
    """All that the database holds of an article, as it is stored."""

    number: int
    columns: tuple[Any, ...]
    document: str
    sketch: bytes
    whole: bytes
    checksum: bytes
    passages: list[tuple[int, int, int, bytes]]  # position, start, end, vector

    def sum(self) -> bytes:
        """What `checksum` must be."""
        sum = blake2b(repr((self.columns, self.document)).encode("utf-8", "surrogatepass"), digest_size=16)
        sum.update(self.sketch)
        sum.update(self.whole)
        for _, start, end, vector in self.passages:
            sum.update(b"%d-%d" % (start, end) + vector)
        return sum.digest()


def stored(db: sqlite3.Connection, after: int = 0, limit: int = -1, id: str | None = None) -> Iterator[Stored]:
    """The articles whose numbers are greater than `after`, in order; at most `limit`; or the one with an id."""
    facts = f"SELECT {', '.join(COLUMNS)}, number, document, sketch, whole, checksum FROM articles"
    passages = "SELECT position, start, end, vector FROM passages WHERE article = ? ORDER BY position"
    chosen = "number > ?1" if id is None else "id = ?1"
    for row in db.execute(f"{facts} WHERE {chosen} ORDER BY number LIMIT ?2", (after if id is None else id, limit)):
        columns, (number, document, sketch, whole, sum) = row[: len(COLUMNS)], row[len(COLUMNS) :]
        yield Stored(number, columns, document, sketch, whole, sum, db.execute(passages, (number,)).fetchall())


def described(db: sqlite3.Connection) -> str:
    """What manifest.json says of the state that the database is in."""
    counts = {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("articles", "passages", "segments")}
    generation = db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0]
    facts = asdict(Manifest.read(db)) | counts | {"generation": generation}
    return json.dumps(facts | {"checksum": facts_sum(facts)}, indent=2) + "\n"


def facts_sum(facts: Mapping[str, Any]) -> str:
    """The checksum that manifest.json carries over all else in it."""
    return sha256(json.dumps(facts).encode()).hexdigest()


def source_key(source: str) -> bytes:
    """Under which the table `learned` keeps a source."""
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).digest()
