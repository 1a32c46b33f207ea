"""Which articles of a ranking print another of it again."""

from __future__ import annotations

from collections.abc import Sequence

from index.text import Sketch
from index.types import Article

from .copies import copies


def reprints(articles: Sequence[Article], sketches: Sequence[Sketch]) -> dict[int, int]:
    """The places of articles that are copies of one before them -> the first place of which they are one.

    A copy is exact, near or contained, as `judge` finds. A place that stands for copies is itself none: a copy of a
    copy may say another thing.
    """
    place = {article.id: i for i, article in enumerate(articles)}
    first: dict[int, int] = {}
    for one, other in sorted(tuple(sorted((place[link.a], place[link.b]))) for link in copies(articles, sketches)):
        if one not in first:
            first.setdefault(other, one)
    return first
