"""An index in a folder at one moment, as the port `View` describes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ..errors import IndexDamaged
from ..ports import FEW, Background, Candidates, Facet, Numbers, Profile, Question, Scores
from ..text import Sketch, distinct, unpack
from ..types import LANGUAGES, NO_FILTERS, Article, Concept, Filters, Passage, Vectors
from . import database
from .bm25 import Ranking
from .database import COLUMNS
from .holders import Holders, Rows
from .languages import Languages
from .segments import Snapshot
from .vocabulary import LocalVocabulary
from .wordings import WordingFilter

PASSAGES_AT_ONCE = 16_384
"""Passages whose vectors are in memory at once while those of articles are computed."""

REMEMBERED = 16
"""Filters whose passages are kept, a byte a passage: to ask the database takes longer than to search."""

T = TypeVar("T")

_ARABIC = LANGUAGES.index("ar")


class LocalView:
    """The segments of one generation, and the rows of the database beside them. Threads share it.

    `commits` counts those of the database; `rows` runs an SQL query in the transaction of the thread that asks;
    `holders` and `languages` are those of the database. `whole` says whether the articles have vectors of their own.
    """

    def __init__(
        self, snapshot: Snapshot, commits: int, rows: Rows, holders: Holders, languages: Languages, whole: bool
    ) -> None:
        self.snapshot = snapshot
        self._commits, self._holders, self._languages = commits, holders, languages
        self._rows, self._whole = rows, whole
        self._passing: dict[Filters, npt.NDArray[np.bool_]] = {}
        self._latest: tuple[Numbers, _Part] | None = None  # many questions are asked among the same articles
        self._asked: tuple[object, Ranking] | None = None  # a question may be asked again with other filters

    @property
    def generation(self) -> object:
        """Which commit of which index this is."""
        return self.snapshot.generation

    @property
    def mark(self) -> int:
        """The greatest number of an article."""
        ((last,),) = self._rows("SELECT ifnull(max(number), 0) FROM articles", ())
        return int(last)

    def newer(self, mark: int, k: int) -> tuple[Numbers, int]:
        """The first k articles that were added or replaced after a mark, and the mark up to which these are all."""
        rows = self._rows("SELECT number FROM articles WHERE number > ? ORDER BY number LIMIT ?", (mark, k))
        numbers = np.fromiter((number for (number,) in rows), np.int64)
        return numbers, int(numbers[-1]) if len(numbers) else mark

    @cached_property
    def vocabulary(self) -> LocalVocabulary:
        """The terms of the segments."""
        return LocalVocabulary(self.snapshot.segments)

    @cached_property
    def background(self) -> Background:
        """What any of its passages is like; beyond FEW, of which an older Khabar knew no mean, what some are like."""
        alive = self.snapshot.alive
        if np.count_nonzero(alive) > FEW and (mean := self.snapshot.mean()) is not None:
            return Background(mean)
        rows = np.flatnonzero(alive)
        some = np.linspace(0, len(rows) - 1, min(len(rows), FEW)).astype(np.int64)
        return Background(self.snapshot.vectors(rows[some]))

    def candidates(self, question: Question) -> Candidates:
        """The passages that answer a question, with every score of each."""
        if question.among is not None:
            return self._among(question, question.among)
        snapshot = self.snapshot
        wordings = WordingFilter(snapshot, question, self._rows)
        allowed = wordings.possible(self._allowed(question.where))
        rows = np.zeros(0, np.int64)
        ranking = cosine = vectors = None
        if question.vector is not None and snapshot.segments:
            rows = np.sort(wordings.settle(allowed, question.k, partial(snapshot.nearest, question.vector)))
        if question.concepts is not None:
            ranking = self._ranking(question.concepts)
            rows = distinct(np.concatenate([rows, wordings.settle(allowed, question.k, ranking.best)]))
        if question.vector is not None:
            vectors = snapshot.vectors(rows)
            cosine = vectors @ question.vector if len(rows) else np.zeros(0, np.float32)
        languages = np.where(snapshot.lexicon.arabic[rows], _ARABIC, 1 - _ARABIC).astype(np.int8)
        return Candidates(
            snapshot.positions[rows],
            snapshot.articles[rows],
            languages,
            None if ranking is None else ranking.scores(rows),
            cosine,
            vectors,
            np.zeros((len(LANGUAGES), 0), np.float32) if ranking is None else ranking.idf,
        )

    def _among(self, question: Question, articles: Numbers) -> Candidates:
        """The same for the passages of some articles, which are few beside all: the time goes with their number."""
        snapshot, part = self.snapshot, self._part(articles)
        wordings = WordingFilter(snapshot, question, self._rows)
        allowed = np.zeros(len(snapshot.alive), bool)
        allowed[part.rows] = True
        if question.where != NO_FILTERS:
            condition, parameters = _condition(question.where, articles)
            passing = self._rows(f"SELECT number FROM articles WHERE {condition}", parameters)
            allowed[part.rows] = np.isin(part.articles, np.fromiter((number for (number,) in passing), np.int64))
        allowed = wordings.possible(allowed)
        taken = np.zeros(len(part.rows), bool)
        lexical = cosine = None
        idf = np.zeros((len(LANGUAGES), 0), np.float32)

        def take(scores: Scores, least: float) -> None:
            """Take the k passages that score most, and more than `least`."""

            def best(k: int, allowed: npt.NDArray[np.bool_]) -> Numbers:
                places = np.flatnonzero(allowed[part.rows] & (scores > least))
                return part.rows[places[np.argsort(-scores[places], kind="stable")[:k]]]

            taken[np.searchsorted(part.rows, wordings.settle(allowed, question.k, best))] = True

        if question.concepts is not None:
            ranking = Ranking(snapshot.lexicon, question.concepts)
            lexical, idf = ranking.scores(part.rows), ranking.idf
            take(lexical, 0)
        if question.vector is not None:
            cosine = part.vectors @ question.vector if len(part.rows) else np.zeros(0, np.float32)
            take(cosine, -np.inf)
        rows = part.rows[taken]
        return Candidates(
            snapshot.positions[rows],
            part.articles[taken],
            part.languages[taken],
            None if lexical is None else lexical[taken],
            None if cosine is None else cosine[taken],
            None if cosine is None else part.vectors[taken],
            idf,
        )

    def _ranking(self, concepts: Sequence[Concept]) -> Ranking:
        """The ranking by some concepts, with the words that were added up when the very same were asked for before."""
        latest = self._asked  # another thread may be putting its own there
        if latest is None or latest[0] is not concepts:
            self._asked = latest = concepts, Ranking(self.snapshot.lexicon, concepts)
        return latest[1]

    def _part(self, articles: Numbers) -> _Part:
        latest = self._latest  # another thread may be putting its own there
        if latest is None or latest[0] is not articles:
            self._latest = latest = articles, _Part.of(self.snapshot, articles)
        return latest[1]

    def passages(self, numbers: Numbers) -> list[tuple[str, Passage]]:
        """Passages in the order of their numbers, each after the title of its article."""
        query = (
            "SELECT position, title, id, start, end, substr(text, start + 1, end - start) FROM passages "
            "JOIN articles ON number = article WHERE position IN (SELECT value FROM json_each(?))"
        )
        found = {row[0]: (row[1], Passage(*row[2:])) for row in self._rows(query, (_json(numbers),))}
        return _in_order(found, numbers, "passage")

    def vectors(self, numbers: Numbers) -> Vectors:
        """The vectors of passages: float32 (len(numbers), dim)."""
        return self.snapshot.vectors(np.searchsorted(self.snapshot.positions, numbers))

    def articles(self, numbers: Numbers) -> list[Article]:
        """Articles in the order of their numbers."""
        query = f"SELECT number, {', '.join(COLUMNS)} FROM articles WHERE number IN (SELECT value FROM json_each(?))"
        found = {row[0]: database.article(row[1:]) for row in self._rows(query, (_json(numbers),))}
        return _in_order(found, numbers, "article")

    def ids(self, numbers: Numbers) -> list[str]:
        """The ids of articles in the order of their numbers."""
        query = "SELECT number, id FROM articles WHERE number IN (SELECT value FROM json_each(?))"
        return _in_order(dict(self._rows(query, (_json(numbers),))), numbers, "article")

    def days(self, numbers: Numbers) -> list[str | None]:
        """The days of articles in the order of their numbers."""
        query = f"SELECT number, {_VALUES['day']} FROM articles WHERE number IN (SELECT value FROM json_each(?))"
        return _in_order(dict(self._rows(query, (_json(numbers),))), numbers, "article")

    def languages(self, numbers: Numbers) -> list[str]:
        """The languages of articles in the order of their numbers."""
        if (known := self._languages.of(numbers, self._rows)) is not None:
            return known
        query = "SELECT number, language FROM articles WHERE number IN (SELECT value FROM json_each(?))"
        return _in_order(dict(self._rows(query, (_json(numbers),))), numbers, "article")

    def sketches(self, numbers: Numbers) -> list[Sketch]:
        """The fingerprints of articles in the order of their numbers."""
        query = "SELECT number, sketch FROM articles WHERE number IN (SELECT value FROM json_each(?))"
        found = {number: unpack(sketch) for number, sketch in self._rows(query, (_json(numbers),))}
        return _in_order(found, numbers, "article")

    def article_vectors(self, numbers: Numbers) -> Vectors:
        """The vectors of whole articles in the order of their numbers: float32 (n, dim)."""
        if not self._whole:
            return self._means(numbers)
        query = "SELECT number, whole FROM articles WHERE number IN (SELECT value FROM json_each(?))"
        found = _in_order(dict(self._rows(query, (_json(numbers),))), numbers, "article")
        width = len(found[0]) // 2 if found else 0
        return np.frombuffer(b"".join(found), np.float16).astype(np.float32).reshape(len(found), width)

    def facets(
        self, by: Sequence[Facet], where: Filters = NO_FILTERS, among: Numbers | None = None
    ) -> dict[tuple[str | None, ...], int]:
        """How many articles that pass `where` share the same values of `by`."""
        condition, parameters = _condition(where, among)
        values = ", ".join(_VALUES[name] for name in by)
        rows = self._rows(f"SELECT {values}, count(*) FROM articles WHERE {condition} GROUP BY {values}", parameters)
        return {tuple(row[:-1]): row[-1] for row in rows}

    def named(self, ids: Sequence[str]) -> Numbers:
        """The numbers of the articles that have one of these ids, in order of storage."""
        query = "SELECT number FROM articles WHERE id IN (SELECT value FROM json_each(?)) ORDER BY number"
        return np.array([number for (number,) in self._rows(query, (json.dumps(list(ids)),))], np.int64)

    def profiles(self, numbers: Numbers | None = None) -> list[Profile]:
        """Articles with what they are compared by, in order of storage; all of them without `numbers`."""
        chosen = "" if numbers is None else "WHERE number IN (SELECT value FROM json_each(?))"
        query = f"SELECT number, sketch, {', '.join(COLUMNS)} FROM articles {chosen} ORDER BY number"
        rows = list(self._rows(query, () if numbers is None else (_json(numbers),)))
        vectors = self.article_vectors(np.array([row[0] for row in rows], np.int64))
        return [
            Profile(database.article(row[2:]), unpack(row[1]), vector)
            for row, vector in zip(rows, vectors, strict=True)
        ]

    def similar(self, vector: Vectors, k: int) -> Numbers:
        """The articles of the k passages of each script that are nearest to a vector, ascending, each once."""
        snapshot, arabic = self.snapshot, self.snapshot.lexicon.arabic
        rows = snapshot.nearest_of(vector, k, [snapshot.alive & side for side in (arabic, ~arabic)])
        return distinct(snapshot.articles[np.concatenate(rows)])

    def sharing(self, sketches: Sequence[Sketch], least: int, where: Filters = NO_FILTERS) -> Numbers:
        """The articles that share `least` fingerprints or more with the sketches taken together, ascending."""
        asked = distinct(np.concatenate([np.zeros(0, np.uint64), *sketches]))
        return self._holders.sharing(asked, least, self._rows, self._commits, *_condition(where))

    def _allowed(self, where: Filters) -> npt.NDArray[np.bool_]:
        """Which rows are passages of articles that pass the filters: (n,)."""
        if where == NO_FILTERS:
            return self.snapshot.alive
        found = self._passing.get(where)
        if found is None:
            condition, parameters = _condition(where)
            rows = self._rows(f"SELECT number FROM articles WHERE {condition}", parameters)
            numbers = np.fromiter((number for (number,) in rows), np.int64)
            found = self.snapshot.alive & self.snapshot.of_articles(numbers)
            if len(self._passing) >= REMEMBERED:
                self._passing.clear()
            self._passing[where] = found
        return found

    def _means(self, numbers: Numbers) -> Vectors:
        """The mean of each article's passages by length: close to the vector of the whole text, which takes longer."""
        snapshot = self.snapshot
        dim = snapshot.segments[0].vectors.dim if snapshot.segments else 0
        known, again = np.unique(numbers, return_inverse=True)
        rows = snapshot.rows_of(known)
        rows = rows[snapshot.alive[rows]]
        owners = np.searchsorted(known, snapshot.articles[rows])
        sums = np.zeros((len(known), dim), np.float32)
        for start in range(0, len(rows), PASSAGES_AT_ONCE):
            part = slice(start, start + PASSAGES_AT_ONCE)
            weighed = snapshot.vectors(rows[part]) * snapshot.lexicon.words[rows[part], None].astype(np.float32)
            firsts = np.flatnonzero(np.diff(owners[part], prepend=-1))
            sums[owners[part][firsts]] += np.add.reduceat(weighed, firsts, axis=0)
        sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return sums[again]


