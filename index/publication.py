"""When articles were published: one order for all, and who was first as far as the dates tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from .types import Article

ZONES = timedelta(hours=14)
"""The furthest zone from UTC: a clock time without a zone may be off by that much."""


def published_order(article: Article) -> tuple[bool, datetime, str]:
    """The sort key of publication: by instant, the undated last, of one instant by id.

    A date without a clock time stands for the whole day and is sorted behind the clock times of that day. A clock time
    without a zone is sorted as UTC.
    """
    when = _stated(article)
    if when is None:
        return True, datetime.max.replace(tzinfo=UTC), article.id
    if not isinstance(when, datetime):
        when = datetime.combine(when, time.max)
    return False, _instant(when), article.id


def is_earlier(a: Article, b: Article) -> bool:
    """Whether `a` was certainly published before `b`.

    Clock times are compared as instants. Where only one of two has a zone, they must be more than `ZONES` apart. Where
    one has no clock time, the days are compared as they are written: within one day it is unknown who came first.
    """
    one, other = _stated(a), _stated(b)
    if one is None or other is None:
        return False
    if not (isinstance(one, datetime) and isinstance(other, datetime)):
        return _day(one) < _day(other)
    apart = _instant(other) - _instant(one)
    return apart > (ZONES if (one.tzinfo is None) != (other.tzinfo is None) else timedelta(0))


def first_published(articles: Iterable[Article]) -> Article | None:
    """The article that was certainly published before all others with a date; None where that is unknown."""
    dated = sorted((article for article in articles if _stated(article)), key=published_order)
    if not dated or not all(is_earlier(dated[0], other) for other in dated[1:]):
        return None
    return dated[0]


def published_day(article: Article) -> int:
    """The day of publication as it is written, as an ordinal (`date.toordinal`); -1 when it is unknown."""
    when = _stated(article)
    return -1 if when is None else _day(when).toordinal()


def _stated(article: Article) -> date | datetime | None:
    written = article.published or ""
    try:
        return date.fromisoformat(written) if len(written) <= len("2025-03-01") else datetime.fromisoformat(written)
    except ValueError:
        return None


def _instant(when: datetime) -> datetime:
    try:
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:  # the first or the last day of the calendar, in another zone
        return when.replace(tzinfo=UTC)


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when
