"""An index on a cluster, written: whole articles, by any number of writers at once.

An article is there when its row is, which is written after its passages; what it replaces is deleted after that. Before
a batch is written the ledger says which numbers it will have, and before rows are deleted which these are, so what a
killed writer leaves behind is known to the next one (see mending.py).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ..errors import IndexLocked
from ..local import SearchFile
from ..ports import Entry, Lost, Reading
from ..text import Analysed
from ..types import Encoder, Run
from .cluster import Row
from .counting import PartsWriter
from .provenance import MilvusRecords
from .reading import Rows
from .schema import Made, completed, fitting, key_of, made, spilled
from .state import Intent, State, commit
from .statistics import Part

LAST_RUN = "last_run"

MANY = 1_000
"""Passages after which the engine is told to index them, when the writer is done. Of fewer it makes no file of its own.
"""

PATIENCE = 30.0
"""Seconds that a purge waits for readers of what saved searches found."""


class MilvusSink:
    """Changes an index. Fills the port `Sink`: each method is one commit, but others may see some of its articles
    before all are there, each of them whole.
    """

    def __init__(self, rows: Rows, parts: PartsWriter, searches: SearchFile) -> None:
        self._rows, self._parts, self._searches = rows, parts, searches
        self._cluster, self._ledger, self._state = rows.cluster, rows.ledger, rows.state
        self._last = rows.state.mark
        self._stored = 0
        self.records = MilvusRecords(rows)

    def add(
        self, entries: Sequence[Entry], reading: Reading | None = None, learned: Mapping[str, Any] | None = None
    ) -> None:
        """Store articles; one whose id is known replaces the old one and whatever was embedded in it."""
        once = list({entry.article.id: entry for entry in entries}.values())
        with self.records.changing():
            if reading:
                self.records.update(reading)
            moved, self.records.moved = self.records.moved, {}
            self._store(once)
            self._move({one: path for one, path in moved.items() if one not in {e.article.id for e in once}})
            self.records.write()
            lines = {f"learned/{key_of(source):x}": json.dumps(said) for source, said in (learned or {}).items()}
            self._ledger.put("learned", lines)
        if once or moved:
            commit(self._ledger, self._last)

    def remove(self, ids: Sequence[str], *, purge: bool = False) -> int:
        """Remove articles and those embedded in them; returns how many. Unknown ids are ignored.

        With `purge` the engine is told to rewrite its files without what was removed, now or before; see
        `Store.after_purge`.
        """
        with self.records.changing():
            rows = self._of(ids) + self._embedded(ids)
            gone = self._named(rows)
            self._delete(rows)
            self.records.forget([*ids, *gone])
            self.records.unlearn(gone)
            self.records.write()
        self._searches.forget([*ids, *gone])
        commit(self._ledger, self._last)
        if purge:
            self._searches.purge(self._said, PATIENCE)
            self.compact()
        return len(gone)

    def prune(self, lost: Lost) -> int:
        """Remove the articles whose files are gone or no longer hold them; returns how many."""
        with self.records.changing():
            self.records.drop(lost)
            rows = self._of(lost.articles)
            guests = self._embedded(lost.articles)
            names = dict(zip((row["number"] for row in guests), self._ids(guests), strict=True))
            rows += [row for row in guests if not self.records.is_held(names[row["number"]])]
            gone = self._named(rows)
            self._delete(rows)
            self.records.unlearn(gone)
            self.records.write()
        self._searches.forget(lost.articles)
        commit(self._ledger, self._last)
        return len(gone)

    def finish(self) -> None:
        """The writer is done: what it stored is searched faster from now on."""
        if self._stored >= MANY:
            for collection in (self._state.passages, self._state.articles):
                self._cluster.call("flush", collection)

    def remember(self, run: Run) -> None:
        """Keep what an indexing run did, in place of the run before."""
        self._ledger.put(LAST_RUN, {LAST_RUN: json.dumps(asdict(run))})

    def compact(self) -> None:
        """Count the terms of all passages anew, and have the engine rewrite its files without removed rows."""
        self._ledger.delete(self._ledger.names("kept", "Strong"))
        self._parts.renew(self._rows)
        commit(self._ledger, self._last)
        for collection in (self._state.passages, self._state.articles, self._ledger.collection):
            self._cluster.compact(collection)

    def reencode(self, encoder: Encoder, progress: Callable[[int, int], None] | None = None) -> None:
        """Divide all articles into passages again and encode those with another encoder, in new collections.

        Searches use the old ones until all is there. Raises IndexLocked while others are writing.
        """
        from .renewing import renew

        renew(self._rows, encoder, progress)

    # ---------------------------------------------------------------- storing

    def _store(self, entries: Sequence[Entry]) -> None:
        """Store articles, then delete what they replace."""
        if not entries:
            return
        whole = completed(entries)
        words = Analysed.joined([entry.words for entry in whole if entry.words])
        first = self._next()
        none = np.zeros((0, self._state.made.dimension), np.float32)
        part = Part.of(first, words, np.concatenate([none, *(one.vectors for one in entries if one.passages)]))
        lengths = self._parts.lengths(part)
        built, number = [], first
        for entry in whole:
            built.append(made(entry, number, lengths))
            number += max(len(entry.passages), 1)
        hosts = [entry.article.id for entry in entries if entry.article.host is None]
        self._write(built, first, number, hosts, part)
        self._stored += len(part)
        for entry in entries:
            self.records.learn(asdict(entry.article), entry.document)
        self.records.stored(key for one in built for key in (one.article["key"], one.article["host"]))

    def _write(
        self, built: Sequence[Made], first: int, beyond: int, hosts: Sequence[str] = (), part: Part | None = None
    ) -> None:
        intent = self._announce(first, beyond)
        try:
            for one in built:
                if one.spilled:
                    self._ledger.put("spilled", one.spilled)
            self._cluster.insert(self._state.passages, [row for one in built for row in one.passages])
            self._cluster.insert(self._state.articles, [one.article for one in built])  # from here on they are there
            versions = self._rows.of_keys({one.article["key"] for one in built}, ("number", "key", "passages"))
            old = superseded(versions)
            guests = [row for row in self._embedded(hosts) if row["number"] < first]
            names = self._ids(guests)
            old += [row for row, name in zip(guests, names, strict=True) if not self.records.is_held(name)]
            self.records.unlearn(name for name in names if not self.records.is_held(name))
            self._delete(old)
            if part:
                self._parts.add(part)
            self._ledger.delete([intent.name])
        finally:
            intent.end()
        self._last = beyond - 1

    def _move(self, moved: Mapping[str, str]) -> None:
        """Store articles anew with the paths at which they stand now; rows themselves never change."""
        rows = self._rows.named(list(moved), ("number", "passages")) if moved else []
        built, first = [], self._next()
        number = first
        for row in rows:
            old = int(row["number"])
            head = self._cluster.get(self._state.articles, [old], ["*"], "Strong")[0]
            keys = range(old, old + row["passages"])
            passages = self._cluster.get(self._state.passages, keys, ["*"], "Strong")
            texts = {one["number"]: {"text": one["text"], "terms": one["terms"]} for one in passages}
            facts = {old: {"facts": head["facts"]}}
            self._rows.unspill("facts", facts)
            self._rows.unspill("text", texts)
            self._rows.unspill("terms", texts)
            said = json.loads(facts[old]["facts"])
            said["path"] = moved[said["id"]]
            built.append(shifted(head, passages, texts, json.dumps(said), number))
            number += max(len(passages), 1)
        if built:
            self._write(built, first, number)

    def _next(self) -> int:
        """A number that none had before: by the clock, a thousand a microsecond, and beyond the last one."""
        return max(time.time_ns() // 1_000 << 10, self._last + 1)

    def _announce(self, first: int, beyond: int) -> Intent:
        """Say which numbers are to be written. Raises IndexLocked while another writer changes the whole index."""
        intent = Intent.mine(first, beyond)
        self._ledger.put("intent", {intent.name: intent.written()})
        now = State.read(self._ledger, "Strong")
        others = [one for one in now.intents if one.name != intent.name] if now else []
        if now is None or now.passages != self._state.passages:
            self._withdraw(intent)
            raise IndexLocked(f"{self._cluster.address} was made anew by another process. Give the same command again.")
        for one in others:
            if one.first < beyond and first < one.beyond and not one.abandoned:
                self._withdraw(intent)
                raise IndexLocked(
                    f"{self._cluster.address} is being written to by process {one.process}. "
                    "Give the same command again when it has finished."
                )
        return intent

    def _withdraw(self, intent: Intent) -> None:
        intent.end()
        self._ledger.delete([intent.name])

    # ---------------------------------------------------------------- deleting

    def _said(self, name: str) -> tuple[str, str] | None:
        """The title and text of an article; None where there is none."""
        for row in self._rows.named([name], ("number",)):
            (article,) = self._rows.articles([row["number"]])
            return article.title, article.text
        return None

    def _of(self, ids: Iterable[str]) -> list[Row]:
        return self._rows.of_keys(map(key_of, ids), ("number", "key", "passages"))

    def _embedded(self, ids: Iterable[str]) -> list[Row]:
        keys = [key_of(one) for one in ids]
        return self._rows.of_keys(keys, ("number", "key", "passages"), hosts=True) if keys else []

    def _ids(self, rows: Sequence[Row]) -> list[str]:
        return self._rows.ids([row["number"] for row in rows])

    def _named(self, rows: Sequence[Row]) -> list[str]:
        return sorted(set(self._ids(rows)))

    def _delete(self, rows: Sequence[Row]) -> None:
        """Delete articles with their passages, and note down which before that."""
        if rows:
            name = f"debt/{os.urandom(8).hex()}"
            debt = sorted({(int(row["number"]), int(row["passages"])) for row in rows})
            self._ledger.put("debt", {name: json.dumps(debt)})
            settle_debt(self._rows, debt)
            self._ledger.delete([name])


def superseded(versions: Iterable[Row]) -> list[Row]:
    """Those of the rows of articles of which there is a newer version."""
    newest: dict[int, int] = {}
    rows = list(versions)
    for row in rows:
        newest[row["key"]] = max(row["number"], newest.get(row["key"], 0))
    return [row for row in rows if row["number"] < newest[row["key"]]]


def settle_debt(rows: Rows, debt: Iterable[tuple[int, int]]) -> None:
    """Delete articles, given as number and passages: first what makes them visible, then the rest."""
    owed = list(debt)
    rows.cluster.delete(rows.state.articles, [number for number, _ in owed])
    passages = [number + place for number, count in owed for place in range(count)]
    rows.cluster.delete(rows.state.passages, passages)
    names = {spilled("facts", number) for number, _ in owed}
    names |= {spilled(column, number) for number in passages for column in ("text", "terms")}
    rows.ledger.delete(names.intersection(rows.ledger.names("spilled", "Strong")))


def shifted(head: Row, passages: Sequence[Row], texts: Mapping[int, Row], facts: str, number: int) -> Made:
    """The rows of a stored article under other numbers, with other facts."""
    old, spill = int(head["number"]), dict[str, str]()
    rows = []
    for row in passages:
        place, said = row["number"] - old + number, texts[row["number"]]
        columns = {column: fitting(said[column], column, place, spill) for column in ("text", "terms")}
        rows.append(dict(row) | columns | {"number": place, "article": number})
    return Made(dict(head) | {"number": number, "facts": fitting(facts, "facts", number, spill)}, rows, spill)
