"""What ranking, coverage and ingestion need of any store, and nothing more: a folder, a cluster, or memory in a test.

Numbers go in and out here: passages and articles are named by integers that mean something to one view only. Higher
scores are better everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from .searches import Searches
from .text import Analysed, Sketch
from .types import NO_FILTERS, Article, Concept, Encoder, Filters, Passage, Run, Vectors, is_address

Numbers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Facet = Literal["source", "language", "day"]
"""What articles are counted by."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words that an article may hold in its title or text, or with `title` in its title: any one of `terms`.

    Or, where `phrase` is given, these folded words one after the other, each as it is written: its clitics count.
    """

    terms: tuple[str, ...] = ()
    phrase: tuple[str, ...] = ()
    title: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a view: the passages that hold `concepts`, those near `vector`, or the union of both.

    `concepts` is None for a search by meaning alone, `vector` (float32, (dim,), unit length) for one by words alone.
    `k` passages are taken from each of the two rankings, among those of the articles that pass `where`, hold a wording
    of each group in `required`, and none of `excluded`; with `among`, of those articles alone. Scores are the same
    either way: words are as rare as they are in the whole store.
    """

    concepts: Sequence[Concept] | None
    vector: Vectors | None
    k: int
    where: Filters = NO_FILTERS
    required: tuple[tuple[Wording, ...], ...] = ()
    excluded: tuple[Wording, ...] = ()
    among: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The m passages that answer a question, every column filled; a view gives them in ascending order.

    `languages` (int8, (m,)) are places in LANGUAGES, by the script of most of a passage's words. `lexical` (0 to 1) is
    None where no concepts were asked for, `cosine` and `vectors` (float32, (m, dim), unit length) where no vector was.
    `idf` (float32, (len(LANGUAGES), concepts)) is the inverse document frequency of each concept among the passages of
    each language, 0 where none holds it.
    """

    passages: Numbers
    articles: Numbers
    languages: npt.NDArray[np.int8]
    lexical: Scores | None
    cosine: Scores | None
    vectors: Vectors | None
    idf: Scores

    def take(self, rows: Numbers) -> Candidates:
        """The candidates at some rows, in their order."""
        given = self.lexical, self.cosine, self.vectors
        lexical, cosine, vectors = (None if column is None else column[rows] for column in given)
        always = self.passages[rows], self.articles[rows], self.languages[rows]
        return Candidates(*always, lexical, cosine, vectors, self.idf)


@dataclass(frozen=True, slots=True)
class Profile:
    """An article with what it is compared by: its fingerprints, and its vector (float32, (dim,), unit length).

    The vector is that of the whole article where the model has a prompt for similarity, else the mean of its passages.
    """

    article: Article
    sketch: Sketch
    vector: Vectors


FEW = 256
"""The most passages of which a `Background` has each."""


@dataclass(frozen=True, slots=True)
class Background:
    """What any passage is like, in whatever order they were stored: `vectors` are those of all passages (float32,
    (n, dim)) where there are at most FEW, else their mean (float32, (dim,))."""

    vectors: Vectors

    def cosine(self, vector: Vectors) -> float:
        """The mean cosine of a vector (float32, (dim,), unit length) with all passages.

        Of few, the nearest is left out: it may be what is looked for.
        """
        if self.vectors.ndim == 1:
            return float(self.vectors @ vector)
        if not len(self.vectors):
            return 0.0
        cosines = self.vectors @ vector
        return float((cosines.sum() - cosines.max()) / max(len(cosines) - 1, 1))


class Vocabulary(Protocol):
    """The terms that the passages of a view hold."""

    def holds(self, terms: Iterable[str]) -> set[str]:
        """Those of the terms that some passage holds."""
        ...

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """How many passages hold each of the terms; those that none holds are left out."""
        ...

    def translations(self, vectors: Vectors, language: str, k: int) -> list[list[tuple[str, float]]]:
        """For each vector (float32, (n, dim), of the embedded model), the k nearest terms of a language, best first.

        Each with its cosine. Empty lists where no term of that language has a vector.
        """
        ...

    def spellings(self, word: str, k: int, least: float, *, within: bool = False) -> list[tuple[str, float]]:
        """The terms of the other script that spell a name, at most k, the likeliest first, each `least` (0 to 1) or
        more likely. With `within`, those of the same script, the word itself among them.
        """
        ...


class View(Protocol):
    """A store at one moment: whatever is committed meanwhile, every call sees the same passages."""

    @property
    def generation(self) -> object:
        """Which commit of which store this is: what was computed from a view holds for all with an equal one.

        A count of commits does not do: a store may be replaced by another that has had as many.
        """
        ...

    @property
    def mark(self) -> int:
        """Where the store ends now, 0 while it is empty; unlike other numbers it means the same to later views."""
        ...

    def newer(self, mark: int, k: int) -> tuple[Numbers, int]:
        """The first k articles that were added or replaced after a view with this `mark`, in order of storage; and the
        mark up to which these are all."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """Its terms."""
        ...

    @property
    def background(self) -> Background:
        """What any of its passages is like."""
        ...

    def candidates(self, question: Question) -> Candidates:
        """The passages that answer a question, with all scores that ranking needs."""
        ...

    def passages(self, numbers: Numbers) -> list[tuple[str, Passage]]:
        """Passages in the order of their numbers, each after the title of its article; in one trip."""
        ...

    def vectors(self, numbers: Numbers) -> Vectors:
        """The vectors of passages: float32 (len(numbers), dim)."""
        ...

    def articles(self, numbers: Numbers) -> list[Article]:
        """Articles in the order of their numbers; in one trip."""
        ...

    def ids(self, numbers: Numbers) -> list[str]:
        """The ids of articles in the order of their numbers; in one trip."""
        ...

    def days(self, numbers: Numbers) -> list[str | None]:
        """The days of articles in the order of their numbers, in ISO 8601, None where there is none; in one trip."""
        ...

    def languages(self, numbers: Numbers) -> list[str]:
        """The languages of articles in the order of their numbers; in one trip."""
        ...

    def sketches(self, numbers: Numbers) -> list[Sketch]:
        """The fingerprints of articles in the order of their numbers; in one trip."""
        ...

    def article_vectors(self, numbers: Numbers) -> Vectors:
        """The vectors that articles are compared by, as in `Profile`, in the order of their numbers: float32 (n, dim).

        In one trip, without their texts.
        """
        ...

    def facets(
        self, by: Sequence[Facet], where: Filters = NO_FILTERS, among: Numbers | None = None
    ) -> dict[tuple[str | None, ...], int]:
        """How many articles share the same values of `by`, None standing for what an article does not say.

        Counted are the articles that pass `where`; with `among`, those of them that have one of these numbers.
        """
        ...

    def named(self, ids: Sequence[str]) -> Numbers:
        """The numbers of the articles that have one of these ids, in order of storage; unknown ids are left out."""
        ...

    def profiles(self, numbers: Numbers | None = None) -> list[Profile]:
        """Articles with what they are compared by, in order of storage; all of them without `numbers`."""
        ...

    def similar(self, vector: Vectors, k: int) -> Numbers:
        """The articles of the k passages of each language that are nearest to a vector, ascending, each once."""
        ...

    def sharing(self, sketches: Sequence[Sketch], least: int, where: Filters = NO_FILTERS) -> Numbers:
        """The articles that share `least` fingerprints or more with the sketches taken together, ascending.

        Only those that pass `where`.
        """
        ...


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


class Made(Protocol):
    """What a store says of what it was made with."""

    @property
    def model(self) -> str:
        """The name of the model: "khabar-static-ar-en", a hub name or a folder."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def model_hash(self) -> str:
        """The hash of the encoder."""
        ...

    @property
    def query_prompt(self) -> str:
        """Put before queries."""
        ...

    @property
    def passage_prompt(self) -> str:
        """Put before passages."""
        ...

    def facts(self) -> dict[str, Any]:
        """All that it says, ready for JSON."""
        ...


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written: a file or row of a store, or an article, and what is wrong with it.

    `mendable` says that `repair` makes it whole again; the rest must come from the sources or a backup.
    """

    where: str
    what: str
    mendable: bool


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a writer waits for another, None for about five; `told` gets a sentence if it waits longer."""

    seconds: float | None = None
    told: Callable[[str], None] | None = None


