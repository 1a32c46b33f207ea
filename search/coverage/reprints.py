"""Which articles of a ranking print another of it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from index.text import hashed, parts
from index.types import Article

from .copies import COPIED, SHORT, judge
from .texts import body


def reprints(articles: Mapping[int, Article], alike: Sequence[tuple[int, int]], wanted: int) -> dict[int, int]:
    """The places of articles that are copies of one before them -> the first place of which they are one.

    `alike` are the pairs of places whose sketches overlap, in order. Only copies of the first `wanted` articles that
    are none are looked for. A copy is exact, near or contained, as `judge` finds. A place that stands for copies is
    itself none: a copy of a copy may say another thing.
    """

    @cache
    def held(place: int) -> Counter[int]:
        return Counter(hashed(parts(body(articles[place])))[0][0].tolist())

    first: dict[int, int] = {}
    for i, j in alike:
        if i - sum(copy < i for copy in first) >= wanted:
            break
        if i in first or j in first:
            continue
        # Counting words spares reading most pairs side by side, and takes less than to make ready for `bags`.
        smaller = min(held(i).total(), held(j).total())
        likely = smaller < SHORT or (held(i) & held(j)).total() >= COPIED * smaller
        if likely and judge(articles[i], articles[j]):
            first[j] = i
    return first
