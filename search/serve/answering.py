"""What pages and programs ask, as functions of an engine: any process with one can answer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from index.errors import InputError
from index.ports import Facet
from index.text import language
from index.types import Article, Filters

from .. import coverage, listing, watch
from ..coverage import Related, SideBySide
from ..engine import Engine
from ..query import narrowed
from ..show import info_json
from ..types import News, Saved, Source

Counts = dict[tuple[str | None, ...], int]


class NoArticle(InputError):
    """There is no article with the id that was asked for."""


class NoSearch(InputError):
    """There is no saved search of the name that was asked for."""


def article(engine: Engine, name: str) -> Article:
    """The article with this id. Raises NoArticle."""
    if not engine.index.known([name]):
        raise NoArticle(f"There is no article {name!r} in the index. Find ids with a search.")
    return engine.index.article(name)


def side_by_side(engine: Engine, a: str, b: str) -> tuple[Article, Article, SideBySide]:
    """Two articles by their ids, compared word by word. Raises NoArticle."""
    one, other = article(engine, a), article(engine, b)
    return one, other, coverage.side_by_side(one, other)


def related(engine: Engine, name: str, k: int) -> tuple[Article, list[Related]]:
    """An article and the k most related ones. Raises NoArticle."""
    return _related(engine, article(engine, name), k)


def related_to_text(engine: Engine, text: str, title: str, k: int) -> tuple[Article, list[Related]]:
    """A text as an article with the id "", and the k articles most related to it."""
    return _related(engine, Article("", title, text, language(text)), k)


def counts(engine: Engine, by: Sequence[Facet], filters: Filters) -> Counts:
    """How many articles have the same values of `by`. Raises InputError."""
    with engine.index.reading() as view:
        return view.facets(by, narrowed(filters, (), view)[0])


def known(engine: Engine, filters: Filters) -> Filters:
    """Filters with sources as the index writes them. Raises InputError for one that it does not hold."""
    with engine.index.reading() as view:
        return narrowed(filters, (), view)[0]


def sources(engine: Engine) -> list[Source]:
    """The sources of all articles, the largest first."""
    with engine.index.reading() as view:
        return listing.sources(view)


def info(engine: Engine) -> dict[str, Any]:
    """What the index holds and how it was made."""
    return info_json(engine.index)


def saved(engine: Engine) -> list[Saved]:
    """The saved searches, by name."""
    return watch.saved(engine.index)


def hits(engine: Engine, name: str | None, k: int) -> list[News]:
    """The k latest hits of a saved search, or of all, the latest first. Raises NoSearch."""
    return watch.hits(engine.index, _search(engine, name), k)


def hits_feed(engine: Engine, name: str | None) -> str:
    """The latest hits of a saved search, or of all, as an Atom feed. Raises NoSearch."""
    return watch.atom(engine.index, _search(engine, name))


def _related(engine: Engine, asked: Article, k: int) -> tuple[Article, list[Related]]:
    return asked, coverage.related_to(engine.index, asked, k, lambda: engine.encoder)


def _search(engine: Engine, name: str | None) -> str | None:
    if name is not None and name not in (one.name for one in watch.saved(engine.index)):
        raise NoSearch(f"There is no saved search {name!r}. They are listed at /api/v1/searches.")
    return name
