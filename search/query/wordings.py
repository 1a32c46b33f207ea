"""The operands of a query -> what a view looks for in articles, what is scored, and how they are spoken of."""

from __future__ import annotations

from collections.abc import Sequence

from index.ports import Wording
from index.text import script
from index.types import Concept

from .expansion import Expander, Sense
from .parsing import Operand, Query, plain

SURE = 0.4
"""The probability from which on a translation stands for a word that articles must or must not hold."""


def wording(operand: Operand, expander: Expander) -> Wording:
    """What a view looks for: a phrase as it is written; a word in all its forms, and in what surely translates it."""
    read = plain(operand.text)
    if operand.phrase or len(read.tokens) > 1:
        return Wording(phrase=tuple(token.word for token in read.tokens), title=operand.title)
    (sense,) = expander.expand(read)
    own = script(sense.token.term)  # what stands for a word of the same language is never sure
    sure = (term for term, kind, p in sense.terms if p >= SURE and (kind != "translation" or script(term) != own))
    return Wording(tuple(sure), title=operand.title)


def concepts_of(query: Query, senses: Sequence[Sense]) -> list[Concept]:
    """The concepts of a query's words; alternatives are one, so that a passage with any of them has all of it."""
    joined = {place: group for group in query.alternatives for place in group}
    groups = [joined.get(place, (place,)) for place in range(len(senses))]
    return [_joined([senses[i].concept() for i in group]) for i, group in enumerate(groups) if i == group[0]]


def _joined(parts: Sequence[Concept]) -> Concept:
    if len(parts) == 1:
        return parts[0]
    terms: dict[str, float] = {}
    for term, p in (pair for part in parts for pair in part.terms):
        terms[term] = max(p, terms.get(term, 0.0))
    return Concept(tuple(terms.items()), all(part.function for part in parts))


def said(operand: Operand) -> str:
    """An operand as it may be typed again."""
    text = f'"{operand.text}"' if operand.phrase else operand.text
    return f"title:{text}" if operand.title else text
