"""Datelines: the place a report is sent from and the agency that sends it, as Arabic and English news write them."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ..text import LETTER, parse_date
from .rules import MARKS, key, phrases

LONGEST = 150
"""Letters at the start of a text in which a dateline is looked for."""


class Dateline(NamedTuple):
    """`end` is where the text goes on."""

    end: int
    city: str | None
    agency: str | None


_WORD = rf"[{LETTER}][{LETTER}{MARKS}]+"
_PLACE = rf"(?P<city>{_WORD}(?: (?!في ){_WORD}){{0,2}})"
_AGENCY = r"[«\"]?(?P<agency>[^\s()/:،,«»\"–—-][^()/:،,\n«»\"–—]{0,38}?)[»\"]?"
_DASH = "[-–—ـ]"
# The date in a dateline, with the separator before it: "5 يناير", "في 5-1-2023" or
# "12 رجب 1444 هـ الموافق 3 فبراير 2023 م".
_DAY = "[0-9٠-٩]{1,2}"
_YEAR = "[0-9٠-٩]{4}"
_MONTH = rf" (?P<month>{_WORD}(?: {_WORD})?)(?:[،,]? {_YEAR})?"
_OTHER = rf"(?: ?هـ?)?(?:،? الموافق|،)? {_DAY} {_WORD}(?: {_WORD})? {_YEAR}(?: ?م)?"
_WHEN = (
    rf"(?P<when>(?: ?{_DASH} ?| ?/ ?|[،,] ?| )(?:في )?(?P<day>{_DAY})"
    rf"(?: ?[-/.] ?{_DAY}(?: ?[-/.] ?{_YEAR})?|{_MONTH}(?:{_OTHER})?))"
)
_ARABIC = (
    # "أنقرة (وكالات)", "دبي، الإمارات (CNN) -", "الكويت - 5 - 1 (كونا) --"
    re.compile(
        rf"{_PLACE}(?:[،,] ?{_WORD}(?: {_WORD})?)?{_WHEN}? ?{_DASH}? ?\({_AGENCY}\) ?[-–—ـ:.،]{{0,3}} ?",
    ),
    # "رام الله 5-1-2023 وفا-", "أبوظبي في 5 يناير / وام /", "دمشق/ 5 يناير/ سانا:"
    re.compile(rf"{_PLACE}{_WHEN}(?: ?/ ?| ?{_DASH} ?| ){_AGENCY}(?: ?[:/] ?| ?{_DASH}{{1,2}} ?|$)"),
    # City and agency without a date, as in "بغداد/المسلة:", "واشنطن ـ المغرب اليوم", "المناطق_واس" and
    # "لندن: «الشرق الأوسط»"
    re.compile(rf"{_PLACE}-(?P<agency>{_WORD}) "),
    re.compile(rf"{_PLACE}(?P<mark> ?/ ?| {_DASH} |_|: ?(?=[«\"])){_AGENCY}(?: ?[:/] ?| {_DASH} |$)"),
)
# "الرباط -"
_CITY_ALONE = re.compile(rf"{_PLACE}(?: ?: ?| ?{_DASH}{{1,2}} )")
_LATIN_DAY = r"(?:[A-Z][a-z]{2,8}\.? [0-9]{1,2}|[0-9]{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8})"
_REGION = rf"(?:, [A-Z][\w.]*(?: [\w.]+){{0,3}})?(?:, {_LATIN_DAY}(?:,? [0-9]{{4}})?)?"
_LATIN_AGENCY = r" ?\((?P<agency>[A-Z][\w .-]{1,30})\) ?(?P<dash>[-–—:]{0,3}) ?"
_LATIN = (
    # "TUNIS, March 3 (Reuters) -", "Tunis (CNN)", "TUNIS —"
    re.compile(rf"(?P<city>[A-Z][A-Z.'’ -]{{2,40}}?){_REGION}{_LATIN_AGENCY}"),
    re.compile(rf"(?P<city>[A-Z][a-z]+(?: [A-Z][a-z]+){{0,2}}){_REGION}{_LATIN_AGENCY}"),
    re.compile(rf"(?P<city>[A-Z]{{3,20}}[A-Z.'’ ]{{0,30}}?){_REGION} ?(?:[–—]|--?(?= )) ?(?P<agency>)"),
)


def find(text: str, own_line: bool = False, before_body: bool = False) -> Dateline | None:
    """The dateline that a text begins with, or that it is as a whole (`own_line`).

    Only known names are taken from a text: the agency, or the city where no agency stands, must be in phrases.tsv, or
    the city be in capitals. `before_body` says that the line stands right before the first paragraph, where two words
    that are made like the name of an outlet are enough.
    """
    start = text[:LONGEST]

    def ends(match: re.Match[str]) -> bool:
        return not own_line or match.end() == len(text)

    for form in _ARABIC:
        match = form.match(start)
        if match and ends(match) and (found := _arabic(match, before_body)):
            return found
    for form in _LATIN:
        match = form.match(start)
        if match and ends(match) and (found := _latin(match, own_line)):
            return found
    if (match := _CITY_ALONE.match(start)) and ends(match) and key(match["city"]) in phrases("city"):
        return Dateline(match.end(), match["city"], None)
    return None


def _arabic(match: re.Match[str], before_body: bool) -> Dateline | None:
    city, agency = match["city"], match["agency"].strip()
    parts = match.groupdict()
    if key(city).split()[0] in phrases("no place") or not _is_day(parts.get("day"), parts.get("month")):
        return None
    known = key(city) in phrases("city")
    if parts.get("mark") == "_":  # "the paper_the agency"
        return Dateline(match.end(), city if known else None, agency) if known or is_agency(agency) else None
    if key(agency) in phrases("city") and is_agency(city):  # "the agency - the city"
        return Dateline(match.end(), agency, city)
    sent = is_agency(agency) or key(agency) in phrases("outlet")
    if not sent and known:
        glued = parts.get("mark") == "/" and match[0].endswith(": ") and agency.count(" ") == 0
        sent = glued or (before_body and _is_like_outlet(agency))
    return Dateline(match.end(), city, agency) if sent else None


def _is_day(day: str | None, month: str | None) -> bool:
    """Whether what stands between city and agency is a day: numbers, or a day of a month of either calendar."""
    if not month:
        return True
    names = (month, month.split()[0])  # two words of which only the first is the month: "5 يناير وفا"
    return any(parse_date(f"{day} {name} {year}") is not None for name in names for year in (2020, 1444))


def _is_like_outlet(name: str) -> bool:
    words = key(name).split()
    return len(words) == 2 and words[-1] in phrases("outlet word") and words[0].startswith("ال")


def _latin(match: re.Match[str], own_line: bool) -> Dateline | None:
    city, agency = match["city"].strip(), match["agency"].strip()
    known, capitals = key(city) in phrases("city"), city.isupper() and not own_line
    if not (is_agency(agency) or capitals or (known and not agency)):
        return None
    if agency and not is_agency(agency) and not match["dash"]:
        return None  # "IMPORTANT (See below) note"
    return Dateline(match.end(), city.title() if city.isupper() else city, agency or None)


@cache
def _agencies() -> frozenset[str]:
    return frozenset(map(_compact, phrases("agency")))


def _compact(folded: str) -> str:
    """Names written with or without dots and spaces are one: "و.م.أ", "و م أ"."""
    return re.sub(r"[. ]", "", folded)


def is_agency(name: str) -> bool:
    """Whether a name is that of a news agency, or of agencies in general."""
    folded = key(name)
    return _compact(folded) in _agencies() or not phrases("agency word").isdisjoint(folded.split())


def credit(text: str) -> str | None:
    """The agency named by a last line such as "the paper – agencies"; None when it is no such line."""
    if len(text) > LONGEST or text.endswith((".", ":", "،")):
        return None
    parts = [part.strip() for part in re.split(r"[–—/|()]| - ", text)]
    parts = [part for part in parts if part]
    if len(parts) > 4 or any(part.count(" ") > 3 for part in parts):
        return None
    return next((part for part in reversed(parts) if is_agency(part)), None)
