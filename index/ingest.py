"""From sources to a stored index: read, clean, split, encode, store, one bounded batch at a time.

The next batch is read while the last one is prepared, by other processes where there are some, so what is stored does
not depend on how many there are.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .clean import Cleaner, origin
from .identities import Batch, Identities
from .ports import Entry, Lost, Reading, Sink, Store, key
from .preparing import Job, Prepared, encode, failure
from .read import Began, Ended, Exported, Input, Unknown, events, is_missing, shown
from .types import Article, Document, Encoder, Noted, Rejected, Report
from .uncommitted import Uncommitted
from .workers import Task, Workers, cores

# A batch is one commit. This many documents keep 16,000 passages' vectors well under 100 MB, and enough text to learn
# a site's boilerplate from; a batch also ends at so many characters, so that a few huge documents do not fill memory.
BATCH = 2_000
BATCH_CHARACTERS = 20_000_000

# Documents that are prepared together. A large model may take hours for a batch: what is done is committed when so much
# time has passed, so that a run that was stopped goes on from there.
PART = 128
COMMIT_SECONDS = 30.0

# Pruning that would remove more than this many articles and more than this share of what the sources gave is refused:
# a disk that is not mounted looks like one whose files were all deleted.
PRUNED_AT_MOST = 20
PRUNED_SHARE = 1 / 3

Progress = Callable[[int, int, int], None]
"""Is told bytes read, bytes in all, and articles stored."""

Skip = Callable[[Sequence[Article]], Collection[str]]
"""Is given new articles, and returns the ids of those that are not to be added."""


def ingest(
    index: Store,
    sources: Sequence[str],
    encoder: Encoder,
    progress: Progress | None = None,
    *,
    prune: bool = False,
    prune_all: bool = False,
    skip: Skip | None = None,
    workers: int | None = None,
) -> Report:
    """Add the articles of the sources to an index, or update them; each batch is committed as a whole.

    Files whose content is as it was are not read again, and documents that say the same not stored again. Under which
    id each is stored is said in `identities`. With `prune`, articles whose files were in the sources and are gone are
    removed, unless a source is missing or so many are gone that something else must have happened; with `prune_all`,
    also then. What cannot be used is rejected and named in the report. `workers` is how many processes prepare
    articles, this one included; None is as many as there are cores. A small input is prepared by this one alone.
    Raises IndexLocked, StorageError, and IndexMismatch when the vectors of `encoder` are not those of the index.
    """
    index.require(encoder)
    began = time.perf_counter()
    with index.writing() as writer, Workers(workers or cores(), encoder) as processes:
        run = _Run(index, writer, encoder, processes, skip)
        run.add(sources, progress)
        removed = 0
        if prune or prune_all:
            lost = writer.records.lost(sources, run.unseen)
            if why := None if prune_all else _too_much(lost, sources):
                run.rejected.append(why)
            else:
                removed = writer.prune(lost)
    return Report(
        added=run.counts["added"],
        updated=run.counts["updated"],
        unchanged=run.counts["unchanged"],
        removed=removed,
        passages=run.counts["passages"],
        rejected=tuple(run.rejected),
        seconds=time.perf_counter() - began,
        notes=tuple(run.notes),
        renamed=tuple(run.identities.renamed),
        replaced=tuple(run.identities.replaced),
        unknown=tuple(run.unknown),
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
    """A batch that was read and is not committed: its documents by id, what was read for it, and what becomes of it."""

    documents: dict[str, Document]
    reading: Reading
    rejected: list[Rejected]
    pending: Batch
    known: dict[str, str] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    learned: dict[str, Any] = field(default_factory=dict)


class _Run:
    """One reading of some sources, one batch ahead of what is stored, and what was met."""

    def __init__(self, index: Store, writer: Sink, encoder: Encoder, workers: Workers, skip: Skip | None) -> None:
        self.rejected: list[Rejected] = []
        self.notes: list[Noted] = []
        self.unknown: list[str] = []
        self.unseen: set[bytes] = set()
        self.counts: Counter[str] = Counter()
        self._index, self._writer, self._encoder, self._workers, self._skip = index, writer, encoder, workers, skip
        self._records = Uncommitted(writer.records, self._commit)
        self.identities = Identities(index, self._records)
        self._outstanding: _Outstanding | None = None
        self._documents: dict[str, Document] = {}
        self._reading = Reading()
        self._rejected: list[Rejected] = []  # since the last batch
        self._file: bytes | None = None
        self._usable = True  # whether everything in the file could be used so far
        self._moved_from: set[bytes] = set()

    def add(self, sources: Sequence[str], progress: Progress | None) -> None:
        """Store what the sources hold."""

        def told(done: int, total: int) -> None:
            if progress:
                progress(done, total, self.counts["added"] + self.counts["updated"] + self.counts["unchanged"])

        characters = 0
        for event in events(sources, progress=told, skip=self._is_as_it_was):
            match event:
                case Began():
                    self._begin(event)
                case Ended():
                    if self._file is not None:
                        self._reading.finished[self._file] = event.hash if self._usable else None
                    self._file = None
                case Unknown():
                    self.unknown.append(shown(event.path))
                case Rejected():
                    self._rejected.append(event)
                case Noted():
                    self.notes.append(event)
                case Document():
                    document = self.identities.settle(event, self._file, self._reading)
                    if self._file is not None:
                        self._reading.documents.append((self._file, document.id))
                    self._documents[document.id] = document
                    characters += len(document.text)
            if len(self._documents) >= BATCH or characters >= BATCH_CHARACTERS:
                self._end_batch()
                characters = 0
        if self._documents or self._reading.finished or self._reading.moved_files:
            self._end_batch()
        self._commit()
        self.rejected += self._rejected

    def _end_batch(self) -> None:
        """Have the batch that was read prepared, and meanwhile commit the one before."""
        batch = _Outstanding(self._documents, self._reading, self._rejected, self.identities.new_batch())
        self._documents, self._reading, self._rejected = {}, Reading(), []
        self._prepare(batch)
        self._commit()
        self._outstanding = batch
        self._records.expect(batch.documents, batch.reading)
        if batch.reading.moved or batch.reading.moved_files:
            self._commit()  # where articles came from is part of every question about them

    def _prepare(self, batch: _Outstanding) -> None:
        batch.known = self._index.known(batch.documents)
        fresh = [
            document
            for name, document in batch.documents.items()
            if batch.known.get(name) != batch.pending[name].digest and not self.identities.is_stored(document)
        ]
        self.counts["unchanged"] += len(batch.documents) - len(fresh)
        sources = {origin(document) for document in fresh}
        learned = self._index.learned(sources)
        if self._outstanding:
            learned |= {source: said for source, said in self._outstanding.learned.items() if source in sources}
        cleaner = Cleaner()
        cleaner.restore(learned)
        lines: list[tuple[Document, list[str]]] = []
        for document in fresh:
            try:
                (keys,) = [[]] if isinstance(document, Exported) else cleaner.learn([document])
                lines.append((document, keys))
            except Exception as error:
                self._reject(document, failure(error), batch)
        jobs = [Job(document, frozenset(cleaner.repeated(document, keys))) for document, keys in lines]
        batch.tasks = self._workers.begin(jobs, PART)
        batch.learned = cleaner.state() if fresh else {}

    def _commit(self) -> None:
        """Commit the batch that is outstanding, if there is one."""
        batch, self._outstanding = self._outstanding, None
        self._records.expect()
        if batch is None:
            return
        entries: list[Entry] = []
        committed = time.monotonic()
        cleaned = self._cleaned(batch)
        for part in _parts(self._not_skipped(list(cleaned), batch) if self._skip else cleaned):
            if time.monotonic() - committed > COMMIT_SECONDS:
                self._writer.add(entries, Reading(batch.reading.documents))
                entries, committed = [], time.monotonic()
            entries += self._encoded(part, batch)
        self._writer.add(entries, batch.reading, batch.learned)
        self.rejected += batch.rejected

    def _cleaned(self, batch: _Outstanding) -> Iterator[tuple[Document, Prepared]]:
        """The articles of a batch."""
        for task in batch.tasks:
            for job, outcome in zip(task.jobs, self._workers.done(task), strict=True):
                if isinstance(outcome, str):
                    self._reject(job.document, outcome, batch)
                    continue
                self.counts[_kind(job.document, batch)] += len(outcome)
                for place, one in enumerate(outcome):
                    name = self.identities.settle_embedded(one.article, batch.pending) if place else one.article.id
                    yield job.document, one if name == one.article.id else one.named(name)

    def _not_skipped(
        self, cleaned: Sequence[tuple[Document, Prepared]], batch: _Outstanding
    ) -> Iterator[tuple[Document, Prepared]]:
        assert self._skip
        skipped = self._skip([one.article for document, one in cleaned if document.id not in batch.known])
        self.counts["added"] -= len(skipped)
        for document, one in cleaned:
            if one.article.id in skipped:
                self._read_again(document, batch)
            else:
                yield document, one

    def _encoded(self, part: Sequence[tuple[Document, Prepared]], batch: _Outstanding) -> Iterator[Entry]:
        """The entries of some articles; one that cannot be encoded is rejected."""
        vectors = iter(encode([one.article for _, one in part if one.encoded is None], self._encoder))
        for document, one in part:
            made = next(vectors) if one.encoded is None else one.encoded
            if isinstance(made, str):
                self._reject(document, made, batch)
                self.counts[_kind(document, batch)] -= 1
                continue
            self.counts["passages"] += len(made.passages)
            digest = batch.pending[document.id].digest
            yield Entry(made.article, made.passages, made.vectors, digest, made.whole, one.sketch)

    def _reject(self, document: Document, reason: str, batch: _Outstanding) -> None:
        """A document of a batch cannot be used."""
        batch.rejected.append(Rejected(document.path, reason))
        self._read_again(document, batch)

    def _read_again(self, document: Document, batch: _Outstanding) -> None:
        """The file of a document of a batch is to be read again the next time."""
        for file, article_id in batch.reading.documents:
            if article_id == document.id:
                for finished in (batch.reading.finished, self._reading.finished):
                    if file in finished:
                        finished[file] = None
                        break
                else:
                    if file == self._file:
                        self._usable = False

    def _begin(self, event: Began) -> None:
        self._usable = True
        if not event.opened:
            if not _is_gone(event.path):
                self.unseen.add(key(event.path))
        elif event.path != "-":
            self._file = key(event.path)

    def _is_as_it_was(self, source: Input) -> bool:
        """Whether a file is as it was when it was last read, here or where it was moved from."""
        if source.path == "-":
            return False
        file = key(source.path)
        if self._records.knows(file):
            count = self._records.unchanged(file, source.digest())
        elif source.small and source.size:
            count = self._moved(file, source)
        else:
            return False
        self.counts["unchanged"] += count or 0
        return count is not None

    def _moved(self, file: bytes, source: Input) -> int | None:
        for old in self._records.same_content(source.digest()):
            if old not in self._moved_from:
                self._moved_from.add(old)
                self._reading.moved_files.append((old, file, shown(source.path)))
                return self._records.unchanged(old, source.digest())
        return None


def _kind(document: Document, batch: _Outstanding) -> str:
    return "updated" if document.id in batch.known else "added"


def _parts(articles: Iterable[tuple[Document, Prepared]]) -> Iterator[list[tuple[Document, Prepared]]]:
    """At least PART articles each; those of one document stay together, for it is skipped when it is known."""
    part: list[tuple[Document, Prepared]] = []
    for document, one in articles:
        if len(part) >= PART and part[-1][0] is not document:
            yield part
            part = []
        part.append((document, one))
    if part:
        yield part


def _is_gone(path: str) -> bool:
    """Whether a path is known to name nothing: not where the folder that it would be in cannot be opened."""
    try:
        os.lstat(path)
    except (FileNotFoundError, ValueError):
        return True
    except OSError:
        pass
    return False
