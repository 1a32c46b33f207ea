"""Charts as SVG, made on the server: articles over time, and the timeline of a story by outlet.

Places along the axis of time are in percent, so that a chart fits any width while its letters and dots keep their size.
Time runs in the direction of the interface. Each chart stands beside the same figures as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise

from markupsafe import Markup

from index.harmless import harmless
from index.publication import published_day
from index.types import Article

HEIGHT = 96
"""Height of the tallest bar, in pixels."""

MOST_BARS = 120
LAST = "9800"
"""Days from this year on are in no chart: the bar that holds them would end after the last day of the calendar."""

ROW, MIDDLE = 28, 14
"""Height of an outlet's row in a timeline, and half of it, in pixels."""

MOST_TICKS = 62
"""The most days of a timeline that are set apart by lines."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The articles of the days from `first` to `last`, ISO 8601, both included."""

    first: str
    last: str
    articles: int


@dataclass(frozen=True, slots=True)
class Row:
    """One outlet of a timeline, None for articles that name none, and its dots."""

    source: str | None
    dots: Markup


def bars(counts: Mapping[str, int]) -> list[Bar]:
    """Articles by day -> bars of a day, a week, a month or some years each, at most MOST_BARS, also empty ones."""
    days = {date.fromisoformat(day): count for day, count in counts.items() if day < LAST}
    if not days:
        return []
    steps: list[Callable[[date, int], date]] = [_day, _week, _month, *(partial(_years, n) for n in (1, 10, 100))]
    for step in steps:
        starts = [step(min(days), 0)]
        while starts[-1] <= max(days) and len(starts) <= MOST_BARS:
            starts.append(step(starts[-1], 1))
        if starts[-1] > max(days):
            break
    found = []
    for start, end in pairwise(starts):
        held = sum(count for day, count in days.items() if start <= day < end)
        found.append(Bar(start.isoformat(), (end - timedelta(1)).isoformat(), held))
    return found


def histogram(found: Sequence[Bar], titles: Sequence[str], *, mirrored: bool) -> Markup:
    """Bars as SVG, each with its title on hover; hidden from screen readers, since the figures stand beside it."""
    most = max((bar.articles for bar in found), default=1) or 1
    width = 100 / max(len(found), 12)  # a single day is no wall
    gap = min(0.25 * width, 0.6)
    shown = []
    for place, (bar, title) in enumerate(zip(found, titles, strict=True)):
        if not bar.articles:
            continue
        x = 100 - (place + 1) * width if mirrored else place * width
        height = max(3, round(HEIGHT * bar.articles / most))
        shown.append(
            Markup('<rect class="bar" x="{}%" y="{}" width="{}%" height="{}"><title>{}</title></rect>').format(
                round(x + gap / 2, 3), HEIGHT - height, round(width - gap, 3), height, title
            )
        )
    return Markup('<svg class="histogram" width="100%" height="{}" aria-hidden="true">{}</svg>').format(
        HEIGHT, Markup("").join(shown)
    )


def timeline(articles: Sequence[Article], first: Article | None, *, mirrored: bool) -> list[Row]:
    """The dated articles of a story, one row an outlet in the order in which they came; `first` is set apart.

    Articles in Arabic are diamonds, others circles, so that colour alone says nothing. Where only the day is known, the
    mark is hollow and stands in the middle of a dashed line from the beginning of the day to its end.
    """
    dated = [article for article in articles if published_day(article) >= 0]
    days = [published_day(article) for article in dated]
    begin, length = min(days, default=0), max(days, default=0) - min(days, default=0) + 1

    def place(when: float) -> float:
        share = (when - begin) / length
        return round(100 * (1 - share if mirrored else share), 2)

    ticks = [place(begin + day) for day in range(length + 1)] if length <= MOST_TICKS else []
    lines = Markup("").join(
        Markup('<line class="tick" x1="{}%" x2="{}%" y1="0" y2="{}"/>').format(x, x, ROW) for x in ticks
    )
    rows: dict[str | None, list[Markup]] = {}
    for article in dated:
        rows.setdefault(article.source, [lines]).append(_dot(place, article, is_first=article == first))
    return [
        Row(
            source,
            Markup(
                '<svg class="timeline" width="100%" height="{}" aria-hidden="true">'
                '<line class="track" x1="0" x2="100%" y1="{}" y2="{}"/>{}</svg>'
            ).format(ROW, MIDDLE, MIDDLE, Markup("").join(dots)),
        )
        for source, dots in rows.items()
    ]


def _dot(place: Callable[[float], float], article: Article, *, is_first: bool) -> Markup:
    """The mark of an article; `place` gives the place of a time, in days, in percent."""
    day, written = published_day(article), article.published or ""
    hour = datetime.fromisoformat(written) if len(written) > len("2025-03-01") else None
    x = place(day + (hour.hour * 60 + hour.minute) / 1440 if hour else day + 0.5)
    shown, kind = Markup(""), "" if hour else " hollow"
    if hour is None:
        shown += Markup('<line class="stretch" x1="{}%" x2="{}%" y1="{}" y2="{}"/>').format(
            place(day), place(day + 1), MIDDLE, MIDDLE
        )
    if is_first:
        shown += Markup('<circle class="first" cx="{}%" cy="{}" r="11"/>').format(x, MIDDLE)
    title = Markup("<title>{}</title>").format(harmless(article.title))
    if article.language == "ar":
        # A nested svg gives the diamond, whose corners cannot be in percent, a place that is.
        return shown + Markup(
            '<svg x="{}%" y="{}" overflow="visible"><path class="dot ar{}" d="M0-7 7 0 0 7-7 0z">{}</path></svg>'
        ).format(x, MIDDLE, kind, title)
    return shown + Markup('<circle class="dot{}" cx="{}%" cy="{}" r="6">{}</circle>').format(kind, x, MIDDLE, title)


def _day(start: date, steps: int) -> date:
    return start + timedelta(steps)


def _week(start: date, steps: int) -> date:
    return start - timedelta(start.weekday()) + timedelta(7 * steps)


def _month(start: date, steps: int) -> date:
    months = start.year * 12 + start.month - 1 + steps
    return date(months // 12, months % 12 + 1, 1)


def _years(size: int, start: date, steps: int) -> date:
    return date(max(1, start.year - start.year % size + size * steps), 1, 1)
