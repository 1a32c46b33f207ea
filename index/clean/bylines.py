"""Lines that hold a date beside other facts: by-lines, labels of publication and of change, sections, counters."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..text import parse_date
from .rules import key, loose, patterns, phrases

LONGEST = 160
"""Letters from which a line is no by-line."""

PARTS = 8
"""Parts from which a line is a list of something."""

NAME = 5
"""Words that a part beside the date may have: a name, a section, a place."""


class Byline(NamedTuple):
    """The dates that a line states, in ISO 8601; `labelled` says that a word of publication stands before the first."""

    published: str | None
    updated: str | None
    labelled: bool


_FACTS = {name: loose(pattern) for name, pattern in patterns("fact").items() if name.startswith(("byline", "updated"))}
_UPDATED = re.compile(_FACTS["updated"], re.IGNORECASE)
_LABEL = re.compile(rf"\b{_FACTS['byline label']}\b", re.IGNORECASE)
_BY = re.compile(rf"\b{_FACTS['byline author']}\b", re.IGNORECASE)
_COUNTER = re.compile(_FACTS["byline counter"], re.IGNORECASE)
# A slash between numbers is part of a date; a number behind a year counts comments.
_SEPARATOR = re.compile(r" ?[|•·\\›»] ?| ?(?<!\d)/ ?| ?/(?!\d) ?| [-–—ـ] |[–—]|؛|(?<=[12]\d\d\d) (?=\d{1,3}$)")


def read_byline(text: str) -> Byline | None:
    """The dates of a line that states a date of publication or change and nothing else but who, where and counters.

    "By Jane Doe | January 5, 2023", "5 يناير 2023 بواسطة محمد سالم", "محليات / 5 يناير 2023 / 12:30", "Jan 5, 2023
    Updated Jan 6, 2023". None for a sentence or headline in which a date is mentioned.
    """
    if len(text) > LONGEST or not any(map(str.isdigit, text)):
        return None
    starts = sorted({match.start() for pattern in (_LABEL, _BY) for match in pattern.finditer(text)} | {0})
    parts: list[str] = []
    for start, stop in zip(starts, [*starts[1:], len(text)], strict=True):
        parts += _parts(text[start:stop])
    if not 1 <= len(parts) <= PARTS:
        return None
    published = updated = None
    labelled = False
    i = 0
    while i < len(parts):
        j = next((j for j in range(len(parts), i, -1) if _date(" ".join(parts[i:j]))), None)
        if j is None:
            if not _is_beside(parts[i]):
                return None
            i += 1
            continue
        written = " ".join(parts[i:j])
        label = _LABEL.match(written)
        if label and _UPDATED.match(label[0]):
            updated = updated or _date(written)
        elif published is None:
            published, labelled = _date(written), bool(label)
        elif _date(written) != published:
            return None  # two days: a range, or a list
        i = j
    return Byline(published, updated, labelled) if published or updated else None


def _parts(text: str) -> list[str]:
    return [part.strip(" ,،:.") for part in _SEPARATOR.split(text) if part and part.strip(" ,،:.-–—")]


def _date(text: str) -> str | None:
    """The date in a part of a byline, or None if it holds anything else.

    A known city or an author may come before the date: "القاهرة في 5 يناير 2023".
    """
    if found := parse_date(text):
        return found
    if _BY.match(text):
        return next(filter(None, (parse_date(text[comma.end() :]) for comma in re.finditer("[,،] ", text))), None)
    words = text.split()
    for size in (1, 2, 3):
        if len(words) > size + 1 and key(" ".join(words[:size])).strip(",،:") in phrases("city"):
            return parse_date(" ".join(words[size:]))
    return None


def _is_beside(part: str) -> bool:
    """Whether a part can stand beside a date: a name, a section or a counter, but no sentence."""
    if _COUNTER.fullmatch(part):
        return True
    return (
        part.count(" ") < NAME + bool(_BY.match(part))
        and not any(map(str.isdigit, part))
        and not part.endswith((".", "!", "?", "؟"))
    )
