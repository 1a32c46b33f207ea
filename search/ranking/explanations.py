"""Where and why a passage matches a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from index.text import Token, tokens_of

from ..query import Sense
from ..types import Match
from .close_reading import Reader

Key = TypeVar("Key", str, tuple[int, int])

_KINDS = ("same", "folded", "stem", "spelling", "name", "translation")  # of a match, the surest first


class Explanation(NamedTuple):
    """Where a passage and its title match, as [start, end) offsets into each, and the best match of each query word.

    `reasons` and `title_reasons` are the best match at each of the highlights.
    """

    highlights: tuple[tuple[int, int], ...]
    title_highlights: tuple[tuple[int, int], ...]
    matched: tuple[Match, ...]
    reasons: tuple[Match, ...]
    title_reasons: tuple[Match, ...]


def explain(query: str, senses: Sequence[Sense], texts: Sequence[tuple[str, str]], reader: Reader) -> list[Explanation]:
    """Where and why each of some passages, given after its title, was found.

    `reader` remembers what it read: mostly, these passages are among that.
    """
    informative = [sense for sense in senses if sense.informative] or senses
    wanted = {term for sense in informative for term, _, _ in sense.terms}
    tokens = iter(tokens_of(wanted, [text for pair in texts for text in pair], reader.hashed))
    explanations = []
    for title, passage in texts:
        matches: dict[str, Match] = {}
        in_title = next(tokens)
        found = _matching(query, informative, passage, next(tokens), matches)
        titled = _matching(query, informative, title, in_title, matches)
        parts = (tuple(found), tuple(titled), tuple(matches.values()), tuple(found.values()), tuple(titled.values()))
        explanations.append(Explanation(*parts))
    return explanations


def _matching(
    query: str, senses: Sequence[Sense], text: str, tokens: Sequence[Token], matches: dict[str, Match]
) -> dict[tuple[int, int], Match]:
    """Where a text matches, in order, and how; a match that is better than that in `matches` is put there."""
    written: dict[str, list[Token]] = {}
    for token in tokens:
        written.setdefault(token.term, []).append(token)
    spans: dict[tuple[int, int], Match] = {}
    for sense in senses:
        asked = sense.typed or query[sense.token.start : sense.token.end]
        for term, kind, weight in sense.terms:
            for token in written.get(term, ()):
                found = text[token.start : token.end]
                how = kind
                if kind == "stem" and token.word == sense.token.word:
                    how = "same" if found.lower() == asked.lower() else "folded"
                match = Match(asked, found, how, round(weight, 3))
                _keep(matches, asked, match)
                _keep(spans, (token.start, token.end), match)
    return dict(sorted(spans.items()))


def _keep(best: dict[Key, Match], key: Key, match: Match) -> None:
    known = best.get(key)
    if known is None or _strength(match) > _strength(known):
        best[key] = match


def _strength(match: Match) -> tuple[int, float]:
    return -_KINDS.index(match.kind), match.weight
