"""An index on a cluster at one moment, as the port `View` describes it.

The engine finds candidates, more than are wanted; they are scored here. What was committed after the view began may be
among them, as whole articles; what was removed is not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np

from ..local import LocalVocabulary
from ..ports import Background, Candidates, Facet, Numbers, Profile, Question, Scores
from ..text import Sketch, distinct
from ..types import LANGUAGES, NO_FILTERS, Article, Filters, Passage, Vectors
from .cluster import MOST, Row
from .moment import Moment
from .reading import Counts, Rows, condition, numbers_of, passes
from .schema import PASSAGE, sketch_of, sketch_vector
from .scoring import Passages, query_vector
from .state import generation_of
from .wordings import WordingFilter

FEW = 400
"""Articles whose passages are all scored, where no more can answer: beyond, the engine chooses among them."""

OVERFETCHED = 2
"""So many times as many passages as are wanted by words are scored: the engine's order is nearly the exact one."""


class MilvusView:
    """One moment of an index on a cluster. Fills the port `View`. Threads share it."""

    def __init__(self, rows: Rows, moment: Moment) -> None:
        self._rows, self._moment = rows, moment
        self._latest: tuple[Numbers, Passages] | None = None  # many questions are asked among the same articles

    @property
    def generation(self) -> object:
        """Which commit of which index this is."""
        return generation_of(self._moment.state)

    @property
    def mark(self) -> int:
        """The number up to which all is committed."""
        return self._rows.state.settled

    def newer(self, mark: int, k: int) -> tuple[Numbers, int]:
        """The first k articles that were added or replaced after a mark, and the mark up to which these are all."""
        rows, state = self._rows, self._rows.state
        asked = f"number > {mark} and number <= {state.settled}"
        found = rows.cluster.scan(state.articles, asked, ("number",), rows.at)
        numbers = [row["number"] for row in islice(found, k)]
        latest = rows.latest(numbers)
        return numbers_of(latest), numbers[-1] if numbers else mark

    @property
    def vocabulary(self) -> LocalVocabulary:
        """The terms that are counted."""
        return self._moment.vocabulary

    @property
    def background(self) -> Background:
        """What any of its passages is like."""
        return self._moment.background(self._rows)

    def candidates(self, question: Question) -> Candidates:
        """The passages that answer a question, with every score of each."""
        wordings = WordingFilter(question, self._rows)
        possible = wordings.possible()
        if question.among is not None:
            among = question.among
            if possible is not None:
                among = numbers_of(possible.intersection(among.tolist()))
            return self._among(question, among, wordings)
        if possible is not None and len(possible) <= FEW:
            return self._among(question, numbers_of(possible), wordings)
        statistics, asked = self._moment.statistics, list[tuple[str, Any, int]]()
        if question.concepts is not None and (sparse := query_vector(statistics, question.concepts)):
            asked.append(("sparse", sparse, OVERFETCHED * question.k))
        if question.vector is not None:
            asked.append(("dense", question.vector, question.k))
        with ThreadPoolExecutor(2) as threads:
            searched = threads.map(lambda one: self._nearest(one, question.where, wordings, possible), asked)
            found = {field: numbers for (field, _, _), numbers in zip(asked, searched, strict=True)}
        passages = self._fetched(numbers_of(number for numbers in found.values() for number in numbers))
        return self._scored(question, passages, found.get("dense"))

    def _nearest(
        self,
        asked: tuple[str, Any, int],
        where: Filters,
        wordings: WordingFilter,
        possible: Collection[int] | None,
    ) -> list[int]:
        """The k passages with the greatest inner products whose articles are committed, current, and answer.

        `asked` is a field, the vector to compare it with, and k.
        """
        field, vector, k = asked
        rows, limit = self._rows, min(k, MOST)
        while True:
            found = rows.cluster.nearest(
                rows.state.passages, field, vector, limit, condition(where), ("number", "article"), rows.at
            )
            chosen = [(row["number"], row["article"]) for score, row in found if score > 0 or field == "dense"]
            current = rows.latest(article for _, article in chosen)
            if possible is not None:
                current &= set(possible)
            if wordings.asked:
                current &= wordings.answering(sorted(current))
            kept = [number for number, article in chosen if article in current]
            if len(kept) >= k or len(found) < limit or limit == MOST:
                return kept[:k]
            limit = min(4 * limit, MOST)

    def _fetched(self, numbers: Numbers) -> Passages:
        rows = self._rows
        found = rows.cluster.get(rows.state.passages, numbers.tolist(), PASSAGE, rows.at)
        rows.unspill("terms", {row["number"]: row for row in found})
        return Passages.of(found, rows.state.made.dimension)

    def _among(self, question: Question, articles: Numbers, wordings: WordingFilter) -> Candidates:
        """The same for the passages of some articles, all of which are scored."""
        numbers = sorted(self._rows.latest(articles.tolist()))
        heads = self._rows.heads(numbers)
        chosen = [number for number in numbers if passes(question.where, heads[number])]
        if wordings.asked:
            chosen = sorted(wordings.answering(chosen))
        passages = self._part(articles, numbers)
        return self._scored(question, passages.take(np.flatnonzero(np.isin(passages.articles, chosen))), None)

    def _part(self, articles: Numbers, numbers: Sequence[int]) -> Passages:
        latest = self._latest
        if latest is None or latest[0] is not articles:
            heads = self._rows.heads(numbers)
            keys = [number + place for number in numbers for place in range(heads[number]["passages"])]
            self._latest = latest = articles, self._fetched(np.array(keys, np.int64))
        return latest[1]

    def _scored(self, question: Question, passages: Passages, near: Sequence[int] | None) -> Candidates:
        """The k best of some passages by each ranking; `near` are those by meaning, where they are known."""
        taken = np.zeros(len(passages.numbers), bool)
        lexical = cosine = ranking = None
        if question.concepts is not None:
            ranking = passages.ranking(self._moment.statistics, question.concepts)
            lexical = ranking.scores(np.arange(len(passages.numbers)))
            taken[_best(lexical, question.k, 0)] = True
        if question.vector is not None:
            cosine = passages.vectors @ question.vector
            among = np.arange(len(cosine)) if near is None else np.flatnonzero(np.isin(passages.numbers, near))
            taken[among[_best(cosine[among], question.k, -np.inf)]] = True
        chosen = np.flatnonzero(taken)
        return Candidates(
            passages.numbers[chosen],
            passages.articles[chosen],
            passages.languages[chosen],
            None if lexical is None else lexical[chosen],
            None if cosine is None else cosine[chosen],
            None if cosine is None else passages.vectors[chosen],
            np.zeros((len(LANGUAGES), 0), np.float32) if ranking is None else ranking.idf,
        )

    # ---------------------------------------------------------------- rows

    def passages(self, numbers: Numbers) -> list[tuple[str, Passage]]:
        """Passages in the order of their numbers, each after the title of its article."""
        return self._rows.passages(numbers)

    def vectors(self, numbers: Numbers) -> Vectors:
        """The vectors of passages: float32 (len(numbers), dim)."""
        found = self._fetched(numbers)
        return found.vectors[np.searchsorted(found.numbers, numbers)]

    def articles(self, numbers: Numbers) -> list[Article]:
        """Articles in the order of their numbers."""
        return self._rows.articles(numbers.tolist())

    def ids(self, numbers: Numbers) -> list[str]:
        """The ids of articles in the order of their numbers."""
        return self._rows.ids(numbers.tolist())

    def days(self, numbers: Numbers) -> list[str | None]:
        """The days of articles in the order of their numbers."""
        heads = self._rows.heads(numbers.tolist())
        return [heads[number]["day"] or None for number in numbers.tolist()]

    def languages(self, numbers: Numbers) -> list[str]:
        """The languages of articles in the order of their numbers."""
        heads = self._rows.heads(numbers.tolist())
        return [str(heads[number]["language"]) for number in numbers.tolist()]

    def sketches(self, numbers: Numbers) -> list[Sketch]:
        """The fingerprints of articles in the order of their numbers."""
        found = self._compared(numbers.tolist())
        return [sketch_of(found[number]["sketch"]) for number in numbers.tolist()]

    def article_vectors(self, numbers: Numbers) -> Vectors:
        """The vectors of whole articles in the order of their numbers: float32 (n, dim)."""
        wanted = numbers.tolist()
        vectors: list[object] = []
        for start in range(0, len(wanted), FEW):
            found = self._compared(wanted[start : start + FEW])
            vectors += [found[number]["vector"] for number in wanted[start : start + FEW]]
        return np.array(vectors, np.float32) if vectors else np.zeros((0, 0), np.float32)

    def facets(
        self, by: Sequence[Facet], where: Filters = NO_FILTERS, among: Numbers | None = None
    ) -> dict[tuple[str | None, ...], int]:
        """How many articles that pass `where` share the same values of `by`."""
        if among is None:
            counts = self._moment.counts(self._rows)
        else:
            heads = self._rows.heads(among.tolist()).values()
            counts = Counts((row["source"], row["language"], row["day"]) for row in heads)
        found: dict[tuple[str | None, ...], int] = {}
        for one, n in counts.items():
            if passes(where, one):
                values = dict(zip(("source", "language", "day"), one, strict=True))
                shared = tuple(values[name] or None for name in by)
                found[shared] = found.get(shared, 0) + n
        return found

    def named(self, ids: Sequence[str]) -> Numbers:
        """The numbers of the articles that have one of these ids, in order of storage."""
        return numbers_of(row["number"] for row in self._rows.named(ids, ("number",)))

    def profiles(self, numbers: Numbers | None = None) -> list[Profile]:
        """Articles with what they are compared by, in order of storage; all of them without `numbers`."""
        chosen = self._rows.everything() if numbers is None else sorted(self._rows.latest(numbers.tolist()))
        found = []
        for start in range(0, len(chosen), FEW):
            part = chosen[start : start + FEW]
            compared = self._compared(part)
            for number, article in self._rows.present(part).items():
                row = compared[number]
                found.append(Profile(article, sketch_of(row["sketch"]), np.array(row["vector"], np.float32)))
        return found

    def similar(self, vector: Vectors, k: int) -> Numbers:
        """The articles of the k passages of each script that are nearest to a vector, ascending, each once."""
        rows, found = self._rows, set[int]()
        for side in ("true", "false"):
            near = rows.cluster.nearest(
                rows.state.passages, "dense", vector, k, f"arabic == {side}", ("article",), rows.at
            )
            found.update(row["article"] for _, row in near)
        return numbers_of(rows.latest(found))

    def sharing(self, sketches: Sequence[Sketch], least: int, where: Filters = NO_FILTERS) -> Numbers:
        """The articles that share `least` fingerprints or more with the sketches taken together, ascending."""
        asked = distinct(np.concatenate([np.zeros(0, np.uint64), *sketches]))
        if not len(asked):
            return np.zeros(0, np.int64)
        rows, vector = self._rows, sketch_vector(asked)
        found = rows.cluster.nearest(
            rows.state.articles, "sketch", vector, MOST, condition(where), ("number",), rows.at
        )
        return numbers_of(rows.latest(row["number"] for score, row in found if score > least - 0.5))

    def _compared(self, numbers: Sequence[int]) -> dict[int, Row]:
        rows = self._rows
        found = rows.cluster.get(rows.state.articles, numbers, ("number", "sketch", "vector"), rows.at)
        return {row["number"]: row for row in found}


def _best(scores: Scores, k: int, least: float) -> Numbers:
    """The places of the k greatest scores above `least`, the first of equal ones."""
    order = np.argsort(-scores, kind="stable")
    return order[scores[order] > least][:k]
