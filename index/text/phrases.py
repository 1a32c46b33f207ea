"""Where a text may hold a phrase, by its letters. Reading all of its words takes ten times as long."""

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


def stretches(phrase: Sequence[str]) -> Callable[[str], list[str]]:
    """A search of texts for the stretches that may hold these folded words one after the other.

    No text holds them elsewhere. All of a text is one stretch where the words have anything but letters of one script,
    or the text has characters that are not folded one by one.
    """
    scripts = {script(word) for word in phrase}
    if len(scripts) > 1 or not all(map(_ONLY_LETTERS.fullmatch, phrase)):
        return lambda text: [text]
    (language,) = scripts
    before = rf"(?<![{_alike(phrase[0][0])}])"  # else a long run of one letter would be looked through again and again
    pattern = re.compile(before + _BETWEEN.join(map(_written, phrase)))

    def found(text: str) -> list[str]:
        plain = without_signs(text, language)
        match = pattern.search(plain)
        if is_unusual(text, language) or (language == "en" and _EQUAL_INITIALS.search(text) is not None):
            return [text]
        if match is None:
            return []
        # Signs are no spaces: what stands between the same spaces of both is the same.
        written, seen, first, several = _parts(text), 0, 0, []
        while match is not None:
            first += len(_parts(plain[seen : match.start()])) - 1
            last = first + len(_parts(plain[match.start() : match.end()]))
            several.append(" ".join(written[first : last + 1]))  # and the next: its first letters may be signs
            seen = match.start()
            match = pattern.search(plain, match.start() + 1)
        return several

    return found


def _parts(text: str) -> list[str]:
    return text.replace("\n", " ").split(" ")


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
