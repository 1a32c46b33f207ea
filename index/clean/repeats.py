"""Lines that one source prints under article after article, learned from the articles: no site is known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

SEEN = 3
"""A line must be met in this many articles that are otherwise different."""

SHARE = 0.02
"""... and in this share of all articles of the source: of 6,490 columns of one newspaper seven have the heading "a last
word", while the furniture of the sources of data/news stands in 5 to 90 of a hundred articles."""

SHORT = 12
"""Words up to which a line may stand anywhere. A longer one is a paragraph, and wire stories repeat their paragraphs of
background: it is furniture only within `EDGE` lines of either end, and when half of the source's articles carry it."""

SHARE_OF_PARAGRAPHS = 0.5
EDGE = 4

_SKETCH = 4
_LINES = 500
_SOURCES = 500


def _hash(line: str) -> int:
    return crc32(line.encode("utf-8", "replace"))


def _same(a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether two sketches are of one story printed twice: at least half of what they hold is shared."""
    return 3 * len(set(a) & set(b)) >= len(a) + len(b)  # Jaccard similarity of at least 1/2


class Repeats:
    """Counts folded lines per source, in bounded memory (rare lines are forgotten first: Manku & Motwani 2002).

    A story that a source prints three times repeats too, and must keep its text. So each article is summed up in a
    sketch, its four longest lines, and a line counts only as often as it is met in articles whose sketches have less
    than half in common.
    """

    def __init__(self) -> None:
        """Nothing learned yet."""
        self._articles: dict[str, int] = {}
        self._lines: dict[str, dict[int, list[Any]]] = {}  # source -> line -> [articles, sketches of the first SEEN]

    def learn(self, source: str, lines: Sequence[str]) -> None:
        """One article of a source, as folded lines."""
        hashes = [_hash(line) for line in lines]
        sketch = [_hash(line) for line in sorted(set(lines), key=len)[-_SKETCH:]]
        self._articles[source] = self._articles.pop(source, 0) + 1
        counted = self._lines.setdefault(source, {})
        for h in {hashes[i] for i, line in enumerate(lines) if line.count(" ") < SHORT or _edge(i, len(lines))}:
            entry = counted.get(h)
            if entry is None:
                counted[h] = [1, [sketch]]
            elif len(entry[1]) >= SEEN:
                entry[0] += 1
            elif not any(_same(sketch, other) for other in entry[1]):
                entry[0] += 1
                entry[1].append(sketch)
        if len(counted) > 2 * _LINES:
            kept = sorted(counted.items(), key=lambda item: item[1][0])[-_LINES:]
            self._lines[source] = dict(kept)
        if len(self._articles) > _SOURCES:  # the source not met for longest
            oldest = next(iter(self._articles))
            del self._articles[oldest], self._lines[oldest]

    def known(self, source: str, lines: Sequence[str]) -> set[int]:
        """Positions of the lines that are furniture of the source; none when that would be all of them."""
        counted = self._lines.get(source)
        if not counted:
            return set()
        articles = self._articles[source]
        found = set()
        for i, line in enumerate(lines):
            entry = counted.get(_hash(line))
            if entry is None or len(entry[1]) < SEEN:
                continue
            if line.count(" ") < SHORT:
                least = SHARE
            elif _edge(i, len(lines)):
                least = SHARE_OF_PARAGRAPHS
            else:
                continue
            if entry[0] >= least * articles:
                found.add(i)
        return found if len(found) < len(lines) else set()

    def state(self) -> dict[str, Any]:
        """What was learned, ready for JSON."""
        return {
            source: [articles, [[h, *entry] for h, entry in self._lines[source].items()]]
            for source, articles in self._articles.items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up what `state` gave."""
        self._articles = {source: articles for source, (articles, _) in state.items()}
        self._lines = {source: {h: entry for h, *entry in lines} for source, (_, lines) in state.items()}


def _edge(i: int, lines: int) -> bool:
    return i < EDGE or i >= lines - EDGE