@dataclass(frozen=True, slots=True)
class _Part:
    """The passages of some articles: their rows in the snapshot (n,), ascending, and what is known of each."""

    rows: Numbers
    articles: Numbers
    languages: npt.NDArray[np.int8]
    vectors: Vectors

    @classmethod
    def of(cls, snapshot: Snapshot, articles: Numbers) -> _Part:
        rows = np.flatnonzero(snapshot.alive & snapshot.of_articles(articles))
        languages = np.where(snapshot.lexicon.arabic[rows], _ARABIC, 1 - _ARABIC).astype(np.int8)
        return cls(rows, snapshot.articles[rows], languages, snapshot.vectors(rows))


_VALUES: dict[Facet, str] = {"source": "source", "language": "language", "day": "substr(published, 1, 10)"}


def _condition(where: Filters, among: Numbers | None = None) -> tuple[str, list[str]]:
    """Filters as an SQL condition on articles, with its parameters."""
    asked = [
        ("language IN (SELECT value FROM json_each(?))", json.dumps(where.languages) if where.languages else None),
        ("substr(published, 1, 10) >= ?", where.since),
        ("substr(published, 1, 10) <= ?", where.until),
        (
            "ifnull(source, '') IN (SELECT value FROM json_each(?))",
            json.dumps(where.sources) if where.sources else None,
        ),
        ("number IN (SELECT value FROM json_each(?))", None if among is None else _json(among)),
    ]
    given = [(condition, value) for condition, value in asked if value is not None]
    return " AND ".join(condition for condition, _ in given) or "TRUE", [value for _, value in given]


def _json(numbers: Numbers) -> str:
    return json.dumps(numbers.tolist())


def _in_order(found: dict[int, T], numbers: Numbers, what: str) -> list[T]:
    try:
        return [found[number] for number in numbers.tolist()]
    except KeyError as error:
        raise IndexDamaged(f"The {what} {error} is in no table of the index. See: khabar verify --repair") from None
