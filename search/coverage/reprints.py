"""Which articles of a ranking print another of it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from index.text import Sketch, hashed, overlap, parts
from index.types import Article

from .candidates import ESTIMATE
from .copies import COPIED, SHORT, judge
from .texts import body


def reprints(articles: Sequence[Article], sketches: Sequence[Sketch]) -> dict[int, int]:
    """The places of articles that are copies of one before them -> the first place of which they are one.

    A copy is exact, near or contained, as `judge` finds. A place that stands for copies is itself none: a copy of a
    copy may say another thing.
    """
    # Counting words spares reading most pairs side by side, and takes less than to make ready for `bags`.
    held = [Counter(hashed(parts(body(article)))[0][0].tolist()) for article in articles]
    sizes = [words.total() for words in held]
    first: dict[int, int] = {}
    for i in range(len(articles)):
        if i in first:
            continue
        for j in range(i + 1, len(articles)):
            if j in first or overlap(sketches[i], sketches[j]) < ESTIMATE:
                continue
            smaller = min(sizes[i], sizes[j])
            likely = smaller < SHORT or (held[i] & held[j]).total() >= COPIED * smaller
            if likely and judge(articles[i], articles[j]):
                first[j] = i
    return first
