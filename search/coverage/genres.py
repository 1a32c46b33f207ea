"""What kind of text an article is: a report, or an opinion, a round-up, a preview, a live blog."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from index.tables import read_table
from index.text import analyse_all, words
from index.types import Article

_OPENING = 200
"""Characters of a text that are read for a sign of its kind at the beginning."""

_MARKS = re.compile(r"(?<!\s)\s*(?:[:|؛•]|\.\.+|…|\s[-–—])\s*")
"""What sets a label apart from the rest of a title."""


class Genre(StrEnum):
    """The kind of a text."""

    REPORT = "report"
    LIVE = "live"
    OPINION = "opinion"
    PREVIEW = "preview"
    ROUND_UP = "round-up"

    @property
    def reports(self) -> bool:
        """Whether a text of this kind tells an event itself, and may have been the first to do so."""
        return self in (Genre.REPORT, Genre.LIVE)


@lru_cache(maxsize=1 << 14)
def genre_of(article: Article) -> Genre:
    """The kind of an article, by the signs that genres.tsv lists; a report where there is none."""
    labels = {_words(label) for label in _MARKS.split(article.title)}
    address = {_words(part) for part in unquote(urlsplit(article.url or "").path).split("/")[:-1]}
    title, text = f" {_words(article.title)} ", f" {_words(article.text[:_OPENING])} "
    signs = _signs()
    found = [
        *(kind for words, kind in signs["label"].items() if words in labels),
        *(kind for words, kind in signs["address"].items() if words in address),
        *(kind for words, kind in signs["text"].items() if text.startswith(f" {words} ")),
        *(kind for words, kind in signs["title"].items() if f" {words} " in title),
    ]
    return next(iter(found), Genre.REPORT)


@cache
def _signs() -> dict[str, dict[str, Genre]]:
    """Place -> folded words -> the kind that they are a sign of there."""
    found: dict[str, dict[str, Genre]] = {}
    for kind, place, signs in read_table(Path(__file__).with_name("genres.tsv")):
        found.setdefault(place, {}).update((_words(sign), Genre(kind)) for sign in signs.split(" | "))
    return found


def _words(text: str) -> str:
    """The folded words of a text, with one space between them."""
    return " ".join(folded for _, folded in analyse_all(words(text)))
