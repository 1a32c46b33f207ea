"""What is derived from the database: segments, made from its passages and kept in step with them.

Everything here happens inside a transaction of the writer (writer.py), which names the new files when it is committed.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..encoders import embedded
from ..errors import IndexDamaged
from ..passages import encoded_text
from ..text import Analysed, analysed
from ..types import Vectors
from . import segments
from .database import tombstones
from .layout import segment_folder
from .merging import NO_FORMS, Forms, shortened
from .postings import Postings
from .segments import Segment, due
from .spelled import Spelled

# Passages that are analysed at once when segments are derived anew: their words are the working memory of one step.
PIECE = 8_192

FEW = 50
"""Where at most one passage in so many was removed, the words of these are looked up in others, which takes less time
than to analyse all of them anew."""

LAST = 2**63 - 1  # the greatest position that there can be


class NewPassage(NamedTuple):
    """A passage that was just stored: where, of which article, what is encoded of it, and its vector (float16).

    The vector is empty where it is to be encoded by the embedded model.
    """

    position: int
    article: int
    text: str
    vector: bytes


class NewArticle(NamedTuple):
    """The passages of an article that was just stored, and their words, where these are known."""

    passages: Sequence[NewPassage]
    words: Analysed | None


class Derived:
    """The segments of the index in the folder `path`, as its database names them.

    `embedded` says that the vectors are those of the embedded model, which are not stored but encoded again.
    """

    def __init__(self, db: sqlite3.Connection, path: Path, embedded: bool) -> None:
        self._db, self._path, self._embedded = db, path, embedded
        self._spelled = Spelled()

    def names(self) -> set[str]:
        """The folders of all segments."""
        return {row.name for row in self._rows()}

    def last_position(self) -> int:
        """The greatest position that a passage ever had."""
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        if row and not isinstance(row[0], int):
            raise IndexDamaged(f"The number of the last passage is {row[0]!r}. Restore the index from a backup.")
        return row[0] if row else 0

    def clear(self) -> None:
        """Name no segment any more."""
        self._db.execute("DELETE FROM segments")
        self._db.execute("DELETE FROM tombstones")

    def compact(self) -> None:
        """Merge all segments into one, without removed passages."""
        self._merge([row.name for row in self._rows()])

    def add(self, articles: Sequence[NewArticle]) -> None:
        """Make segments of articles that were just stored, in the order of their positions."""
        sizes = np.cumsum([len(article.passages) for article in articles])
        cuts = np.flatnonzero(np.diff(sizes // PIECE)) + 1
        bounds = [0, *cuts.tolist(), len(articles)]
        self._write_all(articles[first:last] for first, last in pairwise(bounds) if first < last)

    def derive(self, after: int, last: int = LAST) -> None:
        """Make segments of the stored passages whose positions are greater than `after`, up to `last`."""
        self._write_all(self._stored(after, last))

    def _stored(self, after: int, last: int) -> Iterator[Sequence[NewArticle]]:
        """The stored passages in a range of positions, PIECE at a time."""
        query = (
            "SELECT position, article, start, end, vector FROM passages "
            "WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
        )
        while rows := self._db.execute(query, (after, last, PIECE)).fetchall():
            articles = []
            for number, own in groupby(rows, key=lambda row: row[1]):
                # One article at a time: a join would hold its whole text once for each of its passages.
                query_text = "SELECT title, text FROM articles WHERE number = ?"
                title, body = self._db.execute(query_text, (number,)).fetchone()
                passages = [
                    NewPassage(
                        position, number, encoded_text(title, body[start:end]), b"" if self._embedded else vector
                    )
                    for position, _, start, end, vector in own
                ]
                articles.append(NewArticle(passages, None))
            yield articles
            after = rows[-1][0]

    def _write_all(self, pieces: Iterable[Sequence[NewArticle]]) -> None:
        """One segment of all pieces. They are merged on the way, so that few are merged at once."""
        names: list[str] = []
        sizes: list[int] = []
        for piece in pieces:
            names.append(self._write(piece))
            sizes.append(sum(len(article.passages) for article in piece))
            while count := due(sizes):
                merged = self._merge(names[-count:])
                names[-count:], sizes[-count:] = merged, [sum(sizes[-count:])] * len(merged)
        self._merge(names)

    def _write(self, articles: Sequence[NewArticle]) -> str:
        """Write a segment of some articles; returns its name."""
        passages = [passage for article in articles for passage in article.passages]
        positions, numbers = (np.array([passage[i] for passage in passages], np.int64) for i in (0, 1))
        known = [article.words for article in articles if article.words]
        words = Analysed.joined(known if len(known) == len(articles) else [analysed([p.text for p in passages])])
        if self._embedded and not passages[0].vector:
            vectors = embedded().encode_passages([passage.text for passage in passages])
        else:
            vectors = _vectors([passage.vector for passage in passages])
        postings = Postings.build(words, embedded().entries)
        names = self._spelled.names(postings.surfaces[:])
        name = self._new_name()
        files = segments.write(segment_folder(self._path, name), positions, numbers, postings, names, vectors)
        self._enter(name, positions[0], len(passages), True, files)
        return name

    def _merge(self, names: Sequence[str]) -> list[str]:
        """Merge neighbouring segments into one without the passages that have been removed; returns its name."""
        merged = [row for row in self._rows() if row.name in names]
        if len(merged) < 2 and not any(row.dead for row in merged):
            return list(names)
        for row in merged:
            self._db.execute("DELETE FROM segments WHERE name = ?", (row.name,))
        size = sum(row.size - row.dead for row in merged)
        if size:
            dead = tombstones(self._db)
            name = self._new_name()
            parts = [Segment.open(segment_folder(self._path, row.name), json.loads(row.files)) for row in merged]
            few = sum(row.dead for row in merged) * FEW <= size
            forms = [self._forms(part, dead) if few else NO_FORMS for part in parts]
            pure = all(row.pure and (few or not row.dead) for row in merged)
            files = segments.merge(segment_folder(self._path, name), parts, dead, forms)
            self._enter(name, merged[0].first, size, pure, files)
        for row in merged:
            self._db.execute("DELETE FROM tombstones WHERE position BETWEEN ? AND ?", (row.first, row.last))
        return [name] if size else []

    def tidy(self) -> None:
        """Merge the youngest segments when that is due, and rewrite those of which the most part has been removed."""
        found = self._rows()
        count = due([row.size for row in found])
        self._merge([row.name for row in found[len(found) - count :]])
        for row in self._rows():
            if row.dead * 2 > row.size:
                self._merge([row.name])

    def purify(self) -> None:
        """Leave nothing of removed passages in any segment; the written form of a word may come from those, too."""
        for row in self._rows():
            if row.dead and row.pure and row.dead * FEW <= row.size:
                self._merge([row.name])
            elif row.dead or not row.pure:
                self._db.execute("DELETE FROM segments WHERE name = ?", (row.name,))
                self._db.execute("DELETE FROM tombstones WHERE position BETWEEN ? AND ?", (row.first, row.last))
                self.derive(row.first - 1, row.last)

    def _forms(self, part: Segment, dead: npt.NDArray[np.int64]) -> Forms:
        """The written forms of terms that stood in removed passages, as others have them: one passage for each term."""
        alive = ~np.isin(part.positions, dead)
        if alive.all():
            return NO_FORMS
        numbers, rows = shortened(part.postings, alive)
        once, which = np.unique(rows, return_inverse=True)
        found = analysed([self._text(position) for position in part.positions[once].tolist()])
        texts = np.repeat(np.arange(len(once)), found.counts).tolist()
        held = dict(
            zip(zip(texts, found.words.keys[found.numbers].tolist(), strict=True), found.numbers.tolist(), strict=True)
        )
        written = []
        for number, text, key in zip(
            numbers.tolist(), which.tolist(), part.postings.keys[numbers].tolist(), strict=True
        ):
            word = held.get((text, key))  # None where the text is damaged
            written.append(part.postings.vocabulary[number] if word is None else found.words.written[word])
        return Forms(numbers, written, embedded().entries(written))

    def _text(self, position: int) -> str:
        """What is encoded of a stored passage."""
        query = "SELECT title, text, start, end FROM passages JOIN articles ON number = article WHERE position = ?"
        row = self._db.execute(query, (position,)).fetchone()
        if row is None:
            return ""
        title, body, start, end = row
        return encoded_text(title, body[start:end])

    def _rows(self) -> list[_Row]:
        query = f"""
            WITH ranges AS (SELECT *, coalesce(lead(first) OVER (ORDER BY first) - 1, {LAST}) AS last FROM segments)
            SELECT name, first, last, size, pure, files,
                (SELECT count(*) FROM tombstones WHERE position BETWEEN first AND last) AS dead
            FROM ranges ORDER BY first"""
        return [_Row(*row) for row in self._db.execute(query)]

    def _enter(self, name: str, first: int, size: int, pure: bool, files: segments.Files) -> None:
        row = name, int(first), size, pure, json.dumps(files)
        self._db.execute("INSERT INTO segments VALUES (?, ?, ?, ?, ?)", row)

    def _new_name(self) -> str:
        """A name that no segment ever had: a reader may still hold the files of an old one."""
        query = "INSERT INTO meta VALUES ('segment', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value"
        return f"{self._db.execute(query).fetchone()[0]:08d}"


def _vectors(stored: Sequence[Any]) -> Vectors:
    """Stored vectors (float16) as float32 (n, dim). A damaged one of another length becomes zeros."""
    sizes = Counter(len(vector) for vector in stored if isinstance(vector, bytes))
    size = sizes.most_common(1)[0][0] if sizes else 0
    none = bytes(size)
    whole = [vector if isinstance(vector, bytes) and len(vector) == size else none for vector in stored]
    return np.stack([np.frombuffer(vector, np.float16) for vector in whole]).astype(np.float32)


class _Row(NamedTuple):
    """A segment as the database names it: it holds `size` passages at positions from `first` to at most `last`."""

    name: str
    first: int
    last: int
    size: int
    pure: bool
    files: str
    dead: int
