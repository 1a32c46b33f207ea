"""Dates as Arabic and English news pages write them, read without guessing.

The words are data (dates.tsv); this module is the grammar. A text is cut into tokens, every one of which must belong to
a date, and what they state is put together in any order: "GMT 16:22 2018 الثلاثاء ,03 إبريل / نيسان" is one site's own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import ClassVar, NamedTuple

from ..errors import InputError
from ..tables import read_table

DATES = Path(__file__).with_name("dates.tsv")

# A longer text holds more than a date and its labels: it is not looked at.
LONGEST = 120

# Other years in a page of news are numbers of another kind, or typing errors.
YEARS = range(1800, 2101)
HIJRI_YEARS = range(1343, 1501)  # 1924-2077, the span of the Umm al-Qura tables; it shares no year with YEARS

# "12 جمادى الآخرة الموافق 13 ديسمبر": two dates of one day may differ by this much, months being begun by sighting.
SIGHTING = dt.timedelta(days=2)

_DAY = 24 * 60
_PM = 12

_FOLD = (
    str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹أإآٱىیةھہک", "01234567890123456789ااااييهههك")
    | dict.fromkeys([*range(0x64B, 0x660), 0x670, 0x640])  # diacritics and tatweel, so that "هـ" is "ه"
    | dict.fromkeys(map(ord, "'’‘ʿʾʼ`"))  # "Rabi' al-Awwal", "Sha‘ban"
    | dict.fromkeys(
        [0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]
    )  # invisible
)

_DIGIT = re.compile("[0-9٠-٩۰-۹]")
_RFC822 = re.compile(
    r"(?:([A-Z][a-z]{2}), )?[0-9]{1,2} [A-Z][a-z]{2} (?:[0-9]{2}|[0-9]{4}) "
    r"[0-9]{2}:[0-9]{2}(:[0-9]{2})? (?:[+-][0-9]{4}|[A-Z]{2,3})"
)
# 20230105T150405Z, 20230105150405: eight digits alone are as likely a telephone number.
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T?([0-9]{2})([0-9]{2})([0-9]{2})(Z?)")
# What JavaScript prints behind the offset: "GMT+0300 (Arabian Standard Time)".
_ZONE_NAME = re.compile(r" ?\([A-Za-z ]{2,40} Time\)$")
_DOTTED = re.compile(r"[0-9]{1,2}\.[0-9]{2}")
_CLOCK = re.compile(
    r"(?P<hour>[0-9]+)(?::(?P<minute>[0-9]+))?(?::(?P<second>[0-9]+)(?:[.,][0-9]+)?)?"
    r"(?:\ ?(?P<sign>[+-])(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})?)?"
)


class _Token(NamedTuple):
    kind: (
        str  # a kind of dates.tsv, with its value; or "number", "numeric" (3/4/2018), "time", "offset", with their text
    )
    text: str = ""
    value: int = 0


@lru_cache(maxsize=1 << 12)  # many articles are of one day
def parse_date(text: str, reference: dt.date | None = None) -> str | None:
    """The date that `text` is, in ISO 8601, or None if it is no date, or more than one.

    "YYYY-MM-DD", or "YYYY-MM-DDTHH:MM[:SS][+HH:MM]" when a time is written, with the offset when one is written. Clock
    and day stay as written, and date filters compare the first ten characters. All of `text` must belong to the date,
    labels ("تاريخ النشر:", "Published:"), weekday and time zone included: a sentence that mentions a date is None. Of a
    date of publication followed by one of change ("آخر تحديث"), the first.

    3/4/2018 is day first. A written weekday must agree: it chooses between the readings of 3/4/2018, and of a Hijri
    date (Umm al-Qura, or a day beside it); any other contradiction is None, as one of the two is wrong and nothing says
    which. Never a guess: None for impossible days, a month or year alone, and two-digit years (but in RFC 822, which
    defines them). "أمس" and "3 hours ago" need the `reference` they count from: to the day, or minute if a datetime.
    """
    from email.utils import parsedate_to_datetime  # loads the package for mail, which a search does not need

    if len(text) > LONGEST or (reference is None and not _DIGIT.search(text)):
        return None
    try:
        if rfc822 := _RFC822.fullmatch(text):
            moment = parsedate_to_datetime(text)
            if rfc822[1] and _vocabulary()[rfc822[1].lower()] != ("weekday", moment.weekday()):
                return None
            return moment.isoformat(timespec="seconds" if rfc822[2] else "minutes")
        if compact := _COMPACT.fullmatch(text.strip().translate(_FOLD)):
            *numbers, zone = compact.groups()
            moment = dt.datetime(*map(int, numbers), tzinfo=dt.UTC if zone else None)  # type: ignore[arg-type,misc]
            return moment.isoformat() if moment.year in YEARS else None
        tokens = _tokens(_ZONE_NAME.sub("", text))
        for i, token in enumerate(tokens):
            if token.kind == "update" and any(earlier.kind in _Day.FIELDS for earlier in tokens[:i]):
                return _read(tokens[:i], reference) if _read(tokens[i:], reference) else None
        return _read(tokens, reference)
    except (ValueError, OverflowError, KeyError):  # a day, hour or word that there is not
        return None


def parse_day(text: str) -> str:
    """The day that a user typed, as "YYYY-MM-DD"; "yesterday" counts from today. Raises InputError for all else."""
    day = parse_date(text, dt.date.today())
    if day is None:
        raise InputError(f"{text!r} is not a date. Write it like 2024-12-31.")
    return day[:10]


@cache
def _vocabulary() -> dict[str, tuple[str, int]]:
    """Folded word or words -> kind and value, as dates.tsv explains them."""
    vocabulary: dict[str, tuple[str, int]] = {}
    for kind, value, spellings in read_table(DATES):
        vocabulary |= {spelling.translate(_FOLD): (kind, int(value)) for spelling in spellings.split(" | ")}
    return vocabulary


@cache
def _scanner() -> re.Pattern[str]:
    halves = "|".join(re.escape(word) for word, (kind, _) in _vocabulary().items() if kind == "half")
    offset = r"[+-](?:0[0-9]|1[0-4]):?[0-5][0-9](?![0-9/.:-])"
    return re.compile(
        rf"""(?P<time>(?<![0-9])[0-9]{{1,2}}
                (?: :[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]+)?)?(?![0-9:])(?:\ ?{offset})?
                  | \.[0-5][0-9](?![0-9]|\ ?[.:/-]\ ?[0-9])
                  | (?=\s?(?:{halves}|م|[ap]\.m)\b) ))
        |(?P<numeric>[0-9]{{1,4}}\ ?([/.-])\ ?[0-9]{{1,2}}\ ?\3\ ?[0-9]{{1,4}}(?![0-9]))
        |(?P<number>[0-9]+(?:(?:st|nd|rd|th)\b)?)
        |(?P<offset>(?:\+|(?<=gmt)-|(?<=utc)-)[0-9]{{1,2}}(?::?[0-5][0-9])?(?![0-9/.:-]))
        |(?P<word>[ap]\.m\b|[^\W\d_]+)
        |(?P<other>[^\s,،؛.:/|()\[\]•·–—-])""",
        re.VERBOSE,
    )


def _tokens(text: str) -> list[_Token]:
    """Raises KeyError at the first word or sign that no date has."""
    found = [(match.lastgroup, match[0]) for match in _scanner().finditer(text.lower().translate(_FOLD))]
    vocabulary = _vocabulary()
    tokens: list[_Token] = []
    i = 0
    while i < len(found):
        kind, written = found[i]
        size = 1
        if kind == "word":
            entry = vocabulary.get(written.replace(".", ""))
            for longer in (2, 3):  # "كانون الثاني", "أول من أمس"
                phrase = " ".join([word for _, word in found[i : i + longer]])
                if phrase in vocabulary:
                    entry, size = vocabulary[phrase], longer
            if entry is None:
                raise KeyError(written)
            kind, value = entry
            if written == "م" and tokens and tokens[-1].kind == "time":
                kind, value = "half", _PM
            tokens.append(_Token(kind, value=value))
        elif kind in ("number", "numeric", "time", "offset"):
            written = written.rstrip("stndrh") if kind == "number" else written
            tokens.append(_Token(kind, written.replace(".", ":", 1) if _DOTTED.fullmatch(written) else written))
        else:
            raise KeyError(written)
        i += size
    return tokens


@dataclass(slots=True)
class _Day:
    """What is written of one day: a month's name and two numbers, or three numbers in one."""

    numbers: list[str] = field(default_factory=list)
    month: tuple[str, int] | None = None
    era: int | None = None

    FIELDS: ClassVar[frozenset[str]] = frozenset({"number", "numeric", "month", "hijri"})

    def add(self, token: _Token) -> bool:
        """Whether there was room for it."""
        if token.kind in ("month", "hijri"):
            name = (token.kind, token.value)
            if len(self.numbers) == 3 or self.month not in (None, name):  # "يونيو/حزيران" names one month twice
                return False
            self.month = name
        elif token.kind == "numeric":
            if self.numbers or self.month:
                return False
            self.numbers = re.findall("[0-9]+", token.text)
        else:
            if len(self.numbers) >= 2:
                return False
            self.numbers.append(token.text)
        return True

    @property
    def islamic(self) -> bool:
        named = self.month is not None and self.month[0] == "hijri"
        return named or self.era == 0 or any(int(number) in HIJRI_YEARS for number in self.numbers)

    def readings(self) -> list[dt.date]:
        """The days it can mean, the likeliest first; none when there is no such day."""
        years = [number for number in self.numbers if len(number) == 4]
        others = [int(number) for number in self.numbers if len(number) <= 2]
        if len(years) != 1 or len(others) != (1 if self.month else 2):
            raise ValueError(f"not a day, a month and a four-digit year: {self.numbers}")
        islamic = self.islamic
        if (self.month and islamic != (self.month[0] == "hijri")) or (islamic and self.era == 1):
            raise ValueError("a month of one calendar in a year of the other")
        if self.month:
            orders = [(self.month[1], others[0])]
        elif years[0] == self.numbers[0]:
            orders = [(others[0], others[1])]
        else:
            orders = [(others[1], others[0]), (others[0], others[1])]
        convert = _from_hijri if islamic else _from_gregorian
        return [day for order in orders for day in convert(int(years[0]), *order)]


