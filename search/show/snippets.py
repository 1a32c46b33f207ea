"""Which stretch of a text to show around its highlights. Offsets are into the original text."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SENTENCE = re.compile(r"(?:[.!?؟…۔][\"'»”’)\]]*\s|\n)\s*")
_LEAD = 1 / 3
"""Share of the spare width that goes before the first highlight when no sentence begins there."""


def snippet(text: str, spans: Sequence[tuple[int, int]], width: int = 240) -> tuple[int, int]:
    """The stretch [start, end) of `text`, at most `width` characters, that shows the most of the highlights `spans`.

    `spans` are ordered; the first of equally good stretches is taken, the head of the text
    when there are none. It begins at a sentence if one begins close enough, else at a word, and never cuts a word
    that is shorter than the width.
    """
    first, last = _densest(text, spans, width)
    spare = max(0, width - (last - first))
    start = _begin(text, first, spare)
    end = _finish(text, last, min(len(text), max(start + width, last)))
    return start, end


def _densest(text: str, spans: Sequence[tuple[int, int]], width: int) -> tuple[int, int]:
    """The first run of highlights within `width` with the most different words; repeats count a tenth."""
    best, best_score = (0, 0), 0.0
    words = [text[start:end] for start, end in spans]
    counts: dict[str, int] = {}
    left = 0
    for right, (_, end) in enumerate(spans):
        counts[words[right]] = counts.get(words[right], 0) + 1
        while left < right and end - spans[left][0] > width:
            counts[words[left]] -= 1
            if not counts[words[left]]:
                del counts[words[left]]
            left += 1
        score = len(counts) + 0.1 * (right - left)
        if score > best_score + 1e-9:
            best, best_score = (spans[left][0], end), score
    return best


def _begin(text: str, first: int, spare: int) -> int:
    """Where to begin, at most `spare` characters before `first`."""
    floor = max(0, first - spare)
    if floor == 0:
        return _skip_space(text, 0, first)
    sentences = [match.end() for match in _SENTENCE.finditer(text, floor, first)]
    if sentences:
        return sentences[-1]
    floor = first - int(spare * _LEAD)
    word = re.compile(r"\s+").search(text, max(0, floor - 1), first)
    return word.end() if word else first


def _finish(text: str, last: int, limit: int) -> int:
    """Where to end, between `last` and `limit`: after a sentence in the last third, else after a word."""
    if limit == len(text):
        return last + len(text[last:].rstrip())
    sentences = [match.start() + len(match[0].rstrip()) for match in _SENTENCE.finditer(text, last, limit)]
    if sentences and sentences[-1] - last >= (limit - last) * (1 - _LEAD):
        return sentences[-1]
    if text[limit].isspace():
        return last + len(text[last:limit].rstrip())
    words = [match.start() for match in re.finditer(r"\s+", text[last:limit])]
    return last + words[-1] if words else (limit if last == 0 else last)


def _skip_space(text: str, start: int, stop: int) -> int:
    while start < stop and text[start].isspace():
        start += 1
    return start
