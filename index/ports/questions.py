"""What is asked of a store, and what it gives: passages as candidates, articles with what they are compared by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..text import Sketch
from ..types import NO_FILTERS, Article, Concept, Filters, Vectors

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
