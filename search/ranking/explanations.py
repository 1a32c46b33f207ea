"""Where and why a passage matches a query."""

from __future__ import annotations

from collections.abc import Sequence

from index.text import Token, tokenize
from index.types import Passage

from ..query import Sense
from ..types import Match

_KINDS = ("same", "folded", "stem", "name", "translation")  # of a match, the surest first


def explain(
    query: str, senses: Sequence[Sense], passage: Passage
) -> tuple[tuple[tuple[int, int], ...], tuple[Match, ...]]:
    """Where and why a passage matches: [start, end) offsets into its text, and the best match of each query word."""
    written: dict[str, list[Token]] = {}
    for token in tokenize(passage.text):
        written.setdefault(token.term, []).append(token)
    informative = [sense for sense in senses if sense.informative] or senses
    spans: set[tuple[int, int]] = set()
    matches: dict[str, Match] = {}
    for sense in informative:
        asked = query[sense.token.start : sense.token.end]
        for term, kind, weight in sense.terms:
            for token in written.get(term, ()):
                spans.add((token.start, token.end))
                found = passage.text[token.start : token.end]
                how = kind
                if kind == "stem" and token.word == sense.token.word:
                    how = "same" if found.lower() == asked.lower() else "folded"
                match = Match(asked, found, how, round(weight, 3))
                known = matches.get(asked)
                if known is None or _strength(match) > _strength(known):
                    matches[asked] = match
    return tuple(sorted(spans)), tuple(matches.values())


def _strength(match: Match) -> tuple[int, float]:
    return -_KINDS.index(match.kind), match.weight
