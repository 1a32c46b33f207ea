"""The languages of the interface: its sentences with their plurals, numbers, days, the Hijri calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from hijridate import Gregorian
from markupsafe import Markup

from index.harmless import harmless, isolate
from index.tables import read_table

INTERFACES = ("en", "ar")
"""The languages of the interface, in the order of the columns of page/translations.tsv; the first is the default."""

DIRECTIONS = {"ar": "rtl", "fa": "rtl", "he": "rtl", "ur": "rtl", "ps": "rtl", "ku": "rtl", "sd": "rtl", "ug": "rtl"}


def direction(language: str | None) -> str:
    """The writing direction of a language: "rtl" or "ltr"; "auto" where the language is unknown."""
    return DIRECTIONS.get(language, "ltr") if language else "auto"


def interface_of(chosen: str | None, accepted: str) -> str:
    """The language of the interface: the one that was chosen, else the first of an Accept-Language header."""
    if chosen in INTERFACES:
        return str(chosen)
    wishes = []
    for place, wish in enumerate(accepted.split(",")[:20]):
        name, _, weight = wish.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, name.partition("-")[0].lower()))
        except ValueError:
            continue
    return next((name for weight, _, name in sorted(wishes) if weight and name in INTERFACES), INTERFACES[0])


@dataclass(frozen=True, slots=True)
class Interface:
    """The interface in one language, "en" or "ar"."""

    language: str

    @property
    def direction(self) -> str:
        """Its writing direction."""
        return direction(self.language)

    @property
    def other(self) -> Interface:
        """The interface in the other language."""
        return interface(next(name for name in INTERFACES if name != self.language))

    def __call__(self, key: str, **values: object) -> Markup:
        """A sentence as HTML, each value in it escaped and set apart; `n` chooses the plural. Raises KeyError."""
        return Markup(self._form(key, values.get("n"))).format(**{name: self._set(v) for name, v in values.items()})

    def plain(self, key: str, **values: object) -> str:
        """The same as text, for an attribute or a title."""
        shown = {name: isolate(v) if isinstance(v, str) else self.number(v) for name, v in values.items()}
        return self._form(key, values.get("n")).format(**shown)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in _table(self.language)

    def number(self, value: object) -> str:
        """A number with its thousands set apart."""
        return f"{value:,}" if isinstance(value, int | float) else str(value)

    def percent(self, share: float) -> str:
        """A share, 0 to 1, in percent."""
        return f"{100 * share:.1f}%" if 0 < share < 0.1 else f"{100 * share:.0f}%"

    def language_name(self, code: str | None) -> str:
        """The name of a language; its code where it has none here."""
        return str(self(f"language_{code}")) if self.has(f"language_{code}") else code or str(self("unknown_language"))

    def day(self, written: str | None, *, full: bool = False) -> Markup:
        """A day, or the day of a time, as a `time` element; `full` gives Arabic months both their names."""
        when = _date(written)
        if when is None or written is None:
            return Markup('<span class="unknown">{}</span>').format(harmless(written) if written else self("undated"))
        return Markup('<time datetime="{}">{}</time>').format(written, self._day(when, full))

    def span(self, first: str | None, last: str | None) -> Markup:
        """From one day to another, in one month without its name twice; a day alone where both are the same."""
        begin, end = _date(first), _date(last)
        if first == last or begin is None or end is None:
            return self.day(first)
        if (begin.year, begin.month) != (end.year, end.month):
            return self.day(first) + " – " + self.day(last)
        return Markup('<time datetime="{}">{}</time> – {}').format(first, begin.day, self.day(last))

    def moment(self, written: str | None) -> Markup:
        """A day with the clock time and the zone, as far as they are stated."""
        shown = self.day(written, full=True)
        when = _moment(written)
        if when is None:
            return shown
        clock = f"{when:%H:%M}"
        offset = when.utcoffset()
        zone = self("no_zone") if offset is None else Markup("<bdi dir=ltr>UTC{}</bdi>").format(_offset(offset))
        return shown + Markup('{} <bdi dir="ltr">{}</bdi> ({})').format(self("comma"), clock, zone)

    def plain_day(self, written: str | None) -> str:
        """A day as text alone, for an attribute or a chart."""
        when = _date(written)
        return self._day(when, False) if when else harmless(written or self.plain("undated"))

    def hijri(self, written: str | None) -> str | None:
        """The day in the Umm al-Qura calendar; None where the day is unknown, or outside of what that covers."""
        when = _date(written)
        try:
            day = Gregorian(when.year, when.month, when.day).to_hijri() if when else None
        except OverflowError:
            return None
        return (
            f"{day.day} {day.month_name('ar' if self.language == 'ar' else 'en')} {day.year} {self.plain('hijri_era')}"
            if day
            else None
        )

    def _day(self, when: date, full: bool) -> str:
        month = _table(self.language)["months_full" if full else "months"][when.month - 1]
        return f"{when.day} {month} {when.year}"

    def _form(self, key: str, n: object) -> str:
        forms = _table(self.language)[key]
        return forms[min(_plural(self.language, n), len(forms) - 1)] if isinstance(n, int) else forms[0]

    def _set(self, value: object) -> object:
        if isinstance(value, Markup):
            return value
        return Markup("<bdi>{}</bdi>").format(harmless(value)) if isinstance(value, str) else self.number(value)


@cache
def interface(language: str) -> Interface:
    """The interface in a language of INTERFACES."""
    return Interface(language)


@cache
def _table(language: str) -> Mapping[str, list[str]]:
    """Key -> its forms: one and other in English; one, two, few (3 to 10), many (11 to 99) and other in Arabic."""
    column = 1 + INTERFACES.index(language)
    path = Path(__file__).parent / "page" / "translations.tsv"
    return {row[0]: row[column].split(" | ") for row in read_table(path)}


def _plural(language: str, n: int) -> int:
    """The place of the form that a number takes, by the plural rules of CLDR."""
    if language == "en":
        return 0 if n == 1 else 1
    if n in (1, 2):
        return n - 1
    rest = n % 100
    return 2 if 3 <= rest <= 10 else 3 if rest >= 11 else 4


def _date(written: str | None) -> date | None:
    try:
        return date.fromisoformat((written or "")[:10])
    except ValueError:
        return None


def _moment(written: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(written) if written and len(written) > len("2025-03-01") else None
    except ValueError:
        return None


def _offset(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'−' if minutes < 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02}"