PATIENCE = Patience()


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


class Store(Protocol):
    """Where an index is kept, as those who ask and those who look after it see it; index/open.py opens one."""

    @property
    def address(self) -> str:
        """Where it is, as `--index` names it."""
        ...

    @property
    def manifest(self) -> Made:
        """What it was made with."""
        ...

    @property
    def embedded(self) -> bool:
        """Whether its vectors are those of the embedded model."""
        ...

    def reading(self) -> AbstractContextManager[View]:
        """A block in which the whole store stays as it was when the block began.

        Raises IndexDamaged, IndexMismatch or StorageError.
        """
        ...

    def encoder(self) -> Encoder:
        """The encoder that the stored vectors come from. Raises ModelUnavailable where it is not here."""
        ...

    def require(self, encoder: Encoder) -> None:
        """Raises IndexMismatch when the stored vectors are not those of `encoder`."""
        ...

    def articles(self) -> Iterator[tuple[int, Article]]:
        """Every article with its number, in order of storage."""
        ...

    def article(self, name: str, /) -> Article:
        """The article with this id. Raises InputError when there is none."""
        ...

    def ids_beginning(self, text: str, k: int) -> list[str]:
        """The ids that begin with a text, in their order, at most k."""
        ...

    def known(self, ids: Iterable[str]) -> dict[str, str]:
        """Id -> hash of the document it was cleaned from, for those of the ids that are stored."""
        ...

    def learned(self, sources: Iterable[str]) -> dict[str, Any]:
        """What the cleaner has learned of some sources; those never met are left out."""
        ...

    def writing(self) -> AbstractContextManager[Sink]:
        """A block that may change the store. Raises IndexLocked when another process is writing, or StorageError."""
        ...

    def kept(self, name: str, /) -> bytes | None:
        """What was derived from its articles and kept under a name; None where there is nothing to rely on."""
        ...

    def keep(self, name: str, data: bytes, generation: object, /) -> None:
        """Keep what was derived from its articles in a view of this generation, as long as the store likes.

        Nothing is kept where the articles have changed since, or where nothing can be written now.
        """
        ...

    def close(self) -> None:
        """Let go of what this thread holds open."""
        ...

    def counts(self) -> dict[str, int]:
        """How many "articles" and "passages" there are, and what else the store counts."""
        ...

    def summary(self) -> dict[str, Any]:
        """What it holds, ready for JSON: `counts`, articles by language ("languages"), the number of "sources",
        "first_date" and "last_date", "bytes" taken where the store can tell.
        """
        ...

    @property
    def searches(self) -> Searches:
        """What is kept beside the articles: saved searches and what they found."""
        ...

    def last_run(self) -> Run | None:
        """What the last indexing run did that changed or rejected anything; None where the store does not know it."""
        ...

    @property
    def after_purge(self) -> str | None:
        """What is still to be said of the words of purged articles; None where none of them is left anywhere."""
        ...

    def verify(self) -> list[Problem]:
        """All that is not as it was written. Raises IndexLocked or StorageError."""
        ...

    def repair(self) -> list[Problem]:
        """Make again what can be derived from the articles; returns what is still wrong."""
        ...
