"""The stored index, written: one process at a time, one transaction a commit.

New segment files are complete and forced to the disk before the transaction names them, and old ones are deleted after
it, so at any moment the database names exactly the files that belong to it. What a killed writer leaves behind is swept
away by the next one.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from . import database, segments, text
from .database import COLUMNS, DATABASE, Manifest, Stored, described, explained, transaction
from .encode import load_encoder
from .files import Reading, Records
from .lexical import Postings
from .lock import locked
from .segments import LARGEST, Segment
from .sketch import SKETCH, sketch
from .store import MANIFEST, SEGMENTS, Index, tombstones
from .types import Article, Encoder, IndexDamaged, IndexLocked, IndexMismatch, Passage, Vectors

# Of each word's vector, one part in so many is stored, for finding translations quickly: the first quarter of the
# embedded model's dimensions, which training makes useful on its own (Matryoshka).
HEAD = 4

# Passages that are analysed at once when segments are derived anew: their words are the working memory of one step.
PIECE = 8_192

# Seconds that a purge waits for readers of what was there before; a search takes far less than one.
PATIENCE = 30.0

# Articles that are encoded at once by another model.
ARTICLES_AT_ONCE = 500

_ID, _HOST = COLUMNS.index("id"), COLUMNS.index("host")
LAST = 2**63 - 1  # the greatest position that there can be


@dataclass(frozen=True, slots=True)
class Entry:
    """An article ready to be stored: its passages and their vectors (float32, (len(passages), dim)).

    `document` is the hash of the record it was cleaned from, by which an unchanged one is recognised next time.
    """

    article: Article
    passages: tuple[Passage, ...]
    vectors: Vectors
    document: str


def encoded_text(title: str, passage: str) -> str:
    """What a passage's vector and its words are made of: every passage carries its article's title.

    In the collections of MIRACL and of news alike, a passage often names its subject only there.
    """
    return f"{title}\n{passage}" if passage != title else passage


@contextmanager
def writing(index: Index) -> Iterator[Writer]:
    """A block that may change an index. Raises IndexLocked when another process is writing, or StorageError."""
    with locked(index.path):
        with explained(index.path):
            db = database.connect(index.path / DATABASE)
        with closing(db):
            writer = Writer(index.path, db)
            if writer.manifest != index.manifest:
                raise IndexMismatch(
                    f"{index.path} was made anew by another process, with another model. Open it again."
                )
            writer.sweep()
            try:
                yield writer
            finally:
                # Also after a failure: a full disk needs the room, and a log that is empty cannot be damaged.
                with suppress(sqlite3.Error, OSError):
                    writer.sweep()
                    _empty_log(db, patience=0)


class Writer:
    """Changes an index; made by `writing`. Each method is one commit, and raises StorageError when that fails."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db
        self.records = Records(db)
        with explained(path):
            self.manifest = Manifest.read(db)

    def add(
        self, entries: Sequence[Entry], reading: Reading | None = None, learned: Mapping[str, Any] | None = None
    ) -> None:
        """Store articles. One whose id is known replaces the old one and whatever was embedded in it.

        With them is kept from which files they were read, and what the cleaner learned on the way (JSON, by source).
        """
        with self._commit(bool(entries)):
            after = self._last_position()
            for entry in entries:
                self._delete([entry.article.id], guests=entry.article.host is None)
                self._insert(entry)
            self._derive(after)
            # What was added twice in one batch was never part of a segment.
            self._db.execute("DELETE FROM tombstones WHERE position > ?", (after,))
            self._tidy()
            for source, lines in (learned or {}).items():
                row = database.source_key(source), json.dumps(lines, separators=(",", ":"))
                self._db.execute("INSERT OR REPLACE INTO learned VALUES (?, ?)", row)
            if reading:
                self.records.update(reading)

    def remove(self, ids: Sequence[str], *, purge: bool = False) -> int:
        """Remove articles and those embedded in them; returns how many. Unknown ids are ignored.

        With `purge`, whatever held their text is written anew, so that no file of the index holds any of it: also that
        of articles which were removed or replaced before. Raises IndexLocked when a reader prevents that.
        """
        with self._commit():
            removed = self._delete(ids)
            self.records.forget(ids)
            self._tidy()
            if purge:
                self._purify()
        if purge:
            self._rewrite()
            with explained(self.path):
                emptied = _empty_log(self._db, PATIENCE)
            if not emptied:
                raise IndexLocked(
                    f"{removed} removed from {self.path}, but a program is in the midst of reading what was there, "
                    "and the words are still in a file. Give the same command again when that program has finished."
                )
        return removed

    def prune(self, sources: Sequence[str]) -> int:
        """Remove the articles whose files were in the sources and are gone, or no longer hold them; returns how many.

        Raises StorageError.
        """
        with self._commit():
            removed = self._delete(self.records.prune(sources))
            self._tidy()
        return removed

    def compact(self) -> None:
        """Merge segments as far as they may grow, without removed passages; free the space that the database left."""
        with self._commit():
            run: list[_Row] = []
            for row in self._segments():
                if sum(r.size for r in run) + row.size > LARGEST:
                    self._merge([r.name for r in run])
                    run = []
                run.append(row)
            self._merge([r.name for r in run])
        self._rewrite()

    def rederive(self) -> None:
        """Make all that is derived again from the stored articles and vectors, by the analysis of this version."""
        with self._commit():
            old = self.manifest
            self._rederive(
                replace(old, analyser=text.ANALYSER, lexicon_hash=load_encoder("default").hash, sketch=SKETCH)
            )

    def distrust(self) -> None:
        """See to it that damaged articles are replaced when their sources are indexed the next time."""
        with self._commit():
            damaged = [row for row in database.stored(self._db) if row.sum() != row.checksum]
            documents = {row.columns[_HOST] or row.columns[_ID] for row in damaged}
            self.records.reread(documents)
            for id in documents:
                for row in database.stored(self._db, id=id):
                    sum = row._replace(document="").sum() if row.sum() == row.checksum else row.checksum
                    self._db.execute(
                        "UPDATE articles SET document = '', checksum = ? WHERE number = ?", (sum, row.number)
                    )

    def reencode(self, encoder: Encoder) -> None:
        """Replace all vectors by those of another encoder, and all that is derived by what this version makes of it.

        Raises IndexDamaged before an article that does not match its checksum.
        """
        with self._commit():
            last = 0
            while batch := list(database.stored(self._db, last, ARTICLES_AT_ONCE)):
                last = batch[-1].number
                self._reencode(batch, encoder)
            self._rederive(Manifest.of(encoder))

    def sweep(self) -> None:
        """Delete files that no commit names, and describe the index in manifest.json when that is behind."""
        folder = self.path / SEGMENTS
        with explained(self.path):
            if folder.is_dir():
                named = {row.name for row in self._segments()}
                for path in folder.iterdir():
                    if path.name not in named:
                        shutil.rmtree(path, ignore_errors=True)
            manifest, unfinished = self.path / MANIFEST, self.path / f"{MANIFEST}.new"
            now = described(self._db)
            if not manifest.exists() or manifest.read_text("utf-8", "replace") != now:
                unfinished.write_text(now, "utf-8")
                unfinished.replace(manifest)

    # ---------------------------------------------------------------- inside a transaction

    @contextmanager
    def _commit(self, changed: bool = True) -> Iterator[None]:
        with transaction(self._db, self.path):
            yield
            if changed:
                self._db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
        if changed:
            self.sweep()

    def _delete(self, ids: Iterable[str], *, guests: bool = True) -> int:
        """Delete articles, with `guests` also those that were embedded in them; returns how many."""
        removed = 0
        query = "SELECT number FROM articles WHERE id = ?1" + (" OR host = ?1" if guests else "")
        for id in ids:
            numbers = self._db.execute(query, (id,)).fetchall()
            for number in numbers:
                self._db.execute("INSERT INTO tombstones SELECT position FROM passages WHERE article = ?", number)
                self._db.execute("DELETE FROM articles WHERE number = ?", number)
            removed += len(numbers)
        return removed

    def _insert(self, entry: Entry) -> None:
        columns = database.columns(entry.article)
        sketched = sketch(entry.article.text).tobytes()
        passages = [(0, p.start, p.end, _half(v)) for p, v in zip(entry.passages, entry.vectors, strict=True)]
        sum = Stored(0, columns, entry.document, sketched, b"", passages).sum()
        number = self._db.execute(
            f"INSERT INTO articles ({', '.join(COLUMNS)}, document, sketch, checksum) "
            f"VALUES ({', '.join('?' * len(COLUMNS))}, ?, ?, ?)",
            (*columns, entry.document, sketched, sum),
        ).lastrowid
        self._db.executemany(
            "INSERT INTO passages (article, start, end, vector) VALUES (?, ?, ?, ?)",
            [(number, start, end, vector) for _, start, end, vector in passages],
        )

    def _last_position(self) -> int:
        """The greatest position that a passage ever had."""
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        return row[0] if row else 0

    def _derive(self, after: int, last: int = LAST) -> None:
        """Make segments of the passages at the positions after one, up to and with another."""
        query = (
            "SELECT position, number, title, text, start, end, vector FROM passages JOIN articles ON number = article "
            "WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
        )
        pieces: list[str] = []
        total = 0
        while rows := self._db.execute(query, (after, last, PIECE)).fetchall():
            if total + len(rows) > LARGEST:
                self._merge(pieces)
                pieces, total = [], 0
            pieces.append(self._write(rows))
            after, total = rows[-1][0], total + len(rows)
        self._merge(pieces)

    def _write(self, rows: Sequence[Any]) -> str:
        """A segment of some passages; returns its name."""
        positions, numbers = (np.array([row[i] for row in rows], np.int64) for i in (0, 1))
        words = [text.words(encoded_text(title, body[start:end])) for _, _, title, body, start, end, _ in rows]
        vectors = np.stack([np.frombuffer(row[-1], np.float16) for row in rows]).astype(np.float32)
        name = self._new_name()
        folder = self.path / SEGMENTS / name
        self._name(
            name,
            positions[0],
            len(rows),
            True,
            segments.write(folder, positions, numbers, Postings.build(words, _heads), vectors),
        )
        return name

    def _merge(self, names: Sequence[str]) -> None:
        """Merge neighbouring segments into one without the passages that have been removed."""
        merged = [row for row in self._segments() if row.name in names]
        if len(merged) < 2 and not any(row.dead for row in merged):
            return
        for row in merged:
            self._db.execute("DELETE FROM segments WHERE name = ?", (row.name,))
        size = sum(row.size - row.dead for row in merged)
        if size:
            dead = tombstones(self._db)
            name = self._new_name()
            parts = [Segment.open(self.path / SEGMENTS / row.name, json.loads(row.files)) for row in merged]
            pure = all(row.pure and not row.dead for row in merged)
            self._name(name, merged[0].first, size, pure, segments.merge(self.path / SEGMENTS / name, parts, dead))
        for row in merged:
            self._db.execute("DELETE FROM tombstones WHERE position BETWEEN ? AND ?", (row.first, row.last))

    def _tidy(self) -> None:
        """Merge the youngest segments when that is due, and rewrite those of which the most part has been removed."""
        found = self._segments()
        count = segments.due([row.size for row in found])
        self._merge([row.name for row in found[len(found) - count :]])
        for row in self._segments():
            if row.dead * 2 > row.size:
                self._merge([row.name])

    def _purify(self) -> None:
        """Derive anew the segments that hold removed passages, or did: a word's written form may come from those."""
        for row in self._segments():
            if row.dead or not row.pure:
                self._db.execute("DELETE FROM segments WHERE name = ?", (row.name,))
                self._db.execute("DELETE FROM tombstones WHERE position BETWEEN ? AND ?", (row.first, row.last))
                self._derive(row.first - 1, row.last)

    def _rederive(self, manifest: Manifest) -> None:
        self._db.execute("DELETE FROM segments")
        self._db.execute("DELETE FROM tombstones")
        self._derive(0)
        self._db.executemany("UPDATE meta SET value = ?2 WHERE key = ?1", asdict(manifest).items())
        self.manifest = manifest

    def _reencode(self, batch: Sequence[Stored], encoder: Encoder) -> None:
        articles = []
        for row in batch:
            if row.sum() != row.checksum:
                raise IndexDamaged(f"Article {row.columns[0]!r} is damaged. See: khabar verify --index {self.path}")
            articles.append(database.article(row.columns))
        texts = [
            encoded_text(article.title, article.text[start:end])
            for article, row in zip(articles, batch, strict=True)
            for _, start, end, _ in row.passages
        ]
        vectors = iter(encoder.encode_passages(texts))
        for row in batch:
            passages = [(p, start, end, _half(next(vectors))) for p, start, end, _ in row.passages]
            sum = row._replace(passages=passages).sum()
            self._db.executemany(
                "UPDATE passages SET vector = ? WHERE position = ?", [(v, p) for p, _, _, v in passages]
            )
            self._db.execute("UPDATE articles SET checksum = ? WHERE number = ?", (sum, row.number))

    def _segments(self) -> list[_Row]:
        query = f"""
            WITH ranges AS (SELECT *, coalesce(lead(first) OVER (ORDER BY first) - 1, {LAST}) AS last FROM segments)
            SELECT name, first, last, size, pure, files,
                (SELECT count(*) FROM tombstones WHERE position BETWEEN first AND last) AS dead
            FROM ranges ORDER BY first"""
        return [_Row(*row) for row in self._db.execute(query)]

    def _name(self, name: str, first: int, size: int, pure: bool, files: segments.Files) -> None:
        row = name, int(first), size, pure, json.dumps(files)
        self._db.execute("INSERT INTO segments VALUES (?, ?, ?, ?, ?)", row)

    def _new_name(self) -> str:
        """A name that no segment ever had: a reader may still hold the files of an old one."""
        query = "INSERT INTO meta VALUES ('segment', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value"
        return f"{self._db.execute(query).fetchone()[0]:08d}"

    def _rewrite(self) -> None:
        """Write the database anew, without free space."""
        with explained(self.path):
            self._db.execute("VACUUM")


class _Row(NamedTuple):
    """A segment as the database names it: it holds `size` passages at positions from `first` to at most `last`."""

    name: str
    first: int
    last: int
    size: int
    pure: bool
    files: str
    dead: int


def _empty_log(db: sqlite3.Connection, patience: float) -> bool:
    """Move what was committed from the log into the database; False when a reader prevents that for so many seconds."""
    db.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
    ((busy, _, _),) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return not busy


def _half(vector: Vectors) -> bytes:
    return vector.astype(np.float16).tobytes()


def _heads(surfaces: Sequence[str]) -> Vectors:
    encoder = load_encoder("default")
    heads = encoder.encode_passages(surfaces)[:, : encoder.dim // HEAD]
    return np.ascontiguousarray(heads / np.maximum(np.linalg.norm(heads, axis=1, keepdims=True), 1e-9))
