"""The engine: questions in, ranked articles out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from index.errors import InputError
from index.passages import encoded_text
from index.ports import Candidates, Numbers, Question, Scores, Store, View, Wording
from index.text import script
from index.types import LANGUAGES, NO_FILTERS, Article, Encoder, Vectors
from index.types import Filters as Filters

from .listing import by_day, counted, folded, numbers_of, spread
from .query import (
    Compounds,
    Expander,
    Query,
    Respelled,
    Sense,
    Speller,
    concepts_of,
    narrowed,
    parse,
    plain,
    said,
    wording,
)
from .ranking import (
    Best,
    CloseReader,
    Ranked,
    Reader,
    Weights,
    by_article,
    explain,
    fuse,
    lifted,
    refine,
    sequence_shares,
)
from .types import Answer, Hit, Listing, Mode, Order

if TYPE_CHECKING:
    from .ranking import Explanation, Reranker

# Passages taken from each of the two rankings before they are fused; more for a large k.
CANDIDATES = 200
CANDIDATES_PER_RESULT = 4

# The same in the language of a query that asks for articles in the other: the best of them lift what is like them.
BESIDE = 10

# The same where days decide the order, or where articles are counted: all that is relevant is wanted then.
DEEP = 2_000

# Best passages that are read closely: among 480, more are no gain; among 200,000, ten more than twenty find .003 more.
READ = 30

# The most that are read where thresholds are found or matched, about a millisecond each.
MOST_READ = 1_000

# Models that pack all texts together have a background of .7 to .85.
HIGHEST_BACKGROUND = 0.95

# The relevance floor. With the embedded model, about 99 in 100 right answers score this or more (docs/searching.md).
# Articles that score less than SHARE of the best score are mostly about something else.
FLOOR = {Mode.HYBRID: 0.28, Mode.SEMANTIC: 0.28, Mode.LEXICAL: 0.24}
SHARE = 0.5

# How much of what a score lacks words gain that stand in the order of a phrase that no article holds.
WISH = 0.2

# The same for words that may be written as one: neighbours of them are meant, not each somewhere.
TOGETHER = 0.5

# The most articles that one search may ask for.
MOST_RESULTS = 10_000

# A passage whose words and meaning alone score less than this share of a threshold does not reach it by being read.
REACH = 0.55

DEFAULT_WEIGHTS = Weights()
DEFAULT_LISTING = Listing()


@dataclass(frozen=True, slots=True)
class _Session:
    """What was computed of one state of the store and serves all its searches."""

    generation: object
    speller: Speller
    expander: Expander
    compounds: Compounds
    reader: CloseReader

    def senses(self, query: Query) -> list[Sense]:
        """What expresses the words of a query, alone or together."""
        return self.compounds.joined(query, self.expander.expand(query))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query with what its articles must and must not hold, the filters, and how passages are scored."""

    query: Query
    mode: Mode
    where: Filters
    required: tuple[tuple[Wording, ...], ...] = ()
    excluded: tuple[Wording, ...] = ()
    wish: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class _Reach:
    """How many of the best passages are read closely, what a passage must score before that, among which articles it
    must be, and whether one may lift another."""

    read: int = READ
    least: float = 0.0
    among: Numbers | None = None
    lifting: bool = True


NEAR = _Reach()