def _from_gregorian(year: int, month: int, day: int) -> list[dt.date]:
    try:
        return [dt.date(year, month, day)] if year in YEARS else []
    except ValueError:
        return []


def _from_hijri(year: int, month: int, day: int) -> list[dt.date]:
    from hijridate import Hijri

    try:
        gregorian: dt.date = Hijri(year, month, day).to_gregorian()
    except (ValueError, OverflowError):
        return []
    return [dt.date.fromordinal(gregorian.toordinal() + beside) for beside in (0, 1, -1)]


def _days(tokens: Sequence[_Token]) -> list[_Day]:
    days: list[_Day] = []
    ago = any(token.kind == "ago" for token in tokens)
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if ago and following and following.kind == "unit":
            continue  # the 3 of "3 hours ago"
        if token.kind in _Day.FIELDS:
            if not (days and days[-1].add(token)):
                days.append(_Day())
                days[-1].add(token)
        elif token.kind == "era":
            if not days:
                raise ValueError("an era before any number")
            days[-1].era = token.value
        elif token.kind in ("unit", "count") and not ago and token.value != _DAY:  # "يوم 5 مارس" is no count
            raise ValueError(f"{token.text} of what?")
    return days


def _agreed(days: list[_Day], weekday: int | None) -> dt.date:
    """The one day that all of `days` are, by the Gregorian calendar where it is written beside the Hijri one."""
    first, *others = sorted(days, key=lambda day: day.islamic)
    readings = [day for day in first.readings() if weekday in (None, day.weekday())]
    if not readings:
        raise ValueError("no such day")
    for other in others:
        tolerance = SIGHTING if other.islamic else dt.timedelta(0)
        if not any(abs(reading - readings[0]) <= tolerance for reading in other.readings()):
            raise ValueError("two days")
    return readings[0]


