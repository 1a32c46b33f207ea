"""A query as it is typed -> its text, its words and its language, within bounds."""

from __future__ import annotations

from dataclasses import dataclass

from index.text import Token, language, tokenize

MOST_TOKENS = 400
"""Words of a query that are searched for. A longer one is cut, and said so: its beginning says what it is about."""

MOST_CHARACTERS = 16_384
"""Characters of a query that are read at all: 400 words of 40 letters."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for. `text` is all that any later step reads; `cut` says that the rest of it was left out.

    `language` is "ar" or "en", by the script of most letters; token offsets refer to `text`.
    """

    text: str
    tokens: tuple[Token, ...]
    language: str
    cut: bool = False


def parse(query: str) -> Query:
    """Read a query. Halves of surrogate pairs, which a terminal may pass on, become question marks."""
    whole = query.encode("utf-8", "replace").decode()
    text = whole[:MOST_CHARACTERS]
    tokens = tokenize(text, MOST_TOKENS + 1)
    if len(tokens) > MOST_TOKENS:
        tokens = tokens[:MOST_TOKENS]
        text = text[: tokens[-1].end]
    return Query(text, tuple(tokens), language(text), cut=len(text) < len(whole.rstrip()))
