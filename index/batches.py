"""Files become batches of documents that are stored together, each document under its id."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from .identities import Identities, Pending
from .ports import Provenance, Reading, Store, key
from .read import Began, Ended, Input, Source, Unknown, events, shown
from .types import Document, Noted, Rejected, Shard

# This many documents keep 16,000 passages' vectors well under 100 MB, and enough text to learn a site's boilerplate
# from; a batch also ends at so many characters, so that a few huge documents do not fill memory.
BATCH = 2_000
BATCH_CHARACTERS = 20_000_000


@dataclass(slots=True)
class Batch:
    """Documents that are stored in one commit, by id; the files they were read from, and what could not be used."""

    documents: dict[str, Pending] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether there is anything to be stored."""
        return bool(self.documents or self.reading.finished or self.reading.moved_files)


class Batches:
    """One reading of some sources, in batches, and what was met."""

    def __init__(self, index: Store, records: Provenance, shard: Shard | None = None) -> None:
        """`index` and `records` are what is stored so far; of documents, only those in `shard` are taken."""
        self.notes: list[Noted] = []
        self.unknown: list[str] = []
        self.unseen: set[bytes] = set()  # files that could not be looked at
        self.unchanged = 0
        self.identities = Identities(index, records)
        self._records, self._shard = records, shard
        self._batch = Batch()
        self._file: bytes | None = None
        self._usable = True  # whether everything in the file could be used so far
        self._moved_from: set[bytes] = set()

    def read(
        self, sources: Sequence[Source], exclude: Sequence[str], progress: Callable[[int, int], None]
    ) -> Iterator[Batch]:
        """The batches of the sources, without files that fit `exclude`; the last may hold only what was rejected."""
        characters = 0
        for event in events(sources, progress=progress, skip=self._is_as_it_was, exclude=exclude):
            match event:
                case Began():
                    self._begin(event)
                case Ended():
                    if self._file is not None:
                        self._batch.reading.finished[self._file] = event.hash if self._usable else None
                    self._file = None
                case Unknown():
                    self.unknown.append(shown(event.path))
                case Rejected():
                    self._batch.rejected.append(event)
                case Noted():
                    self.notes.append(event)
                case Document() if self._shard and not self._shard.holds(event):
                    self._usable = False  # others read the file too
                case Document():
                    settled = self.identities.settle(event, self._file, self._batch.documents, self._batch.reading)
                    if self._file is not None:
                        self._batch.reading.documents.append((self._file, settled.id))
                    characters += len(settled.text)
            if len(self._batch.documents) >= BATCH or characters >= BATCH_CHARACTERS:
                batch, self._batch, characters = self._batch, Batch(), 0
                yield batch
        yield self._batch

    def read_again(self, document: Document, batch: Batch) -> None:
        """The file of a document of a batch, the last one or the one before, is to be read again the next time."""
        for file, name in batch.reading.documents:
            if name == document.id:
                for finished in (batch.reading.finished, self._batch.reading.finished):
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
        self.unchanged += count or 0
        return count is not None

    def _moved(self, file: bytes, source: Input) -> int | None:
        for old in self._records.same_content(source.digest()):
            if old not in self._moved_from:
                self._moved_from.add(old)
                self._batch.reading.moved_files.append((old, file, shown(source.path)))
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
