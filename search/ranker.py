"""One question against one state of the store: its candidates become a ranking of articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from index.passages import encoded_text
from index.ports import Candidates, Numbers, Question, Scores, View, Wording
from index.types import LANGUAGES, Encoder, Filters, Vectors

from .listing import numbers_of
from .query import Compounds, Expander, Query, Sense, Speller, concepts_of
from .ranking import Best, CloseReader, Ranked, Reader, Weights, by_article, fuse, lifted, refine, sequence_shares
from .types import Mode

if TYPE_CHECKING:
    from .ranking import Reranker

# Where only the other language is asked for, passages in the query's own language are searched too. The best BESIDE of
# each ranking are candidates, and BESIDE_READ of these are reranked; passages similar to the best ones score higher.
BESIDE = 10
BESIDE_READ = 10

# How many of the best candidates are read closely. Among 480 passages, reading more gains nothing. Among 200,000,
# reading 30 gains .003 nDCG@10 over reading 20.
READ = 30

# Models that pack all texts together have a background of .7 to .85.
HIGHEST_BACKGROUND = 0.95

# The lowest score of a relevant article. With the embedded model, 99 in 100 right answers reach it (docs/searching.md).
# An article must also reach SHARE of the best score: those below are mostly about something else.
FLOOR = {Mode.HYBRID: 0.28, Mode.SEMANTIC: 0.28, Mode.LEXICAL: 0.24}
SHARE = 0.5

# How much of what a score lacks words gain that stand in the order of a phrase that no article holds.
WISH = 0.2

# The same for words that may be written as one: neighbours of them are meant, not each somewhere.
TOGETHER = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with what its articles must and must not hold, the filters, and how passages are scored."""

    query: Query
    mode: Mode
    where: Filters
    required: tuple[tuple[Wording, ...], ...] = ()
    excluded: tuple[Wording, ...] = ()
    wish: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of the best passages are read closely, what a passage must score before that, among which articles it
    must be, and whether one may lift another."""

    read: int = READ
    least: float = 0.0
    among: Numbers | None = None
    lifting: bool = True


NEAR = Reach()


@dataclass(frozen=True, slots=True)
class Found:
    """All candidates as a ranking of articles, best first; `relevant` are the numbers of those above the floor."""

    senses: Sequence[Sense]
    ranked: list[Ranked]
    relevant: frozenset[int]


class Ranker:
    """Ranks the articles of one state of a store. Threads share it."""

    def __init__(
        self, view: View, encoder: Encoder, reader: Reader, weights: Weights, reranker: Reranker | None
    ) -> None:
        """`view` is of that state, and so are those that its methods are given."""
        self.generation = view.generation
        self.speller = Speller(view.vocabulary)
        self.expander = Expander(view.vocabulary)
        self.reader = CloseReader(reader)
        self._compounds = Compounds(view.vocabulary)
        self._encoder, self._weights, self._reranker = encoder, weights, reranker

    def senses(self, query: Query) -> list[Sense]:
        """What expresses the words of a query, alone or together."""
        return self._compounds.joined(query, self.expander.expand(query))

    def rank(self, asked: Asked, pool: int, view: View, reach: Reach = NEAR) -> Found:
        """Candidates, `pool` by words and as many by meaning, as a ranking of articles."""
        query = asked.query
        senses = self.senses(query)
        concepts = None if asked.mode is Mode.SEMANTIC else concepts_of(query, senses)
        vector = None if self._by_letters(asked.mode, senses, view) else self._encoder.encode_queries([query.text])[0]
        question = Question(concepts, vector, pool, asked.where, asked.required, asked.excluded, reach.among)
        scaled = partial(_scaled, 0.0 if vector is None else _background(vector, view))
        found, first, beside = self._first(question, query, view, reach, scaled)
        if not len(first):
            return Found(senses, [], frozenset())
        best = found.take(np.arange(min(reach.read, len(first))))
        evidence = self.reader.evidence(query, question, best, view, scaled)
        scores = refine(first, evidence, found.languages == LANGUAGES.index(query.language), self._weights)
        if reach.lifting:
            scores[: reach.read] = lifted(scores[: reach.read], best, beside)
        ways = tuple(dict.fromkeys(way for sense in senses for way in sense.ways))
        wishes = [(phrases, gain) for phrases, gain in ((asked.wish, WISH), (ways, TOGETHER)) if phrases]
        texts = self.reader.texts(best.passages, view) if wishes else []
        for phrases, gain in wishes:
            shares = sequence_shares(phrases, texts)
            scores[: len(texts)] += gain * shares * (1 - scores[: len(texts)])
        ranked = by_article(found.passages, scores, found.articles, len(scores))
        least = max(FLOOR[asked.mode], ranked[0].score * SHARE)
        met = self._understood(senses) or _held(senses, view)  # else all that was compared are pieces of words
        relevant = frozenset(one.article for one in ranked if met and one.score >= least)
        return Found(senses, ranked if self._reranker is None else self._reranked(query, ranked, view), relevant)

    def _first(
        self, question: Question, query: Query, view: View, reach: Reach, scaled: Callable[[Scores], Scores]
    ) -> tuple[Candidates, Scores, Best | None]:
        """Candidates with their scores before any is read closely, best first, and what lifted them."""
        found = view.candidates(question)
        first, beside = self._fused(found, query, scaled), None
        if reach.lifting and len(first):
            beside = self._beside(question, query, view, scaled) if _across(question, query) else None
            first = lifted(first, found, beside)
        order = np.lexsort((found.passages, -first))[: np.count_nonzero(first >= reach.least)]
        return found.take(order), first[order], beside

    def _beside(self, question: Question, query: Query, view: View, scaled: Callable[[Scores], Scores]) -> Best | None:
        """What answers the same question in the language of its query: the best passages, read closely."""
        own = view.candidates(replace(question, k=BESIDE, where=replace(question.where, language=query.language)))
        vectors = own.vectors
        if vectors is None or not len(vectors):
            return None
        first = self._fused(own, query, scaled)
        order = np.argsort(-first, kind="stable")[:BESIDE_READ]
        own, first = own.take(order), first[order]
        evidence = self.reader.evidence(query, question, own, view, scaled)
        return Best.of(refine(first, evidence, np.ones(len(first), bool), self._weights), vectors[order])

    def _fused(self, found: Candidates, query: Query, scaled: Callable[[Scores], Scores]) -> Scores:
        """The scores of candidates by words and meaning together."""
        semantic = None if found.cosine is None else scaled(found.cosine)
        return fuse(found.lexical, semantic, found.languages == LANGUAGES.index(query.language), self._weights)

    def _by_letters(self, mode: Mode, senses: Sequence[Sense], view: View) -> bool:
        """Whether meaning is left out of a search: by its mode, or because the model knows no informative word of the
        query while passages hold one of them, or a spelling of it.

        The pieces into which the model breaks an unknown name say nothing of it, and would hide what its letters find.
        """
        if mode is not Mode.HYBRID:
            return mode is Mode.LEXICAL
        return not self._understood(senses) and _held(senses, view)

    def _understood(self, senses: Sequence[Sense]) -> bool:
        """Whether the model knows an informative word of the query whole, as far as can be told."""
        words = [s.token.word for s in senses if s.informative and s.token.word.isalpha()]
        encoder = self._encoder.words
        return not words or encoder is None or bool((encoder.entries(words) >= 0).any())

    def _reranked(self, query: Query, ranked: list[Ranked], view: View) -> list[Ranked]:
        assert self._reranker is not None
        read = numbers_of(ranked[: self._reranker.candidates], "passage")
        texts = [encoded_text(title, passage.text) for title, passage in view.passages(read)]
        order, values = self._reranker.rerank(query.text, texts, np.array([one.score for one in ranked], np.float32))
        return [ranked[i]._replace(score=float(value)) for i, value in zip(order.tolist(), values, strict=True)]


def _across(question: Question, query: Query) -> bool:
    """Whether articles in the language of a query are left out that could lift others by their vectors."""
    wanted = question.where.languages
    return question.vector is not None and bool(wanted) and query.language not in wanted


def _held(senses: Sequence[Sense], view: View) -> bool:
    """Whether a passage holds an informative word of the query, or what else expresses it."""
    informative = [sense for sense in senses if sense.informative]
    held = view.vocabulary.holds(sense.token.term for sense in informative)
    return bool(held) or any(len(sense.terms) > 1 for sense in informative)


def _scaled(background: float, cosines: Scores) -> Scores:
    """Cosines as scores: 0 like any passage, 1 the same text. What models call far differs: .02 or .7."""
    return ((cosines - background) / (1 - background)).astype(np.float32)


def _background(vector: Vectors, view: View) -> float:
    """The cosine of a query with any passage.

    At most HIGHEST_BACKGROUND: where all passages are copies of the query, rounding would decide what is above it.
    """
    return min(view.background.cosine(vector), HIGHEST_BACKGROUND)
