"""What a run of indexing gives to a store, and what it asks about what was stored before."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..text import Analysed, Sketch
from ..types import Article, Encoder, Passage, Run, Vectors, is_address


@dataclass(frozen=True, slots=True)
class Reading:
    """What a batch took from files, each known by its `key`.

    `documents` are (file, id) of each document. `finished` has the hash of each file that was read to its end; None
    where something in the file was rejected, so that it is read and named again. `moved_files` are (old file, new
    file, new path) of files whose content was known under a name that is gone, `moved` the new paths of articles that
    were met in another file than the one they came from, which is gone.
    """

    documents: list[tuple[bytes, str]] = field(default_factory=list)
    finished: dict[bytes, bytes | None] = field(default_factory=dict)
    moved_files: list[tuple[bytes, bytes, str]] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)


class Known(NamedTuple):
    """What is known of a stored article: the hash of its document, and where it came from."""

    document: str
    title: str
    url: str | None
    path: str | None
    host: str | None


class Lost(NamedTuple):
    """What some sources no longer hold: numbers of files that are gone, (file, id) of documents that others no longer
    hold, and the ids of the articles that no file holds any more, of so many that the sources gave."""

    files: list[int]
    held: list[tuple[int, str]]
    articles: list[str]
    of: int


def key(path: str) -> bytes:
    """Under which a file is known: its absolute path, as the system has it; an address stays as it is."""
    return os.fsencode(path if is_address(path) else os.path.abspath(path))


def is_there(file: str | bytes) -> bool:
    """Whether a file that was read is still there. An address always is: what it gave once was not given for good."""
    return is_address(os.fsdecode(file)) or os.path.lexists(file)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article ready to be stored: its passages and their vectors (float32, (len(passages), dim)).

    `document` is the hash of the record it was cleaned from, by which an unchanged one is recognised next time; `whole`
    is the vector of the whole article (float32, (dim,) or (0,); see `article_vectors`); `sketch` are its fingerprints,
    and `words` those of its passages, each behind the title; a store finds out itself what is not given.
    """

    article: Article
    passages: tuple[Passage, ...]
    vectors: Vectors
    document: str
    whole: Vectors = field(default_factory=lambda: np.zeros(0, np.float32))
    sketch: Sketch | None = None
    words: Analysed | None = None


class Provenance(Protocol):
    """Which file held which documents, as the store remembers it. A file is named by its `key`."""

    def knows(self, file: bytes) -> bool:
        """Whether anything was ever read from a file."""
        ...

    def unchanged(self, file: bytes, digest: bytes, /) -> int | None:
        """How many articles a file gave, if it was read whole and its content still has this hash; else None.

        Those embedded in its pages are among them, and those that `counted` knows already are not.
        """
        ...

    def counted(self, ids: Iterable[str]) -> int:
        """How many stored articles some documents gave, embedded ones among them, without those counted before in this
        run, which may meet a document in several files.
        """
        ...

    def same_content(self, digest: bytes, /) -> list[bytes]:
        """The files whose content has this hash."""
        ...

    def article(self, name: str, /) -> Known | None:
        """What is known of a stored article."""
        ...

    def holders(self, name: str, /) -> list[bytes]:
        """The files that hold a document."""
        ...

    def held_by(self, file: bytes) -> list[str]:
        """The documents that a file holds."""
        ...

    def holds(self, file: bytes, name: str, /) -> bool:
        """Whether a file holds a document."""
        ...

    def met(self, file: bytes, name: str, /) -> bool:
        """Whether a document was met in a file in this run."""
        ...

    def lost(self, sources: Sequence[str], unseen: Collection[bytes] = ()) -> Lost:
        """What some sources no longer hold; files that could not be looked at, `unseen`, are kept."""
        ...


class Sink(Protocol):
    """A store that is being changed. Each method is one commit: it happens whole or not at all."""

    @property
    def records(self) -> Provenance:
        """Which file held which documents."""
        ...

    def add(
        self, entries: Sequence[Entry], reading: Reading | None = None, learned: Mapping[str, Any] | None = None
    ) -> None:
        """Store articles; one whose id is known replaces the old one and whatever was embedded in it."""
        ...

    def remove(self, ids: Sequence[str], *, purge: bool = False) -> int:
        """Remove articles and those embedded in them; returns how many. Unknown ids are ignored.

        With `purge` nothing of their text is left in the store, nor of what was removed or replaced before. Raises
        IndexLocked when a reader prevents that.
        """
        ...

    def prune(self, lost: Lost) -> int:
        """Remove the articles whose files are gone or no longer hold them; returns how many."""
        ...

    def remember(self, run: Run) -> None:
        """Keep what an indexing run did, in place of the run before."""
        ...

    def compact(self) -> None:
        """Give back the room that removed articles took."""
        ...

    def reencode(self, encoder: Encoder, progress: Callable[[int, int], None] | None = None) -> None:
        """Divide all articles into passages again and encode those with another encoder.

        `progress` is told (articles done, in all).
        """
        ...
