"""The engine: questions in, ranked articles out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.errors import InputError
from index.passages import encoded_text
from index.ports import Numbers, Question, Scores, Store, View
from index.types import LANGUAGES, NO_FILTERS, Encoder, Vectors
from index.types import Filters as Filters

from .query import Expander, Query, Sense, parse
from .ranking import CloseReader, Ranked, Weights, by_article, diverse, explain, fuse, refine
from .types import Answer, Hit, Mode

if TYPE_CHECKING:
    from .ranking import Reranker

# Passages taken from each of the two rankings before they are fused; more for a large k.
CANDIDATES = 200
CANDIDATES_PER_RESULT = 4

# Best passages that are read closely: among 480, more are no gain; among 200,000, ten more than twenty find .003 more.
READ = 30

# Models that pack all texts together have a background of .7 to .85.
HIGHEST_BACKGROUND = 0.95

# The most articles that one search may ask for.
MOST_RESULTS = 10_000

DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class _Session:
    """What was computed of one generation and serves all its searches."""

    generation: int
    expander: Expander
    reader: CloseReader


class Engine:
    """Answers queries from one store. `encoder` must be the one that the store was made with, which is loaded
    where none is given.

    With a `reranker`, the best articles of each ranking are scored again together with the query. Threads may share an
    engine. Raises IndexMismatch when the encoder is another one.
    """

    def __init__(
        self,
        index: Store,
        encoder: Encoder | None = None,
        reranker: Reranker | None = None,
        weights: Weights = DEFAULT_WEIGHTS,
    ) -> None:
        self.index, self.reranker, self.weights = index, reranker, weights
        self.encoder = encoder or index.encoder()
        index.require(self.encoder)
        self._latest: _Session | None = None

    def search(
        self,
        query: str,
        k: int = 10,
        mode: Mode = Mode.HYBRID,
        filters: Filters = NO_FILTERS,
        min_score: float = 0.0,
        diversity: float = 0.0,
    ) -> Answer:
        """The k best articles for a query that score `min_score` (0 to 1) or more, each with its best passage.

        With a `diversity` above 0 (to 1), articles that repeat those before them come later. Raises InputError for a
        query without words, and for a k, min_score or diversity out of range.
        """
        began = time.perf_counter()
        _require_between("k", k, 1, MOST_RESULTS)
        _require_between("min_score", min_score, 0, 1)
        _require_between("diversity", diversity, 0, 1)
        asked = parse(query)
        if not asked.tokens:
            raise InputError(f"The query {query[:80]!r} has no words to search for. Write at least one word or number.")
        with self.index.reading() as view:
            senses, ranked = self._rank(asked, max(k, READ) if diversity else k, mode, filters, view)
            ranked = [one for one in ranked if one.score >= min_score]
            if diversity and ranked:
                ranked = diverse(ranked, view.vectors(_numbers(ranked, "passage")), diversity, k)
            passages = view.passages(_numbers(ranked, "passage"))
            articles = view.articles(_numbers(ranked, "article"))
        hits = []
        for place, (one, article, (_, passage)) in enumerate(zip(ranked, articles, passages, strict=True), 1):
            spans, matches = explain(asked.text, senses, passage)
            hits.append(Hit(place, one.score, article, passage, spans, matches))
        return Answer(asked.text, asked.language, mode, time.perf_counter() - began, tuple(hits), asked.cut)

    def run(
        self, query: str, k: int, mode: Mode = Mode.HYBRID, filters: Filters = NO_FILTERS
    ) -> list[tuple[str, float]]:
        """Only the ids and scores of the k best articles, for evaluating many queries; empty for one without words."""
        asked = parse(query)
        if not asked.tokens:
            return []
        with self.index.reading() as view:
            _, ranked = self._rank(asked, k, mode, filters, view)
            ids = view.ids(_numbers(ranked, "article"))
        return [(article, one.score) for article, one in zip(ids, ranked, strict=True)]

    def _rank(self, query: Query, k: int, mode: Mode, filters: Filters, view: View) -> tuple[list[Sense], list[Ranked]]:
        session = self._session(view)
        senses = session.expander.expand(query)
        concepts = None if mode is Mode.SEMANTIC else [sense.concept() for sense in senses]
        vector = None if self._by_letters(mode, senses, view) else self.encoder.encode_queries([query.text])[0]
        question = Question(concepts, vector, max(CANDIDATES, CANDIDATES_PER_RESULT * k), filters)
        background = 0.0 if question.vector is None else _background(question.vector, view.sample)

        def scaled(cosines: Scores) -> Scores:
            """Cosines as scores: 0 like any passage, 1 the same text. What models call far differs: .02 or .7."""
            return ((cosines - background) / (1 - background)).astype(np.float32)

        found = view.candidates(question)
        if not len(found.passages):
            return senses, []
        language = LANGUAGES.index(query.language)
        semantic = None if found.cosine is None else scaled(found.cosine)
        first = fuse(found.lexical, semantic, found.languages == language, self.weights)
        order = np.lexsort((found.passages, -first))
        found, first = found.take(order), first[order]
        evidence = session.reader.evidence(query, question, found.take(np.arange(min(READ, len(order)))), view, scaled)
        scores = refine(first, evidence, found.languages == language, self.weights)
        if self.reranker is None:
            return senses, by_article(found.passages, scores, found.articles, k)
        few = by_article(found.passages, scores, found.articles, max(k, self.reranker.candidates))
        return senses, self._reranked(query, few, view)[:k]

    def _by_letters(self, mode: Mode, senses: list[Sense], view: View) -> bool:
        """Whether meaning is left out of a search: by its mode, or because the model knows no informative word of the
        query while passages hold one of them, or a spelling of it.

        The pieces into which the model breaks an unknown name say nothing of it, and would hide what its letters find.
        """
        if mode is not Mode.HYBRID:
            return mode is Mode.LEXICAL
        informative = [sense for sense in senses if sense.informative]
        words = [sense.token.word for sense in informative if sense.token.word.isalpha()]
        encoder = self.encoder.words
        if not words or encoder is None or (encoder.entries(words) >= 0).any():
            return False
        held = view.vocabulary.holds(sense.token.term for sense in informative)
        return bool(held) or any(len(sense.terms) > 1 for sense in informative)

    def _session(self, view: View) -> _Session:
        session = self._latest  # another thread may be putting its own there
        if session is None or session.generation != view.generation:
            session = _Session(view.generation, Expander(view.vocabulary), CloseReader(self.encoder.words))
            self._latest = session
        return session

    def _reranked(self, query: Query, found: list[Ranked], view: View) -> list[Ranked]:
        assert self.reranker is not None
        texts = [encoded_text(title, p.text) for title, p in view.passages(_numbers(found, "passage"))]
        order, values = self.reranker.rerank(query.text, texts, np.array([one.score for one in found], np.float32))
        return [found[i]._replace(score=float(value)) for i, value in zip(order.tolist(), values, strict=True)]


def _numbers(ranked: list[Ranked], of: str) -> Numbers:
    return np.array([getattr(one, of) for one in ranked], np.int64)


def _background(vector: Vectors, sample: Vectors) -> float:
    """The cosine of a query with any passage: the mean over a sample but for the nearest, which may be the answer.

    At most HIGHEST_BACKGROUND: where all passages are copies of the query, rounding would decide what is above it.
    """
    if not len(sample):
        return 0.0
    cosines = sample @ vector
    return min(float((cosines.sum() - cosines.max()) / max(len(cosines) - 1, 1)), HIGHEST_BACKGROUND)


def _require_between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"{name} is {value}. Give a number from {low} to {high}.")
