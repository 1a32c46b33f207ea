"""Whether a text may hold some words in a row, told by its letters: that takes a tenth of reading all its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby, pairwise

from .folding import folded_alike, is_unusual, without_signs
from .letters import LETTER, script

_ARABIC_WORD = re.compile(rf"[{LETTER}]+")

# Three equal initials (A.A.A.) are folded to one letter.
_EQUAL_INITIALS = re.compile(r"([A-Za-z])\.\1\.\1")


def may_hold(phrase: Sequence[str]) -> Callable[[str], bool]:
    """A test of texts that is False only for those that do not hold these folded words one after the other.

    It is True for any text where a word has anything but letters of one script, and for texts with characters that are
    not folded one by one.
    """
    if not all((word.isascii() and word.isalpha()) or _ARABIC_WORD.fullmatch(word) for word in phrase):
        return lambda text: True
    before = rf"(?<![{_alike(phrase[0][0])}])"  # else a long run of one letter would be looked through again and again
    pattern = re.compile(before + "".join(_between(*pair) + _written(pair[1]) for pair in pairwise(["", *phrase])))
    scripts = {script(word) for word in phrase}

    def test(text: str) -> bool:
        if pattern.search(without_signs(text)) is not None or any(is_unusual(text, one) for one in scripts):
            return True
        return "en" in scripts and _EQUAL_INITIALS.search(text) is not None

    return test


def _between(word: str, other: str) -> str:
    """What stands between two words: perhaps nothing where another script begins."""
    if not word:
        return ""
    return r"[\W_]++" if script(word) == script(other) else r"[\W_]*+"


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
