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


def _joined(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return sorted({a + b for a, b in product(first, second)}, key=lambda text: (len(text), text))


_BEGINNINGS = _joined(_BEFORE, ("", *_VERB.split()))
_ENDINGS = _joined(("", *_AFTER.split()), ("", _NEGATED))


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
        endings = [ending for ending in _ENDINGS if word.endswith(ending)]
        for beginning in filter(word.startswith, _BEGINNINGS):
            for ending in endings:
                stem = word[len(beginning) : len(word) - len(ending)]
                if len(stem) < 3 or stem == word or (rarity := self._rarity(stem)) is None:
                    continue
                negated = ending.endswith(_NEGATED) and "م" in beginning
                best = max(best, (len(stem) + negated, -rarity, f"{_NEGATION} {stem}" if negated else stem))
        return best[2]

    def _with_other_vowels(self, word: str) -> str:
        """The commonest known word that lacks one or two of its long vowels, or else has one more."""
        places = [i for i in range(1, len(word)) if word[i] in _LONG]
        fewer = [
            "".join(letter for i, letter in enumerate(word) if i not in left_out)
            for several in (1, 2)
            for left_out in combinations(places, several)
        ]
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