@dataclass(frozen=True, slots=True)
class _Found:
    """All candidates as a ranking of articles, best first; `relevant` are the numbers of those above the floor."""

    senses: Sequence[Sense]
    ranked: list[Ranked]
    relevant: frozenset[int]


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
        self._reader = Reader(self.encoder.words)
        self._latest: _Session | None = None

    def search(
        self,
        query: str | Query,
        k: int = 10,
        mode: Mode = Mode.HYBRID,
        filters: Filters = NO_FILTERS,
        min_score: float = 0.0,
        diversity: float = 0.0,
        listing: Listing = DEFAULT_LISTING,
    ) -> Answer:
        """The k best articles for a query that score `min_score` (0 to 1) or more, each with its best passage.

        The query may hold operators (docs/searching.md), unless it was read by `plain`. With a `diversity` above 0
        (to 1), relevant articles that repeat those before them come later. Raises InputError for a query without
        words, for a source or language that the store does not hold, and for numbers out of range.
        """
        began = time.perf_counter()
        _require_between("k", k, 1, MOST_RESULTS)
        _require_between("offset", listing.offset, 0, MOST_RESULTS - k)
        _require_between("min_score", min_score, 0, 1)
        _require_between("diversity", diversity, 0, 1)
        if diversity and listing.order is not Order.RELEVANCE:
            raise InputError(
                f"Articles are listed either by diversity or {listing.order} first. Leave one of them out."
            )
        wanted = listing.offset + k
        with self.index.reading() as view:
            asked, notes = self._asked(query, mode, filters, view)
            asked = replace(asked, query=self._session(view).speller.respelled(asked.query))
            notes += tuple(_meant(asked.query, one) for one in asked.query.respelled)
            least = DEEP if listing.facets or listing.order is not Order.RELEVANCE else CANDIDATES
            pool = max(least, CANDIDATES_PER_RESULT * wanted)
            found = self._rank(asked, pool, view)
            if not found.ranked and asked.required:
                notes += (_not_held(asked),)
                if asked.query.quoted:
                    asked = _wished(asked)
                    found = self._rank(asked, pool, view)
            facets = counted(found.relevant, listing.facets, view)
            groups = self._listed(found, wanted, min_score, diversity, listing, view)[listing.offset :]
            hits = self._hits(groups, listing.offset + 1, asked.query, found.senses, view)
        return Answer(
            asked.query.written,
            asked.query.language,
            mode,
            time.perf_counter() - began,
            hits,
            asked.query.cut,
            bool(found.relevant),
            asked.query.notes + notes,
            facets,
        )

    def search_both(
        self,
        query: str,
        k: int = 10,
        mode: Mode = Mode.HYBRID,
        filters: Filters = NO_FILTERS,
        min_score: float = 0.0,
        diversity: float = 0.0,
        listing: Listing = DEFAULT_LISTING,
    ) -> dict[str, Answer]:
        """As `search`, with a ranking of its own for the articles in each language: "ar" and "en" -> answer.

        Raises InputError also where the filters name a language.
        """
        if filters.languages:
            raise InputError(f"Both languages are listed, not {', '.join(filters.languages)} alone. Leave one out.")
        return {
            language: self.search(query, k, mode, replace(filters, language=language), min_score, diversity, listing)
            for language in sorted(LANGUAGES)
        }

    def matches(
        self,
        query: str,
        k: int,
        mode: Mode = Mode.HYBRID,
        filters: Filters = NO_FILTERS,
        least: float = 0.0,
        among: Numbers | None = None,
    ) -> tuple[Hit, ...]:
        """The k best articles that score `least` or more, each with its copies; all of them, or those `among` some.

        `among` are numbers of a view that is being read. Scores mean the same whatever `among` and k are: as in
        `search`, but every passage that may be a match is read closely. Raises InputError as `search` does.
        """
        with self.index.reading() as view:
            asked, _ = self._asked(query, mode, filters, view)
            pool = max(CANDIDATES, CANDIDATES_PER_RESULT * k)
            found = self._rank(asked, pool, view, _Reach(min(max(READ, 2 * k), MOST_READ), least * REACH, among, False))
            ranked = [one for one in found.ranked if one.score >= least]
            return self._hits(folded(ranked, k, view), 1, asked.query, found.senses, view) if ranked else ()

    def learn(self, queries: Sequence[str]) -> None:
        """Make ready for many queries at once: what their words may be called in this index is then known."""
        with self.index.reading() as view:
            self._session(view).expander.learn([parse(query) for query in queries])

    def run(
        self, query: str, k: int, mode: Mode = Mode.HYBRID, filters: Filters = NO_FILTERS
    ) -> list[tuple[str, float]]:
        """Only the ids and scores of the k best articles, for evaluating many queries; empty for one without words.

        The query is plain text: no sign in it is an operator. Nothing is folded.
        """
        asked = plain(query)
        if not asked.tokens:
            return []
        with self.index.reading() as view:
            where, _ = narrowed(filters, (), view)
            pool = max(CANDIDATES, CANDIDATES_PER_RESULT * k)
            asked = self._session(view).speller.respelled(asked)
            ranked = self._rank(_Asked(asked, mode, where), pool, view).ranked[:k]
            ids = view.ids(numbers_of(ranked, "article"))
        return [(article, one.score) for article, one in zip(ids, ranked, strict=True)]

    def explain(self, query: str, article: Article) -> Explanation:
        """Where and why a whole article matches a query, as a hit says it of a passage."""
        with self.index.reading() as view:
            read = self._session(view).speller.respelled(parse(query))
            (found,) = explain(read.text, self._session(view).senses(read), [(article.title, article.text)])
            return found

    def _asked(self, written: str | Query, mode: Mode, filters: Filters, view: View) -> tuple[_Asked, tuple[str, ...]]:
        """A query as it is to be answered, and notes on how it was read."""
        query = written if isinstance(written, Query) else parse(written)
        if not query.tokens:
            only = " besides its operators" if query.fields or query.excluded else ""
            raise InputError(
                f"The query {query.written[:80]!r} has no words to search for{only}. Write at least one word or number."
            )
        where, notes = narrowed(filters, query.fields, view)
        expander = self._session(view).expander
        required = tuple(tuple(wording(operand, expander) for operand in group) for group in query.required)
        excluded = tuple(wording(operand, expander) for operand in query.excluded)
        if query.excluded:
            pairs = zip(query.excluded, excluded, strict=True)
            translated = any(script(term) != script(operand.text) for operand, held in pairs for term in held.terms)
            also = ", also in translation" if translated else ""
            notes += (f"Left out: articles with {' or '.join(map(said, query.excluded))}{also}.",)
        return _Asked(query, mode, where, required, excluded), notes

    def _listed(
        self, found: _Found, wanted: int, min_score: float, diversity: float, listing: Listing, view: View
    ) -> list[list[Ranked]]:
        """The first `wanted` articles of a list, each followed by its copies."""
        ranked = [one for one in found.ranked if one.score >= min_score]
        if listing.order is not Order.RELEVANCE:
            ranked = by_day([one for one in ranked if one.article in found.relevant], listing.order, view)
        several = max(wanted, READ) if diversity else wanted
        groups = folded(ranked, several, view) if listing.folded else [[one] for one in ranked]
        if diversity:
            groups = spread(groups[:several], found.relevant, diversity, view)
        return groups[:wanted]

    def _rank(self, asked: _Asked, pool: int, view: View, reach: _Reach = NEAR) -> _Found:
        """Candidates, `pool` by words and as many by meaning, as a ranking of articles."""
        query = asked.query
        session = self._session(view)
        senses = session.senses(query)
        concepts = None if asked.mode is Mode.SEMANTIC else concepts_of(query, senses)
        vector = None if self._by_letters(asked.mode, senses, view) else self.encoder.encode_queries([query.text])[0]
        question = Question(concepts, vector, pool, asked.where, asked.required, asked.excluded, reach.among)
        background = 0.0 if question.vector is None else _background(question.vector, view)

        def scaled(cosines: Scores) -> Scores:
            """Cosines as scores: 0 like any passage, 1 the same text. What models call far differs: .02 or .7."""
            return ((cosines - background) / (1 - background)).astype(np.float32)

        def scored(found: Candidates) -> Scores:
            semantic = None if found.cosine is None else scaled(found.cosine)
            return fuse(found.lexical, semantic, found.languages == language, self.weights)

        language = LANGUAGES.index(query.language)
        found = view.candidates(question)
        if not len(found.passages):
            return _Found(senses, [], frozenset())
        first, beside = scored(found), None
        if reach.lifting:
            own = view.candidates(_beside(question, query)) if _across(question, query) else None
            if own is not None and own.vectors is not None:
                beside = Best.of(scored(own), own.vectors)
            first = lifted(first, found, beside)
        order = np.lexsort((found.passages, -first))[: np.count_nonzero(first >= reach.least)]
        if not len(order):
            return _Found(senses, [], frozenset())
        found, first = found.take(order), first[order]
        best = found.take(np.arange(min(reach.read, len(order))))
        evidence = session.reader.evidence(query, question, best, view, scaled)
        scores = refine(first, evidence, found.languages == language, self.weights)
        if reach.lifting:
            scores[: reach.read] = lifted(scores[: reach.read], best, beside)
        ways = tuple(dict.fromkeys(way for sense in senses for way in sense.ways))
        wishes = [(phrases, gain) for phrases, gain in ((asked.wish, WISH), (ways, TOGETHER)) if phrases]
        texts = session.reader.texts(best.passages, view) if wishes else []
        for phrases, gain in wishes:
            shares = sequence_shares(phrases, texts)
            scores[: len(texts)] += gain * shares * (1 - scores[: len(texts)])
        ranked = by_article(found.passages, scores, found.articles, len(order))
        least = max(FLOOR[asked.mode], ranked[0].score * SHARE)
        met = self._understood(senses) or _held(senses, view)  # else all that was compared are pieces of words
        relevant = frozenset(one.article for one in ranked if met and one.score >= least)
        return _Found(senses, ranked if self.reranker is None else self._reranked(query, ranked, view), relevant)

    def _hits(
        self, groups: Sequence[Sequence[Ranked]], rank: int, query: Query, senses: Sequence[Sense], view: View
    ) -> tuple[Hit, ...]:
        """Hits from `rank` on: articles with their copies, and why the best passage of each was found."""
        best = numbers_of([group[0] for group in groups], "passage")
        passages = self._session(view).reader.passages(best, view)
        articles = iter(view.articles(numbers_of([one for group in groups for one in group], "article")))
        reasons_of = explain(query.text, senses, [(title, passage.text) for title, passage in passages])
        hits = []
        for place, (group, (_, passage), why) in enumerate(zip(groups, passages, reasons_of, strict=True), rank):
            article, *copies = [next(articles) for _ in group]
            where = (why.highlights, why.matched, why.title_highlights)
            reasons = (why.reasons, why.title_reasons)
            hits.append(Hit(place, group[0].score, article, passage, *where, tuple(copies), *reasons))
        return tuple(hits)

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
        encoder = self.encoder.words
        return not words or encoder is None or bool((encoder.entries(words) >= 0).any())

    def _session(self, view: View) -> _Session:
        session = self._latest  # another thread may be putting its own there
        if session is None or session.generation != view.generation:
            session = _Session(
                view.generation,
                Speller(view.vocabulary),
                Expander(view.vocabulary),
                Compounds(view.vocabulary),
                CloseReader(self._reader),
            )
            self._latest = session
        return session

    def _reranked(self, query: Query, ranked: list[Ranked], view: View) -> list[Ranked]:
        assert self.reranker is not None
        read = numbers_of(ranked[: self.reranker.candidates], "passage")
        texts = [encoded_text(title, passage.text) for title, passage in view.passages(read)]
        order, values = self.reranker.rerank(query.text, texts, np.array([one.score for one in ranked], np.float32))
        return [ranked[i]._replace(score=float(value)) for i, value in zip(order.tolist(), values, strict=True)]


