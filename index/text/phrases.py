"""Whether a text holds words in a row."""

from __future__ import annotations

from collections.abc import Sequence

from .tokens import analyse, words


def has_phrase(text: str, phrase: Sequence[str]) -> bool:
    """Whether the folded words of a phrase stand in a text one after the other, whatever signs are between them."""
    folded = [analyse(word)[1] for word in words(text)]
    return f" {' '.join(phrase)} " in f" {' '.join(folded)} "
