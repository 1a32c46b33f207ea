"""Charts as SVG, made on the server: articles over time, and the timeline of a story by outlet.

Places along the axis of time are in percent, so that a chart fits any width while its letters and dots keep their size.
Time runs in the direction of the interface. Each chart stands beside the same figures as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise

from markupsafe import Markup

from index.publication import published_day
from index.types import Article

HEIGHT = 96
"""Height of the tallest bar, in pixels."""

MOST_BARS = 120
LAST = "9800"
"""Days from this year on are in no chart: the bar that holds them would end after the last day of the calendar."""

ROW = 28
"""Height of an outlet's row in a timeline, in pixels."""


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
    for step in (_day, _week, _month, *(partial(_years, n) for n in (1, 10, 100))):
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

    Articles in Arabic are diamonds, others circles, so that colour alone says nothing.
    """
    dated = [article for article in articles if published_day(article) >= 0]
    times = {article.id: _time(article) for article in dated}
    begin, end = min(times.values(), default=0.0), max(times.values(), default=0.0)
    rows: dict[str | None, list[Markup]] = {}
    for article in dated:
        share = (times[article.id] - begin) / (end - begin) if end > begin else 0.0
        x = round(3 + 94 * (1 - share if mirrored else share), 2)
        rows.setdefault(article.source, []).append(_dot(x, article, is_first=article == first))
    return [
        Row(
            source,
            Markup(
                '<svg class="timeline" width="100%" height="{}" aria-hidden="true">'
                '<line class="track" x1="0" x2="100%" y1="{}" y2="{}"/>{}</svg>'
            ).format(ROW, ROW // 2, ROW // 2, Markup("").join(dots)),
        )
        for source, dots in rows.items()
    ]


def _dot(x: float, article: Article, *, is_first: bool) -> Markup:
    middle = ROW // 2
    title = Markup("<title>{}</title>").format(article.title)
    ring = Markup('<circle class="first" cx="{}%" cy="{}" r="11"/>').format(x, middle) if is_first else Markup("")
    if article.language == "ar":
        # A nested svg gives the diamond, whose corners cannot be in percent, a place that is.
        shape = Markup(
            '<svg x="{}%" y="{}" overflow="visible"><path class="dot ar" d="M0-7 7 0 0 7-7 0z">{}</path></svg>'
        ).format(x, middle, title)
    else:
        shape = Markup('<circle class="dot" cx="{}%" cy="{}" r="6">{}</circle>').format(x, middle, title)
    return ring + shape


def _time(article: Article) -> float:
    """When an article was published, in days; without a clock time in the middle of its day."""
    written = article.published or ""
    day = float(published_day(article))
    if len(written) <= len("2025-03-01"):
        return day + 0.5
    when = datetime.fromisoformat(written)
    return day + (when.hour * 60 + when.minute) / 1440


def _day(start: date, steps: int) -> date:
    return start + timedelta(steps)


def _week(start: date, steps: int) -> date:
    return start - timedelta(start.weekday()) + timedelta(7 * steps)


def _month(start: date, steps: int) -> date:
    months = start.year * 12 + start.month - 1 + steps
    return date(months // 12, months % 12 + 1, 1)


def _years(size: int, start: date, steps: int) -> date:
    return date(max(1, start.year - start.year % size + size * steps), 1, 1)
