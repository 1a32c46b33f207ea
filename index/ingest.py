"""From sources to a stored index: read, clean, split, encode, store, one bounded batch at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime

from .clean import Cleaner, origin
from .encoders import encode_articles
from .errors import InputError
from .identities import Identities, fingerprint
from .ports import Entry, Lost, Reading, Sink, Store, key
from .read import Began, Ended, Exported, Input, Source, Unknown, events, is_missing, shown
from .types import Article, Document, Encoder, Noted, Rejected, Report, Run

# A batch is one commit. This many documents keep 16,000 passages' vectors well under 100 MB, and enough text to learn
# a site's boilerplate from; a batch also ends at so many characters, so that a few huge documents do not fill memory.
EXAMPLES = 100
"""Rejected inputs that an index remembers of a run."""

BATCH = 2_000
BATCH_CHARACTERS = 20_000_000

# A large model may take hours for a batch. It is encoded in parts of so many articles, and what is done is committed
# when so much time has passed, so that a run that was stopped goes on from there.
PART = 256
COMMIT_SECONDS = 30.0

# Pruning that would remove more than this many articles and more than this share of what the sources gave is refused:
# a disk that is not mounted looks like one whose files were all deleted.
PRUNED_AT_MOST = 20
PRUNED_SHARE = 1 / 3


def ingest(
    index: Store,
    sources: Sequence[Source],
    encoder: Encoder,
    progress: Callable[[int, int], None] | None = None,
    *,
    prune: bool = False,
    prune_all: bool = False,
    skip: Callable[[Sequence[Article]], Collection[str]] | None = None,
    exclude: Sequence[str] = (),
) -> Report:
    """Add the articles of the sources to an index, or update them; each batch is committed as a whole.

    Files whose content is as it was are not read again, and documents that say the same not stored again. Under which
    id each is stored is said in `identities`. With `prune`, articles whose files were in the sources and are gone are
    removed, unless a source is missing or so many are gone that something else must have happened; with `prune_all`,
    also then. What cannot be used is rejected and named in the report. `progress` is told (bytes read, bytes in all).
    `skip` is given new articles, and returns the ids of those that are not to be added. `exclude` are patterns of files
    that are neither read nor pruned.
    Raises IndexLocked, StorageError, and IndexMismatch when the vectors of `encoder` are not those of the index.
    """
    index.require(encoder)
    began = time.perf_counter()
    counts = {"added": 0, "updated": 0, "unchanged": 0, "removed": 0, "passages": 0}
    with index.writing() as writer:
        run = _Run(index, writer, sources, progress, exclude)
        for documents, reading in run.batches():
            _store(index, writer, run, documents, reading, encoder, skip, counts)
        counts["unchanged"] += run.unchanged
        if prune or prune_all:
            named = [source for source in sources if isinstance(source, str)]
            lost = writer.records.lost(named, run.unseen)
            if why := None if prune_all else _too_much(lost, named):
                run.rejected.append(why)
            else:
                counts["removed"] = writer.prune(lost)
        report = Report(
            **counts,
            rejected=tuple(run.rejected),
            seconds=time.perf_counter() - began,
            notes=tuple(run.notes),
            renamed=tuple(run.identities.renamed),
            replaced=tuple(run.identities.replaced),
            unknown=tuple(run.unknown),
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


def _store(
    index: Store,
    writer: Sink,
    run: _Run,
    documents: dict[str, Document],
    reading: Reading,
    encoder: Encoder,
    skip: Callable[[Sequence[Article]], Collection[str]] | None,
    counts: dict[str, int],
) -> None:
    """Clean, encode and commit one batch."""
    known = index.known(documents)
    fresh = [d for d in documents.values() if known.get(d.id) != fingerprint(d) and not run.is_stored(d)]
    changed = {d.id for d in fresh}
    counts["unchanged"] += writer.records.counted(name for name in documents if name not in changed)
    cleaner = Cleaner()
    cleaner.restore(index.learned({origin(d) for d in fresh}))
    articles: list[tuple[Article, Document]] = []
    for document, cleaned in _cleaned(cleaner, fresh, run):
        articles.extend((article, document) for article in cleaned)
    if skip:
        skipped = skip([article for article, document in articles if document.id not in known])
        for article, document in articles:
            if article.id in skipped:
                run.read_again(document)
        articles = [(article, document) for article, document in articles if article.id not in skipped]
    entries: list[Entry] = []
    stored: set[str] = set()  # ids of documents
    committed = time.monotonic()
    for part in _parts(articles):
        if time.monotonic() - committed > COMMIT_SECONDS:
            writer.add(entries, Reading(reading.documents))
            entries, committed = [], time.monotonic()
        encoded = _encoded(part, encoder, run)
        counts["passages"] += sum(len(entry.passages) for entry in encoded)
        entries += encoded
        done = {entry.article.id for entry in encoded}
        stored.update(document.id for article, document in part if article.id in done)
    writer.add(entries, reading, cleaner.state() if fresh else {})
    counts["updated"] += writer.records.counted(stored & known.keys())
    counts["added"] += writer.records.counted(stored - known.keys())


def _cleaned(cleaner: Cleaner, fresh: Sequence[Document], run: _Run) -> Iterator[tuple[Document, list[Article]]]:
    """The articles of each document; one that cannot be cleaned, for whatever reason, rejects itself only."""
    good: list[Document] = []
    for document in fresh:
        try:
            if not isinstance(document, Exported):
                cleaner.learn([document])
            good.append(document)
        except Exception as error:
            run.reject(document, _what(error))
    for document in good:
        try:
            cleaned = [document.article] if isinstance(document, Exported) else cleaner.clean(document)
        except InputError as error:
            run.reject(document, str(error))
        except Exception as error:
            run.reject(document, _what(error))
        else:
            if not isinstance(document, Exported):
                run.notes.extend(Noted(document.path, note) for one in cleaned for note in cleaner.notes(one))
            yield document, [cleaned[0], *map(run.identities.settle_embedded, cleaned[1:])]


def _encoded(part: Sequence[tuple[Article, Document]], encoder: Encoder, run: _Run) -> list[Entry]:
    """The entries of some articles; where memory does not suffice for all at once, of those for which it does."""
    try:
        encoded = encode_articles([article for article, _ in part], encoder)
    except (MemoryError, RecursionError) as error:
        if len(part) > 1:
            return [entry for one in part for entry in _encoded([one], encoder, run)]
        run.reject(part[0][1], _what(error))
        return []
    return [
        Entry(one.article, one.passages, one.vectors, fingerprint(document), one.whole)
        for one, (_, document) in zip(encoded, part, strict=True)
    ]


def _what(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "needs more memory than there is; split it into articles"
    if isinstance(error, RecursionError):
        return "is nested too deeply to be cleaned"
    return f"cannot be used: {type(error).__name__}: {error}"


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


class _Run:
    """One reading of the sources: documents in batches, by the id under which they are stored, and what was met."""

    def __init__(
        self,
        index: Store,
        writer: Sink,
        sources: Sequence[Source],
        progress: Callable[[int, int], None] | None,
        exclude: Sequence[str],
    ) -> None:
        self.rejected: list[Rejected] = []
        self.notes: list[Noted] = []
        self.unknown: list[str] = []
        self.unseen: set[bytes] = set()
        self.unchanged = 0
        self.identities = Identities(index, writer.records)
        self._index = index
        self._records = writer.records
        self._events = events(sources, progress=progress, skip=self._skip, exclude=exclude)
        self._file: bytes | None = None
        self._usable = True  # whether everything in the file could be used so far
        self._reading = Reading()
        self._moved_from: set[bytes] = set()

    def batches(self) -> Iterator[tuple[dict[str, Document], Reading]]:
        """Documents by id, with what was read for them; together they end a batch at BATCH or BATCH_CHARACTERS."""
        batch: dict[str, Document] = {}
        characters = 0
        for event in self._events:
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
                    self.rejected.append(event)
                case Noted():
                    self.notes.append(event)
                case Document():
                    document = self.identities.settle(event, self._file, self._reading)
                    if self._file is not None:
                        self._reading.documents.append((self._file, document.id))
                    batch[document.id] = document
                    characters += len(document.text)
            if len(batch) >= BATCH or characters >= BATCH_CHARACTERS:
                yield batch, self._reading
                batch, characters, self._reading = {}, 0, Reading()
                self.identities.new_batch()
        if batch or self._reading.finished or self._reading.moved_files:
            yield batch, self._reading

    def is_stored(self, document: Document) -> bool:
        """Whether a line of a backup is what is stored already."""
        return self.identities.is_stored(document)

    def reject(self, document: Document, reason: str) -> None:
        """A document of the current batch cannot be used."""
        self.rejected.append(Rejected(document.path, reason))
        self.read_again(document)

    def read_again(self, document: Document) -> None:
        """The file of a document of the current batch is to be read again the next time."""
        for file, article_id in self._reading.documents:
            if article_id == document.id:
                if file in self._reading.finished:
                    self._reading.finished[file] = None
                elif file == self._file:
                    self._usable = False

    def _begin(self, event: Began) -> None:
        self._usable = True
        if not event.opened:
            if not _is_gone(event.path):
                self.unseen.add(key(event.path))
        elif event.path != "-":
            self._file = key(event.path)

    def _skip(self, source: Input) -> bool:
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
        self.unchanged += count or 0
        return count is not None

    def _moved(self, file: bytes, source: Input) -> int | None:
        for old in self._records.same_content(source.digest()):
            if old not in self._moved_from:
                self._moved_from.add(old)
                self._reading.moved_files.append((old, file, shown(source.path)))
                return self._records.unchanged(old, source.digest())
        return None


def _is_gone(path: str) -> bool:
    """Whether a path is known to name nothing: not where the folder that it would be in cannot be opened."""
    try:
        os.lstat(path)
    except (FileNotFoundError, ValueError):
        return True
    except OSError:
        pass
    return False


def _parts(articles: Sequence[tuple[Article, Document]]) -> Iterator[list[tuple[Article, Document]]]:
    """At least PART articles each; those of one document stay together, for it is skipped when it is known."""
    part: list[tuple[Article, Document]] = []
    for article, document in articles:
        if len(part) >= PART and part[-1][1] is not document:
            yield part
            part = []
        part.append((article, document))
    if part:
        yield part
