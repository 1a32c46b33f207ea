"""The words of texts that are compared: hashes to align them by, and tokens where a word is asked for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from typing import overload

import numpy as np
import numpy.typing as npt

from index.text import Column, Remembered, Token, analyse, parts, tokenize, words

REMEMBERED = 1 << 21
"""Letters of the pieces of texts whose words are remembered, in some 50 MB."""

Ints = npt.NDArray[np.int64]


class Words(Sequence[Token]):
    """The words of a text, `respelled`. Two texts are aligned by the hashes of theirs: a word is made a Token when it
    is asked for.

    `hashes` (int64, (n,)) are those of Python, and mean something in this process alone. Among a million words, two
    have the same once in ten million cases.
    """

    def __init__(self, text: str) -> None:
        self._parts = parts(text)
        ((self.hashes, self._counts),) = _remembered(self._parts) if len(self._parts) > 1 else _hashed(self._parts)

    def __len__(self) -> int:
        return len(self.hashes)

    @overload
    def __getitem__(self, i: int) -> Token: ...
    @overload
    def __getitem__(self, i: slice) -> list[Token]: ...
    def __getitem__(self, i: int | slice) -> Token | list[Token]:
        if isinstance(i, slice):
            start, end, step = i.indices(len(self))
            return self._between(start, end) if step == 1 else [self[j] for j in range(start, end, step)]
        return self._between(j := range(len(self))[i], j + 1)[0]

    def __iter__(self) -> Iterator[Token]:
        return iter(self[:])

    def _between(self, start: int, end: int) -> list[Token]:
        """The words [start, end)."""
        if start >= end:
            return []
        first, last = bisect_right(self._ends, start) - 1, bisect_left(self._ends, end)
        found = [
            Token(term, word, at + begin, at + stop)
            for part, at in zip(self._parts[first:last], self._starts[first:last], strict=True)
            for term, word, begin, stop in _read(part)
        ]
        before = self._ends[first]
        return found[start - before : end - before]

    @cached_property
    def _ends(self) -> list[int]:
        """How many words stand before each part, and in all."""
        return [*accumulate(self._counts.tolist(), initial=0)]

    @cached_property
    def _starts(self) -> list[int]:
        """Where each part begins in the text."""
        return [*accumulate((len(part) + 1 for part in self._parts[:-1]), initial=0)]


def _hashed(parts: Sequence[str]) -> list[Column]:
    held = [[hash(respelled_word(analyse(word)[1])) for word in words(part)] for part in parts]
    return [(np.fromiter(chain.from_iterable(held), np.int64), np.array([*map(len, held)], np.int64))]


_remembered = Remembered(_hashed, REMEMBERED)


@lru_cache(maxsize=1 << 12)
def _read(part: str) -> tuple[Token, ...]:
    """The words of one of the `parts` of a text."""
    return tuple(respelled(tokenize(part)))


def hashes(tokens: Sequence[Token]) -> Ints:
    """The hashes of some words, as those of `Words`."""
    return tokens.hashes if isinstance(tokens, Words) else np.array([hash(token.word) for token in tokens], np.int64)


def respelled(tokens: Iterable[Token]) -> Iterator[Token]:
    """Words as they are compared: folding keeps على (on) and علي (a name) apart, which many papers do not."""
    return (_without_maksura(token) if "ى" in token.word else token for token in tokens)


def _without_maksura(token: Token) -> Token:
    term, word = _respelled(token.word)
    return Token(term, word, token.start, token.end)


def respelled_word(word: str) -> str:
    """One folded word as it is compared."""
    return _respelled(word)[1] if "ى" in word else word


def _respelled(word: str) -> tuple[str, str]:
    return analyse(word.replace("ى", "ي"))
