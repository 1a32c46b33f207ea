"""The words of many texts and their terms, as numbers: what a lexical index is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise, repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from .letters import script
from .pieces import Numbers, Pieces, pieces_of
from .tokens import SPACED, analyse, words

REMEMBERED = 1 << 21
"""Letters of the pieces of texts that are kept, some 60 MB with their words and terms."""


ARABIC = 1 << 63
"""The bit of a key that says the term is Arabic."""

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Analysed:
    """The words of n texts, in order.

    `numbers` (int32) says which of `words` stands at each place of the texts, which lie end to end, `counts` (int64,
    (n,)) how many words each text has. `terms` has the term of each word, `keys` (uint64) the key of that. There may be
    words that stand nowhere.
    """

    words: Sequence[str]
    terms: Sequence[str]
    keys: Keys
    numbers: npt.NDArray[np.int32]
    counts: Numbers

    def divided(self, sizes: Iterable[int]) -> Iterator[Analysed]:
        """So many texts each; all have the same words."""
        texts = np.cumsum([0, *sizes])
        ends = np.append(0, np.cumsum(self.counts))[texts]
        for (first, last), (start, end) in zip(pairwise(texts.tolist()), pairwise(ends.tolist()), strict=True):
            yield Analysed(self.words, self.terms, self.keys, self.numbers[start:end], self.counts[first:last])

    @classmethod
    def joined(cls, parts: Sequence[Analysed]) -> Analysed:
        """The texts of all parts. The words are those that stand in them, in the order in which they first do."""
        known: dict[str, int] = {}
        words, terms, keys = list[str](), list[str](), [np.zeros(0, np.uint64)]
        places: dict[int, Numbers] = {}  # of the words of parts, which share them
        numbers = [np.zeros(0, np.int64)]
        for part in parts:
            here = places.get(id(part.words))
            if here is None:
                here = np.fromiter(map(known.get, part.words, repeat(-1)), np.int64, len(part.words))
                new = np.flatnonzero(here < 0)
                here[new] = np.arange(len(words), len(words) + len(new))
                words += [part.words[i] for i in new.tolist()]
                terms += [part.terms[i] for i in new.tolist()]
                keys.append(part.keys[new])
                known.update(zip(words[len(known) :], here[new].tolist(), strict=True))
                places[id(part.words)] = here
            numbers.append(here[part.numbers])
        counts = np.concatenate([np.zeros(0, np.int64), *(part.counts for part in parts)])
        return cls._of(words, terms, np.concatenate(keys), np.concatenate(numbers), counts)

    @classmethod
    def _of(
        cls, words: Sequence[str], terms: Sequence[str], keys: Keys, numbers: npt.NDArray[Any], counts: Numbers
    ) -> Analysed:
        """Texts whose words are among others; only theirs are kept, in the order in which they first occur."""
        first = np.zeros(len(words), np.int64)  # where each word is met first
        places = np.arange(len(numbers))
        first[numbers[::-1]] = places[::-1]
        new = first[numbers] == places
        behind = np.cumsum(new, dtype=np.int32) - np.int32(1)
        met = numbers[new]
        chosen = met.tolist()
        return cls([words[i] for i in chosen], [terms[i] for i in chosen], keys[met], behind[first[numbers]], counts)


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
        return Analysed._of(known.words, known.terms, known.keys, numbers, counts)


class _Vocabulary:
    """Words by number, with their terms."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.terms: list[str] = []
        self.keys = np.zeros(0, np.uint64)
        self.pieces = Pieces(self._learn)
        self._known: dict[str, int] = {}

    def _learn(self, pieces: Sequence[str]) -> tuple[Numbers, Numbers]:
        found = [words(piece) for piece in pieces]
        numbers = [self._number(word) for own in found for word in own]
        new = [term_key(term) for term in self.terms[len(self.keys) :]]
        self.keys = np.concatenate([self.keys, np.array(new, np.uint64)])
        return np.array(numbers, np.int64), np.array([len(own) for own in found], np.int64)

    def _number(self, word: str) -> int:
        number = self._known.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
            self.terms.append(analyse(word)[0])
        return number


def term_key(term: str) -> int:
    """The number (64 bits) by which a term is found: a hash, behind a bit that says whether the term is Arabic.

    Among a million terms, two have the same key once in ten million cases. They would count as one term.
    """
    digest = blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1 | (ARABIC if script(term) == "ar" else 0)


_analyser = _Analyser()
