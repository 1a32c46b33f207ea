"""The tokens of texts: of words as they are written, or as what they are read as.

A word that is no token is read as one that is (unknown.py), and a text that looks like Arabic in Latin letters is read
in Arabic letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ..text import Learned, pieced, script
from .unknown import Readings
from .wordpieces import Ids, WordPieces

NOT_A_WORD = 255
"""The rarity of tokens that are not Arabic words."""

STEP, COMMONEST = 16, 10.0
"""Rarities are stored in sixteenths, counted from the logarithm of 22,000 texts."""

# Stand behind the tokens of a word in Latin letters that is no token, and of one that has digits for letters.
_STRANGE, _DIGITS = -1, -2
_LATIN_WORD = re.compile(r"\W*+(?![A-Z])(?=[2-9'’]*[A-Za-z])[A-Za-z'’2-9]*+\W*+")  # capitals begin English names
_WITH_DIGITS = re.compile(r"(?i)\W*+(?=(?:\d*[a-z'’]){3})(?!\D*\d\d)[a-z'’]*+(?:[235679][a-z'’]++)++[235679]?\W*+")
_PARTS = re.compile(r"[\w'’]+")


class ReadWords(Learned):
    """The tokens of texts as they are read: what is no token is read as one that is.

    The tokens of words that were met before are kept: dividing them would take nine tenths of the time of encoding.
    """

    def __init__(self, tokens: WordPieces, rarity: npt.NDArray[np.uint8]) -> None:
        """`rarity` of each token, uint8 (tokens,): see `readings`."""
        super().__init__()
        self._tokens = tokens
        self._readings = readings(tokens.vocabulary.get, rarity)

    def __call__(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """The tokens of texts, end to end, and how many each text has: int64 (n,), int64 (len(texts),)."""
        found = pieced(texts)
        ids, counts = self.numbers(found)
        strange, digits = _marked(ids < 0, counts), _marked(ids == _DIGITS, counts)
        if len(typed := np.flatnonzero(_arabizi(strange, digits, found.counts))):
            read = list(texts)
            for i in typed.tolist():
                read[i] = _PARTS.sub(lambda part: self._readings.arabizi(part[0]), texts[i])
            ids, counts = self.numbers(pieced(read))
            strange = _marked(ids < 0, counts)
        return ids[ids >= 0], counts - strange

    def learn(self, pieces: Sequence[str]) -> tuple[Ids, Ids]:
        """The tokens of some pieces, end to end, and how many each has, marks behind them included."""
        divided = self._tokens.words(pieces)
        return self._tokens.tokens(divided, lambda i: self._marked_tokens(pieces[i], divided[i]))

    def _marked_tokens(self, piece: str, words: Sequence[str]) -> list[int]:
        """The tokens of a piece, which was divided into these folded words, not all of them tokens; with a mark behind
        them if it has one."""
        known, of_word = self._tokens.vocabulary, self._tokens.of_word
        if script(piece) == "ar":
            read = [
                part for word in words for part in ([word] if word in known else self._readings.arabic(word).split())
            ]
            return [token for word in read for token in of_word(word)]
        tokens = [token for word in words for token in of_word(word)]
        if _WITH_DIGITS.fullmatch(piece):
            tokens.append(_DIGITS)
        elif _LATIN_WORD.fullmatch(piece):
            tokens.append(_STRANGE)
        return tokens


def readings(token_of: Callable[[str], int | None], rarity: npt.NDArray[np.uint8]) -> Readings:
    """What words are read as that are no tokens.

    `token_of` gives the number of a token, None for any other word. `rarity` of each token, uint8, is in sixteenths, or
    `NOT_A_WORD`.
    """
    rarities = rarity.tobytes()  # numpy takes three times as long to look one up

    def of(word: str) -> float | None:
        token = token_of(word)
        rare = NOT_A_WORD if token is None else rarities[token]
        return None if rare == NOT_A_WORD else rare / STEP

    return Readings(of)


def _marked(which: npt.NDArray[np.bool_], counts: Ids) -> Ids:
    """How many of the numbers of each text `which` marks: int64 (len(counts),)."""
    found: Ids = np.diff(np.append(0, np.cumsum(which))[np.append(0, np.cumsum(counts))])
    return found


def _arabizi(strange: Ids, digits: Ids, words: Ids) -> npt.NDArray[np.bool_]:
    """Which texts are Arabic in Latin letters, by how many words they have, how many strange ones, and with digits.

    Two words are no tokens and make up half of the text, or a quarter where one has digits for letters; or a single
    word has such digits. In a thousand English sentences there is none.
    """
    several = (strange > 1) & (np.where(digits > 0, 4, 2) * strange >= words)
    typed: npt.NDArray[np.bool_] = several | ((digits > 0) & (words == 1))
    return typed
