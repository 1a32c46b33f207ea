"""The stored index, written: one process at a time, one transaction a commit.

New segment files are complete and forced to the disk before the transaction names them, and old ones are deleted after
it, so at any moment the database names exactly the files that belong to it. What a killed writer leaves behind is swept
away by the next one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from ..encoders import embedded, embedded_hash, encode_articles
from ..errors import IndexDamaged, IndexLocked, IndexMismatch, KhabarError, StorageError
from ..passages import encoded_text
from ..ports import Entry, Lost, Patience, Reading
from ..text import ANALYSER, SKETCH, Sketch, pack, sketches
from ..types import Encoder, Run, Vectors
from . import database, kept
from .damage import blamed_on_damage
from .database import COLUMNS, LAST_RUN, Stored, described, explained, transaction
from .derived import Derived, NewArticle, NewPassage
from .layout import DATABASE, MANIFEST, delete_segments, file_mode, write_whole
from .lock import locked
from .manifest import FORMAT, Manifest
from .provenance import Records
from .searches import SearchFile
from .sums import Sums, damaged

# Seconds that a purge waits for readers of what was there before; a search takes far less than one.
PATIENCE = 30.0

# Articles that are encoded at once by another model.
ARTICLES_AT_ONCE = 500

_GUESTS = {
    "none": "",
    "unheld": " OR (host = ?1 AND id NOT IN (SELECT id FROM held WHERE NOT gone))",
    "all": " OR host = ?1",
}

_ID, _TEXT, _HOST = (COLUMNS.index(name) for name in ("id", "text", "host"))


class Opened(Protocol):
    """An index, as far as a writer needs it."""

    @property
    def path(self) -> Path:
        """Its folder."""
        ...

    @property
    def manifest(self) -> Manifest:
        """What it was made with."""
        ...

    @property
    def patience(self) -> Patience:
        """How long it waits for another writer."""
        ...


@contextmanager
def writing(index: Opened) -> Iterator[Writer]:
    """A block that may change an index. Raises IndexLocked when another process is writing, or StorageError."""
    with locked(index.path, index.patience), database.changing(index.path / DATABASE) as db:
        writer = Writer(index.path, db)
        if writer.manifest != index.manifest:
            raise IndexMismatch(f"{index.path} was made anew by another process, with another model. Open it again.")
        writer.sweep()
        try:
            with blamed_on_damage(index.path, db):
                yield writer
        finally:
            # Also after a failure: a full disk needs the room, and a log that is empty cannot be damaged.
            with suppress(sqlite3.Error, KhabarError, OSError):
                writer.sweep()
                database.empty_log(db, patience=0)


class Writer:
    """Changes an index; made by `writing`. Each method is one commit, and raises StorageError when that fails."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db
        self._file = database.file_at(path / DATABASE)
        self._sums = Sums(db)
        self._searches = SearchFile(path)
        self.records = Records(db)
        with explained(path):
            self._identity = database.identity_of(db)
            self.manifest = Manifest.read(db)
        self._derived = Derived(db, path, self.manifest.embedded)

    def add(
        self, entries: Sequence[Entry], reading: Reading | None = None, learned: Mapping[str, Any] | None = None
    ) -> None:
        """Store articles. One whose id is known replaces the old one and whatever was embedded in it.

        Embedded articles that a file gave on their own, as backups do, are kept when their host is replaced. With the
        articles is kept from which files they were read, and what the cleaner learned on the way (JSON, by source).
        """
        moved = reading is not None and bool(reading.moved_files or reading.moved)
        with self._commit(bool(entries) or moved):
            if reading:
                self.records.update(reading)
            after = self._derived.last_position()
            first = after + 1
            stored: dict[int, NewArticle] = {}
            made = iter(sketches([entry.article.text for entry in entries if entry.sketch is None]))
            for entry in entries:
                sketched = next(made) if entry.sketch is None else entry.sketch
                self._delete([entry.article.id], "unheld" if entry.article.host is None else "none")
                passages = self._insert(entry, sketched, first)
                first += len(passages)
                if passages:
                    stored[passages[0].article] = NewArticle(passages, entry.words)
            first_new = min(stored, default=0)
            kept = {n for (n,) in self._db.execute("SELECT number FROM articles WHERE number >= ?", (first_new,))}
            self._derived.add([article for number, article in stored.items() if number in kept])
            # What was added twice in one batch was never part of a segment.
            self._db.execute("DELETE FROM tombstones WHERE position > ?", (after,))
            self._derived.tidy()
            for source, lines in (learned or {}).items():
                row = database.source_key(source), json.dumps(lines, separators=(",", ":"))
                self._db.execute("INSERT OR REPLACE INTO learned VALUES (?, ?)", row)

    def remove(self, ids: Sequence[str], *, purge: bool = False) -> int:
        """Remove articles and those embedded in them; returns how many. Unknown ids are ignored.

        With `purge`, whatever held their text is written anew, so that no file of the index holds any of it: also that
        of articles which were removed or replaced before. Raises IndexLocked when a reader prevents that.
        """
        ids = [one.encode("utf-8", "replace").decode() for one in ids]  # as a terminal may pass them on
        with self._commit():
            guests = [
                one for host in ids for (one,) in self._db.execute("SELECT id FROM articles WHERE host = ?", (host,))
            ]
            removed = self._delete([*ids, *guests], "all")
            self.records.forget([*ids, *guests])
            self._derived.tidy()
            if purge:
                self._derived.purify()
        self._searches.forget([*ids, *guests])
        if purge:
            with explained(self.path):
                kept.delete(self.path)
            self._rewrite()
            with explained(self.path):
                emptied = database.empty_log(self._db, PATIENCE)
            if not self._searches.purge(self._said, PATIENCE) or not emptied:
                raise IndexLocked(
                    f"{removed} removed from {self.path}, but a program is in the midst of reading what was there, "
                    "and the words are still in a file. Give the same command again when that program has finished."
                )
        return removed

    def prune(self, lost: Lost) -> int:
        """Remove the articles whose files are gone or no longer hold them (see Records.lost); returns how many.

        Raises IndexDamaged when the record of which file held what is damaged, for then nothing tells; StorageError.
        """
        with self._commit():
            if damaged(self._db, ("files", "held")):
                raise IndexDamaged(
                    f"The record of what {self.path} took from which file is damaged, so nothing can be pruned. "
                    f"Mend it with: khabar verify --repair --index {self.path}; then index the sources again."
                )
            self.records.drop(lost)
            removed = self._delete(lost.articles, "unheld")
            self._derived.tidy()
        self._searches.forget(lost.articles)
        return removed

    def compact(self) -> None:
        """Merge segments as far as they may grow, without removed passages; free the space that the database left."""
        with self._commit():
            self._derived.compact()
        self._rewrite()

    def rederive(self) -> None:
        """Make all that is derived again from the stored articles and vectors, by the analysis of this version.

        Vectors of the embedded model are encoded again, by that of this version.
        """
        with explained(self.path):
            kept.delete(self.path)
        with self._commit():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('generation', 0)")
            old = self._made_with()
            if old.embedded or old.model_hash == embedded_hash():
                new = Manifest.of(embedded(), embedded_hash())
            else:
                new = replace(old, format=FORMAT, analyser=ANALYSER, embedded_hash=embedded_hash(), sketch=SKETCH)
            self._rederive(new)
        if old.format != FORMAT:
            self._rewrite()

    def distrust(self) -> None:
        """See to it that what is damaged is replaced when its sources are indexed the next time."""
        with self._commit():
            tables = damaged(self._db)
            if not {"articles", "passages", "files", "held"}.isdisjoint(tables):
                self.records.reread_all()
            if "learned" in tables:
                self._db.execute("DELETE FROM learned")
            broken = [row for row in database.stored(self._db) if not row.is_whole()]
            documents = {row.columns[_HOST] or row.columns[_ID] for row in broken}
            self.records.reread(documents)
            for one in documents:
                for row in database.stored(self._db, key=one):
                    checksum = row._replace(document="").sum() if row.is_whole() else row.checksum
                    self._db.execute(
                        "UPDATE articles SET document = '', checksum = ? WHERE number = ?", (checksum, row.number)
                    )
            self._sums.renew()

    def reencode(self, encoder: Encoder, progress: Callable[[int, int], None] | None = None) -> None:
        """Divide all articles into passages again and encode those with another encoder; derive the rest from that.

        `progress` is told (articles done, in all). Raises IndexDamaged before an article that does not match its
        checksum.
        """
        with self._commit():
            last = done = 0
            ((total,),) = self._db.execute("SELECT count(*) FROM articles")
            while batch := list(database.stored(self._db, last, ARTICLES_AT_ONCE)):
                last = batch[-1].number
                self._reencode(batch, encoder)
                done += len(batch)
                if progress:
                    progress(done, total)
            self._rederive(Manifest.of(encoder, embedded_hash()))

    def remember(self, run: Run) -> None:
        """Keep what an indexing run did, in place of the run before; what is found stays as it is."""
        with self._commit(changed=False):
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (LAST_RUN, json.dumps(asdict(run))))

    def sweep(self) -> None:
        """Delete files that no commit names, and describe the index in manifest.json when that is behind."""
        self._require_in_place()
        with explained(self.path):
            delete_segments(self.path, self._derived.names())
            if damaged(self._db, ("meta",)):
                return  # what manifest.json says may be needed to repair it
            manifest, now = self.path / MANIFEST, described(self._db)
            if not manifest.exists() or manifest.read_text("utf-8", "replace") != now:
                write_whole(manifest, now, file_mode(self.path))

    # ---------------------------------------------------------------- inside a transaction

    @contextmanager
    def _commit(self, changed: bool = True) -> Iterator[None]:
        try:
            with blamed_on_damage(self.path, self._db), transaction(self._db, self.path):
                self._require_in_place()
                yield
                self._require_in_place()
                if changed:
                    self._db.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
                self._sums.save()
        except BaseException:
            with suppress(sqlite3.Error, KhabarError, OSError):
                self.sweep()  # the next commit may use the same names
            self._require_in_place()  # else that is why it failed
            raise
        if changed:
            self.sweep()

    def _said(self, article: str) -> tuple[str, str] | None:
        """The title and text of an article; None where there is none."""
        row = self._db.execute("SELECT title, text FROM articles WHERE id = ?", (article,)).fetchone()
        return row and (row[0], row[1])

    def _made_with(self) -> Manifest:
        """What the index was made with; by manifest.json where the database is damaged in that."""
        said = self.path / MANIFEST
        facts = database.facts_in(said) if damaged(self._db, ("meta",)) and said.exists() else None
        return Manifest.of_facts(facts) if facts else self.manifest

    def _require_in_place(self) -> None:
        """Raises StorageError when the path leads to another index by now, whose files must stay as they are."""
        with explained(self.path):
            found = database.file_at(self.path / DATABASE), database.identity_of(self._db)
            if found != (self._file, self._identity):
                raise StorageError(f"{self.path} was replaced by another index meanwhile; nothing was stored.")

    def _delete(self, ids: Iterable[str], guests: Literal["none", "unheld", "all"]) -> int:
        """Delete articles, and those of their `guests`, the articles embedded in them; returns how many.

        A guest is held where a file gave it as a document of its own, as a line of a backup.
        """
        removed = 0
        query = "SELECT number FROM articles WHERE id = ?1" + _GUESTS[guests]
        for one in ids:
            numbers = self._db.execute(query, (one,)).fetchall()
            for number in numbers:
                self._db.execute("INSERT INTO tombstones SELECT position FROM passages WHERE article = ?", number)
                self._db.execute("DELETE FROM articles WHERE number = ?", number)
            removed += len(numbers)
        return removed

    def _insert(self, entry: Entry, sketched: Sketch, first: int) -> list[NewPassage]:
        """Store an article and its passages, these from the position `first` on."""
        columns, fingerprints = database.columns(entry.article), pack(sketched)
        document = database.stored_hash(entry.document)
        vectors = [row.tobytes() for row in entry.vectors.astype(np.float16)]
        passages = [(0, p.start, p.end, self._stored(v)) for p, v in zip(entry.passages, vectors, strict=True)]
        whole = _half(entry.whole)
        checksum = Stored(0, columns, document, fingerprints, whole, b"", passages).sum()
        number = self._db.execute(
            f"INSERT INTO articles ({', '.join(COLUMNS)}, document, sketch, whole, checksum) "
            f"VALUES ({', '.join('?' * len(COLUMNS))}, ?, ?, ?, ?)",
            (*columns, document, fingerprints, whole, checksum),
        ).lastrowid
        assert number is not None
        self._insert_passages(number, passages, first)
        texts = [encoded_text(entry.article.title, passage.text) for passage in entry.passages]
        return [
            NewPassage(first + i, number, text, vector)
            for i, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]

    def _stored(self, vector: bytes) -> bytes:
        """A vector (float16) as the database holds it: nothing where the embedded model gives it again at any time."""
        return b"" if self.manifest.embedded else vector

    def _insert_passages(self, article: int, passages: Sequence[tuple[int, int, int, bytes]], first: int) -> None:
        self._db.executemany(
            "INSERT INTO passages (position, article, start, end, vector) VALUES (?, ?, ?, ?, ?)",
            [(first + i, article, start, end, vector) for i, (_, start, end, vector) in enumerate(passages)],
        )

    def _rederive(self, manifest: Manifest) -> None:
        self._derived = Derived(self._db, self.path, manifest.embedded)
        self._derived.clear()
        self._derived.derive(0)
        if (manifest.format, manifest.sketch) != (self.manifest.format, self.manifest.sketch):
            self._renew(manifest.embedded)
        self._db.executemany("UPDATE meta SET value = ?2 WHERE key = ?1", manifest.facts().items())
        self.manifest = manifest

    def _renew(self, embedded: bool) -> None:
        """Sketch all articles again; forget vectors that the embedded model gives again; store hashes as bytes."""
        last = 0
        while batch := list(database.stored(self._db, last, ARTICLES_AT_ONCE)):
            last = batch[-1].number
            for row, sketched in zip(batch, sketches([row.columns[_TEXT] for row in batch]), strict=True):
                document = row.document if isinstance(row.document, bytes) else database.stored_hash(row.document)
                new = row._replace(sketch=pack(sketched), document=document)
                if embedded:
                    new = new._replace(passages=[(*passage[:3], b"") for passage in row.passages])
                    self._db.execute("UPDATE passages SET vector = x'' WHERE article = ?", (row.number,))
                checksum = new.sum() if row.is_whole() else row.checksum
                query = "UPDATE articles SET sketch = ?, document = ?, checksum = ? WHERE number = ?"
                self._db.execute(query, (new.sketch, new.document, checksum, row.number))

    def _reencode(self, batch: Sequence[Stored], encoder: Encoder) -> None:
        articles = []
        for row in batch:
            if not row.is_whole():
                raise IndexDamaged(f"Article {row.columns[0]!r} is damaged. See: khabar verify --index {self.path}")
            articles.append(database.article(row.columns))
        again = encoder.hash == embedded_hash()
        for row, encoded in zip(batch, encode_articles(articles, encoder), strict=True):
            vectors = [b"" if again else _half(vector) for vector in encoded.vectors]
            new = [(0, p.start, p.end, v) for p, v in zip(encoded.passages, vectors, strict=True)]
            self._db.execute("DELETE FROM passages WHERE article = ?", (row.number,))
            self._insert_passages(row.number, new, self._derived.last_position() + 1)
            changed = row._replace(passages=new, whole=_half(encoded.whole))
            query = "UPDATE articles SET whole = ?, checksum = ? WHERE number = ?"
            self._db.execute(query, (changed.whole, changed.sum(), row.number))

    def _rewrite(self) -> None:
        """Write the database anew, without free space."""
        with explained(self.path):
            self._db.execute("VACUUM")


def _half(vector: Vectors) -> bytes:
    return vector.astype(np.float16).tobytes()
