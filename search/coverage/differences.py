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

ALIKE = 0.4
"""Share of the words of the shorter article from which two are read word by word; below it, nearly all would differ."""


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
    may be missing. `differences`, in the order of the first article, are None where the two were not read word by word:
    they have too few words in common, or too many in all.
    """

    link: Link | None
    alterations: tuple[Alteration, ...]
    differences: tuple[Difference, ...] | None


def side_by_side(a: Article, b: Article) -> SideBySide:
    """Two articles compared with each other."""
    texts = Texts()
    words = len(texts.words(a)), len(texts.words(b))
    if sum(words) > MOST:
        return SideBySide(None, (), None)
    comparison = texts.compare(a, b)
    if comparison.shared < ALIKE * min(words):
        return SideBySide(None, (), None)
    kinds = {change: kind for kind, change in comparison.contradictions}
    found = tuple(
        Difference(
            _span(comparison.a, change.a, change.a_end), _span(comparison.b, change.b, change.b_end), kinds.get(change)
        )
        for change in comparison.changes
    )
    return SideBySide(judge(a, b, texts), alterations(a, b, texts), found)


def _span(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """Where words [start, end) stand in a text; for no words, the place where they would stand."""
    if start < end:
        return tokens[start].start, tokens[end - 1].end
    place = tokens[start].start if start < len(tokens) else tokens[-1].end if tokens else 0
    return place, place
