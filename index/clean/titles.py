"""Titles: bounded, without the name of their site, and chosen among the lines of the head of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from .lines import ENDS, PARAGRAPH, is_link, is_section, tidy_line, words_of
from .rules import key

LONGEST = 500
"""Letters of a title: it is stored with each passage, and a longer one is a text in the wrong field."""

LONG_TITLE = 30
"""Words that a headline may have, if it does not end like a sentence."""

HEAD = 40
"""Lines of a head among which the title is looked for."""

PARTS = 6
"""Parts of a title at either end that can be names of a site or its sections."""

SEPARATOR = re.compile(r" ?[|»«›•·] ?| ?[–—] | - | :: | / ")
"""What parts a headline from its section and its site."""

_CUT = re.compile(r" ?[|»«›•·–—:/-]+ ?")

Words = tuple[str, ...]
"""The folded words of a name."""


def bounded(text: str) -> tuple[str, str]:
    """A title of at most LONGEST letters, cut at a word with "…", and the whole of it if it was cut, else ""."""
    title = tidy_line(text)
    if len(title) <= LONGEST:
        return title, ""
    return title[: LONGEST - 1].rsplit(" ", 1)[0] + "…", title


def without_site(text: str, sites: Set[Words]) -> str:
    """A title without "Site - " before it and " | Section | Site" behind it, for known names of sites."""
    cuts = list(_CUT.finditer(text[:LONGEST]))
    start, stop = 0, len(text)
    for cut in cuts[:PARTS]:
        if tuple(words_of(text[: cut.start()])) in sites:
            start = cut.end()
    for cut in reversed(cuts[-PARTS:]):
        last = text[cut.end() : stop]
        if cut.start() > start and (tuple(words_of(last)) in sites or (stop < len(text) and is_section(key(last)))):
            stop = cut.start()
    return text[start:stop]


def may_be_one(text: str) -> bool:
    """Whether a first line that reads like a paragraph is a headline: a long one, or one that ends in a full stop."""
    words = text.count(" ") + 1
    return words < PARAGRAPH or (words <= LONG_TITLE and not ENDS.search(text))


def _same(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether the words of one line are those of the other, or its beginning; the last word may be cut."""
    short, long = sorted((a, b), key=len)
    if not short or (len(short) < 3 and short != long):
        return False
    n = len(short) - 1
    return short[:n] == long[:n] and long[n].startswith(short[n])


def of_head(stated: str, head: Sequence[str], sites: Set[Words]) -> tuple[str, list[str], list[str]]:
    """The title, and what else of the head stands before and after it.

    It is the line that the head repeats (pages print it for the browser and for the reader, once cut short); else the
    first of at least four words, since the names of sites and sections are shorter; else the first.
    """
    bare = [_without_tail(without_site(text, sites)) for text in head[:HEAD]]
    words = [words_of(text) for text in bare]
    title = stated
    if not title:
        pairs = ((i, j) for i in range(len(bare)) for j in range(i + 1, len(bare)) if _same(words[i], words[j]))
        title = next((max(bare[i], bare[j], key=len) for i, j in pairs), "")
        title = title or next((text for text in bare if text.count(" ") >= 3), bare[0] if bare else "")
    places = [i for i, other in enumerate(words) if _same(other, words_of(title))]
    start, stop = (places[0], places[0] + 1) if places else (0, 0)
    # A label with a headline on its line is a title ("Watch: the bridge opens") or a link, but no text.
    before = [text for text in head[:start] if text.count(" ") >= 3 and not is_link(text)]
    after = [text for i, text in enumerate(head[stop:], stop) if i not in places and not is_link(text)]
    return title, before, after


def _without_tail(text: str) -> str:
    """A line of a head without the " | Site" that pages print behind a title for the browser."""
    front, bar, tail = text.rpartition(" | ")
    return front if bar and tail.count(" ") < 4 else text
