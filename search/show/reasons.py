"""The reasons why two articles belong together, as people are told them: few, and each once."""

from __future__ import annotations

from collections.abc import Iterator

from index.text import terms

from ..types import Reasons

_MOST = 6  # of one kind


def told_reasons(reasons: Reasons) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Each kind, one of "names", "places", "terms" and "numbers", and its reasons: a word as each article writes it."""
    for name in ("names", "places", "terms"):
        said: dict[str, tuple[str, str]] = {}  # forms of one word (التركي, لتركيا) count as one reason
        for pair in getattr(reasons, name):
            if said.keys().isdisjoint(forms := terms(" ".join(pair))):
                said |= dict.fromkeys(forms, pair)
        pairs = list(dict.fromkeys(said.values()))[:_MOST]
        if pairs:
            yield name, [tuple(dict.fromkeys(pair)) for pair in pairs]
    if reasons.numbers:
        yield "numbers", [(_number(number),) for number in reasons.numbers[:_MOST]]


def _number(number: float) -> str:
    """A number as people write it: 20.9 million; 41,500; 2019, which may be a year."""
    for scale, name in ((10**9, "billion"), (10**6, "million")):
        if number >= scale and round(number / scale, 2) * scale == number:
            return f"{number / scale:g} {name}"
    return f"{number:,}" if number >= 10_000 else str(number)
