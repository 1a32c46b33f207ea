"""From sources to a stored index: read, clean, split, encode, store, one bounded batch at a time."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple

from .clean import Cleaner
from .passages import split
from .read import read
from .sketch import sketch
from .store import Entry, Index
from .types import Article, Document, Encoder, InputError, Passage, Rejected, Report

# A batch is one commit. This many documents keep 16,000 passages' vectors well under 100 MB, and enough text to learn
# a site's boilerplate from; a batch also ends at so many characters, so that a few huge documents do not fill memory.
BATCH = 2_000
BATCH_CHARACTERS = 20_000_000


def ingest(
    index: Index,
    sources: Sequence[str],
    encoder: Encoder,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Add the articles of the sources to an index, or update them; each batch is committed as a whole.

    What cannot be used is rejected and named in the report. `progress` is told (bytes read, bytes in all).
    Raises IndexLocked, and InputError when the vectors of `encoder` are not those of the index.
    """
    began = time.perf_counter()
    cleaner = Cleaner()
    rejected: list[Rejected] = []
    counts = {"added": 0, "updated": 0, "unchanged": 0, "passages": 0}
    with index.writing():
        memory = index.memory()
        if memory is not None:
            cleaner.restore(json.loads(memory))
        for batch in _batches(read(sources, progress=progress), rejected):
            known = index.known(batch)
            fresh = [d for d in batch.values() if known.get(d.id) != fingerprint(d)]
            counts["unchanged"] += len(batch) - len(fresh)
            cleaner.learn(fresh)
            articles: list[tuple[Article, Document]] = []
            for document in fresh:
                try:
                    cleaned = cleaner.clean(document)
                except InputError as error:
                    rejected.append(Rejected(document.path, str(error)))
                    continue
                articles.extend((article, document) for article in cleaned)
                counts["updated" if document.id in known else "added"] += len(cleaned)
            if articles:
                entries = list(_encode(articles, encoder))
                counts["passages"] += sum(len(entry.passages) for entry in entries)
                index.add(entries, json.dumps(cleaner.state()))
    return Report(**counts, removed=0, rejected=tuple(rejected), seconds=time.perf_counter() - began)


def fingerprint(document: Document) -> str:
    """A hash of everything a document says: an unchanged one is not cleaned and encoded again."""
    return hashlib.sha256(repr(astuple(document)).encode("utf-8", "surrogatepass")).hexdigest()


def encoded_text(article: Article, passage: Passage) -> str:
    """What a passage's vector and its words are made of: every passage carries its article's title.

    In the collections of MIRACL and of news alike, a passage often names its subject only there.
    """
    return f"{article.title}\n{passage.text}" if passage.text != article.title else passage.text


def _batches(
    documents: Iterable[Document | Rejected], rejected: list[Rejected]
) -> Iterator[dict[str, Document]]:
    """Documents by id, the last of those that share one; what could not be read goes to `rejected`."""
    batch: dict[str, Document] = {}
    characters = 0
    for document in documents:
        if isinstance(document, Rejected):
            rejected.append(document)
            continue
        batch[document.id] = document
        characters += len(document.text)
        if len(batch) >= BATCH or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = {}, 0
    if batch:
        yield batch


def _encode(articles: Sequence[tuple[Article, Document]], encoder: Encoder) -> Iterator[Entry]:
    passages = [split(article) for article, _ in articles]
    texts = [encoded_text(a, p) for (a, _), ps in zip(articles, passages, strict=True) for p in ps]
    vectors = encoder.encode_passages(texts)
    first = 0
    for (article, document), found in zip(articles, passages, strict=True):
        last = first + len(found)
        yield Entry(
            article, tuple(found), vectors[first:last], fingerprint(document), sketch(article.text).tobytes()
        )
        first = last