def _before(reference: dt.date, tokens: Sequence[_Token]) -> dt.date:
    """The day, or for a datetime the minute, that "yesterday" or "3 hours ago" is. Raises ValueError without any."""
    kinds = {token.kind for token in tokens}
    if not kinds & {"ago", "day"} or ("ago" in kinds and "unit" not in kinds):
        raise ValueError("nothing to count from the reference")
    minutes, count = 0, 1
    for token in tokens:
        if token.kind in ("number", "count"):
            count = int(token.text) if token.kind == "number" else token.value
        elif token.kind in ("unit", "day"):
            minutes += token.value * (count if token.kind == "unit" else _DAY)
            count = 1
    moment = reference - dt.timedelta(minutes=minutes)
    return moment.date() if isinstance(moment, dt.datetime) and minutes % _DAY == 0 else moment


def _clock(written: str, half: int | None, minutes_ahead: int | None) -> str:
    """ "1:45" of the half day that begins at hour 12 -> "13:45"; its own offset counts before that of a named zone."""
    match = _CLOCK.fullmatch(written)
    if match is None:
        raise ValueError(written)
    hour, minute, second = (int(part or 0) for part in match.group("hour", "minute", "second"))
    if half is not None and 1 <= hour <= 12:
        hour = (half + (hour - half) % 12) % 24
    elif half is not None and (hour - half) % 24 >= 12:
        raise ValueError("13:45 am")
    if match["sign"]:
        minutes_ahead = int(match["sign"] + "1") * (60 * int(match["hours"]) + int(match["minutes"] or 0))
    zone = None if minutes_ahead is None else dt.timezone(dt.timedelta(minutes=minutes_ahead))
    return dt.time(hour, minute, second, tzinfo=zone).isoformat("seconds" if match["second"] else "minutes")


def _read(tokens: Sequence[_Token], reference: dt.date | None) -> str | None:
    """Puts together what the tokens state. Raises ValueError when that contradicts itself or is no date."""
    one: dict[str, _Token] = {}
    for token in tokens:
        if token.kind in ("time", "offset", "half", "zone", "weekday") and one.setdefault(token.kind, token) != token:
            raise ValueError(f"two {token.kind}s")
    value = {kind: token.value for kind, token in one.items()}
    if days := _days(tokens):
        day = _agreed(days, value.get("weekday"))
    elif reference:
        day = _before(reference, tokens)
    else:
        return None
    if value.get("weekday") not in (None, day.weekday()):
        raise ValueError("another weekday")
    if "time" in one:
        clock = one["time"].text + (one["offset"].text if "offset" in one else "")
        return f"{day:%Y-%m-%d}T{_clock(clock, value.get('half'), value.get('zone'))}"
    if "half" in one:
        raise ValueError("morning or evening without an hour")
    return day.isoformat(timespec="minutes") if isinstance(day, dt.datetime) else day.isoformat()
