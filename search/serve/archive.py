"""One index as pages and programs ask it: each question on its newest commit, whoever writes to it meanwhile.

Threads share an archive. Where the index cannot be read, every question raises the KhabarError that says what to type;
the next one tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from index.export import lines
from index.open import open_store
from index.ports import Facet, Store
from index.types import Article, Filters, Run

from .. import coverage
from ..coverage import Related, SideBySide, StoryOrder
from ..engine import DEFAULT_LISTING, Engine
from ..query import read_filters
from ..ranking import Explanation
from ..types import DUPLICATES, Answer, Checked, Listing, Mode, News, Saved, Source, Story, Tier
from . import answering
from .compared import Compared, Comparing
from .limits import DEFAULT_LIMITS, Limits, Workers
from .opening import Opened, Opening
from .processes import EngineProcess

T = TypeVar("T")

REMEMBERED = 64
"""Answers that are kept, each with the texts of its articles: the next click often asks for one of them again."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Filters as people write them: languages and sources by name, days as `khabar search --since` takes them."""

    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None

    def read(self) -> tuple[Filters, tuple[str, ...]]:
        """The filters, and in sentences what was read in one of several ways. Raises InputError."""
        since, until = ([day] if day else [] for day in (self.since, self.until))
        return read_filters(self.languages, self.sources, since, until, date.today())


NOT_NARROWED = Narrowing()


@dataclass(frozen=True, slots=True)
class Asked:
    """A search; see `Engine.search` for what each part does."""

    query: str
    k: int = 10
    mode: Mode = Mode.HYBRID
    narrowing: Narrowing = NOT_NARROWED
    min_score: float = 0.0
    diversity: float = 0.0
    listing: Listing = DEFAULT_LISTING


