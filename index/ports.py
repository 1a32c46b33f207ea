"""What ranking, coverage and ingestion need of any store, and nothing more: a folder, a cluster, or memory in a test.

Numbers go in and out here: passages and articles are named by integers that mean something to one view only. Higher
scores are better everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .text import Sketch
from .types import NO_FILTERS, Article, Concept, Encoder, Filters, Passage, Vectors

Numbers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a view: the passages that hold `concepts`, those near `vector`, or the union of both.

    `concepts` is None for a search by meaning alone, `vector` (float32, (dim,), unit length) for one by words alone.
    `k` passages are taken from each of the two rankings, among those of articles that pass `where`.
    """

    concepts: Sequence[Concept] | None
    vector: Vectors | None
    k: int
    where: Filters = NO_FILTERS


@dataclass(frozen=True, slots=True)
class Candidates:
    """The m passages that answer a question, every column filled; a view gives them in ascending order.

    `languages` (int8, (m,)) are places in LANGUAGES, by the script of most of a passage's words. `lexical` (0 to 1) is
    None where no concepts were asked for, `cosine` where no vector was. `idf` (float32, (len(LANGUAGES), concepts)) is
    the inverse document frequency of each concept among the passages of each language, 0 where none holds it.
    """

    passages: Numbers
    articles: Numbers
    languages: npt.NDArray[np.int8]
    lexical: Scores | None
    cosine: Scores | None
    idf: Scores

    def take(self, rows: Numbers) -> Candidates:
        """The candidates at some rows, in their order."""
        lexical, cosine = (None if column is None else column[rows] for column in (self.lexical, self.cosine))
        return Candidates(self.passages[rows], self.articles[rows], self.languages[rows], lexical, cosine, self.idf)


@dataclass(frozen=True, slots=True)
class Profile:
    """An article with what it is compared by: its fingerprints, and its vector (float32, (dim,), unit length).

    The vector is that of the whole article where the model has a prompt for similarity, else the mean of its passages.
    """

    article: Article
    sketch: Sketch
    vector: Vectors


class Vocabulary(Protocol):
    """The terms that the passages of a view hold."""

    def holds(self, terms: Iterable[str]) -> set[str]:
        """Those of the terms that some passage holds."""
        ...

    def translations(self, vectors: Vectors, language: str, k: int) -> list[list[tuple[str, float]]]:
        """For each vector (float32, (n, dim), of the embedded model), the k nearest terms of a language, best first.

        Each with its cosine. Empty lists where no term of that language has a vector.
        """
        ...

    def spellings(self, word: str, k: int, least: float) -> list[tuple[str, float]]:
        """The terms of the other script that spell a name, at most k, the likeliest first, each `least` (0 to 1) or
        more likely.
        """
        ...


class View(Protocol):
    """A store at one moment: whatever is committed meanwhile, every call sees the same passages."""

    @property
    def generation(self) -> int:
        """Counts commits: what was computed from a view holds as long as its generation does."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """Its terms."""
        ...

    @property
    def sample(self) -> Vectors:
        """Vectors of passages spread evenly over the store, at most SAMPLE: float32 (n, dim). They stand for all."""
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


class Store(Protocol):
    """Where an index is kept, as those who ask see it."""

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


SAMPLE = 256
"""The most passages in `View.sample`."""
