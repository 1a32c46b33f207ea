"""The headline of a page, without the name of its site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...clean import SEPARATOR, is_paragraph, without_site, words_of
from .structured import articles, objects
from .tree import Element, Line, marked

LONGEST_NAME = 80
"""Letters from which no text is the name of a site."""

HEADLINE = 4
"""Words from which a heading is a headline rather than the name of a site or section."""

LONGEST_TITLE = 1000
"""Letters, or stretches of text, up to which an element is read for a title."""

STATED = 20
"""Titles that a head may state; of more the first count."""

_HOME = re.compile(r"(?:https?://[^/]+)?/?(?:index\.\w+|home|ar|en)?/?")

Words = tuple[str, ...]


@dataclass(slots=True)
class Names:
    """What a page calls itself: `sites` are names of the site as folded words, `stated` titles in order of trust."""

    site: str | None = None
    sites: set[Words] = field(default_factory=set)
    stated: list[str] = field(default_factory=list)


def _words(text: str) -> Words:
    return tuple(words_of(text))


def _text(element: Element) -> str:
    """The text of an element, as far as a title can be long."""
    parts: list[str] = []
    for part in element.itertext():
        parts.append(part)
        if len(part) > LONGEST_TITLE or len(parts) > LONGEST_TITLE:
            break
    return " ".join("".join(parts).split())


def _meta(tree: Element, *names: str) -> Iterator[str]:
    for name in names:
        for element in tree.iter("meta"):
            if name in (element.get("property", "").lower(), element.get("name", "").lower()) and element.get(
                "content"
            ):
                yield " ".join(element.get("content").split())


def names(tree: Element) -> Names:
    """The names of the site and the titles that the head of a page states."""
    found = Names(site=next(_meta(tree, "og:site_name", "application-name"), None))
    said: list[Any] = [*_meta(tree, "og:site_name", "application-name")]
    said += [e.row.get("name") for e in objects(tree) if e.kind in ("website", "organization", "newsmediaorganization")]
    said += [publisher.get("name") for e in articles(tree) if isinstance(publisher := e.row.get("publisher"), dict)]
    said += [_text(e) for e in tree.iter("a", "h1", "h2", "div", "span", "p", "strong") if _is_logo(e)]
    stated = [name for name in said if isinstance(name, str) and len(name) < LONGEST_NAME]
    found.sites = {words for name in stated if (words := _words(name))}
    found.stated = [*_meta(tree, "og:title", "twitter:title"), *(_text(e) for e in tree.iter("title") if _text(e))]
    for entry in articles(tree):
        if isinstance(headline := entry.row.get("headline"), str) and headline.strip():
            found.stated.append(" ".join(headline.split()))
    return found


def _is_logo(element: Element) -> bool:
    if marked(element, "logo") or (element.get("itemprop") or "") == "publisher":
        return True
    return element.tag == "a" and element.get("href") is not None and bool(_HOME.fullmatch(element.get("href")))


def _parts(text: str) -> Iterator[str]:
    """A title and its parts between separators, the longest first."""
    cuts = [(0, 0), *(match.span() for match in list(SEPARATOR.finditer(text))[:6]), (len(text), len(text))]
    spans = [(a[1], b[0]) for i, a in enumerate(cuts) for b in cuts[i + 1 :]]
    for start, stop in sorted(spans, key=lambda span: span[0] - span[1]):
        yield text[start:stop].strip()


def _is_home_link(element: Element) -> bool:
    links = [element, *element.iterancestors("a"), *element.iter("a")]
    return any(link.tag == "a" and _is_logo(link) for link in links) or any(
        marked(above, "logo") for above in [element, *list(element.iterancestors())[:2]]
    )


def title(lines: Sequence[Line], found: Names) -> tuple[str, int | None]:
    """The headline of a page, and the number of the line that it stands on; "" and None when there is none.

    The longest heading, else line, that the head of the page states too; else the only heading of the first rank; else
    the title that the head states, without the name of the site; else the first heading of the highest rank.
    """
    stated = [part for text in found.stated[:STATED] for part in _parts(text) if _words(part) not in found.sites]
    wanted = {words: part for part in reversed(stated) if (words := _words(part))}
    headings = [i for i, line in enumerate(lines) if _is_heading(line.element)]
    headings = [i for i in headings if not _is_home_link(lines[i].element) and _words(lines[i].text) not in found.sites]
    for numbers in (headings, [i for i, line in enumerate(lines) if i not in headings and _may_be_headline(line)]):
        agreed = [i for i in numbers if _stated_as(_words(lines[i].text), wanted, stated)]
        if agreed:
            best = max(agreed, key=lambda i: (len(_words(lines[i].text)), -i))
            if len(_words(lines[best].text)) < HEADLINE and (longer := _before_text(lines, headings)) is not None:
                best = longer
            return lines[best].text, best
    ranks = [i for i in headings if _rank(lines[i].element) == 1 and len(_words(lines[i].text)) >= HEADLINE]
    if len(ranks) == 1:
        return lines[ranks[0]].text, ranks[0]
    if found.stated and (whole := without_site(found.stated[0], found.sites)):
        return whole, None
    ranked = sorted(headings, key=lambda i: (_rank(lines[i].element), i))
    return (lines[ranked[0]].text, ranked[0]) if ranked else ("", None)


def _before_text(lines: Sequence[Line], headings: Sequence[int]) -> int | None:
    """The last heading before the first paragraph, if it is as long as a headline: a short one above names the site."""
    first = next((i for i, line in enumerate(lines) if is_paragraph(line.text) and i not in headings), 0)
    above = [i for i in headings if i < first]
    return above[-1] if above and len(_words(lines[above[-1]].text)) >= HEADLINE else None


def _stated_as(words: Words, wanted: dict[Words, str], stated: Sequence[str]) -> bool:
    """Whether a line is what the head states, or what the head states is cut short with dots."""
    if words in wanted:
        return True
    cut = [_words(text) for text in stated if text.endswith(("…", "..."))]
    return len(words) > 3 and any(len(other) > 3 and words[: len(other) - 1] == other[:-1] for other in cut)


def _rank(element: Element) -> int:
    for above in [element, *element.iterancestors()]:
        if above.tag in ("h1", "h2", "h3"):
            return int(above.tag[1])
    return 4


def _is_heading(element: Element) -> bool:
    near = [element, *list(element.iterancestors())[:3]]
    return any(e.tag in ("h1", "h2", "h3") for e in near) or any(marked(e, "heading") for e in near[:2])


def _may_be_headline(line: Line) -> bool:
    return 2 < line.text.count(" ") + 1 < 40 and not _is_home_link(line.element)
