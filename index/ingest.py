"""From sources to a stored index: read, clean, split, encode, store, one bounded batch at a time."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import astuple, replace

from .clean import Cleaner, origin
from .encoders import article_vectors
from .errors import InputError
from .local import Entry, Index, Reading, Writer, digest, key, writing
from .passages import encoded_text, split
from .read import Exported, read
from .types import Article, Document, Encoder, Rejected, Report

# A batch is one commit. This many documents keep 16,000 passages' vectors well under 100 MB, and enough text to learn
# a site's boilerplate from; a batch also ends at so many characters, so that a few huge documents do not fill memory.
BATCH = 2_000
BATCH_CHARACTERS = 20_000_000

# A large model may take hours for a batch. It is encoded in parts of so many articles, and what is done is committed
# when so much time has passed, so that a run that was stopped goes on from there.
PART = 256
COMMIT_SECONDS = 30.0


def ingest(
    index: Index,
    sources: Sequence[str],
    encoder: Encoder,
    progress: Callable[[int, int], None] | None = None,
    *,
    prune: bool = False,
    skip: Callable[[Sequence[Article]], Collection[str]] | None = None,
) -> Report:
    """Add the articles of the sources to an index, or update them; each batch is committed as a whole.

    Files whose content is as it was are not read again, and documents that say the same not stored again. With `prune`,
    articles whose files were in the sources and are gone are removed. What cannot be used is rejected and named in the
    report. `progress` is told (bytes read, bytes in all). `skip` is given new articles, and returns the ids of those
    that are not to be added.
    Raises IndexLocked, StorageError, and IndexMismatch when the vectors of `encoder` are not those of the index.
    """
    index.require(encoder)
    began = time.perf_counter()
    rejected: list[Rejected] = []
    counts = {"added": 0, "updated": 0, "unchanged": 0, "removed": 0, "passages": 0}
    with writing(index) as writer:
        batches = _Batches(writer, sources, progress, rejected)
        for documents, reading in batches:
            known = index.known(documents)
            fresh = [d for d in documents.values() if known.get(d.id) != fingerprint(d)]
            counts["unchanged"] += len(documents) - len(fresh)
            cleaner = Cleaner()
            cleaner.restore(index.learned({origin(d) for d in fresh}))
            cleaner.learn(d for d in fresh if not isinstance(d, Exported))
            articles: list[tuple[Article, Document]] = []
            for document in fresh:
                try:
                    cleaned = [document.article] if isinstance(document, Exported) else cleaner.clean(document)
                except InputError as error:
                    rejected.append(Rejected(document.path, str(error)))
                    batches.reject(document)
                    continue
                articles.extend((article, document) for article in cleaned)
                counts["updated" if document.id in known else "added"] += len(cleaned)
            if skip:
                skipped = skip([article for article, document in articles if document.id not in known])
                counts["added"] -= len(skipped)
                for article, document in articles:
                    if article.id in skipped:
                        batches.reject(document)
                articles = [(article, document) for article, document in articles if article.id not in skipped]
            entries: list[Entry] = []
            committed = time.monotonic()
            for part in _parts(articles):
                if time.monotonic() - committed > COMMIT_SECONDS:
                    writer.add(entries, Reading(reading.documents))
                    entries, committed = [], time.monotonic()
                encoded = list(_encode(part, encoder))
                counts["passages"] += sum(len(entry.passages) for entry in encoded)
                entries += encoded
            writer.add(entries, reading, cleaner.state() if fresh else {})
        counts["unchanged"] += batches.unchanged
        if prune:
            counts["removed"] = writer.prune(sources)
    return Report(**counts, rejected=tuple(rejected), seconds=time.perf_counter() - began)


def fingerprint(document: Document) -> str:
    """A hash of everything a document says, wherever it stands: an unchanged one is not cleaned and encoded again."""
    said = astuple(replace(document, path=""))
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


class _Batches:
    """The documents of the sources in batches: by id, the last of those that share one; with what was read for them.

    What could not be read goes to `rejected`. Files that are as they were are passed over, and counted in `unchanged`.
    """

    def __init__(
        self,
        writer: Writer,
        sources: Sequence[str],
        progress: Callable[[int, int], None] | None,
        rejected: list[Rejected],
    ) -> None:
        self._records = writer.records
        self._documents = read(sources, progress=progress, unchanged=self._unchanged)
        self._rejected = rejected
        self._path = ""  # of the file that is being read
        self._file: bytes | None = None  # the same, by which it is known
        self._hash: bytes | None = None  # its content; None when something in it was rejected
        self._reading = Reading()
        self.unchanged = 0

    def __iter__(self) -> Iterator[tuple[dict[str, Document], Reading]]:
        batch: dict[str, Document] = {}
        characters = 0
        for document in self._documents:
            if isinstance(document, Rejected):
                self._rejected.append(document)
                if document.path == self._path or document.path.startswith(f"{self._path}:"):
                    self._hash = None
                continue
            if self._file is not None:
                self._reading.documents.append((self._file, document.id))
            batch[document.id] = document
            characters += len(document.text)
            if len(batch) >= BATCH or characters >= BATCH_CHARACTERS:
                yield batch, self._reading
                batch, characters, self._reading = {}, 0, Reading()
        self._finish()
        if batch or self._reading.finished:
            yield batch, self._reading

    def reject(self, document: Document) -> None:
        """The file of a document of the current batch is to be read again the next time."""
        for path, id in self._reading.documents:
            if id == document.id:
                if path in self._reading.finished:
                    self._reading.finished[path] = None
                elif path == self._file:
                    self._hash = None

    def _unchanged(self, path: str) -> bool:
        """Told of each file before it is read: whether to pass it over."""
        self._finish()
        self._path = os.fsencode(path).decode("utf-8", "replace")
        try:
            if path != "-":
                self._file, self._hash = key(path), digest(path)
        except OSError:
            return False  # the reader will say why
        if self._file is None or self._hash is None:
            return False
        count = self._records.unchanged(self._file, self._hash)
        if count is None:
            return False
        self._file = None
        self.unchanged += count
        return True

    def _finish(self) -> None:
        if self._file is not None:
            self._reading.finished[self._file] = self._hash
        self._file = self._hash = None


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


def _encode(articles: Sequence[tuple[Article, Document]], encoder: Encoder) -> Iterator[Entry]:
    passages = [split(article) for article, _ in articles]
    passages = [encoder.fit(a, ps) for (a, _), ps in zip(articles, passages, strict=True)]
    texts = [encoded_text(a.title, p.text) for (a, _), ps in zip(articles, passages, strict=True) for p in ps]
    vectors = encoder.encode_passages(texts)
    wholes = article_vectors([article for article, _ in articles], encoder)
    first = 0
    for (article, document), found, vector in zip(articles, passages, wholes, strict=True):
        last = first + len(found)
        yield Entry(article, tuple(found), vectors[first:last], fingerprint(document), vector)
        first = last