class Archive:
    """The index at an address, opened at the first question and again whenever another one took its place.

    `model` names the model of the index where that has to be named (see `encoder_of`). Where there are `processes`,
    each has an engine and answers one question at a time; else threads of this one share an engine. Every method but
    `state`, `last_run` and `export` waits for one of them, and raises Busy when none was free in time, or TooSlow when
    it took too long.
    """

    def __init__(
        self,
        address: str,
        model: str | None = None,
        device: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        processes: int = 0,
    ) -> None:
        opening = Opening(address, model, device)
        self.address = address
        self._read = Opened(lambda: open_store(address))
        self._processes = [EngineProcess(opening, limits.seconds) for _ in range(processes)]
        shared = Opened(opening.engine)
        self._workers = Workers(self._processes or [shared] * limits.threads, limits.seconds)
        self._comparing = Comparing(opening, limits.comparing_seconds)
        self._searched = lru_cache(REMEMBERED)(self._search)

    def close(self) -> None:
        """End the processes that answer, whatever they are doing."""
        for process in self._processes:
            process.end()

    def state(self) -> str:
        """Names what the index holds now: the same name, the same answers."""
        return self._read(_state)

    def search(self, asked: Asked) -> Answer:
        """The best articles for a query. Raises InputError."""
        filters, notes = asked.narrowing.read()
        answer = self._searched(self.state(), asked, filters)
        return replace(answer, notes=notes + answer.notes)

    def both(self, asked: Asked) -> dict[str, Answer]:
        """The same as two rankings, one a language: "ar" and "en" -> answer. Raises InputError."""
        filters, notes = asked.narrowing.read()
        answers = self._ask(Engine.search_both, *_arguments(asked, filters))
        return {name: replace(answer, notes=notes + answer.notes) for name, answer in answers.items()}

    def article(self, name: str) -> Article:
        """The article with this id. Raises NoArticle."""
        return self._ask(answering.article, name)

    def explain(self, query: str, article: Article) -> Explanation:
        """Where and why a whole article matches a query."""
        return self._ask(Engine.explain, query, article)

    def side_by_side(self, a: str, b: str) -> tuple[Article, Article, SideBySide]:
        """Two articles by their ids, compared word by word. Raises NoArticle.

        Their link is the one that was found when all articles were compared, where that was done already.
        """
        one, other, found = self._ask(answering.side_by_side, a, b)
        known = None if found.link else self._comparing.link(self.state(), a, b)
        return one, other, replace(found, link=known or found.link)

    def related(self, name: str, k: int = 20) -> tuple[Article, list[Related]]:
        """An article and the k most related ones. Raises NoArticle."""
        return self._ask(answering.related, name, k)

    def related_to_text(self, text: str, title: str = "", k: int = 20) -> tuple[Article, list[Related]]:
        """A text as an article with the id "", and the k articles most related to it."""
        return self._workers.run_long(answering.related_to_text, text, title, k)

    def check(self, text: str, narrowing: Narrowing = NOT_NARROWED, k: int = 10) -> Checked:
        """What the archive knows of a text. Raises InputError for one without words."""
        filters, _ = narrowing.read()
        return self._workers.run_long(coverage.check, text, filters, k)

    def counts(self, by: Sequence[Facet], narrowing: Narrowing = NOT_NARROWED) -> answering.Counts:
        """How many articles have the same values of `by`, None standing for what an article does not say."""
        filters, _ = narrowing.read()
        return self._ask(answering.counts, by, filters)

    def sources(self) -> list[Source]:
        """The sources of all articles, the largest first."""
        return self._ask(answering.sources)

    def info(self) -> dict[str, Any]:
        """What the index holds and how it was made, as `khabar info --json` prints it."""
        return self._ask(answering.info)

    def last_run(self) -> Run | None:
        """What the last run did that changed or rejected anything; None where the index does not know it."""
        return self._read(_last_run)

    def duplicates(self, tiers: Collection[Tier] = DUPLICATES, since: str | None = None) -> list[Story]:
        """Groups of articles that repeat others, and pairs of altered copies where that tier is asked for.

        With `since`, only articles of that day or later, and what they repeat. Raises InputError, and TooSlow while
        the articles of a new commit are still being compared.
        """
        filters, _ = Narrowing(since=since).read()
        return self._compared().duplicates(frozenset(tiers), filters.since)

    def stories(
        self,
        narrowing: Narrowing = NOT_NARROWED,
        order: StoryOrder = StoryOrder.DATE,
        among: Sequence[Story] | None = None,
    ) -> list[Story]:
        """The stories that several articles cover, all or those `among` some. Raises as `duplicates` does."""
        given, _ = narrowing.read()
        found = self._compared().stories if among is None else among
        return coverage.listed(found, self._ask(answering.known, given), order)

    def story(self, name: str) -> list[Story]:
        """The story of an article, after it the other events of its affair; empty where it is in none.

        Raises NoArticle, and TooSlow as `duplicates` does.
        """
        return coverage.story_of(self._compared().stories, self.article(name))

    def saved(self) -> list[Saved]:
        """The saved searches, by name."""
        return self._ask(answering.saved)

    def hits(self, name: str | None, k: int) -> list[News]:
        """The k latest hits of a saved search, or of all, the latest first. Raises NoSearch."""
        return self._ask(answering.hits, name, k)

    def hits_feed(self, name: str | None) -> str:
        """The latest hits of a saved search, or of all, as an Atom feed. Raises NoSearch."""
        return self._ask(answering.hits_feed, name)

    def export(self) -> Iterator[str]:
        """All articles as lines of JSON, as `khabar export` writes them. One thread must take them all."""
        articles = (article for _, article in self._read(_itself).articles())
        yield from lines(articles)

    # ---------------------------------------------------------------- internals

    def _compared(self) -> Compared:
        return self._comparing.of(self.state())

    def _ask(self, work: Callable[..., T], *given: Any) -> T:
        return self._workers.run(work, *given)

    def _search(self, state: str, asked: Asked, filters: Filters) -> Answer:
        """The answer in this state of the index, or a later one: it is only kept under the name of this one."""
        return self._ask(Engine.search, *_arguments(asked, filters))


def _arguments(asked: Asked, filters: Filters) -> tuple[str, int, Mode, Filters, float, float, Listing]:
    return asked.query, asked.k, asked.mode, filters, asked.min_score, asked.diversity, asked.listing


def _state(index: Store) -> str:
    with index.reading() as view:
        return repr(view.generation)


def _last_run(index: Store) -> Run | None:
    return index.last_run()


def _itself(index: Store) -> Store:
    return index
