"""The engine: questions in, ranked articles out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.encoders import StaticEncoder, encoder_of
from index.errors import InputError
from index.local import Index, Snapshot, score
from index.passages import encoded_text
from index.text import language, tokenize
from index.types import LANGUAGES, Concept, Encoder, Vectors

from .query import Lexicon, Sense
from .ranking import close_reading as reading
from .ranking import explain, informative_senses
from .ranking import fusion as rank
from .types import Answer, Hit, Mode

if TYPE_CHECKING:
    from .ranking import Reranker

# Passages taken from each of the two rankings before they are fused; more for a large k.
CANDIDATES = 200
CANDIDATES_PER_RESULT = 4

# Best passages that are read closely: among 480, more are no gain; among 200,000, ten more than twenty find .003 more.
READ = 30

# Passages that stand for all others when a query's typical cosine is estimated.
BACKGROUND = 256

# Longer queries are cut: their head says what they are about, and time stays bounded.
QUERY_TOKENS = 400


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may be found. Dates are ISO 8601 days, both included; articles without a date pass neither."""

    language: str | None = None
    since: str | None = None
    until: str | None = None
    source: str | None = None

    def condition(self) -> tuple[str, list[str]]:
        """The same as an SQL condition on articles, with its parameters; empty when nothing is asked."""
        asked = [
            ("language = ?", self.language),
            ("substr(published, 1, 10) >= ?", self.since),
            ("substr(published, 1, 10) <= ?", self.until),
            ("source = ?", self.source),
        ]
        return " AND ".join(c for c, v in asked if v is not None), [v for _, v in asked if v is not None]


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class _Question:
    """A query as it is asked of a snapshot: by words where there are `concepts`, by meaning where there is a `vector`
    (float32, (dim,)), whose cosine with any passage is about `background`.
    """

    text: str
    language: str
    concepts: list[Concept] | None
    vector: Vectors | None
    background: float
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class _Found:
    """The n passages found, best first: their rows, their scores, whether they are Arabic, and whether they hold a word
    of the query; `weights` are those of `index.local.postings.score`.
    """

    rows: rank.Rows
    values: rank.Scores
    arabic: npt.NDArray[np.bool_]
    worded: npt.NDArray[np.bool_]
    weights: dict[str, rank.Scores]


