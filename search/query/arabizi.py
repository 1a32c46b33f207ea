"""Arabic typed in Latin letters, in which digits stand for the letters that those lack: 7 for ح, 3 for ع."""

from __future__ import annotations

import re
from itertools import islice, product

DIGITS = {
    "2": ("a", ""),
    "3": ("a", ""),
    "5": ("kh",),
    "6": ("t",),
    "7": ("h",),
    "8": ("gh", "q"),
    "9": ("q", "s"),
}
"""What each digit is written as in names, which their transducers read (index/text/transliteration.py)."""

LONGEST, MOST = 20, 8
"""The most letters of a word, and the most ways in which one is read."""

_WORD = re.compile(r"(?=(?:\d*[a-z]){3})(?!\D*\d\d)[a-z]*(?:[2356789][a-z]*)+")


def readings(word: str) -> list[str]:
    """A folded word in Latin letters alone, in each way its digits may be read; none for a word that is not Arabizi.

    It has three letters or more and no two digits in a row, so 3rd, F16 and covid19 are none.
    """
    if len(word) > LONGEST or not _WORD.fullmatch(word):
        return []
    ways = product(*(DIGITS.get(letter, (letter,)) for letter in word))
    return ["".join(letters) for letters in islice(ways, MOST)]
