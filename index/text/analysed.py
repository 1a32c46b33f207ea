"""The words of many texts and their terms, as numbers: what a lexical index is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from .pieces import Numbers, Pieces, pieces_of
from .tokens import SPACED, analyse, words

REMEMBERED = 1 << 21
"""Letters of the pieces of texts that are kept, some 60 MB with their words and terms."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """The words of n texts, in order.

    `numbers` (int32) says which of `words` stands at each place of the texts, which lie end to end, `counts` (int64,
    (n,)) how many words each text has. `terms` has the term of each word. There may be words that stand nowhere.
    """

    words: Sequence[str]
    terms: Sequence[str]
    numbers: npt.NDArray[np.int32]
    counts: Numbers

    def divided(self, sizes: Iterable[int]) -> Iterator[Analysed]:
        """So many texts each; all have the same words."""
        texts = np.cumsum([0, *sizes])
        ends = np.append(0, np.cumsum(self.counts))[texts]
        for (first, last), (start, end) in zip(pairwise(texts.tolist()), pairwise(ends.tolist()), strict=True):
            yield Analysed(self.words, self.terms, self.numbers[start:end], self.counts[first:last])

    @classmethod
    def joined(cls, parts: Sequence[Analysed]) -> Analysed:
        """The texts of all parts. The words are those that stand in them, in the order in which they first do."""
        known: dict[str, int] = {}
        terms: list[str] = []
        places: dict[int, Numbers] = {}  # of the words of parts, which share them
        numbers = [np.zeros(0, np.int64)]
        for part in parts:
            if id(part.words) not in places:
                places[id(part.words)] = np.array([known.setdefault(word, len(known)) for word in part.words], np.int64)
                for place, term in zip(places[id(part.words)].tolist(), part.terms, strict=True):
                    if place == len(terms):
                        terms.append(term)
            numbers.append(places[id(part.words)][part.numbers])
        first, renumbered = _first_met(np.concatenate(numbers), len(known))
        written = list(known)
        return cls(
            [written[i] for i in first],
            [terms[i] for i in first],
            renumbered,
            np.concatenate([np.zeros(0, np.int64), *(part.counts for part in parts)]),
        )


def analysed(texts: Sequence[str]) -> Analysed:
    """The words of texts and their terms, as `words` and `analyse` give them."""
    return _analyser(texts)


class _Analyser:
    """Remembers all words that it met, as long as they do not fill the memory. Threads share it."""

    def __init__(self) -> None:
        self._vocabulary = _Vocabulary()

    def __call__(self, texts: Sequence[str]) -> Analysed:
        known = self._vocabulary
        # Numbers with spaces within are words: the words of these few texts are looked up instead of the pieces.
        numbers, counts = known.pieces([words(text) if SPACED.search(text) else pieces_of(text) for text in texts])
        if known.pieces.letters > REMEMBERED:
            self._vocabulary = _Vocabulary()
        first, renumbered = _first_met(numbers, len(known.words))
        return Analysed([known.words[i] for i in first], [known.terms[i] for i in first], renumbered, counts)


class _Vocabulary:
    """Words by number, with their terms."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.terms: list[str] = []
        self.pieces = Pieces(self._learn)
        self._known: dict[str, int] = {}

    def _learn(self, pieces: Sequence[str]) -> tuple[Numbers, Numbers]:
        found = [words(piece) for piece in pieces]
        numbers = [self._number(word) for own in found for word in own]
        return np.array(numbers, np.int64), np.array([len(own) for own in found], np.int64)

    def _number(self, word: str) -> int:
        number = self._known.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
            self.terms.append(analyse(word)[0])
        return number


_analyser = _Analyser()


def _first_met(numbers: npt.NDArray[Any], several: int) -> tuple[list[int], npt.NDArray[np.int32]]:
    """The different ones of some numbers below `several`, in the order in which they first occur, and where among those
    each of the numbers is."""
    first = np.zeros(several, np.int64)  # where each number is met first
    places = np.arange(len(numbers))
    first[numbers[::-1]] = places[::-1]
    new = first[numbers] == places
    behind = np.cumsum(new, dtype=np.int32) - np.int32(1)
    return numbers[new].tolist(), behind[first[numbers]]
