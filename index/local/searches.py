"""What an index folder keeps beside its articles: saved searches, what they found, and when addresses were fetched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ..errors import IndexDamaged, InputError
from ..kinds import fits
from ..searches import Bodies, Due, Fetched, HitRow, SearchRow
from . import database
from .beside import Beside
from .database import explained
from .layout import SEARCHES
from .sums import BESIDE, damaged


class SearchFile:
    """The file searches.db of an index folder. Fills the port `Searches`; each method is one transaction.

    All raise StorageError where the file cannot be used, IndexDamaged where it is not what Khabar writes.
    """

    def __init__(self, folder: Path) -> None:
        self._file = Beside(folder)

    def identity(self) -> str:
        """A name that no other index has; it makes the file."""
        with self._file.writing() as db:
            value = database.identity_of(db)
        if not isinstance(value, str):
            raise self._damaged("it does not say which index it belongs to")
        return value

    def problems(self) -> list[str]:
        """What in the file is not as it was written, in sentences."""
        try:
            with self._file.reading() as db:
                db.execute("BEGIN")  # checksums are those of one moment
                found = [said for (said,) in db.execute("PRAGMA integrity_check(10)") if said != "ok"]
                found += [
                    f"row {row} of {table} belongs to none" for table, row, *_ in db.execute("PRAGMA foreign_key_check")
                ]
                found += [
                    f"the table {table} does not match its checksum; remove the file, and save the searches again"
                    for table in damaged(db, (*BESIDE, "meta"))
                ]
            self.searches()
            self.hits()
        except IndexDamaged as error:
            return [str(error)]
        return found

    # ---------------------------------------------------------------- saved searches

    def searches(self) -> list[SearchRow]:
        """All saved searches by name."""
        query = """
            SELECT number, name, asked, saved, scale, mark, checksum,
                (SELECT count(*) FROM hits WHERE search = s.number AND told IS NULL AND body IS NOT NULL),
                (SELECT count(*) FROM hits WHERE search = s.number AND body IS NOT NULL)
            FROM searches AS s ORDER BY name"""
        found = []
        with self._file.reading() as db:
            for number, name, asked, saved, scale, mark, checksum, waiting, all_of_them in db.execute(query):
                if checksum != _sum(name, asked, saved, scale):
                    raise self._damaged(f"the search {name!r} does not match its checksum")
                row = SearchRow(number, name, asked, saved, scale, mark, waiting, all_of_them)
                self._require(row, SearchRow)
                found.append(row)
        return found

    def save(self, name: str, asked: str, scale: str, mark: int, now: str, known: Sequence[str]) -> None:
        """Save a search. The articles `known` are never told. Raises InputError where the name is taken."""
        with self._file.writing() as db:
            if db.execute("SELECT 1 FROM searches WHERE name = ?", (name,)).fetchone():
                raise InputError(
                    f"There is a saved search {name!r} already. Remove it with: khabar saved --remove {name}"
                )
            row = name, asked, now, scale, mark, _sum(name, asked, now, scale)
            number = db.execute(
                "INSERT INTO searches (name, asked, saved, scale, mark, checksum) VALUES (?, ?, ?, ?, ?, ?)", row
            ).lastrowid
            assert number is not None
            _insert_hits(db, number, now, dict.fromkeys(known))

    def rescale(self, row: SearchRow, scale: str) -> None:
        """Give a search another threshold."""
        with self._file.writing() as db:
            checksum = _sum(row.name, row.asked, row.saved, scale)
            db.execute("UPDATE searches SET scale = ?, checksum = ? WHERE number = ?", (scale, checksum, row.number))

    def drop(self, name: str) -> None:
        """Remove a search with its hits. Raises InputError where there is none of this name."""
        with self._file.writing() as db:
            if not db.execute("DELETE FROM searches WHERE name = ?", (name,)).rowcount:
                raise InputError(f"There is no saved search {name!r}. See them all with: khabar saved")

    # ---------------------------------------------------------------- hits

    def advance(
        self,
        found: Sequence[tuple[SearchRow, Bodies]],
        mark: int,
        now: str,
        alive: Callable[[list[str]], Collection[str]],
    ) -> dict[str, int]:
        """Store what searches found up to a mark; returns how many new hits of each wait to be told, by its name.

        Articles that a search found before are passed over, and so are those that are no longer `alive`, since they
        may have been purged a moment ago. Of a search that another process has brought further, nothing is stored.
        """
        new: dict[str, int] = {}
        with self._file.writing() as db:
            kept = set(alive(sorted({article for _, hits in found for article in hits})))
            for row, hits in found:
                same = "UPDATE searches SET mark = ? WHERE number = ? AND mark = ?"
                if db.execute(same, (max(mark, row.mark), row.number, row.mark)).rowcount:
                    bodies = {article: body for article, body in hits.items() if article in kept}
                    if count := _insert_hits(db, row.number, now, bodies):
                        new[row.name] = count
        return new

    def known(self, row: SearchRow, among: Sequence[str] | None = None, last: int = -1) -> list[str]:
        """The ids of articles that a search found before: its `last` ones, or those `among` some."""
        with self._file.reading() as db:
            if among is None:
                query = "SELECT article FROM hits WHERE search = ? ORDER BY number DESC LIMIT ?"
                return [one for (one,) in db.execute(query, (row.number, last))]
            query = "SELECT 1 FROM hits WHERE search = ? AND article = ?"
            return [one for one in among if db.execute(query, (row.number, one)).fetchone()]

    def hits(self, name: str | None = None, k: int = -1, *, waiting: bool = False) -> list[HitRow]:
        """The k latest hits, of one search or of all, the oldest first; with `waiting` those not told yet."""
        conditions = ["body IS NOT NULL", *(["name = ?"] if name else []), *(["told IS NULL"] if waiting else [])]
        query = f"{_HITS} WHERE {' AND '.join(conditions)} ORDER BY hits.number DESC LIMIT ?"
        with self._file.reading() as db:
            return self._hits(db.execute(query, (*([name] if name else []), k)))[::-1]

    def tell(self, hits: Sequence[int], now: str, channels: Mapping[bytes, str] | None = None) -> None:
        """Mark hits, by their numbers, as told. In the same step what `channels` (hash -> label) are to be sent is put
        in the outbox.
        """
        with self._file.writing() as db:
            for hit in hits:
                if db.execute("UPDATE hits SET told = ? WHERE number = ? AND told IS NULL", (now, hit)).rowcount:
                    rows = [(hit, channel, label) for channel, label in (channels or {}).items()]
                    db.executemany("INSERT OR IGNORE INTO outbox (hit, channel, label) VALUES (?, ?, ?)", rows)

    def forget(self, ids: Sequence[str]) -> None:
        """Delete every hit on some articles. Makes no file."""
        if self._file.path.exists():
            with self._file.writing() as db:
                db.executemany("DELETE FROM hits WHERE article = ?", [(one,) for one in ids])

    def purge(self, held: Callable[[str], tuple[str, str] | None], patience: float) -> bool:
        """Rewrite the file without any word of articles that are gone or were replaced; `held` gives the title and text
        of an article, None where it is gone. False when a reader prevents that for so many seconds. Makes no file.
        """
        if not self._file.path.exists():
            return True
        with self._file.writing() as db:
            for number, article, found, body in db.execute("SELECT number, article, found, body FROM hits").fetchall():
                if held(article) is None:
                    db.execute("DELETE FROM hits WHERE number = ?", (number,))
                elif body and (kept := _as_it_is_now(body, held)) != body:
                    row = kept, _sum(article, found, kept), number
                    db.execute("UPDATE hits SET body = ?, checksum = ? WHERE number = ?", row)
        with self._file.opened(writing=True) as db, explained(self._file.folder, SEARCHES):
            db.execute("VACUUM")
            return database.empty_log(db, patience)

    # ---------------------------------------------------------------- the outbox

    def due(self, channel: bytes, now: float) -> list[Due]:
        """What a channel is to be sent now, the oldest first."""
        query = f"{_HITS} JOIN outbox ON hit = hits.number WHERE channel = ? AND after <= ? ORDER BY hits.number"
        with self._file.reading() as db:
            found = self._hits(db.execute(query, (channel, now)))
            query = "SELECT tries FROM outbox WHERE channel = ? AND hit = ?"
            due = [Due(hit, *db.execute(query, (channel, hit.number)).fetchone()) for hit in found]
        for one in due:
            self._require(one.tries, int)
        return due

    def delivered(self, channel: bytes, hits: Sequence[int]) -> None:
        """A channel was sent some hits."""
        with self._file.writing() as db:
            rows = [(channel, hit) for hit in hits]
            db.executemany("DELETE FROM outbox WHERE channel = ? AND hit = ?", rows)

    def put_off(self, channel: bytes, hits: Sequence[int], after: float) -> None:
        """A channel could not be sent some hits; it is tried again after a time (seconds since 1970)."""
        with self._file.writing() as db:
            rows = [(after, channel, hit) for hit in hits]
            db.executemany("UPDATE outbox SET tries = tries + 1, after = ? WHERE channel = ? AND hit = ?", rows)

    def undelivered(self) -> dict[str, int]:
        """Labels of channels -> how many hits each has still to be sent."""
        with self._file.reading() as db:
            found = dict(db.execute("SELECT label, count(*) FROM outbox GROUP BY label ORDER BY label"))
        for label in found:
            self._require(label, str)
        return found

    # ---------------------------------------------------------------- addresses

    def fetched(self, address: str) -> Fetched:
        """What is known of an address."""
        query = "SELECT etag, modified, seen, failures, after, gone FROM fetched WHERE address = ?"
        with self._file.reading() as db:
            row = db.execute(query, (_hash(address),)).fetchone()
        known = Fetched(*row) if row else Fetched()
        self._require(known, Fetched)
        return known

    def remember(self, states: Mapping[str, Fetched]) -> None:
        """Store what is known of addresses."""
        with self._file.writing() as db:
            rows = [(_hash(address), *state) for address, state in states.items()]
            db.executemany("INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def _hits(self, rows: Iterator[tuple[object, ...]] | sqlite3.Cursor) -> list[HitRow]:
        found = []
        for *values, checksum in rows:
            hit = HitRow(*values)
            self._require(hit, HitRow)
            if checksum != _sum(hit.article, hit.found, hit.body):
                raise self._damaged(f"what {hit.search!r} found in {hit.article!r} does not match its checksum")
            found.append(hit)
        return found

    def _require(self, value: object, kind: type) -> None:
        if not fits(value, kind):
            raise self._damaged(f"{value!r} is not what is stored there")

    def _damaged(self, what: str) -> IndexDamaged:
        return IndexDamaged(f"{self._file.path}: {what}. Remove that search, or the file, and save it again.")


_HITS = """SELECT hits.number, name, article, found, body, told, hits.checksum FROM hits
    JOIN searches ON searches.number = search"""


def _as_it_is_now(body: str, held: Callable[[str], tuple[str, str] | None]) -> str | None:
    """The body of a hit without copies that are gone or say something else by now; None where its article does."""
    try:
        return _still_true(json.loads(body), held)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # damaged: none of it can be vouched for


def _still_true(found: dict[str, Any], held: Callable[[str], tuple[str, str] | None]) -> str | None:
    def is_true(article: Mapping[str, str], passage: str = "") -> bool:
        said = held(article["id"])
        return said is not None and article["title"] == said[0] and passage in said[1]

    if not is_true(found["article"], found["passage"]["text"]):
        return None
    if found.get("copies"):
        found["copies"] = [copy for copy in found["copies"] if is_true(copy)]
    return json.dumps(found, ensure_ascii=False)


def _insert_hits(db: sqlite3.Connection, search: int, now: str, hits: Bodies) -> int:
    query = "INSERT OR IGNORE INTO hits (search, article, found, body, checksum) VALUES (?, ?, ?, ?, ?)"
    new = 0
    for article, body in hits.items():
        new += db.execute(query, (search, article, now, body, _sum(article, now, body))).rowcount * (body is not None)
    return new


def _sum(*values: object) -> bytes:
    return blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _hash(address: str) -> bytes:
    return blake2b(address.encode("utf-8", "surrogatepass"), digest_size=16).digest()
