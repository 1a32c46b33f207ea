"""Where and why a passage matches a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.text import Token, tokenize
from index.types import Passage

from ..query import Sense, stopwords
from ..types import Match

if TYPE_CHECKING:
    pass


_KINDS = ("same", "folded", "stem", "name", "translation")  # of a match, the surest first


def explain(
    query: str, expressed: list[Sense], passage: Passage
) -> tuple[tuple[tuple[int, int], ...], tuple[Match, ...]]:
    """Where and why a passage matches: [start, end) offsets into its text, and the best match of each query word."""
    written: dict[str, list[Token]] = {}
    for token in tokenize(passage.text):
        written.setdefault(token.term, []).append(token)
    informative = informative_senses(expressed) or expressed
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


def informative_senses(expressed: list[Sense]) -> list[Sense]:
    """Those of a query's words that say something of a subject."""
    return [sense for sense in expressed if sense.token.word not in stopwords()]


def _strength(match: Match) -> tuple[int, float]:
    return -_KINDS.index(match.kind), match.weight
