"""The date on which a page was published: what it states for machines, else what stands beside its headline.

A wrong date is worse than none. So dates of comments, of other articles, of today and of events in the text do not
count, nor does a date of change, and an address only if it holds a whole day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ...clean import is_paragraph, read_byline
from ...text import parse_date
from . import structured
from .tree import Element, Line, is_outside, marked, words

HEAD = 15
"""Lines behind a headline, and before the first paragraph, in which a date is looked for."""

LEAD = 11
"""Words that a sentence between headline and date may have."""

_EPOCH = re.compile(r"[0-9]{9,10}|[0-9]{13}")
_ADDRESS = re.compile(r"/((?:19|20)[0-9]{2})[/-]([0-9]{1,2})[/-]([0-9]{1,2})(?=[/-])")
_COMMON = 3
"""Levels above a headline up to which it shares an element with a date that stands before it."""


def published(tree: Element, lines: Sequence[Line], headline: int | None) -> tuple[str | None, Line | None]:
    """The date of publication, in ISO 8601, and the line that shows it; `headline` is the number of its line."""
    stated = [date for written in _stated(tree) if (date := _read(written))]
    shown = list(_beside(lines, headline))
    visible = [date for date, _ in shown]
    found = [*stated, *visible] or [date for date in [_in_address(tree)] if date]
    if not found:
        return None, None
    # The hour may stand in another place than the day: any that tells the hour of the same day tells more.
    date = next((date for date in found if date[:10] == found[0][:10] and len(date) > 10), found[0])
    return date, shown[0][1] if shown else None


def _read(written: str) -> str | None:
    written = " ".join(written.split())
    if _EPOCH.fullmatch(written):
        seconds = int(written) / (1000 if len(written) == 13 else 1)
        return datetime.fromtimestamp(int(seconds), UTC).isoformat()
    return parse_date(written)


def _stated(tree: Element) -> Iterator[str]:
    """Dates of publication that a page states for machines, as written, the most trusted first."""
    yield from structured.dates(tree)
    meta: dict[str, str] = {}
    for element in tree.iter("meta"):
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if (name := element.get(attribute)) and element.get("content"):
                meta.setdefault(name.lower().strip(), element.get("content"))
    for name in words("date"):
        if name in meta:
            yield meta[name]
    for n in range(1, 5):
        if re.search(r"(?i)publish|نشر|date", meta.get(f"twitter:label{n}", "")):
            yield meta.get(f"twitter:data{n}", "")
    for element in tree.iter("time", "abbr", "span", "div", "p", "data", "li"):
        is_marked = "datePublished" in (element.get("itemprop") or "") or element.get("pubdate") is not None
        is_marked = is_marked or (element.tag == "abbr" and "published" in (element.get("class") or ""))
        if is_marked and not _in_region(element):
            yield from filter(None, (*map(element.get, ("datetime", "content", "title")), _text(element)))


def _text(element: Element) -> str:
    return "".join(element.itertext())[:200]


def _in_region(element: Element) -> bool:
    return any(marked(above, "region") or above.tag == "aside" for above in [element, *element.iterancestors()])


def _beside(lines: Sequence[Line], headline: int | None) -> Iterator[tuple[str, Line]]:
    """Dates that stand between a headline and the text, right before the headline, or with a label behind the text."""
    first = next((i for i in range((headline or -1) + 1, len(lines)) if _is_body(lines[i].text)), len(lines))
    if headline is None:
        return
    title = lines[headline].element
    head = lines[headline + 1 : min(first, headline + 1 + HEAD)]
    before = [line for line in reversed(lines[max(0, headline - 3) : headline]) if _is_above(line.element, title)]
    weak: list[tuple[str, Line]] = []
    for line in [*head, *before]:
        if _in_region(line.element) or is_outside(line.element, title) or _is_link(line):
            continue
        if (found := _date_of(line)) and not found[1]:
            weak.append((found[0], line))
        elif found:
            yield found[0], line
    yield from weak
    for line in lines[first:]:
        found = _date_of(line)
        if found and found[1] and not (_in_region(line.element) or is_outside(line.element, title)):
            yield found[0], line


def _date_of(line: Line) -> tuple[str, bool] | None:
    """The date of publication on a line, and whether it is labelled as such."""
    if len(line.text) > 200 or (line.text.endswith((".", "؟", "?", "!")) and line.text.count(" ") > 3):
        return None
    times = [time for time in line.times if not _is_updated(time)]
    if line.times and not times:
        return None
    kept = [text for text, element in line.parts if not _is_updated(element)]
    if not kept:
        return None
    found = read_byline(line.text) if len(kept) == len(line.parts) else None
    found = found or read_byline(" | ".join(kept))
    if found and found.published is None:
        return None
    exact = [date for time in times if (date := _read(time.get("datetime") or time.get("title") or ""))]
    if found and found.published:
        same = [date for date in exact if date[:10] == found.published[:10] and len(date) > len(found.published)]
        return (same or [found.published])[0], found.labelled
    if exact and line.text.count(" ") < 12:  # "By Jane Doe, 3 hours ago"
        return exact[0], False
    return None


def _is_updated(element: Element) -> bool:
    return any(marked(e, "updated") for e in [element, *element.iterancestors()][:2])


def _is_above(element: Element, title: Element) -> bool:
    """Whether what stands before a headline belongs to it: both are in one article, or next to each other."""
    for level, above in enumerate(title.iterancestors()):
        if level >= _COMMON or above.tag in ("body", "html"):
            return False
        if above in set(element.iterancestors()) or above is element:
            return above.tag == "article" or element.getparent() is above or element is above
    return False


def _is_link(line: Line) -> bool:
    """Whether a line is, or has, a link to another article: one of four words or more, or around all of the line."""
    links = {link for _, element in line.parts for link in [element, *element.iterancestors("a")] if link.tag == "a"}
    return any(" ".join(_text(link).split()) == line.text or len(_text(link).split()) > 3 for link in links)


def _is_body(text: str) -> bool:
    """Whether a line is of the text, and no short sentence under the headline."""
    return text.count(" ") > LEAD and is_paragraph(text)


def _in_address(tree: Element) -> str | None:
    """The day in the canonical address of a page, if it holds a whole one."""
    for element in tree.iter("link", "meta"):
        is_canonical = element.get("rel") == "canonical" or element.get("property") == "og:url"
        address = (element.get("href") or element.get("content") or "") if is_canonical else ""
        if match := _ADDRESS.search(address + "/"):
            return parse_date(f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}")
    return None