class Engine:
    """Answers queries from one index. `encoder` must be the one the index was made with; it is loaded when not given.

    With a `reranker`, the best articles of each ranking are read again together with the query.
    Raises IndexMismatch when the encoder is another one.
    """

    def __init__(self, index: Index, encoder: Encoder | None = None, reranker: Reranker | None = None) -> None:
        self.index = index
        self.reranker = reranker
        self.encoder = encoder or encoder_of(index.manifest)
        index.require(self.encoder)
        self._lexicon = Lexicon(())

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

        With a `diversity` above 0 (to 1) articles that say something else than those before them come earlier.
        Raises InputError for a query without words.
        """
        began = time.perf_counter()
        query = _whole(query)
        with self.index.reading() as snapshot:
            expressed, ranked = self._rank(query, max(k, READ) if diversity else k, mode, filters, snapshot)
            ranked = [found for found in ranked if found[2] >= min_score]
            if diversity:
                vectors = snapshot.vectors(np.array([row for _, row, _ in ranked], np.int64))
                ranked = rank.diverse(ranked, vectors, diversity, k)
            passages = self.index.passages(snapshot.positions[[row for _, row, _ in ranked]])
        hits = []
        for place, ((_, _, value), (article, passage)) in enumerate(zip(ranked, passages.values(), strict=True), 1):
            spans, matches = explain(query, expressed, passage)
            hits.append(Hit(place, value, article, passage, spans, matches))
        return Answer(query, language(query), mode, time.perf_counter() - began, tuple(hits))

    def run(
        self, query: str, k: int, mode: Mode = Mode.HYBRID, filters: Filters = NO_FILTERS
    ) -> list[tuple[str, float]]:
        """Only the ids and scores of the k best articles, for evaluating many queries; empty for one without words."""
        query = _whole(query)
        if not tokenize(query):
            return []
        with self.index.reading() as snapshot:
            _, ranked = self._rank(query, k, mode, filters, snapshot)
            ids = self.index.ids(number for number, _, _ in ranked)
        return [(ids[number], value) for number, _, value in ranked]

    def _rank(
        self, query: str, k: int, mode: Mode, filters: Filters, snapshot: Snapshot
    ) -> tuple[list[Sense], list[tuple[int, int, float]]]:
        tokens = tokenize(query)[:QUERY_TOKENS]
        if not tokens:
            raise InputError(f"The query {query[:80]!r} has no words to search for. Write at least one word or number.")
        expressed = self._lexicon_of(snapshot).senses(query, tokens)
        if not snapshot.segments:
            return expressed, []
        question = self._question(query, expressed, mode, snapshot)
        found = self._find(question, max(CANDIDATES, CANDIDATES_PER_RESULT * k), self._allowed(filters, snapshot))
        values = self._read(question, found)
        if self.reranker is None:
            return expressed, rank.by_article(found.rows, values, snapshot.articles, k)
        few = rank.by_article(found.rows, values, snapshot.articles, max(k, self.reranker.candidates))
        return expressed, self._reranked(query, few, snapshot)[:k]

    def _question(self, query: str, expressed: list[Sense], mode: Mode, snapshot: Snapshot) -> _Question:
        concepts = [sense.concept() for sense in expressed] if mode is not Mode.SEMANTIC else None
        by_letters = mode is Mode.LEXICAL or (mode is Mode.HYBRID and self._strange(expressed, snapshot))
        vector = None if by_letters else self.encoder.encode_queries([query])[0]
        background = 0.0 if vector is None else _background(vector, snapshot)
        return _Question(query, language(query), concepts, vector, background, snapshot)

    def _strange(self, expressed: list[Sense], snapshot: Snapshot) -> bool:
        """Whether the model knows no word of a query that tells, while passages hold one of them, or a spelling of it.

        The pieces into which the model breaks an unknown name say nothing of it, and would hide what its letters find.
        """
        informative = informative_senses(expressed)
        words = [sense.token.word for sense in informative if sense.token.word.isalpha()]
        if not words or not isinstance(self.encoder, StaticEncoder) or (self.encoder.entries(words) >= 0).any():
            return False
        held = (
            segment.postings.find(sense.token.term) is not None
            for sense in informative
            for segment in snapshot.segments
        )
        return any(len(sense.terms) > 1 for sense in informative) or any(held)

    def _find(self, question: _Question, pool: int, allowed: npt.NDArray[np.bool_]) -> _Found:
        """The best passages by words and by meaning, in the order of both together."""
        snapshot = question.snapshot
        postings = [segment.postings for segment in snapshot.segments]
        rows = np.zeros(0, np.int64)
        lexical = semantic = None
        weights: dict[str, rank.Scores] = {}
        if question.concepts is not None:
            lexical, weights = score(postings, question.concepts)
            rows = rank.best(lexical, pool, allowed)
        if question.vector is not None:
            rows = np.union1d(rows, snapshot.nearest(question.vector, pool, allowed))
            semantic = _above(question.background, snapshot.vectors(rows) @ question.vector)
        if lexical is not None:
            lexical = lexical[rows]
        arabic = snapshot.arabic()[rows]
        values = rank.fuse(lexical, semantic, arabic == (question.language == "ar"))
        order = np.lexsort((rows, -values))
        worded = lexical[order] > 0 if lexical is not None else np.zeros(len(rows), bool)
        return _Found(rows[order], values[order], arabic[order], worded, weights)

    def _read(self, question: _Question, found: _Found) -> rank.Scores:
        """The scores of the passages after the best of them have been read sentence by sentence and word by word."""
        encoder = self.encoder if isinstance(self.encoder, StaticEncoder) else None  # others would take seconds
        vector = question.vector if encoder else None
        if question.concepts is None and vector is None:
            return found.values
        best = self.index.passages(question.snapshot.positions[found.rows[:READ]]).values()
        texts = [reading.sentences_of(article.title, passage.text) for article, passage in best]
        said: dict[str, rank.Scores] = {}
        if encoder and vector is not None:
            words = reading.tokens_of(texts, encoder)
            said["semantic"] = _above(question.background, reading.closest(vector, words, encoder))
            said["words"] = reading.nearest(question.text, words, encoder)
        if question.concepts is not None:
            languages = [LANGUAGES[int(is_arabic)] for is_arabic in found.arabic[:READ]]
            worded = [text if has else () for text, has in zip(texts, found.worded[:READ], strict=True)]
            said["lexical"] = reading.fullest(question.concepts, found.weights, worded, languages)
        return rank.closer(found.values, said, found.arabic == (question.language == "ar"))

    def _lexicon_of(self, snapshot: Snapshot) -> Lexicon:
        lexicon = self._lexicon  # another thread may be putting its own there
        if lexicon.segments is not snapshot.segments:
            lexicon = self._lexicon = Lexicon(snapshot.segments)
        return lexicon

    def _reranked(
        self, query: str, found: list[tuple[int, int, float]], snapshot: Snapshot
    ) -> list[tuple[int, int, float]]:
        assert self.reranker is not None
        passages = self.index.passages(snapshot.positions[[row for _, row, _ in found]]).values()
        texts = [encoded_text(article.title, passage.text) for article, passage in passages]
        order, values = self.reranker.rerank(query, texts, np.array([value for _, _, value in found], np.float32))
        return [(*found[place][:2], float(value)) for place, value in zip(order.tolist(), values, strict=True)]

    def _allowed(self, filters: Filters, snapshot: Snapshot) -> npt.NDArray[np.bool_]:
        condition, parameters = filters.condition()
        if not condition:
            return snapshot.alive
        return snapshot.alive & np.isin(snapshot.articles, self.index.numbers(condition, parameters))


def _whole(query: str) -> str:
    """A query without halves of character pairs, which a terminal may pass on and no encoder or printer takes."""
    return query.encode("utf-8", "replace").decode()


def _background(vector: npt.NDArray[np.float32], snapshot: Snapshot) -> float:
    """The cosine of a query with any passage: the mean over a sample but for the nearest, which may be the answer."""
    sample = np.unique(np.linspace(0, len(snapshot.positions) - 1, BACKGROUND).astype(np.int64))
    cosines = snapshot.vectors(sample) @ vector
    return float((cosines.sum() - cosines.max()) / max(len(cosines) - 1, 1))


def _above(background: float, cosines: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How far cosines stand above that of any passage: 0 like any, 1 the same text.

    Models differ in what they call far: unrelated texts have cosines near 0 with the embedded model, .7 with E5.
    """
    return ((cosines - background) / max(1 - background, 1e-6)).astype(np.float32)
