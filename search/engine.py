"""The engine: questions in, ranked articles out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import InputError
from index.ports import Numbers, Store, View
from index.text import script
from index.types import LANGUAGES, NO_FILTERS, Article, Encoder
from index.types import Filters as Filters

from .listing import by_day, counted, folded, numbers_of, spread
from .query import Query, Respelled, Sense, narrowed, parse, plain, said, wording
from .ranker import READ, Asked, Found, Ranker, Reach
from .ranking import Ranked, Reader, Weights, explain
from .types import Answer, Hit, Listing, Mode, Order

if TYPE_CHECKING:
    from .ranking import Explanation, Reranker

# Passages taken from each of the two rankings before they are fused; more for a large k.
CANDIDATES = 200
CANDIDATES_PER_RESULT = 4

# The same where days decide the order, or where articles are counted: all that is relevant is wanted then.
DEEP = 2_000

# The most that are read where thresholds are found or matched, about a millisecond each.
MOST_READ = 1_000

# The most articles that one search may ask for.
MOST_RESULTS = 10_000

# A passage whose words and meaning alone score less than this share of a threshold does not reach it by being read.
REACH = 0.55

DEFAULT_WEIGHTS = Weights()
DEFAULT_LISTING = Listing()


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
        self._latest: Ranker | None = None

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
            ranker = self._ranker(view)
            asked = replace(asked, query=ranker.speller.respelled(asked.query))
            notes += tuple(_meant(asked.query, one) for one in asked.query.respelled)
            least = DEEP if listing.facets or listing.order is not Order.RELEVANCE else CANDIDATES
            pool = max(least, CANDIDATES_PER_RESULT * wanted)
            found = ranker.rank(asked, pool, view)
            if not found.ranked and asked.required:
                notes += (_not_held(asked),)
                if asked.query.quoted:
                    asked = _wished(asked)
                    found = ranker.rank(asked, pool, view)
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
            reach = Reach(min(max(READ, 2 * k), MOST_READ), least * REACH, among, lifting=False)
            found = self._ranker(view).rank(asked, pool, view, reach)
            ranked = [one for one in found.ranked if one.score >= least]
            return self._hits(folded(ranked, k, view), 1, asked.query, found.senses, view) if ranked else ()

    def learn(self, queries: Sequence[str]) -> None:
        """Make ready for many queries at once: what their words may be called in this index is then known."""
        with self.index.reading() as view:
            self._ranker(view).expander.learn([parse(query) for query in queries])

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
            ranker = self._ranker(view)
            asked = ranker.speller.respelled(asked)
            ranked = ranker.rank(Asked(asked, mode, where), pool, view).ranked[:k]
            ids = view.ids(numbers_of(ranked, "article"))
        return [(article, one.score) for article, one in zip(ids, ranked, strict=True)]

    def explain(self, query: str, article: Article) -> Explanation:
        """Where and why a whole article matches a query, as a hit says it of a passage."""
        with self.index.reading() as view:
            ranker = self._ranker(view)
            read = ranker.speller.respelled(parse(query))
            (found,) = explain(read.text, ranker.senses(read), [(article.title, article.text)], self._reader)
            return found

    def _asked(self, written: str | Query, mode: Mode, filters: Filters, view: View) -> tuple[Asked, tuple[str, ...]]:
        """A query as it is to be answered, and notes on how it was read."""
        query = written if isinstance(written, Query) else parse(written)
        if not query.tokens:
            only = " besides its operators" if query.fields or query.excluded else ""
            raise InputError(
                f"The query {query.written[:80]!r} has no words to search for{only}. Write at least one word or number."
            )
        where, notes = narrowed(filters, query.fields, view)
        expander = self._ranker(view).expander
        required = tuple(tuple(wording(operand, expander) for operand in group) for group in query.required)
        excluded = tuple(wording(operand, expander) for operand in query.excluded)
        if query.excluded:
            pairs = zip(query.excluded, excluded, strict=True)
            translated = any(script(term) != script(operand.text) for operand, held in pairs for term in held.terms)
            also = ", also in translation" if translated else ""
            notes += (f"Left out: articles with {' or '.join(map(said, query.excluded))}{also}.",)
        return Asked(query, mode, where, required, excluded), notes

    def _listed(
        self, found: Found, wanted: int, min_score: float, diversity: float, listing: Listing, view: View
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

    def _hits(
        self, groups: Sequence[Sequence[Ranked]], rank: int, query: Query, senses: Sequence[Sense], view: View
    ) -> tuple[Hit, ...]:
        """Hits from `rank` on: articles with their copies, and why the best passage of each was found."""
        best = numbers_of([group[0] for group in groups], "passage")
        passages = self._ranker(view).reader.passages(best, view)
        articles = iter(view.articles(numbers_of([one for group in groups for one in group], "article")))
        reasons_of = explain(query.text, senses, [(title, passage.text) for title, passage in passages], self._reader)
        hits = []
        for place, (group, (_, passage), why) in enumerate(zip(groups, passages, reasons_of, strict=True), rank):
            article, *copies = [next(articles) for _ in group]
            where = (why.highlights, why.matched, why.title_highlights)
            reasons = (why.reasons, why.title_reasons)
            hits.append(Hit(place, group[0].score, article, passage, *where, tuple(copies), *reasons))
        return tuple(hits)

    def _ranker(self, view: View) -> Ranker:
        ranker = self._latest  # another thread may be putting its own there
        if ranker is None or ranker.generation != view.generation:
            ranker = self._latest = Ranker(view, self.encoder, self._reader, self.weights, self.reranker)
        return ranker


def _not_held(asked: Asked) -> str:
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


def _wished(asked: Asked) -> Asked:
    """The same where what was required is only wished for."""
    phrases = tuple(wording.phrase for group in asked.required for wording in group if wording.phrase)
    return replace(asked, required=(), wish=phrases)


def _require_between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"{name} is {value}. Give a number from {low} to {high}.")
