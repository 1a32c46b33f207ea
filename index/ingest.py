"""From sources to a stored index: read, clean, split, encode, store, one bounded batch at a time.

The next batch is read while the last one is prepared, by other processes where there are some, so what is stored does
not depend on how many there are.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .batches import Batch, Batches
from .clean import Cleaner, Lines, Tidied, origin
from .cores import cores
from .ports import Entry, Lost, Reading, Sink, Store
from .preparing import Job, Prepared, encode, failure
from .read import Exported, Source, is_missing, shown
from .types import Article, Document, Encoder, Noted, Rejected, Report, Run, Shard
from .uncommitted import Uncommitted
from .workers import Task, Workers

# Documents are prepared in parts of this size. A large model may need hours for one batch, so what is done is committed
# after COMMIT_SECONDS, and a run that was stopped continues from there.
PART = 128
COMMIT_SECONDS = 30.0

EXAMPLES = 100
"""Rejected inputs that an index remembers of a run."""

# Pruning that would remove more than this many articles and more than this share of what the sources gave is refused:
# a disk that is not mounted looks like one whose files were all deleted.
PRUNED_AT_MOST = 20
PRUNED_SHARE = 1 / 3

Progress = Callable[[int, int, int], None]
"""Is told bytes read, bytes in all, and articles stored."""

_Cleaned = tuple[Document, Prepared]

Skip = Callable[[Sequence[Article]], Collection[str]]
"""Is given new articles, and returns the ids of those that are not to be added."""


def ingest(
    index: Store,
    sources: Sequence[Source],
    encoder: Encoder,
    progress: Progress | None = None,
    *,
    prune: bool = False,
    prune_all: bool = False,
    skip: Skip | None = None,
    exclude: Sequence[str] = (),
    workers: int | None = None,
    shard: Shard | None = None,
) -> Report:
    """Add the articles of the sources to an index, or update them; each batch is committed as a whole.

    Files whose content is as it was are not read again, and documents that say the same not stored again. Under which
    id each is stored is said in `identities`. With `prune`, articles whose files were in the sources and are gone are
    removed, unless a source is missing or so many are gone that something else must have happened; with `prune_all`,
    also then. What cannot be used is rejected and named in the report. `exclude` are patterns of files that are
    neither read nor pruned. `workers` is how many processes prepare articles, this one included; None is as many as
    there are cores. A small input is prepared by this one alone. Of documents, only those in `shard` are stored, and
    files that hold others are read again the next time.
    Raises IndexLocked, StorageError, and IndexMismatch when the vectors of `encoder` are not those of the index.
    """
    index.require(encoder)
    began = time.perf_counter()
    with index.writing() as writer, Workers(workers or cores(), encoder) as processes:
        run = _Run(index, writer, encoder, processes, skip, shard)
        run.add(sources, exclude, progress)
        removed = 0
        if prune or prune_all:
            named = [source for source in sources if isinstance(source, str)]
            lost = writer.records.lost(named, run.batches.unseen)
            if why := None if prune_all else _too_much(lost, named):
                run.rejected.append(why)
            else:
                removed = writer.prune(lost)
        report = Report(
            added=run.counts["added"],
            updated=run.counts["updated"],
            unchanged=run.counts["unchanged"],
            removed=removed,
            passages=run.counts["passages"],
            rejected=tuple(run.rejected),
            seconds=time.perf_counter() - began,
            notes=tuple(run.batches.notes),
            renamed=tuple(run.batches.identities.renamed),
            replaced=tuple(run.batches.identities.replaced),
            unknown=tuple(run.batches.unknown),
        )
        if report.added or report.updated or report.removed or report.rejected:
            writer.remember(_remembered(report))
    return report


def _remembered(report: Report) -> Run:
    return Run(
        datetime.now(UTC).isoformat(timespec="seconds"),
        report.added,
        report.updated,
        report.unchanged,
        report.removed,
        len(report.rejected),
        report.rejected[:EXAMPLES],
    )


def _too_much(lost: Lost, sources: Sequence[str]) -> Rejected | None:
    """Why articles are not removed although their files are gone."""
    if not lost.articles:
        return None
    gone, advice = f"{len(lost.articles)} articles", "if they are to go, give --prune-all"
    for source in sources:
        if is_missing(source):
            what = "a source that is missing or empty may only not be mounted"
            return Rejected(shown(source), f"nothing was pruned: {what}; {gone} would have been removed; {advice}")
    if len(lost.articles) > max(PRUNED_AT_MOST, PRUNED_SHARE * lost.of):
        what = f"{gone} of {lost.of} would have been removed, more than a third"
        return Rejected(", ".join(map(shown, sources)), f"nothing was pruned: {what}; {advice}")
    return None


@dataclass(slots=True)
class _Outstanding:
    """A batch that was read and is not committed, and what becomes of it."""

    batch: Batch
    known: dict[str, str]  # id -> hash of the stored document
    unchanged: set[str]
    tasks: list[Task]
    learned: dict[str, Any]
    stored: set[str] = field(default_factory=set)  # ids of the documents of which something is stored


class _Run:
    """Stores what some sources hold, and reads one batch ahead of that."""

    def __init__(
        self,
        index: Store,
        writer: Sink,
        encoder: Encoder,
        workers: Workers,
        skip: Skip | None,
        shard: Shard | None,
    ) -> None:
        self.rejected: list[Rejected] = []
        self.counts: Counter[str] = Counter()
        self._index, self._writer, self._encoder, self._workers, self._skip = index, writer, encoder, workers, skip
        self._records = Uncommitted(writer.records, self._commit)
        self.batches = Batches(index, self._records, shard)
        self._outstanding: _Outstanding | None = None

    def add(self, sources: Sequence[Source], exclude: Sequence[str], progress: Progress | None) -> None:
        """Store what the sources hold."""

        def told(done: int, total: int) -> None:
            if progress:
                progress(done, total, self.counts.total() - self.counts["passages"] + self.batches.unchanged)

        for batch in self.batches.read(sources, exclude, told):
            prepared = self._prepared(batch)
            self._commit()
            self._outstanding = prepared
            self._records.expect(batch.documents, batch.reading)
            if batch.reading.moved or batch.reading.moved_files:
                self._commit()  # where articles came from is part of every question about them
        self._commit()
        self.counts["unchanged"] += self.batches.unchanged

    def _prepared(self, batch: Batch) -> _Outstanding:
        """Begin to prepare a batch."""
        known = self._index.known(batch.documents)
        fresh = [
            one.document
            for name, one in batch.documents.items()
            if known.get(name) != one.digest and not self.batches.identities.is_stored(one.document)
        ]
        unchanged = batch.documents.keys() - {document.id for document in fresh}
        sources = {origin(document) for document in fresh}
        learned = self._index.learned(sources)
        if self._outstanding:
            learned |= {source: said for source, said in self._outstanding.learned.items() if source in sources}
        cleaner = Cleaner()
        cleaner.restore(learned)
        learning: list[tuple[Document, tuple[Tidied, Lines] | None]] = []
        for document in fresh:
            try:
                learning.append((document, None if isinstance(document, Exported) else cleaner.learn([document])[0]))
            except Exception as error:
                self._reject(document, failure(error), batch)
        jobs = [
            Job(document, frozenset(cleaner.repeated(document, own[1])), own[0]) if own else Job(document)
            for document, own in learning
        ]
        return _Outstanding(batch, known, unchanged, self._workers.begin(jobs, PART), cleaner.state() if fresh else {})

    def _commit(self) -> None:
        """Commit the batch that is outstanding, if there is one."""
        now, self._outstanding = self._outstanding, None
        self._records.expect()
        if now is None:
            return
        self.rejected += now.batch.rejected
        if not now.batch.held:
            return
        counted = self._writer.records.counted
        self.counts["unchanged"] += counted(now.unchanged)
        entries: list[Entry] = []
        committed = time.monotonic()
        cleaned = self._cleaned(now)
        for part in _parts(self._not_skipped(list(cleaned), now) if self._skip else cleaned):
            if time.monotonic() - committed > COMMIT_SECONDS:
                self._writer.add(entries, Reading(now.batch.reading.documents))
                entries, committed = [], time.monotonic()
            entries += self._encoded(part, now)
        self._writer.add(entries, now.batch.reading, now.learned)
        self.counts["updated"] += counted(now.stored & now.known.keys())
        self.counts["added"] += counted(now.stored - now.known.keys())

    def _cleaned(self, now: _Outstanding) -> Iterator[_Cleaned]:
        """The articles of a batch."""
        for task in now.tasks:
            for job, outcome in zip(task.jobs, self._workers.done(task), strict=True):
                if isinstance(outcome, str):
                    self._reject(job.document, outcome, now.batch)
                    continue
                if not isinstance(job.document, Exported):
                    told = (note for one in outcome for note in Cleaner.notes(one.article))
                    self.batches.notes.extend(Noted(job.document.path, note) for note in told)
                for place, one in enumerate(outcome):
                    name = one.article.id
                    if place:
                        name = self.batches.identities.settle_embedded(one.article, now.batch.documents)
                    yield job.document, one if name == one.article.id else one.named(name)

    def _not_skipped(self, cleaned: Sequence[_Cleaned], now: _Outstanding) -> Iterator[_Cleaned]:
        assert self._skip
        skipped = self._skip([one.article for document, one in cleaned if document.id not in now.known])
        for document, one in cleaned:
            if one.article.id in skipped:
                self.batches.read_again(document, now.batch)
            else:
                yield document, one

    def _encoded(self, part: Sequence[_Cleaned], now: _Outstanding) -> Iterator[Entry]:
        """The entries of some articles; one that cannot be encoded is rejected."""
        vectors = iter(encode([one.article for _, one in part if one.encoded is None], self._encoder))
        for document, one in part:
            made = next(vectors) if one.encoded is None else one.encoded
            if isinstance(made, str):
                self._reject(document, made, now.batch)
                continue
            now.stored.add(document.id)
            self.counts["passages"] += len(made.passages)
            digest = now.batch.documents[document.id].digest
            yield Entry(made.article, made.passages, made.vectors, digest, made.whole, one.sketch, one.words)

    def _reject(self, document: Document, reason: str, batch: Batch) -> None:
        """A document of a batch cannot be used."""
        self.rejected.append(Rejected(document.path, reason))
        self.batches.read_again(document, batch)


def _parts(articles: Iterable[_Cleaned]) -> Iterator[list[_Cleaned]]:
    """At least PART articles each; those of one document stay together, for it is skipped when it is known."""
    part: list[_Cleaned] = []
    for document, one in articles:
        if len(part) >= PART and part[-1][0] is not document:
            yield part
            part = []
        part.append((document, one))
    if part:
        yield part
