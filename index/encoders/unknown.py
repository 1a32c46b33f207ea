"""What a word is read as that is no token: known words, without clitics of the dialects or in another spelling.

And Arabic words for one typed in Latin letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import combinations, product

from ..text import arabizi_spellings, fold_arabizi, may_be_arabizi

RARITY = 0.6
"""Weight of how rare an Arabic word is, beside how unlikely it is written so in Latin letters."""

UNSEEN = 12.0
"""How rare a spelling counts that is no token: rarer than any word."""

LONGEST = 24
"""The most letters of an Arabic word that is read as another: the work grows with the square of them."""

_LETTERS = str.maketrans("ڨڤگڭݣپچۆ", "ققكككبجو")
_REPEATED = re.compile(r"(.)\1+")
_LONG = "اوي"
_NEGATED, _NEGATION = "ش", "مش"

# Clitics and endings that the dialects share, and the beginnings of verbs. Which of them a word has is told by whether
# the rest is known.
_BEFORE = ("", "و", "ف")
_VERB = "ب بي ه ح غ غا كا ك تا ت ل د ع عال هال فال م ما مات مابي ي ن"
_AFTER = "ه ها هم هن كم ك ي ني نا و وا ين ات ت لي لك له لها لهم لنا لكم لو وه وها وني هالي"


def _joined(first: Iterable[str], second: Iterable[str]) -> frozenset[str]:
    return frozenset(a + b for a, b in product(first, second))


_BEGINNINGS = _joined(_BEFORE, ("", *_VERB.split()))
_ENDINGS = _joined(("", *_AFTER.split()), ("", _NEGATED))
_LONGEST_BEGINNING, _LONGEST_ENDING = (max(map(len, several)) for several in (_BEGINNINGS, _ENDINGS))
_SHORTEST_STEM = 3


class Readings:
    """Known words for unknown ones."""

    def __init__(self, rarity: Callable[[str], float | None]) -> None:
        """`rarity` gives 10 less the logarithm of how often an Arabic word is met, 0 to 16; None for no token."""
        self._rarity = rarity

    def arabic(self, word: str) -> str:
        """The known words, with spaces between, that a folded Arabic word is read as; else the word itself."""
        if len(word) > LONGEST:
            return word
        respelled = word.translate(_LETTERS)
        for spelled in dict.fromkeys((respelled, _REPEATED.sub(r"\1", respelled))):
            if self._rarity(spelled) is not None:
                return spelled
            if found := self._stripped(spelled) or self._with_other_vowels(spelled):
                return found
        return word

    def _stripped(self, word: str) -> str:
        """The longest known word that is left without clitics, the commonest of several."""
        best = (0, 0.0, "")
        room = len(word) - _SHORTEST_STEM
        starts = [n for n in range(min(_LONGEST_BEGINNING, room) + 1) if word[:n] in _BEGINNINGS]
        ends = [len(word) - n for n in range(min(_LONGEST_ENDING, room) + 1) if word[len(word) - n :] in _ENDINGS]
        for start in starts:
            for end in ends:
                if end - start < _SHORTEST_STEM or end - start == len(word):
                    continue
                stem = word[start:end]
                if (rarity := self._rarity(stem)) is not None:
                    negated = word.endswith(_NEGATED, end) and "م" in word[:start]
                    best = max(best, (len(stem) + negated, -rarity, f"{_NEGATION} {stem}" if negated else stem))
        return best[2]

    def _with_other_vowels(self, word: str) -> str:
        """The commonest known word that lacks one or two of its long vowels, or else has one more."""
        places = [i for i in range(1, len(word)) if word[i] in _LONG]
        fewer = [word[:i] + word[i + 1 :] for i in places]
        fewer += [word[:i] + word[i + 1 : j] + word[j + 1 :] for i, j in combinations(places, 2)]
        more = [word[:i] + vowel + word[i:] for i in range(1, len(word)) for vowel in _LONG] if len(word) > 3 else []
        for spelled in (fewer, more):
            rarities = {one: self._rarity(one) for one in spelled if len(one) > 2}
            if known := {one: rarity for one, rarity in rarities.items() if rarity is not None}:
                return min(known, key=known.__getitem__)
        return ""

    def arabizi(self, word: str) -> str:
        """The Arabic word that one in Latin letters most likely stands for; the word itself if it cannot be Arabizi."""
        latin = fold_arabizi(word)
        if not may_be_arabizi(latin):
            return word
        found = []
        for text, cost in arabizi_spellings(latin):
            rarity = self._rarity(text)
            found.append((cost + RARITY * (UNSEEN if rarity is None else rarity), text))
        return min(found)[1] if found else word
