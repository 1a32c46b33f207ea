"""A store at one moment, as searches see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from ..text import Sketch
from ..types import NO_FILTERS, Article, Filters, Passage, Vectors
from .questions import Background, Candidates, Facet, Numbers, Profile, Question


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
