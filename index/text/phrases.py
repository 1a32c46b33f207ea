"""A quick test whether a text may hold a phrase, by its letters. Reading all its words takes ten times as long."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby

from .folding import folded_alike, is_unusual, without_signs
from .letters import LETTER, SIGN, script

# What is no part of a word: fractions, pious formulas and signs as well, though Python takes them for letters.
_BETWEEN = rf"[\W_{SIGN}\u00bc-\u00be\u2150-\u215e\ufdfa\ufdfb\u037a]++"

_ONLY_LETTERS = re.compile(rf"[{LETTER}]+|[A-Za-z]+")

# Three equal initials (A.A.A.) are folded to one letter.
_EQUAL_INITIALS = re.compile(r"([A-Za-z])\.\1\.\1")


def may_hold(phrase: Sequence[str]) -> Callable[[str], bool]:
    """A test of texts that is False only for those that do not hold these folded words one after the other.

    It is True for any text where the words have anything but letters of one script, and for texts with characters that
    are not folded one by one.
    """
    scripts = {script(word) for word in phrase}
    if len(scripts) > 1 or not all(map(_ONLY_LETTERS.fullmatch, phrase)):
        return lambda text: True
    (language,) = scripts
    before = rf"(?<![{_alike(phrase[0][0])}])"  # else a long run of one letter would be looked through again and again
    pattern = re.compile(before + _BETWEEN.join(map(_written, phrase)))

    def test(text: str) -> bool:
        if pattern.search(without_signs(text, language)) is not None or is_unusual(text, language):
            return True
        return language == "en" and _EQUAL_INITIALS.search(text) is not None

    return test


def _written(word: str) -> str:
    """What a folded word may be written as: a letter that stands three times or more was folded to one."""
    letters = "".join(f"[{_alike(letter)}]++" for letter, _ in groupby(word))
    if word.startswith("ا"):
        return f"ء?{letters}"
    if word.isascii():
        initials = r"\.".join(f"[{_alike(letter)}]" for letter in word)
        return rf"(?:{letters}|{initials}\.?)"
    return letters


@cache
def _alike(letter: str) -> str:
    return re.escape("".join(folded_alike(letter)))