def _across(question: Question, query: Query) -> bool:
    """Whether articles in the language of a query are left out that could lift others by their vectors."""
    wanted = question.where.languages
    return question.vector is not None and bool(wanted) and query.language not in wanted


def _beside(question: Question, query: Query) -> Question:
    """The same question about the best articles in the language of its query."""
    return replace(question, k=BESIDE, where=replace(question.where, language=query.language))


def _held(senses: Sequence[Sense], view: View) -> bool:
    """Whether a passage holds an informative word of the query, or what else expresses it."""
    informative = [sense for sense in senses if sense.informative]
    held = view.vocabulary.holds(sense.token.term for sense in informative)
    return bool(held) or any(len(sense.terms) > 1 for sense in informative)


def _not_held(asked: _Asked) -> str:
    """What is said where no article holds all that a query requires."""
    held = " and ".join(" or ".join(map(said, group)) for group in asked.query.required)
    narrower = " that passes the filters" if asked.where != NO_FILTERS or asked.excluded else ""
    if asked.query.quoted:
        return f"No article{narrower} holds {held}: its words were searched for, in this order where it can be had."
    return f"No article{narrower} holds {held}. Without operators its words would be searched for."


def _meant(query: Query, corrected: Respelled) -> str:
    """What is said where a typing error was corrected."""
    meant, typed = query.text[corrected.start : corrected.end], corrected.typed
    return f'{meant} was searched for, because hardly anything has {typed}. To search for that alone: "{typed}".'


def _wished(asked: _Asked) -> _Asked:
    """The same where what was required is only wished for."""
    phrases = tuple(wording.phrase for group in asked.required for wording in group if wording.phrase)
    return replace(asked, required=(), wish=phrases)


def _background(vector: Vectors, view: View) -> float:
    """The cosine of a query with any passage.

    At most HIGHEST_BACKGROUND: where all passages are copies of the query, rounding would decide what is above it.
    """
    return min(view.background.cosine(vector), HIGHEST_BACKGROUND)


def _require_between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"{name} is {value}. Give a number from {low} to {high}.")
