"""Searches are saved under a name, listed and removed; what they found is read."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from index.errors import IndexDamaged, InputError
from index.harmless import harmless
from index.kinds import fits
from index.ports import Store
from index.searches import HitRow, SearchRow
from index.types import NO_FILTERS, Article, Filters, Passage

from ..engine import MOST_RESULTS, Engine
from ..types import Hit, Match, Mode, News, Saved
from .calibration import RATE, Scale, calibrated, scale_of

LONGEST_NAME = 100
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for: the part of a saved search that never changes."""

    query: str
    mode: Mode
    filters: Filters
    rate: float
    min_score: float | None


def save(
    engine: Engine,
    name: str,
    query: str,
    *,
    mode: Mode = Mode.HYBRID,
    filters: Filters = NO_FILTERS,
    rate: float = RATE,
    min_score: float | None = None,
) -> tuple[Saved, tuple[Hit, ...]]:
    """Save a search, which from now on is matched against what is new; returns it with what it finds in what is old.

    Of that it never tells. `rate` is how many of 1,000 new articles it may tell of, `min_score` the score they need,
    instead. Raises InputError for a name that is taken, and as `Engine.search` does; StorageError.
    """
    index = engine.index
    _require_name(name)
    if not 0 < rate <= 1000:
        raise InputError(f"The rate is {rate}. Give a number of alerts above 0 and up to 1,000.")
    wanted = Wanted(query, mode, filters, rate, min_score)
    articles = index.counts()["articles"]
    with index.reading() as view:
        mark = view.mark
        if min_score is None:
            scale, old = calibrated(engine, query, mode, filters, rate, articles)
        else:
            scale = scale_of(engine, articles, min_score)
            old = engine.matches(query, MOST_RESULTS, mode, filters, min_score)
    now = moment()
    known = [article.id for hit in old for article in (hit.article, *hit.copies)]
    asked = json.dumps(asdict(wanted), ensure_ascii=False)
    index.searches.save(name, asked, json.dumps(asdict(scale)), mark, now, known)
    return _saved(wanted, scale, name, now), old


def saved(index: Store) -> list[Saved]:
    """All saved searches, by name."""
    return [
        _saved(wanted_of(row), scale_of_row(row), row.name, row.saved, row.waiting, row.found)
        for row in index.searches.searches()
    ]


def remove(index: Store, name: str) -> None:
    """Remove a saved search and all that it found. Raises InputError where there is none of this name."""
    index.searches.drop(name)


def hits(index: Store, name: str | None = None, k: int = 100) -> list[News]:
    """The k latest hits of a saved search, or of all, the latest first, whether they were told or not.

    Raises InputError where there is no search of this name.
    """
    _require_saved(index, name)
    return [news_of(row) for row in reversed(index.searches.hits(name, k))]


def news(index: Store, name: str | None = None) -> list[News]:
    """The hits of a saved search, or of all, that were not told yet, the oldest first. Raises InputError as `hits`."""
    _require_saved(index, name)
    return [news_of(row) for row in index.searches.hits(name, waiting=True)]


def moment() -> str:
    """Now, in ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def wanted_of(row: SearchRow) -> Wanted:
    """What a stored search is after. Raises IndexDamaged."""
    try:
        asked = json.loads(row.asked)
        filters: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in asked["filters"].items()
        }
        return _fitting(
            Wanted(asked["query"], Mode(asked["mode"]), Filters(**filters), float(asked["rate"]), asked["min_score"])
        )
    except (*_ODD, InputError) as error:
        raise _unreadable(row.name, error) from None


def scale_of_row(row: SearchRow) -> Scale:
    """The threshold of a stored search. Raises IndexDamaged."""
    try:
        return _fitting(Scale(**json.loads(row.scale)))
    except _ODD as error:
        raise _unreadable(row.name, error) from None


def news_of(row: HitRow) -> News:
    """A stored hit. Raises IndexDamaged."""
    try:
        return News(row.number, hit_id(row), row.search, _fitting(_hit(json.loads(row.body))), row.found, row.told)
    except _ODD as error:
        raise _unreadable(row.search, error) from None


def hit_id(row: HitRow) -> str:
    """An address of a hit, the same whenever it is made: of the search, its article and when it was found."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"khabar:{row.search}\n{row.article}\n{row.found}").urn


def _hit(body: dict[str, Any]) -> Hit:
    article = _article(body["article"])
    passage = Passage(article.id, **body["passage"])
    return Hit(
        1,
        float(body["score"]),
        article,
        passage,
        _spans(body["highlights"]),
        tuple(Match(**match) for match in body["matched"]),
        _spans(body["title_highlights"]),
        tuple(map(_article, body.get("copies", ()))),
    )


def _article(listed: dict[str, Any]) -> Article:
    return Article(text="", **listed)


def _spans(listed: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((int(start), int(end)) for start, end in listed)


def _saved(wanted: Wanted, scale: Scale, name: str, now: str, waiting: int = 0, found: int = 0) -> Saved:
    return Saved(
        name,
        wanted.query,
        wanted.mode,
        wanted.filters,
        wanted.rate,
        wanted.min_score,
        scale.threshold,
        scale.articles,
        now,
        waiting,
        found,
    )


T = TypeVar("T")

_ODD = ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError


def _fitting(value: T) -> T:
    if not fits(value, type(value)):
        raise TypeError("a value of another kind")
    return value


def _require_name(name: str) -> None:
    if not name.strip() or name != harmless(name) or len(name) > LONGEST_NAME or name.startswith("-"):
        raise InputError(
            f"{harmless(name)!r} cannot be the name of a search. Give a name of 1 to {LONGEST_NAME} characters that "
            "does not begin with a minus."
        )


def _require_saved(index: Store, name: str | None) -> None:
    names = [row.name for row in index.searches.searches()] if name is not None else []
    if name is not None and name not in names:
        there = f"There are {', '.join(map(repr, names))}." if names else "Save one with: khabar save NAME QUERY"
        raise InputError(f"There is no saved search {name!r}. {there}")


def _unreadable(name: str, error: Exception) -> IndexDamaged:
    return IndexDamaged(
        f"The saved search {name!r} cannot be read ({type(error).__name__}: {error}). Remove it and save it again."
    )
