"""Two articles side by side: which of their words differ, and which of them contradict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.text import Token
from index.types import Article

from ..types import Alteration, Link
from .alterations import alterations
from .copies import judge
from .texts import Texts

MOST = 20_000
"""Words of both articles together that are read side by side while somebody waits."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Words of one text that stand where the other has others: [start, end) offsets into each text.

    One of the two may be empty: words that the other leaves out. `kind` says what cannot be true in both: "number",
    "date", "name", "negation", "opposite" or "word"; None where only the wording differs.
    """

    a: tuple[int, int]
    b: tuple[int, int]
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """How one article stands beside another.

    `link` is given where one prints the other again, `alterations` where it says something else in the same words; both
    may be missing. `differences` are in the order of the first article.
    """

    link: Link | None
    alterations: tuple[Alteration, ...]
    differences: tuple[Difference, ...]


def side_by_side(a: Article, b: Article) -> SideBySide:
    """Two articles compared word by word; without differences where they share no words, or are too long for it."""
    texts = Texts()
    if len(texts.words(a)) + len(texts.words(b)) > MOST:
        return SideBySide(None, (), ())
    comparison = texts.compare(a, b)
    kinds = {change: kind for kind, change in comparison.contradictions}
    found = tuple(
        Difference(
            _span(comparison.a, change.a, change.a_end), _span(comparison.b, change.b, change.b_end), kinds.get(change)
        )
        for change in comparison.changes
        if comparison.shared
    )
    return SideBySide(judge(a, b, texts), alterations(a, b, texts), found)


def _span(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """Where words [start, end) stand in a text; for no words, the place where they would stand."""
    if start < end:
        return tokens[start].start, tokens[end - 1].end
    place = tokens[start].start if start < len(tokens) else tokens[-1].end if tokens else 0
    return place, place
