"""The stored index: one folder, one SQLite database that is the truth, and segments derived from it.

A commit is one SQLite transaction. New segment files are complete and forced to the disk before the transaction names
them, and old ones are deleted after it, so at any moment the database names exactly the files that belong to it. What
a killed writer leaves behind is swept away by the next one.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import segments, text
from .encode import load_encoder
from .lexical import Postings
from .lock import locked
from .segments import Segment
from .types import Article, Encoder, IndexDamaged, IndexMismatch, IndexMissing, InputError, Passage, Vectors

FORMAT = "1"  # of the folder: changes whenever an older Khabar could not read it

# Of each word's vector, one part in so many is stored, for finding translations quickly: the first quarter of the
# embedded model's dimensions, which training makes useful on its own (Matryoshka).
HEAD = 4

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL,
    language TEXT NOT NULL, published TEXT, source TEXT, url TEXT, path TEXT, keywords TEXT NOT NULL,
    city TEXT, agency TEXT, host TEXT, document TEXT NOT NULL, sketch BLOB);
CREATE INDEX articles_host ON articles (host) WHERE host IS NOT NULL;
CREATE INDEX articles_path ON articles (path);
CREATE TABLE passages (
    position INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE INDEX passages_article ON passages (article);
CREATE TABLE segments (name TEXT PRIMARY KEY, first INTEGER NOT NULL, size INTEGER NOT NULL, checksums TEXT NOT NULL);
CREATE TABLE tombstones (position INTEGER PRIMARY KEY);
"""

_COLUMNS = [f.name for f in fields(Article)]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made with; also written to manifest.json, for people and other programs to read."""

    format: str
    model: str
    dimension: int
    model_hash: str
    analyser: str
    lexicon_hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An article ready to be stored: its passages and their vectors (float32, (len(passages), dim)).

    `document` is the hash of the record it was cleaned from, by which an unchanged one is recognised next time.
    """

    article: Article
    passages: tuple[Passage, ...]
    vectors: Vectors
    document: str
    sketch: bytes = b""


@dataclass(frozen=True)
class Snapshot:
    """A consistent view of an index. Row i, over all segments in order, is passage `positions[i]` of article number
    `articles[i]` (both int64); `alive[i]` is False where that passage has been removed."""

    generation: int
    segments: tuple[Segment, ...]
    positions: npt.NDArray[np.int64]
    articles: npt.NDArray[np.int64]
    alive: npt.NDArray[np.bool_]

    def vectors(self, rows: npt.NDArray[np.int64]) -> Vectors:
        """The vectors of some rows: float32, (len(rows), dim)."""
        found: Vectors | None = None
        first = 0
        for segment in self.segments:
            here = np.flatnonzero((rows >= first) & (rows < first + len(segment)))
            if len(here):
                part = segment.vectors.rows(rows[here] - first)
                if found is None:
                    found = np.zeros((len(rows), part.shape[1]), np.float32)
                found[here] = part
            first += len(segment)
        return np.zeros((len(rows), 0), np.float32) if found is None else found


