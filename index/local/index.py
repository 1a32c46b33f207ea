"""The stored index, read: one folder with a SQLite database that is the truth, and segments derived from it.

At any moment the database names exactly the segment files that belong to it (see writer.py), so one read transaction
is a consistent view of everything.
"""

from __future__ import annotations

import json
import shlex
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import IndexDamaged, IndexMismatch, IndexMissing, InputError
from ..types import Article, Encoder
from . import database
from .database import COLUMNS, DATABASE, explained
from .lock import LOCK_FILES, locked
from .manifest import FORMAT, Manifest
from .segments import Segment, Snapshot
from .view import LocalView

SEGMENTS = "segments"
MANIFEST = "manifest.json"


class Index:
    """An index folder. Any number of processes and threads may read it, while one writes (see `writing`)."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest
        self._view: LocalView | None = None
        self._threads = threading.local()

    @classmethod
    def create(cls, path: str | Path, encoder: Encoder) -> Index:
        """Make an empty index for vectors of `encoder` in a new or empty folder.

        Raises InputError when the folder holds something else, IndexLocked, StorageError.
        """
        path = Path(path)
        manifest = Manifest.of(encoder)
        with explained(path):
            if path.exists() and not path.is_dir():
                raise InputError(f"{path} is not a folder. Name another one with --index.")
            path.mkdir(parents=True, exist_ok=True)
        with locked(path), explained(path):
            if any(p.name not in LOCK_FILES and not p.name.startswith(f"{DATABASE}.new") for p in path.iterdir()):
                raise InputError(f"{path} is not an index and not empty. Name another folder with --index.")
            database.create(path / DATABASE, manifest)
        return cls(path, manifest)

    @classmethod
    def open(cls, path: str | Path, *, outdated: bool = False) -> Index:
        """Open an existing index. Raises IndexMissing, IndexDamaged, IndexMismatch or StorageError.

        `outdated` is for mending: it lets one be opened whose derived part another version of Khabar made.
        """
        path = Path(path)
        with explained(path):
            if not (path / DATABASE).is_file():
                if (path / MANIFEST).exists():
                    raise IndexDamaged(f"{path / DATABASE} is missing. Restore it, or index the sources again.")
                what = "is not a Khabar index" if path.exists() else "does not exist"
                raise IndexMissing(f"{path} {what}. Make one with: khabar index FOLDER --index {path}")
            db = database.connect(path / DATABASE)
            try:
                manifest = Manifest.read(db)
            except KeyError as error:
                raise IndexDamaged(
                    f"{path / DATABASE} does not say what it was made with ({error} is missing). "
                    "Restore it from a backup, or index the sources again into a new folder."
                ) from None
            finally:
                db.close()
        if manifest.format != FORMAT:
            raise IndexMismatch(
                f"{path} has format {manifest.format}, this Khabar reads format {FORMAT}. Index the sources again."
            )
        if not outdated and not manifest.is_current():
            raise IndexMismatch(
                f"{path} was analysed by another version of Khabar. Mend it with: khabar verify --repair --index {path}"
            )
        return cls(path, manifest)

    @property
    def embedded(self) -> bool:
        """Whether its vectors are those of the embedded model."""
        return self.manifest.model_hash == self.manifest.lexicon_hash

    def encoder(self) -> Encoder:
        """The encoder that the index was made with. Raises ModelUnavailable where it is not here."""
        return self.manifest.encoder()

    def require(self, encoder: Encoder) -> None:
        """Raises IndexMismatch when the vectors of this index are not those of `encoder`."""
        made = self.manifest
        now = Manifest.of(encoder)
        if (now.model_hash, now.dimension) == (made.model_hash, made.dimension):
            return
        options = [] if now.model == made.model else ["--model", now.model]
        for name in ("dimension", "query_prompt", "passage_prompt") if now.model == made.model else ():
            if getattr(now, name) != getattr(made, name):
                option = "--dimensions" if name == "dimension" else f"--{name.replace('_', '-')}"
                options += [option, str(getattr(now, name))]
        raise IndexMismatch(
            f"{self.path} was made with the model {made.usage()}, not with {now.usage()}. "
            f"Encode it again with: {shlex.join(['khabar', 'reindex', *options, '--index', str(self.path)])}"
        )

    def close(self) -> None:
        """Let go of the database, as far as this thread uses it."""
        if hasattr(self._threads, "db"):
            self._threads.db.close()
            del self._threads.db

    @contextmanager
    def reading(self) -> Iterator[LocalView]:
        """A block in which the whole index, articles included, stays as it was when the block began.

        Raises IndexDamaged, IndexMismatch when another process has changed the model, or StorageError.
        """
        with explained(self.path):
            db = self._db
            inner = db.in_transaction  # a block inside a block sees what the outer one sees
            view = self._load() if inner else self._begin()
        try:
            yield view
        finally:
            if not inner:
                db.rollback()

    def article(self, id: str) -> Article:
        """The article with this id. Raises InputError when there is none."""
        for row in self._rows(f"SELECT {', '.join(COLUMNS)} FROM articles WHERE id = ?", (id,)):
            return database.article(row)
        raise InputError(f"There is no article {id!r} in {self.path}.")

    def beginning(self, id: str) -> Article:
        """The article with this id, or the only one whose id begins so. Raises InputError for none or several."""
        query = "SELECT id FROM articles WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id <> ?1, id LIMIT 4"
        found = [found for (found,) in self._rows(query, (id,))] if id else []
        if not found or found[0] == id or len(found) == 1:
            return self.article(found[0] if found else id)
        listed = ", ".join(map(repr, found[:3])) + (" and others" if len(found) > 3 else "")
        raise InputError(f"Several ids begin with {id!r}: {listed}. Give more of it.")

    def articles(self) -> Iterator[tuple[int, Article]]:
        """Numbers and articles in order of storage."""
        for row in self._rows(f"SELECT {', '.join(COLUMNS)}, number FROM articles ORDER BY number"):
            yield row[-1], database.article(row[:-1])

    def known(self, ids: Iterable[str]) -> dict[str, str]:
        """Id -> document hash, for those of the ids that are stored."""
        query = "SELECT document FROM articles WHERE id = ?"
        return {id: document for id in ids for (document,) in self._rows(query, (id,))}

    def learned(self, sources: Iterable[str]) -> dict[str, Any]:
        """What the cleaner has learned of some sources; those never met are left out."""
        query = "SELECT lines FROM learned WHERE source = ?"
        return {s: json.loads(lines) for s in sources for (lines,) in self._rows(query, (database.source_key(s),))}

    def counts(self) -> dict[str, int]:
        """How many articles, passages and segments there are."""
        tables = ("articles", "passages", "segments")
        return {table: n for table in tables for (n,) in self._rows(f"SELECT count(*) FROM {table}")}

    def summary(self) -> dict[str, Any]:
        """What it holds, ready for JSON: counts, articles by language, sources, first and last date, bytes on disk."""
        languages = dict(self._rows("SELECT language, count(*) FROM articles GROUP BY language ORDER BY language"))
        ((sources, first, last),) = self._rows(
            "SELECT count(DISTINCT source), min(substr(published, 1, 10)), max(substr(published, 1, 10)) FROM articles"
        )
        size = sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())
        held = {"languages": languages, "sources": sources, "first_date": first, "last_date": last, "bytes": size}
        return self.counts() | held

    # ---------------------------------------------------------------- internals

    @property
    def _db(self) -> sqlite3.Connection:
        """This thread's connection: a transaction belongs to one connection, and so each thread needs its own."""
        if not hasattr(self._threads, "db"):
            self._threads.db = database.connect(self.path / DATABASE)
        db: sqlite3.Connection = self._threads.db
        return db

    def _rows(self, query: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        # Half a character pair, as a terminal may pass on, is in no stored text and cannot be asked for.
        asked = [p.encode("utf-8", "replace").decode() if isinstance(p, str) else p for p in parameters]
        with explained(self.path):
            yield from self._db.execute(query, asked)

    def _begin(self) -> LocalView:
        db, failed = self._db, -1
        while True:
            db.execute("BEGIN")
            try:
                return self._load()
            except BaseException as error:
                generation = self._generation() if isinstance(error, IndexDamaged) else failed
                db.rollback()
                # A writer may have replaced the segments after we looked into the database and before we opened the
                # files: then the second look sees another generation.
                if generation == failed:
                    raise
                failed = generation

    def _generation(self) -> int:
        ((generation,),) = self._db.execute("SELECT value FROM meta WHERE key = 'generation'")
        return int(generation)

    def _load(self) -> LocalView:
        generation = self._generation()
        view = self._view
        if view is None or view.generation != generation:
            if Manifest.read(self._db) != self.manifest:
                raise IndexMismatch(f"{self.path} was made anew by another process, with another model. Open it again.")
            query = "SELECT name, files FROM segments ORDER BY first"
            try:
                parts = [
                    Segment.open(self.path / SEGMENTS / name, json.loads(f)) for name, f in self._db.execute(query)
                ]
            except (OSError, ValueError, TypeError, EOFError) as error:
                raise IndexDamaged(f"{error}. Mend it with: khabar verify --repair --index {self.path}") from None
            snapshot = Snapshot.of(generation, parts, tombstones(self._db))
            view = self._view = LocalView(snapshot, self._rows, whole=not self.embedded)
        return view


def tombstones(db: sqlite3.Connection) -> npt.NDArray[np.int64]:
    """The positions of passages that segments hold although they were removed: int64, ascending."""
    return np.fromiter((p for (p,) in db.execute("SELECT position FROM tombstones ORDER BY position")), np.int64)
