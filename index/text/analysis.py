"""The words of many texts and their terms, as numbers: what a lexical index is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, pairwise, repeat
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from .letters import script
from .pieces import NONE, Learned, Numbers, Table, pieced
from .tokens import SPACED, analyse_all_once, words

ARABIC = 1 << 63
"""The bit of a key that says the term is Arabic."""

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class WordList:
    """Different words as written, the term of each, and the key of that: uint64, (n,)."""

    written: Sequence[str]
    terms: Sequence[str]
    keys: Keys

    def chosen(self, numbers: npt.NDArray[np.integer[Any]]) -> WordList:
        """Some of the words."""
        places = numbers.tolist()
        return WordList([self.written[i] for i in places], [self.terms[i] for i in places], self.keys[numbers])

    def __reduce__(self) -> tuple[Any, ...]:
        # Thousands of strings take ten times as long to be sent to another process as one; no word has a line break.
        return _received, ("\n".join(self.written), "\n".join(self.terms), self.keys)


def _received(written: str, terms: str, keys: Keys) -> WordList:
    return WordList(written.split("\n"), terms.split("\n"), keys) if len(keys) else WordList([], [], keys)


@dataclass(frozen=True, slots=True, eq=False)
class Analysed:
    """The words of n texts, in order.

    `numbers` (int32) says which of `words` stands at each place of the texts, which lie end to end, `counts` (int64,
    (n,)) how many words each text has. There may be words that stand nowhere.
    """

    words: WordList
    numbers: npt.NDArray[np.int32]
    counts: Numbers

    def __reduce__(self) -> tuple[Any, ...]:
        return Analysed, (self.words, self.numbers, self.counts)  # in half the time of what Python does itself

    def divided(self, sizes: Iterable[int]) -> Iterator[Analysed]:
        """So many texts each; all have the same list of words."""
        texts = np.cumsum([0, *sizes])
        ends = np.append(0, np.cumsum(self.counts))[texts]
        for (first, last), (start, end) in zip(pairwise(texts.tolist()), pairwise(ends.tolist()), strict=True):
            yield Analysed(self.words, self.numbers[start:end], self.counts[first:last])

    @classmethod
    def joined(cls, parts: Sequence[Analysed]) -> Analysed:
        """The texts of all parts. The words are those that stand in them, in the order in which they first do."""
        known: dict[str, int] = {}
        terms, keys = list[str](), [np.zeros(0, np.uint64)]
        places: dict[int, Numbers] = {}  # of the words of a list: many parts share one
        numbers = [NONE]
        for part in parts:
            here = places.get(id(part.words))
            if here is None:
                written = part.words.written
                here = places[id(part.words)] = np.fromiter(map(known.get, written, repeat(-1)), np.int64, len(written))
                new = np.flatnonzero(here < 0)
                added = part.words.chosen(new)
                here[new] = np.arange(len(known), len(known) + len(new))
                known.update(zip(added.written, here[new].tolist(), strict=True))
                terms += added.terms
                keys.append(added.keys)
            numbers.append(here[part.numbers])
        counts = np.concatenate([NONE, *(part.counts for part in parts)])
        return cls.of(WordList(list(known), terms, np.concatenate(keys)), np.concatenate(numbers), counts)

    @classmethod
    def of(cls, words: WordList, numbers: Numbers, counts: Numbers) -> Analysed:
        """Texts whose words are among others; only theirs are kept, in the order in which they first occur."""
        first = np.zeros(len(words.written), np.int64)  # where each word is met first
        places = np.arange(len(numbers))
        first[numbers[::-1]] = places[::-1]
        new = first[numbers] == places
        behind = np.cumsum(new, dtype=np.int32) - np.int32(1)
        return cls(words.chosen(numbers[new]), behind[first[numbers]], counts)


def analysed(texts: Sequence[str]) -> Analysed:
    """The words of texts and their terms, as `words` and `analyse` give them."""
    return _vocabulary.analysed(texts)


class _Vocabulary(Learned):
    """Words by number, with their terms."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []
        self._terms: list[str] = []
        self._keys = np.zeros(0, np.uint64)
        self._known: dict[str, int] = {}
        self._whole = Lock()

    def analysed(self, texts: Sequence[str]) -> Analysed:
        with self._whole:
            numbers, counts = self.numbers(pieced(texts))
            spaced = [i for i, text in enumerate(texts) if SPACED.search(text)]
            if spaced:  # numbers with spaces within are words
                parts = np.split(numbers, np.cumsum(counts)[:-1])
                for i in spaced:
                    parts[i] = self._numbered(words(texts[i]))
                    counts[i] = len(parts[i])
                numbers = np.concatenate(parts)
            return Analysed.of(WordList(self._words, self._terms, self._keys), numbers, counts)

    def learn(self, pieces: Sequence[str]) -> tuple[Numbers, Numbers]:
        found = list(map(words, pieces))
        return self._numbered([*chain.from_iterable(found)]), np.fromiter(map(len, found), np.int64, len(found))

    def _numbered(self, written: Sequence[str]) -> Numbers:
        new = [word for word in dict.fromkeys(written) if word not in self._known]
        self._known.update(zip(new, range(len(self._words), len(self._words) + len(new)), strict=True))
        terms, _ = analyse_all_once(new)
        self._words += new
        self._terms += terms
        keys = {term: term_key(term) for term in dict.fromkeys(terms)}
        self._keys = np.append(self._keys, np.fromiter(map(keys.__getitem__, terms), np.uint64, len(terms)))
        return np.fromiter(map(self._known.__getitem__, written), np.int64, len(written))

    def _change(self, table: Table) -> None:
        super()._change(table)
        held = Analysed.of(WordList(self._words, self._terms, self._keys), self._numbers, NONE)
        self._words, self._terms, self._keys = list(held.words.written), list(held.words.terms), held.words.keys
        self._numbers = held.numbers.astype(np.int64)
        self._known = {word: number for number, word in enumerate(self._words)}


_vocabulary = _Vocabulary()


def term_key(term: str) -> int:
    """The number (64 bits) by which a term is found: a hash, behind a bit that says whether the term is Arabic.

    Among a million terms, two have the same key once in ten million cases. They would count as one term.
    """
    digest = blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1 | (ARABIC if script(term) == "ar" else 0)
