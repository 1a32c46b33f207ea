"""Where and why a passage matches a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from index.text import Token, tokens_of

from ..query import Sense
from ..types import Match

_KINDS = ("same", "folded", "stem", "name", "translation")  # of a match, the surest first


class Explanation(NamedTuple):
    """Where a passage and its title match, as [start, end) offsets into each, and the best match of each query word."""

    highlights: tuple[tuple[int, int], ...]
    title_highlights: tuple[tuple[int, int], ...]
    matched: tuple[Match, ...]


def explain(query: str, senses: Sequence[Sense], title: str, passage: str) -> Explanation:
    """Where and why a passage under a title was found."""
    informative = [sense for sense in senses if sense.informative] or senses
    matches: dict[str, Match] = {}
    spans, title_spans = (_matching(query, informative, text, matches) for text in (passage, title))
    return Explanation(spans, title_spans, tuple(matches.values()))


def _matching(query: str, senses: Sequence[Sense], text: str, matches: dict[str, Match]) -> tuple[tuple[int, int], ...]:
    """Where a text matches; a match that is better than that in `matches` is put there."""
    written: dict[str, list[Token]] = {}
    for token in tokens_of({term for sense in senses for term, _, _ in sense.terms}, text):
        written.setdefault(token.term, []).append(token)
    spans: set[tuple[int, int]] = set()
    for sense in senses:
        asked = query[sense.token.start : sense.token.end]
        for term, kind, weight in sense.terms:
            for token in written.get(term, ()):
                spans.add((token.start, token.end))
                found = text[token.start : token.end]
                how = kind
                if kind == "stem" and token.word == sense.token.word:
                    how = "same" if found.lower() == asked.lower() else "folded"
                match = Match(asked, found, how, round(weight, 3))
                known = matches.get(asked)
                if known is None or _strength(match) > _strength(known):
                    matches[asked] = match
    return tuple(sorted(spans))


def _strength(match: Match) -> tuple[int, float]:
    return -_KINDS.index(match.kind), match.weight
