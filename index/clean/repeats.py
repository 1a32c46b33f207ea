"""Lines that a source repeats in many articles: boilerplate that is learned, as no site is known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

SEEN = 3
"""A repeated line is boilerplate if it stands in at least this many different articles of the source,"""

SHARE = 0.02
"""and in at least this share of all its articles. Of 6,490 columns of one newspaper seven have the heading "a last
word"; measured boilerplate stands in 5% to 90% of the articles of its source."""

SHORT = 12
"""Words up to which a repeated line may stand anywhere. A longer one is a paragraph, and wire stories repeat paragraphs
of background: it is boilerplate only within `EDGE` lines of either end, and if half of the articles have it."""

SHARE_OF_PARAGRAPHS = 0.5
EDGE = 4

_SKETCH = 4
_LINES = 500
_SOURCES = 500


class Lines(NamedTuple):
    """The lines of an article: the hash of each, with whether it is short, and the hashes of its longest lines."""

    hashes: list[tuple[int, bool]]
    sketch: list[int]

    @classmethod
    def of(cls, lines: Sequence[str]) -> Lines:
        """`lines` are folded."""
        hashed = {line: _hash(line) for line in dict.fromkeys(lines)}
        hashes = [(hashed[line], line.count(" ") < SHORT) for line in lines]
        return cls(hashes, [hashed[line] for line in sorted(hashed, key=len)[-_SKETCH:]])


def _hash(line: str) -> int:
    return crc32(line.encode("utf-8", "replace"))


def _same(a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether two sketches are of the same story: at least half of their lines are shared."""
    return 3 * len(set(a) & set(b)) >= len(a) + len(b)  # Jaccard similarity of at least 1/2


class Repeats:
    """Counts folded lines per source, in bounded memory (rare lines are forgotten first: Manku & Motwani 2002).

    A story that a source prints three times must keep its text. So each article is described by a sketch, its four
    longest lines, and a line is counted once for articles whose sketches share half of their lines or more.
    """

    def __init__(self) -> None:
        """Nothing learned yet."""
        self._articles: dict[str, int] = {}
        self._lines: dict[str, dict[int, list[Any]]] = {}  # source -> line -> [articles, sketches of the first SEEN]

    def learn(self, source: str, lines: Lines) -> None:
        """One article of a source."""
        self._articles[source] = self._articles.pop(source, 0) + 1
        counted = self._lines.setdefault(source, {})
        sketch = lines.sketch
        for h in {h for i, (h, short) in enumerate(lines.hashes) if short or _edge(i, len(lines.hashes))}:
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

    def known(self, source: str, lines: Lines) -> set[int]:
        """Positions of the lines that the source repeats; none when that would be all lines."""
        counted = self._lines.get(source)
        if not counted:
            return set()
        articles = self._articles[source]
        found = set()
        for i, (h, short) in enumerate(lines.hashes):
            entry = counted.get(h)
            if entry is None or len(entry[1]) < SEEN:
                continue
            if short:
                least = SHARE
            elif _edge(i, len(lines.hashes)):
                least = SHARE_OF_PARAGRAPHS
            else:
                continue
            if entry[0] >= least * articles:
                found.add(i)
        return found if len(found) < len(lines.hashes) else set()

    def state(self) -> dict[str, Any]:
        """What was learned, ready for JSON."""
        return {
            source: [articles, [[h, *entry] for h, entry in self._lines[source].items()]]
            for source, articles in self._articles.items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Replaces what was learned by what `state` returned."""
        self._articles = {source: articles for source, (articles, _) in state.items()}
        self._lines = {source: {h: entry for h, *entry in lines} for source, (_, lines) in state.items()}


def _edge(i: int, lines: int) -> bool:
    return i < EDGE or i >= lines - EDGE
