"""One index as pages and programs ask it: each question on its newest commit, whoever writes to it meanwhile.

Threads share an archive. Where the index cannot be read, every question raises the KhabarError that says what to type;
the next one tries again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from index.encoders import encoder_of
from index.errors import InputError, KhabarError
from index.export import lines
from index.open import open_store
from index.ports import Facet
from index.text import language
from index.types import Article, Filters, Run

from .. import coverage, watch
from ..coverage import Related, SideBySide, StoryOrder
from ..engine import DEFAULT_LISTING, Engine
from ..listing import sources
from ..query import narrowed, read_filters
from ..ranking import Explanation
from ..show import info_json
from ..types import DUPLICATES, Answer, Checked, Listing, Mode, News, Saved, Source, Story, Tier
from .compared import Compared, Comparing
from .limits import DEFAULT_LIMITS, Limits, Workers

T = TypeVar("T")


class NoArticle(InputError):
    """There is no article with the id that was asked for."""


class NoSearch(InputError):
    """There is no saved search of the name that was asked for."""


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

    `model` names the model of the index where that has to be named (see `encoder_of`). Every method but `state`,
    `last_run` and `export` takes one of a few threads, and raises Busy when none was free in time, or TooSlow when it
    took too long.
    """

    def __init__(
        self, address: str, model: str | None = None, device: str | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self.address, self._model, self._device = address, model, device
        self._workers = Workers(limits.threads, limits.seconds)
        self._comparing = Comparing(address, model, device, limits.comparing_seconds)
        self._opening = threading.Lock()
        self._engine: Engine | None = None

    def state(self) -> str:
        """Names what the index holds now: the same name, the same answers."""
        return self._tried(_state)

    def search(self, asked: Asked) -> Answer:
        """The best articles for a query. Raises InputError."""
        filters, notes = asked.narrowing.read()
        answer = self._answered(lambda engine: engine.search(*_arguments(asked, filters)))
        return replace(answer, notes=notes + answer.notes)

    def both(self, asked: Asked) -> dict[str, Answer]:
        """The same as two rankings, one a language: "ar" and "en" -> answer. Raises InputError."""
        filters, notes = asked.narrowing.read()
        answers = self._answered(lambda engine: engine.search_both(*_arguments(asked, filters)))
        return {name: replace(answer, notes=notes + answer.notes) for name, answer in answers.items()}

    def article(self, name: str) -> Article:
        """The article with this id. Raises NoArticle."""
        return self._answered(lambda engine: _article(engine, name))

    def explain(self, query: str, article: Article) -> Explanation:
        """Where and why a whole article matches a query."""
        return self._answered(lambda engine: engine.explain(query, article))

    def side_by_side(self, a: str, b: str) -> tuple[Article, Article, SideBySide]:
        """Two articles by their ids, compared word by word. Raises NoArticle.

        Their link is the one that was found when all articles were compared, where that was done already.
        """

        def read(engine: Engine) -> tuple[Article, Article, SideBySide]:
            one, other = _article(engine, a), _article(engine, b)
            found = coverage.side_by_side(one, other)
            known = None if found.link else self._comparing.link(_state(engine), a, b)
            return one, other, replace(found, link=known or found.link)

        return self._answered(read)

    def related(self, name: str, k: int = 20) -> tuple[Article, list[Related]]:
        """An article and the k most related ones. Raises NoArticle."""
        return self._answered(lambda engine: _related(engine, _article(engine, name), k))

    def related_to_text(self, text: str, title: str = "", k: int = 20) -> tuple[Article, list[Related]]:
        """A text as an article with the id "", and the k articles most related to it."""
        return self._answered(lambda engine: _related(engine, Article("", title, text, language(text)), k))

    def check(self, text: str, narrowing: Narrowing = NOT_NARROWED, k: int = 10) -> Checked:
        """What the archive knows of a text. Raises InputError for one without words."""
        filters, _ = narrowing.read()
        return self._answered(lambda engine: coverage.check(engine, text, filters, k))

    def counts(self, by: Sequence[Facet], narrowing: Narrowing = NOT_NARROWED) -> dict[tuple[str | None, ...], int]:
        """How many articles have the same values of `by`, None standing for what an article does not say."""
        filters, _ = narrowing.read()

        def counted(engine: Engine) -> dict[tuple[str | None, ...], int]:
            with engine.index.reading() as view:
                return view.facets(by, narrowed(filters, (), view)[0])

        return self._answered(counted)

    def sources(self) -> list[Source]:
        """The sources of all articles, the largest first."""

        def listed(engine: Engine) -> list[Source]:
            with engine.index.reading() as view:
                return sources(view)

        return self._answered(listed)

    def info(self) -> dict[str, Any]:
        """What the index holds and how it was made, as `khabar info --json` prints it."""
        return self._answered(lambda engine: info_json(engine.index))

    def last_run(self) -> Run | None:
        """What the last run did that changed or rejected anything; None where the index does not know it."""
        return self._tried(lambda engine: engine.index.last_run())

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

        def known(engine: Engine) -> Filters:
            with engine.index.reading() as view:
                return narrowed(given, (), view)[0]

        found = self._compared().stories if among is None else among
        return coverage.listed(found, self._answered(known), order)

    def story(self, name: str) -> list[Story]:
        """The story of an article, after it the other events of its affair; empty where it is in none.

        Raises NoArticle, and TooSlow as `duplicates` does.
        """
        return coverage.story_of(self._compared().stories, self.article(name))

    def saved(self) -> list[Saved]:
        """The saved searches, by name."""
        return self._answered(lambda engine: watch.saved(engine.index))

    def hits(self, name: str | None, k: int) -> list[News]:
        """The k latest hits of a saved search, or of all, the latest first. Raises NoSearch."""
        return self._answered(lambda engine: watch.hits(engine.index, _search(engine, name), k))

    def hits_feed(self, name: str | None) -> str:
        """The latest hits of a saved search, or of all, as an Atom feed. Raises NoSearch."""
        return self._answered(lambda engine: watch.atom(engine.index, _search(engine, name)))

    def export(self) -> Iterator[str]:
        """All articles as lines of JSON, as `khabar export` writes them. One thread must take them all."""
        articles = (article for _, article in self._opened().index.articles())
        yield from lines(articles)

    # ---------------------------------------------------------------- internals

    def _compared(self) -> Compared:
        return self._comparing.of(self._answered(_state))

    def _answered(self, work: Callable[[Engine], T]) -> T:
        return self._workers.run(lambda: self._tried(work))

    def _tried(self, work: Callable[[Engine], T]) -> T:
        """What is answered, at the second try by what stands at the path now."""
        engine = self._opened()
        try:
            return work(engine)
        except InputError:
            raise
        except KhabarError:
            with self._opening:
                if self._engine is engine:
                    self._engine = None
            return work(self._opened())

    def _opened(self) -> Engine:
        with self._opening:
            if self._engine is None:
                index = open_store(self.address)
                self._engine = Engine(index, encoder_of(index.manifest, self._device, self._model))
            return self._engine


def _arguments(asked: Asked, filters: Filters) -> tuple[str, int, Mode, Filters, float, float, Listing]:
    return asked.query, asked.k, asked.mode, filters, asked.min_score, asked.diversity, asked.listing


def _state(engine: Engine) -> str:
    with engine.index.reading() as view:
        return repr(view.generation)


def _article(engine: Engine, name: str) -> Article:
    if not engine.index.known([name]):
        raise NoArticle(f"There is no article {name!r} in the index. Find ids with a search.")
    return engine.index.article(name)


def _search(engine: Engine, name: str | None) -> str | None:
    if name is not None and name not in (one.name for one in watch.saved(engine.index)):
        raise NoSearch(f"There is no saved search {name!r}. They are listed at /api/v1/searches.")
    return name


def _related(engine: Engine, asked: Article, k: int) -> tuple[Article, list[Related]]:
    return asked, coverage.related_to(engine.index, asked, k, lambda: engine.encoder)
