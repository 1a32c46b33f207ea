"""The tokens of texts, word by word: a word that was met before is not tokenised again.

A word that is no token is read as one that is (unknown.py); a text that looks like Arabic in Latin letters is read in
Arabic letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise, repeat
from threading import Lock

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from ..text import script
from .unknown import Readings

REMEMBERED = 1 << 21
"""Letters of the words as written that are kept, some 45 MB: nineteen in twenty words of a text were met before, and
the tokenizer took nine tenths of the time of encoding."""

TOGETHER = 100
"""Words that are tokenised as one text, in a quarter of the time that they take one by one."""

NOT_A_WORD = 255
"""The rarity of tokens that are not Arabic words."""

STEP, COMMONEST = 16, 10.0
"""Rarities are stored in sixteenths, counted from the logarithm of 22,000 texts."""

# What a word is, for telling Arabizi: in Latin letters, in pieces for the model, these with digits for letters.
_LATIN, _STRANGE, _DIGITS = 1, 2, 4
_LATIN_WORD = re.compile(r"\W*[A-Za-z'’2-9]*[A-Za-z][A-Za-z'’2-9]*\W*")
_WITH_DIGITS = re.compile(r"(?i)\W*(?=(?:\d*[a-z'’]){3})(?!\D*\d\d)[a-z'’]*(?:[235679][a-z'’]+)+[235679]?\W*")
_CAPITAL = re.compile(r"\W*[A-Z]")  # English names are no tokens either
_PARTS = re.compile(r"[\w'’]+")
_TYPED, _EXACT = "\0", "\1"  # before a word that is read as Arabizi, and one that is not read as another

Ids = npt.NDArray[np.int64]


class Words:
    """What a tokenizer makes of texts. None of its rules may look beyond a space or a line break."""

    def __init__(self, tokenizer: Tokenizer, rarity: npt.NDArray[np.uint8]) -> None:
        """`rarity` of each token, uint8 (tokens,): see `readings`."""
        self._tokenizer = tokenizer
        self._readings = readings(tokenizer, rarity)
        self._unknown = tokenizer.token_to_id(tokenizer.model.unk_token)
        self._lock = Lock()  # threads share the encoder
        self._forget()

    def _forget(self) -> None:
        self._places: dict[str, int] = {}  # a word as written -> its place in the arrays
        self._starts = np.zeros(1, np.int64)
        self._ids = np.zeros(0, np.int64)
        self._traits = np.zeros(0, np.uint8)
        self._letters = 0

    def __call__(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """The tokens of texts, end to end, and how many each text has: int64 (n,), int64 (len(texts),)."""
        written = " ".join(texts).replace("\n", " ").split(" ")
        behind = np.cumsum([text.count(" ") + text.count("\n") + 1 for text in texts], dtype=np.int64)
        with self._lock:
            places = self._found(written)
            typed = _arabizi(self._traits[places], behind)
            if len(typed):
                places[typed] = self._found([_TYPED + written[i] for i in typed.tolist()])
            starts, ids = self._starts, self._ids
            if self._letters > REMEMBERED:
                self._forget()
        counts = starts[places + 1] - starts[places]
        ends = np.cumsum(counts)
        taken = ids[np.arange(ends[-1]) + np.repeat(starts[places] - ends + counts, counts)]
        return taken, np.diff(np.append(0, ends)[behind], prepend=0)

    def exact(self, words: Sequence[str]) -> Ids:
        """The token of each word: int64 (len(words),), -1 for one that is in pieces or several words."""
        with self._lock:
            places = self._found([_EXACT + word for word in words])
            starts, ids = self._starts, self._ids
        single = starts[places + 1] - starts[places] == 1
        return np.where(single, np.append(ids, -1)[np.where(single, starts[places], -1)], -1)

    def _found(self, written: Sequence[str]) -> Ids:
        """The places of words; those that are new are learned."""
        places = self._looked_up(written)
        if len(unknown := np.flatnonzero(places < 0)):
            new = [written[i] for i in unknown.tolist()]
            self._learn(sorted(set(new)))
            places[unknown] = self._looked_up(new)
        return places

    def _looked_up(self, written: Sequence[str]) -> Ids:
        return np.fromiter(map(self._places.get, written, repeat(-1)), np.int64, len(written))

    def _learn(self, words: Sequence[str]) -> None:
        read = [self._read(word) if word.startswith(_TYPED) else word.removeprefix(_EXACT) for word in words]
        lines = [read[start : start + TOGETHER] for start in range(0, len(read), TOGETHER)]
        found = self._tokenizer.encode_batch([" ".join(line) for line in lines], add_special_tokens=False)
        tokens: list[list[int]] = []
        traits = []
        keys = iter(words)
        for line, encoding in zip(lines, found, strict=True):
            for word, ids, whole in zip(line, *self._divided(line, encoding), strict=True):
                trait = 0
                if next(keys).startswith(_EXACT):
                    pass
                elif not whole and script(word) == "ar":
                    ids = self._reread(word)
                elif _LATIN_WORD.fullmatch(word):
                    digits = not whole and _WITH_DIGITS.fullmatch(word) is not None
                    strange = digits or not (whole or _CAPITAL.match(word))
                    trait = _LATIN | strange * _STRANGE | digits * _DIGITS
                tokens.append(ids)
                traits.append(trait)
        ends = len(self._ids) + np.cumsum([*map(len, tokens)])
        self._ids = np.concatenate([self._ids, np.fromiter(chain.from_iterable(tokens), np.int64)])
        self._starts = np.concatenate([self._starts, ends])
        self._traits = np.concatenate([self._traits, np.array(traits, np.uint8)])
        self._places.update(zip(words, range(len(self._places), len(self._starts) - 1), strict=True))
        self._letters += sum(map(len, words))

    def _divided(self, words: Sequence[str], encoding: Encoding) -> tuple[list[list[int]], list[bool]]:
        """The tokens of each of some words that were tokenised together, and whether all of them are whole words."""
        ends = np.cumsum([len(word) + 1 for word in words])
        cuts = [0, *np.searchsorted([start for start, _ in encoding.offsets], ends).tolist()]
        ids, numbers = encoding.ids, encoding.word_ids
        pieces = np.flatnonzero(self._in_pieces(np.array(ids, np.int64), np.array(numbers, np.int64)))
        broken = np.diff(np.searchsorted(pieces, cuts))
        return [ids[start:end] for start, end in pairwise(cuts)], (broken == 0).tolist()

    def _in_pieces(self, ids: Ids, numbers: Ids) -> npt.NDArray[np.bool_]:
        """Which tokens are unknown characters, or pieces after the first one of a word."""
        pieces: npt.NDArray[np.bool_] = ids == self._unknown
        pieces[1:] |= numbers[1:] == numbers[:-1]
        return pieces

    def _reread(self, word: str) -> list[int]:
        """The tokens of a word as written that is no token, by what it is read as."""
        return [
            token.id
            for part in self._parts(word)
            for read in (part if self._tokenizer.token_to_id(part) else self._readings.arabic(part)).split()
            for token in self._tokenizer.model.tokenize(read)
        ]

    def _parts(self, word: str) -> Iterator[str]:
        folded = self._tokenizer.normalizer.normalize_str(word)
        return (part for part, _ in self._tokenizer.pre_tokenizer.pre_tokenize_str(folded))

    def _read(self, word: str) -> str:
        """A word that is typed in Latin letters, in Arabic ones."""
        return _PARTS.sub(lambda part: self._readings.arabizi(part[0]), word.removeprefix(_TYPED))


def readings(tokenizer: Tokenizer, rarity: npt.NDArray[np.uint8]) -> Readings:
    """What words are read as that are no tokens. `rarity` of each token, uint8, is in sixteenths, or `NOT_A_WORD`."""

    def of(word: str) -> float | None:
        token = tokenizer.token_to_id(word)
        rare = NOT_A_WORD if token is None else int(rarity[token])
        return None if rare == NOT_A_WORD else rare / STEP

    return Readings(of)


def _arabizi(traits: npt.NDArray[np.uint8], behind: Ids) -> Ids:
    """Which words, by their `traits`, stand in Latin letters in a text of Arabizi; `behind` each text's last word.

    Such a text has words that are no tokens: two that make up half of its words in Latin letters, or a quarter with
    digits for letters, or one alone with such digits. In a thousand English sentences there is none.
    """
    if not (traits & _STRANGE).any():
        return np.zeros(0, np.int64)
    latin, strange, digits = (
        np.diff(np.append(0, np.cumsum((traits & trait) > 0))[behind], prepend=0)
        for trait in (_LATIN, _STRANGE, _DIGITS)
    )
    share = np.where(digits > 0, 4, 2) * strange >= latin
    typed = share & (strange > 1) | (digits > 0) & (latin == 1)
    return np.flatnonzero(np.repeat(typed, np.diff(behind, prepend=0)) & ((traits & _LATIN) > 0))
