"""Days as they are typed for a filter: a year, a month, a day, or a time before today."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import NamedTuple

from index.errors import InputError
from index.text import fold, parse_date

# Months and years ago are no fixed number of days, so index.text.parse_date has none: a spelling, folded -> months.
_MONTHS = {
    spelling: months
    for months, spellings in {
        1: "month months mo شهر شهرا اشهر شهور",
        2: "شهرين شهران",
        12: "year years y سنه سنوات سنين عام عاما اعوام",
        24: "سنتين سنتان عامين عامان",
    }.items()
    for spelling in fold(spellings).split()
}
_UNITS = {"d": "days", "w": "weeks", "m": "months", "h": "hours"}
_LAST = re.compile(
    r"(?:the )?(?:last|past) | (?:الماضي|الماضيه|الاخير|الاخيره|الفائت|الفائته)$|^اخر |^(?:قبل|منذ|من) | ago$"
)


class Period(NamedTuple):
    """The first and the last day that a text names, in ISO 8601; `note` says how it was read where that is in doubt."""

    first: str
    last: str
    note: str = ""


def period(written: str, today: date) -> Period:
    """Read "2018", "2018-05", "May 2018", a day, "7d", "last week", "أسبوع" (a week), "yesterday".

    A time before today is one day: "7d" the seventh before `today`. Raises InputError for anything else.
    """
    text = _folded(written)
    if year := re.fullmatch(r"(1[89]\d\d|20\d\d)", text):
        return Period(f"{year[1]}-01-01", f"{year[1]}-12-31")
    if month := re.fullmatch(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})", text):
        return _month(int(month[1] or month[4]), int(month[2] or month[3]), written)
    if (named := parse_date(f"1 {written}", today)) and re.fullmatch(r"\D+(\d{4})|(\d{4})\D+", text):
        return _month(int(named[:4]), int(named[5:7]), written)
    if day := parse_date(written, today):
        return Period(day[:10], day[:10], _doubt(text, day))
    if day := _before(text, today):
        return Period(day, day)
    if re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})", text):
        raise InputError(f"{written!r} names no year, and its day and month can be exchanged. {_ADVICE}")
    raise InputError(f"{written!r} is not a date. {_ADVICE}")


_ADVICE = "Write it like 2024-12-31, 2024-12, 2024, 7d or 'last week'."


def _folded(written: str) -> str:
    return " ".join(fold(written).split())


def _month(year: int, month: int, written: str) -> Period:
    if not (1 <= month <= 12 and 1800 <= year <= 2100):
        raise InputError(f"{written!r} is not a month. Write it like 2024-12.")
    return Period(f"{year}-{month:02}-01", f"{year}-{month:02}-{monthrange(year, month)[1]}")


def _doubt(text: str, day: str) -> str:
    """What is said of 05/06/2018, which is read day first."""
    written = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2\d{4}", text)
    if not written or written[1] == written[3] or max(int(written[1]), int(written[3])) > 12:
        return ""
    read = date.fromisoformat(day[:10])
    other = read.replace(month=read.day, day=read.month)
    return f"{text} was read as {read:%-d %B %Y}, the day first. For {other:%-d %B %Y} write {other}."


def _before(text: str, today: date) -> str | None:
    """The day a time before today: "7d", "last week", "أسبوع", "3 months"; None for other texts."""
    if short := re.fullmatch(r"(\d{1,4}) ?([dwmhy])", text):
        text = f"{short[1]} {_UNITS.get(short[2], 'years')}"
    text = _LAST.sub("", text).strip()
    number, _, unit = text.rpartition(" ")
    months = _MONTHS.get(unit.removeprefix("ال"))
    if months is None:
        text = f"{number} {unit.removeprefix('ال')}".strip()
        found = parse_date(f"{text} ago", today) or parse_date(f"1 {text} ago", today)
        return found[:10] if found else None
    count = 1 if number in ("", "a", "an", "one") else int(number) if re.fullmatch(r"\d{1,4}", number) else 0
    index = today.year * 12 + today.month - 1 - months * count
    if not count or index < 12:
        return None
    year, month = divmod(index, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1])).isoformat()
