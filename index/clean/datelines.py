"""Datelines: the place a report is sent from and the agency that sends it, as Arabic and English news write them."""

from __future__ import annotations

import re
from typing import NamedTuple

from .rules import MARKS, key, phrases

_AR = "[ء-غف-ي]"
_WORD = rf"{_AR}[ء-غف-ي{MARKS}]+"


class Dateline(NamedTuple):
    """`end` is where the text goes on."""

    end: int
    city: str | None
    agency: str | None


_PLACE = rf"(?P<city>{_WORD}(?: {_WORD}){{0,2}})"
_AGENCY = r"(?P<agency>[^\s()/:،,.][^()/:،\n]{0,38}?)"
_REGION = r"(?:, [A-Z][\w. ]{1,25}?)?(?:, [A-Z][a-z]{2,8}\.? \d{1,2})?"
_LATIN_AGENCY = r" ?\((?P<agency>[A-Z][\w .-]{1,30})\)\s*[-–—:]*\s*"
_FORMS = (
    # "أنقرة (وكالات)", "دبي، الإمارات (CNN) -"
    re.compile(rf"{_PLACE}(?:[،,] ?[^()،,]{{2,30}}?){{0,2}} ?\({_AGENCY}\)\s{{0,3}}[-–—ـ:.،]{{0,3}}\s{{0,3}}"),
    # "بغداد/المسلة:", "واشنطن ـ المغرب اليوم", "المناطق_واس"
    re.compile(rf"{_PLACE}(?: ?/ ?| [-–—ـ] |_){_AGENCY}(?: ?[:/] ?| [-–—ـ] |$)"),
    # "الرباط -"
    re.compile(rf"{_PLACE}(?: ?: ?| ?[-–—ـ] )(?P<agency>)"),
    # "TUNIS, March 3 (Reuters) -", "Tunis (CNN)", "TUNIS —"
    re.compile(rf"(?P<city>[A-Z][A-Z.'’ -]{{2,40}}?){_REGION}{_LATIN_AGENCY}"),
    re.compile(rf"(?P<city>[A-Z][a-z]+(?: [A-Z][a-z]+){{0,2}}){_REGION}{_LATIN_AGENCY}"),
    re.compile(rf"(?P<city>[A-Z]{{3,20}}[A-Z.'’ ]{{0,30}}?){_REGION} ?(?:[–—]|--?(?= )) ?(?P<agency>)"),
)
_NO_PLACE = frozenset(key(word) for word in ("صورة", "الصورة", "تصوير"))
_AGENCY_WORDS = frozenset(key(word) for word in ("وكالات", "وكالة", "CNN", "BBC", "Reuters"))
LONGEST = 150


def find(text: str, own_line: bool = False, before_body: bool = False) -> Dateline | None:
    """The dateline a text begins with, or that it is (`own_line`).

    The city or the agency must be a known one, or the city in capitals; on the last line `before_body` form is enough.
    """
    start = text[:LONGEST]
    for form in _FORMS:
        match = form.match(start)
        if not match or (own_line and match.end() < len(text)):
            continue
        city, agency = match["city"].strip(), match["agency"].strip()
        if agency.count(" ") > 3 or key(city).split()[0] in _NO_PLACE:
            continue
        known_city, sent = key(city) in phrases("city"), is_agency(agency)
        if not known_city and key(agency) in phrases("city"):
            city, agency, known_city = agency, "", True  # "our reporter - the city"
        if "_" in match[0] and not known_city:  # "the paper_the agency"
            return Dateline(match.end(), None, agency) if sent or before_body else None
        if known_city or sent or (city.isupper() and not own_line) or (before_body and agency):
            return Dateline(match.end(), city.title() if city.isupper() else city, agency or None)
    return None


def is_agency(name: str) -> bool:
    """Whether a name is that of a news agency, or of agencies in general."""
    return key(name) in phrases("agency") or not _AGENCY_WORDS.isdisjoint(key(name).split())


def credit(text: str) -> str | None:
    """The agency named by a last line such as "the paper – agencies"; None when it is no such line."""
    if len(text) > LONGEST or text.endswith((".", ":", "،")):
        return None
    parts = [part.strip() for part in re.split(r"[–—/|()]| - ", text)]
    parts = [part for part in parts if part]
    if len(parts) > 4 or any(part.count(" ") > 3 for part in parts):
        return None
    return next((part for part in reversed(parts) if is_agency(part)), None)
