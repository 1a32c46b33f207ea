"""The tokens of texts: of words as they are written, or as what they are read as.

A word that is no token is read as one that is (unknown.py), and a text that looks like Arabic in Latin letters is read
in Arabic letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from ..text import Learned, pieced, script
from .unknown import Readings

TOGETHER = 100
"""Words that are tokenised as one text, in a quarter of the time that they take one by one."""

NOT_A_WORD = 255
"""The rarity of tokens that are not Arabic words."""

STEP, COMMONEST = 16, 10.0
"""Rarities are stored in sixteenths, counted from the logarithm of 22,000 texts."""

# Stand behind the tokens of a word in Latin letters that is no token, and of one that has digits for letters.
_STRANGE, _DIGITS = -1, -2
_LATIN_WORD = re.compile(r"\W*+(?![A-Z])(?=[2-9'’]*[A-Za-z])[A-Za-z'’2-9]*+\W*+")  # capitals begin English names
_WITH_DIGITS = re.compile(r"(?i)\W*+(?=(?:\d*[a-z'’]){3})(?!\D*\d\d)[a-z'’]*+(?:[235679][a-z'’]++)++[235679]?\W*+")
_PARTS = re.compile(r"[\w'’]+")

Ids = npt.NDArray[np.int64]


class ReadWords(Learned):
    """The tokens of texts as they are read: what is no token is read as one that is.

    The tokens of words that were met before are kept: the tokenizer would take nine tenths of the time of encoding.
    """

    def __init__(self, tokenizer: Tokenizer, rarity: npt.NDArray[np.uint8]) -> None:
        """`rarity` of each token, uint8 (tokens,): see `readings`."""
        super().__init__()
        self._tokenizer = tokenizer
        self._readings = readings(tokenizer, rarity)
        self._unknown = tokenizer.token_to_id(tokenizer.model.unk_token)

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
        tokens: list[list[int]] = []
        arabic: list[int] = []  # pieces that are read as others
        for line, encoding, cuts in _tokenised(self._tokenizer, pieces):
            for word, ids, whole in zip(line, *self._divided(encoding, cuts), strict=True):
                if not whole and script(word) == "ar":
                    arabic.append(len(tokens))
                elif not whole and _WITH_DIGITS.fullmatch(word):
                    ids.append(_DIGITS)
                elif not whole and _LATIN_WORD.fullmatch(word):
                    ids.append(_STRANGE)
                tokens.append(ids)
        for i, parts in zip(arabic, self._parts([pieces[i] for i in arabic]), strict=True):
            tokens[i] = self._reread(parts)
        return np.fromiter(chain.from_iterable(tokens), np.int64), np.array([*map(len, tokens)], np.int64)

    def _divided(self, encoding: Encoding, cuts: list[int]) -> tuple[list[list[int]], list[bool]]:
        """The tokens of each of some words that were tokenised together, and whether all of them are whole words."""
        tokens = encoding.ids  # a new list each time that it is asked for
        ids, numbers = np.array(tokens, np.int64), np.array(encoding.word_ids, np.int64)
        in_pieces = ids == self._unknown
        in_pieces[1:] |= numbers[1:] == numbers[:-1]
        broken = np.diff(np.searchsorted(np.flatnonzero(in_pieces), cuts))
        return [tokens[start:end] for start, end in pairwise(cuts)], (broken == 0).tolist()

    def _reread(self, parts: Sequence[str]) -> list[int]:
        """The tokens of the folded parts of a word that is no token, by what they are read as."""
        return [
            token.id
            for part in parts
            for read in (part if self._tokenizer.token_to_id(part) else self._readings.arabic(part)).split()
            for token in self._tokenizer.model.tokenize(read)
        ]

    def _parts(self, words: Sequence[str]) -> list[list[str]]:
        """The parts that the tokenizer divides each word into, folded: of all at once, in a third of the time."""
        folded = self._tokenizer.normalizer.normalize_str("\n".join(words))
        found = self._tokenizer.pre_tokenizer.pre_tokenize_str(folded)
        ends = np.cumsum([len(word) + 1 for word in folded.split("\n")])
        cuts = [0, *np.searchsorted([start for _, (start, _) in found], ends).tolist()]
        parts = [part for part, _ in found]
        return [parts[start:end] for start, end in pairwise(cuts)] if words else []


def tokenised(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Ids, Ids]:
    """The tokens of texts, end to end, and how many each text has: int64 (n,), int64 (len(texts),)."""
    ids, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for _, encoding, cuts in _tokenised(tokenizer, texts):
        ids.append(np.array(encoding.ids, np.int64))
        counts.append(np.diff(cuts))
    return np.concatenate(ids), np.concatenate(counts)


def _tokenised(tokenizer: Tokenizer, pieces: Sequence[str]) -> Iterator[tuple[Sequence[str], Encoding, list[int]]]:
    """Pieces that were tokenised as one text, its tokens, and where those of each piece begin and the last ones end.

    None of the tokenizer's rules may look beyond a space or a line break.
    """
    lines = [pieces[start : start + TOGETHER] for start in range(0, len(pieces), TOGETHER)]
    found = tokenizer.encode_batch([" ".join(line) for line in lines], add_special_tokens=False)
    for line, encoding in zip(lines, found, strict=True):
        ends = np.cumsum([len(piece) + 1 for piece in line])
        yield line, encoding, [0, *np.searchsorted([start for start, _ in encoding.offsets], ends).tolist()]


def readings(tokenizer: Tokenizer, rarity: npt.NDArray[np.uint8]) -> Readings:
    """What words are read as that are no tokens. `rarity` of each token, uint8, is in sixteenths, or `NOT_A_WORD`."""

    token_of, rarities = tokenizer.token_to_id, rarity.tobytes()  # numpy takes three times as long to look one up

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