class Index:
    """An index folder. Any number of processes may read it while one writes (`with index.writing(): ...`)."""

    def __init__(self, path: Path, db: sqlite3.Connection, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest
        self._db = db
        self._snapshot: Snapshot | None = None

    @classmethod
    def create(cls, path: str | Path, encoder: Encoder) -> Index:
        """Make an empty index for vectors of `encoder` in a new or empty folder.

        Raises InputError when the folder holds something else.
        """
        path = Path(path)
        manifest = Manifest(
            FORMAT, encoder.name, encoder.dim, encoder.hash, text.ANALYSER, load_encoder("default").hash
        )
        if path.is_file() or (path.is_dir() and any(p.name != "lock" for p in path.iterdir())):
            raise InputError(f"{path} is not an index and not empty. Name another folder with --index.")
        path.mkdir(parents=True, exist_ok=True)
        with locked(path):
            # Under a name of its own until complete, so that a killed process leaves no half-made index.
            unfinished = path / "articles.db.new"
            unfinished.unlink(missing_ok=True)
            db = _connect(unfinished)
            db.executescript(_SCHEMA)
            values = asdict(manifest) | {"generation": 0}
            with db:
                db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
            db.close()
            unfinished.replace(path / "articles.db")
            db = _connect(path / "articles.db")
            db.execute("PRAGMA journal_mode = WAL")
            index = cls(path, db, manifest)
            index._describe()
        return index

    @classmethod
    def open(cls, path: str | Path) -> Index:
        """Open an existing index. Raises IndexMissing, IndexDamaged or IndexMismatch."""
        path = Path(path)
        if not (path / "articles.db").is_file():
            what = "is not a Khabar index" if path.exists() else "does not exist"
            raise IndexMissing(f"{path} {what}. Make one with: khabar index FOLDER --index {path}")
        try:
            db = _connect(path / "articles.db")
            meta = dict(db.execute("SELECT key, value FROM meta"))
            manifest = Manifest(**{f.name: meta[f.name] for f in fields(Manifest)})
        except (sqlite3.DatabaseError, KeyError) as error:
            raise IndexDamaged(
                f"{path / 'articles.db'} cannot be read ({error}). Index the sources again into a new folder."
            ) from None
        if manifest.format != FORMAT:
            raise IndexMismatch(
                f"{path} has format {manifest.format}, this Khabar reads format {FORMAT}. Index the sources again."
            )
        if (manifest.analyser, manifest.lexicon_hash) != (text.ANALYSER, load_encoder("default").hash):
            raise IndexMismatch(
                f"{path} was analysed by another version of Khabar. Mend it with: khabar verify --repair --index {path}"
            )
        return cls(path, db, manifest)

    def close(self) -> None:
        """Let go of the database; the index object is of no use after that."""
        self._db.close()

    # ---------------------------------------------------------------- reading

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """A block in which the whole index, articles included, stays as it was when the block began."""
        while True:
            self._db.execute("BEGIN DEFERRED")
            try:
                snapshot = self._load()
                break
            except IndexDamaged:
                # A writer may have replaced the segments between our look at the database and the opening of the files.
                seen = self._generation()
                self._db.rollback()
                if self._generation() == seen:
                    raise
        try:
            yield snapshot
        finally:
            self._db.rollback()

    def article(self, id: str) -> Article:
        """The article with this id. Raises InputError when there is none."""
        row = self._db.execute(f"SELECT {', '.join(_COLUMNS)} FROM articles WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise InputError(f"There is no article {id!r} in {self.path}.")
        return _article(row)

    def articles(self, where: str = "", parameters: Sequence[Any] = ()) -> Iterator[tuple[int, Article]]:
        """Numbers and articles in order of storage, optionally those an SQL condition selects."""
        condition = f"WHERE {where}" if where else ""
        for row in self._db.execute(f"SELECT {', '.join(_COLUMNS)}, number FROM articles {condition}", parameters):
            yield row[-1], _article(row[:-1])

    def numbers(self, where: str, parameters: Sequence[Any] = ()) -> npt.NDArray[np.int64]:
        """The numbers of the articles that an SQL condition selects: int64, ascending."""
        rows = self._db.execute(f"SELECT number FROM articles WHERE {where} ORDER BY number", parameters)
        return np.fromiter((n for (n,) in rows), np.int64)

    def passages(self, positions: Iterable[int]) -> dict[int, tuple[Article, Passage]]:
        """The passages at some positions, each with its article."""
        found = {}
        for position in positions:
            row = self._db.execute(
                f"SELECT {', '.join(f'articles.{c}' for c in _COLUMNS)}, start, end FROM passages "
                "JOIN articles ON number = article WHERE position = ?",
                (int(position),),
            ).fetchone()
            article, (start, end) = _article(row[:-2]), row[-2:]
            found[int(position)] = article, Passage(article.id, start, end, article.text[start:end])
        return found

    def ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """Article numbers -> ids."""
        query = "SELECT id FROM articles WHERE number = ?"
        return {int(n): self._db.execute(query, (int(n),)).fetchone()[0] for n in numbers}

    def known(self, ids: Iterable[str]) -> dict[str, str]:
        """Id -> document hash, for those of the ids that are stored."""
        query = "SELECT document FROM articles WHERE id = ?"
        return {id: row[0] for id in ids if (row := self._db.execute(query, (id,)).fetchone())}

    def counts(self) -> dict[str, int]:
        """How many articles, passages and segments there are."""
        return {
            table: self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("articles", "passages", "segments")
        }

    def summary(self) -> dict[str, Any]:
        """What the index holds, JSON-ready: counts, articles by language, sources, first and last date, bytes on disk."""
        languages = dict(self._db.execute("SELECT language, count(*) FROM articles GROUP BY language ORDER BY language"))
        sources, first, last = self._db.execute(
            "SELECT count(DISTINCT source), min(substr(published, 1, 10)), max(substr(published, 1, 10)) FROM articles"
        ).fetchone()
        size = sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())
        held = {"languages": languages, "sources": sources, "first_date": first, "last_date": last, "bytes": size}
        return self.counts() | held

    def memory(self) -> str | None:
        """What the cleaner had learned when the last batch was stored."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'cleaner'").fetchone()
        return row[0] if row else None

    # ---------------------------------------------------------------- writing

    @contextmanager
    def writing(self) -> Iterator[Index]:
        """A block that may change the index. Raises IndexLocked when another process holds the lock."""
        with locked(self.path):
            self._sweep()
            yield self

    def add(self, entries: Sequence[Entry], memory: str | None = None) -> None:
        """Store articles in one commit. One whose id is known replaces the old one and whatever was embedded in it."""
        with self._transaction("IMMEDIATE"):
            self._delete([e.article.id for e in entries if e.article.host is None])
            first = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
            for entry in entries:
                self._insert(entry)
            self._write_segment(first[0] if first else 0)
            self._merge(segments.due([size for _, size in self._sizes()]))
            if memory is not None:
                self._db.execute("INSERT OR REPLACE INTO meta VALUES ('cleaner', ?)", (memory,))
            self._next_generation()
        self._settle()

    def remove(self, ids: Sequence[str], *, purge: bool = False) -> int:
        """Remove articles and those embedded in them; returns how many. Unknown ids are ignored.

        With `purge`, every file that held their text is rewritten: nothing of it is left in the folder.
        """
        with self._transaction("IMMEDIATE"):
            removed = self._delete(ids)
            self._next_generation()
        if purge:
            self.compact()
        self._settle()
        return removed

    def compact(self) -> None:
        """Merge all segments into one without removed passages, and rewrite the database without free space."""
        with self._transaction("IMMEDIATE"):
            self._merge(len(self._sizes()))
            self._next_generation()
        self._db.execute("VACUUM")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._settle()

    # ---------------------------------------------------------------- inside a transaction

    def _delete(self, ids: Iterable[str]) -> int:
        removed = 0
        for id in ids:
            numbers = self._db.execute("SELECT number FROM articles WHERE id = ?1 OR host = ?1", (id,)).fetchall()
            for number in numbers:
                self._db.execute(
                    "INSERT INTO tombstones SELECT position FROM passages WHERE article = ?", number
                )
                self._db.execute("DELETE FROM articles WHERE number = ?", number)
            removed += len(numbers)
        return removed

    def _insert(self, entry: Entry) -> None:
        values = {name: getattr(entry.article, name) for name in _COLUMNS}
        values |= {"keywords": json.dumps(entry.article.keywords, ensure_ascii=False)}
        values |= {"document": entry.document, "sketch": entry.sketch}
        number = self._db.execute(
            f"INSERT INTO articles ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
            list(values.values()),
        ).lastrowid
        self._db.executemany(
            "INSERT INTO passages (article, start, end, vector) VALUES (?, ?, ?, ?)",
            [
                (number, p.start, p.end, v.astype(np.float16).tobytes())
                for p, v in zip(entry.passages, entry.vectors, strict=True)
            ],
        )

    def _write_segment(self, after: int) -> None:
        """Derive a segment from the passages stored after a position."""
        rows = self._db.execute(
            "SELECT position, number, title, substr(text, start + 1, end - start), vector FROM passages "
            "JOIN articles ON number = article WHERE position > ? ORDER BY position",
            (after,),
        ).fetchall()
        if not rows:
            return
        positions, numbers = (np.array([row[i] for row in rows], np.int64) for i in (0, 1))
        words = [text.words(f"{title}\n{body}" if body != title else body) for _, _, title, body, _ in rows]
        postings = Postings.build(words, _heads)
        vectors = np.stack([np.frombuffer(row[4], np.float16) for row in rows]).astype(np.float32)
        name = self._segment_name()
        sums = segments.write(self.path / "segments" / name, positions, numbers, postings, vectors)
        self._db.execute("INSERT INTO segments VALUES (?, ?, ?, ?)", (name, rows[0][0], len(rows), json.dumps(sums)))

    def _merge(self, count: int) -> None:
        """Merge the `count` youngest segments into one."""
        names = [name for name, _ in self._sizes()[-count:]] if count else []
        parts = [Segment.open(self.path / "segments" / name) for name in names]
        dead = self._tombstones()
        if not parts or (len(parts) == 1 and not np.isin(parts[0].positions, dead).any()):
            return
        name = self._segment_name()
        sums = segments.merge(self.path / "segments" / name, parts, dead)
        covered = np.concatenate([part.positions for part in parts])
        size = len(covered) - int(np.isin(covered, dead).sum())
        self._db.executemany("DELETE FROM segments WHERE name = ?", [(n,) for n in names])
        self._db.executemany("DELETE FROM tombstones WHERE position = ?", [(int(p),) for p in np.intersect1d(covered, dead)])
        if size:
            self._db.execute("INSERT INTO segments VALUES (?, ?, ?, ?)", (name, int(covered[0]), size, json.dumps(sums)))

    def _sizes(self) -> list[tuple[str, int]]:
        return self._db.execute("SELECT name, size FROM segments ORDER BY first").fetchall()

    def _tombstones(self) -> npt.NDArray[np.int64]:
        return np.fromiter((p for (p,) in self._db.execute("SELECT position FROM tombstones ORDER BY position")), np.int64)

    def _segment_name(self) -> str:
        """A name that no segment ever had: a reader may still hold the files of an old one."""
        query = "INSERT INTO meta VALUES ('segment', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value"
        return f"{self._db.execute(query).fetchone()[0]:08d}"

    def _next_generation(self) -> None:
        self._db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")

    def _generation(self) -> int:
        generation: int = self._db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0]
        return generation

    def _load(self) -> Snapshot:
        generation = self._generation()
        if self._snapshot is None or self._snapshot.generation != generation:
            try:
                parts = tuple(Segment.open(self.path / "segments" / name) for name, _ in self._sizes())
            except (OSError, ValueError) as error:
                raise IndexDamaged(f"{error}. Mend it with: khabar verify --repair --index {self.path}") from None
            empty = [np.zeros(0, np.int64)]
            positions = np.concatenate([*(p.positions for p in parts), *empty])
            articles = np.concatenate([*(p.articles for p in parts), *empty])
            alive = ~np.isin(positions, self._tombstones())
            self._snapshot = Snapshot(generation, parts, positions, articles, alive)
        return self._snapshot

    # ---------------------------------------------------------------- around a transaction

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[None]:
        self._db.execute(f"BEGIN {kind}")
        try:
            yield
        except BaseException:
            self._db.rollback()
            raise
        self._db.commit()

    def _settle(self) -> None:
        """After a commit: describe the new state and delete the files it no longer names."""
        self._describe()
        self._sweep()

    def _sweep(self) -> None:
        folder = self.path / "segments"
        if folder.is_dir():
            named = {name for name, _ in self._sizes()}
            for path in folder.iterdir():
                if path.name not in named:
                    shutil.rmtree(path, ignore_errors=True)

    def _describe(self) -> None:
        unfinished = self.path / "manifest.json.new"
        described: Mapping[str, Any] = asdict(self.manifest) | self.counts()
        unfinished.write_text(json.dumps(described, indent=2) + "\n", "utf-8")
        unfinished.replace(self.path / "manifest.json")


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")  # removed text is overwritten, not just unlinked
    db.execute("PRAGMA synchronous = FULL")  # an acknowledged commit survives a power cut
    return db


def _article(row: Sequence[Any]) -> Article:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Article(**values | {"keywords": tuple(json.loads(values["keywords"]))})


def _heads(surfaces: Sequence[str]) -> Vectors:
    encoder = load_encoder("default")
    heads = encoder.encode_passages(surfaces)[:, : encoder.dim // HEAD]
    return np.ascontiguousarray(heads / np.maximum(np.linalg.norm(heads, axis=1, keepdims=True), 1e-9))
