"""The stored index, read: one folder with a SQLite database that is the truth, and segments derived from it.

At any moment the database names exactly the segment files that belong to it (see writer.py), so one read transaction
is a consistent view of everything.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..encoders import embedded_hash, encoder_of
from ..errors import IndexDamaged, IndexLocked, IndexMismatch, IndexMissing, InputError, StorageError
from ..ports import PATIENCE, Patience, Problem
from ..types import Article, Encoder, Rejected, Run
from . import database, kept
from .damage import blamed_on_damage
from .database import COLUMNS, LAST_RUN, explained, tombstones
from .holders import Holders
from .languages import Languages
from .layout import (
    DATABASE,
    MANIFEST,
    inspect,
    require_fresh,
    require_printable,
    segment_folder,
)
from .lock import locked
from .manifest import FORMAT, MENDABLE, Manifest
from .searches import SearchFile
from .segments import Segment, Snapshot
from .sums import damaged
from .view import LocalView

if TYPE_CHECKING:
    from .writer import Writer


class Index:
    """An index folder. Any number of processes and threads may read it, while one writes (see `writing`).

    `patience` says how long that one waits for another.
    """

    def __init__(self, path: Path, manifest: Manifest, patience: Patience = PATIENCE) -> None:
        self.path, self.manifest, self.patience = path, manifest, patience
        self._loaded: LocalView | None = None
        self._segments: dict[tuple[str, str], Segment] = {}
        self._holders: dict[tuple[int, int], Holders] = {}  # by the file of the database
        self._languages: dict[tuple[tuple[int, int], object], Languages] = {}  # and what that was called
        self._threads = threading.local()

    @classmethod
    def create(cls, path: str | Path, encoder: Encoder, patience: Patience = PATIENCE) -> Index:
        """Make an empty index for vectors of `encoder` in a new or empty folder.

        One that another process made a moment ago, or is making, is opened as it is. Raises InputError when the folder
        holds something else, IndexLocked, StorageError, IndexMismatch when the other has another model.
        """
        path = Path(path)
        require_printable(path)
        manifest = Manifest.of(encoder, embedded_hash())
        with explained(path):
            if path.exists() and not path.is_dir():
                raise InputError(f"{path} is not a folder. Name another one with --index.")
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not (path / DATABASE).exists():
                require_fresh(path)
        with locked(path, patience), explained(path):
            if not (path / DATABASE).exists():
                require_fresh(path)
                database.create(path / DATABASE, manifest)
                return cls(path, manifest, patience)
        made = cls.open(path, patience=patience)
        made.require(encoder)
        return made

    @classmethod
    def open(cls, path: str | Path, *, outdated: bool = False, patience: Patience = PATIENCE) -> Index:
        """Open an existing index. Raises IndexMissing, IndexDamaged, IndexMismatch or StorageError.

        `outdated` is for mending: it lets one be opened whose derived part another version of Khabar made.
        """
        path = Path(path)
        require_printable(path)
        with explained(path):
            if path.is_dir() and (path / DATABASE).exists():
                inspect(path)
            if not (path / DATABASE).is_file():
                if (path / MANIFEST).exists():
                    raise IndexDamaged(f"{path / DATABASE} is missing. Restore it, or index the sources again.")
                what = "is not a Khabar index" if path.exists() else "does not exist"
                raise IndexMissing(f"{path} {what}. Make one with: khabar index FOLDER --index {path}")
            db = database.connect(path / DATABASE)
            try:
                db.execute("BEGIN")  # a writer may commit meanwhile
                database.require_schema(db)
                manifest, whole = Manifest.read(db), not damaged(db, ("meta",))
            except KeyError as error:
                raise IndexDamaged(
                    f"{path / DATABASE} does not say what it was made with ({error} is missing). "
                    "Restore it from a backup, or index the sources again into a new folder."
                ) from None
            finally:
                db.close()
        if manifest.format not in (FORMAT, *MENDABLE):
            raise IndexMismatch(
                f"{path} has format {manifest.format}, this Khabar reads format {FORMAT}. Index the sources again."
            )
        if not outdated and not manifest.is_current(embedded_hash()):
            raise IndexMismatch(
                f"{path} was analysed by another version of Khabar. Mend it with: khabar verify --repair --index {path}"
            )
        if not outdated and not whole:
            raise IndexDamaged(
                f"What {path} says of itself does not match its checksum. "
                f"Mend it with: khabar verify --repair --index {path}"
            )
        return cls(path, manifest, patience)

    @property
    def address(self) -> str:
        """The path of its folder."""
        return str(self.path)

    @property
    def embedded(self) -> bool:
        """Whether its vectors are those of the embedded model."""
        return self.manifest.embedded

    def encoder(self) -> Encoder:
        """The encoder that the index was made with. Raises ModelUnavailable where it is not here."""
        return encoder_of(self.manifest)

    def require(self, encoder: Encoder) -> None:
        """Raises IndexMismatch when the vectors of this index are not those of `encoder`."""
        self.manifest.require(encoder, embedded_hash(), self.address)

    @property
    def searches(self) -> SearchFile:
        """What is kept beside the articles: saved searches and what they found."""
        return SearchFile(self.path)

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
            with blamed_on_damage(self.path, db):
                yield view
        finally:
            if not inner:
                db.rollback()

    def article(self, article_id: str) -> Article:
        """The article with this id. Raises InputError when there is none."""
        for row in self._rows(f"SELECT {', '.join(COLUMNS)} FROM articles WHERE id = ?", (article_id,)):
            return database.article(row)
        raise InputError(f"There is no article {article_id!r} in {self.path}.")

    def ids_beginning(self, text: str, k: int) -> list[str]:
        """The ids that begin with a text, in their order, at most k."""
        query = "SELECT id FROM articles WHERE id >= ?1 AND id < ?1 || char(0x10FFFF) ORDER BY id LIMIT ?2"
        return [found for (found,) in self._rows(query, (text, k))]

    def writing(self) -> AbstractContextManager[Writer]:
        """A block that may change the index. Raises IndexLocked when another process is writing, or StorageError."""
        from .writer import writing

        return writing(self)

    def articles(self) -> Iterator[tuple[int, Article]]:
        """Numbers and articles in order of storage."""
        for row in self._rows(f"SELECT {', '.join(COLUMNS)}, number FROM articles ORDER BY number"):
            yield row[-1], database.article(row[:-1])

    def known(self, ids: Iterable[str]) -> dict[str, str]:
        """Id -> document hash, for those of the ids that are stored."""
        query = "SELECT document FROM articles WHERE id = ?"
        return {name: database.read_hash(found) for name in ids for (found,) in self._rows(query, (name,))}

    def learned(self, sources: Iterable[str]) -> dict[str, Any]:
        """What the cleaner has learned of some sources; those never met are left out."""
        query = "SELECT lines FROM learned WHERE source = ?"
        found = {s: lines for s in sources for (lines,) in self._rows(query, (database.source_key(s),))}
        try:
            return {source: json.loads(lines) for source, lines in found.items()}
        except (ValueError, TypeError, RecursionError) as error:
            raise IndexDamaged(
                f"What {self.path} learned of its sources cannot be read ({error}). "
                f"Mend it with: khabar verify --repair --index {self.path}"
            ) from None

    def kept(self, name: str) -> bytes | None:
        """What was derived from its articles and kept under a name; None where there is nothing to rely on."""
        return kept.read(self.path, name)

    def keep(self, name: str, data: bytes, generation: object) -> None:
        """Keep what was derived from its articles, unless they changed since or nothing can be written now."""
        with suppress(IndexLocked, StorageError, OSError), locked(self.path, Patience(0.0)), explained(self.path):
            with closing(database.connect(self.path / DATABASE)) as db:  # this thread may be reading an older state
                current = database.state_of(db) == generation
            if current:  # else it may quote what was purged meanwhile
                kept.write(self.path, name, data)

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

    def last_run(self) -> Run | None:
        """What the last run did that changed or rejected anything; None where the index does not know it."""
        found = dict(self._rows("SELECT key, value FROM meta WHERE key = ?", (LAST_RUN,)))
        try:
            facts = json.loads(found[LAST_RUN])
            counts = {name: int(facts[name]) for name in ("added", "updated", "unchanged", "removed", "rejected")}
            examples = (Rejected(str(one["path"]), str(one["reason"])) for one in facts["examples"])
            return Run(str(facts["ended"]), **counts, examples=tuple(examples))
        except (KeyError, ValueError, TypeError, OverflowError, RecursionError):
            return None

    @property
    def after_purge(self) -> None:
        """Nothing: no file of the index has a purged word."""
        return

    def verify(self) -> list[Problem]:
        """All that is not as it was written; the index is locked meanwhile, where this process may write to it.

        Raises IndexLocked or StorageError.
        """
        from .verify import verify

        return verify(self)

    def repair(self) -> list[Problem]:
        """Make all that is derived from the articles again; returns what is still wrong.

        Passages are encoded again where the vectors are those of the embedded model.
        Damaged articles stay as they are, and are replaced when their sources are indexed again. Where the record of
        files is damaged, all files are read again. Raises as `verify`.
        """
        with self.writing() as writer:
            writer.rederive()
            writer.distrust()
        return Index.open(self.path, outdated=True, patience=self.patience).verify()

    # ---------------------------------------------------------------- internals

    @property
    def _db(self) -> sqlite3.Connection:
        """This thread's connection: a transaction belongs to one connection, and so each thread needs its own.

        Between transactions it is opened again when another index has taken the place of this one.
        """
        db: sqlite3.Connection | None = getattr(self._threads, "db", None)
        if db is None or (not db.in_transaction and self._replaced()):
            if db is not None:
                self.close()
            file = database.file_at(self.path / DATABASE)
            db = self._threads.db = database.connect(self.path / DATABASE)
            self._threads.file = file
        return db

    def _replaced(self) -> bool:
        """Whether the path leads to another database than the one that this thread has open."""
        return bool(database.file_at(self.path / DATABASE) != self._threads.file)

    def _rows(self, query: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        # Half a character pair, as a terminal may pass on, is in no stored text and cannot be asked for.
        asked = [p.encode("utf-8", "replace").decode() if isinstance(p, str) else p for p in parameters]
        with explained(self.path):
            yield from self._db.execute(query, asked)

    def _begin(self) -> LocalView:
        failed = None
        while True:
            db = self._db
            db.execute("BEGIN")
            try:
                view = self._load()
                if not self._replaced():
                    return view
                db.rollback()  # the segments may be those of the other index
            except BaseException as error:
                # A writer may have replaced the segments after we looked into the database and before we opened the
                # files, or another index have taken this one's place: then a second look sees another state.
                state = database.state_of(self._db) if isinstance(error, IndexDamaged) else failed
                db.rollback()
                if state == failed and not self._replaced():
                    raise
                failed = state

    def _load(self) -> LocalView:
        state = database.state_of(self._db)
        loaded = self._loaded
        if loaded is None or loaded.generation != state:
            if Manifest.read(self._db) != self.manifest:
                raise IndexMismatch(f"{self.path} was made anew by another process, with another model. Open it again.")
            query = "SELECT name, files FROM segments ORDER BY first"
            try:
                # `files` has the checksums: what searches have computed of the segments that stay is kept.
                parts = {
                    (name, files): self._segments.get((name, files))
                    or Segment.open(segment_folder(self.path, name), json.loads(files))
                    for name, files in self._db.execute(query)
                }
                snapshot = Snapshot.of(state, list(parts.values()), tombstones(self._db))
            except PermissionError:
                raise  # no damage
            except (OSError, ValueError, TypeError, AttributeError, EOFError, RecursionError) as error:
                raise IndexDamaged(f"{error}. Mend it with: khabar verify --repair --index {self.path}") from None
            self._segments = parts
            holders = self._holders.setdefault(self._threads.file, Holders())
            made = self._threads.file, database.identity_of(self._db)
            languages = self._languages.setdefault(made, Languages())
            commits = database.generation_of(self._db)
            whole = not self.embedded
            loaded = self._loaded = LocalView(snapshot, commits, self._rows, holders, languages, whole)
        return loaded
