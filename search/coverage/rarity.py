"""How much a term says, by how few of the earlier texts hold it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import mul

import numpy as np
import numpy.typing as npt

TermWeights = dict[str, float]
"""Terms of a text -> their weights; of unit length as a vector."""


def shared_weight(one: TermWeights, other: TermWeights) -> float:
    """The inner product of two texts' weights: the cosine of their terms."""
    few, many = sorted((one, other), key=len)
    total = 0.0
    for word, value in few.items():
        if word in many:
            total += value * many[word]
    return total


class Rarity:
    """Inverse document frequency, learned text by text; `count` says of how many.

    Only earlier texts count, so that what is added later changes nothing that was decided before. Before any text, a
    term is taken to be held by a share `common` of `prior` texts. A term that all texts hold weighs log(1 + `least`).
    """

    def __init__(self, prior: float = 1.0, common: float = 0.5, least: float = 1.0) -> None:
        """Nothing seen yet."""
        self._least = least
        self.count = 0
        self._prior = prior
        self._unseen = prior * common
        self._holding: Counter[str] = Counter()

    def learn(self, words: Iterable[str]) -> None:
        """Counts a text by its terms."""
        self.count += 1
        self._holding.update(set(words))

    def add(self, count: int, holding: Mapping[str, int]) -> None:
        """Counts so many texts at once, with how many of them hold each term."""
        self.count += count
        self._holding.update(holding)

    def represent(self, count: int) -> None:
        """Takes the texts counted for an even sample of so many, and each for its part of them."""
        each = count / max(self.count, 1)
        self._holding = Counter({word: round(held * each) for word, held in self._holding.items()})
        self.count = count

    def rare(self, held: int) -> float:
        """How much a term says that so many texts hold."""
        return math.log(self._least + max(1.0, (self._prior + self.count) / (held + self._unseen)))

    def weigh(self, words: Iterable[str]) -> TermWeights:
        """The terms of a text with their weights, as a vector of unit length: log frequency times rarity."""
        counted = Counter(words)
        holding = [self._holding.get(word, 0) for word in counted]
        # A text has few different counts, so few logarithms are taken.
        often = {count: _often(count) for count in set(counted.values())}
        rare = {held: self.rare(held) for held in set(holding)}
        weights = [often[count] * rare[held] for count, held in zip(counted.values(), holding, strict=True)]
        norm = math.sqrt(sum(map(mul, weights, weights))) or 1.0
        return {word: weight / norm for word, weight in zip(counted, weights, strict=True)}


class Compared:
    """How rare terms are among n texts, one or more, and how alike these are, as `Rarity` has it when it learned all.

    Of the terms only hashes are known (int64, (sum of sizes,), those of Python) and how many each text has (int64,
    (n,)): among some hundred texts that takes a fifth of the time.
    """

    def __init__(self, terms: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> None:
        self._terms, numbers = np.unique(terms, return_inverse=True)
        several = max(len(self._terms), 1)
        pairs, often = np.unique(np.repeat(np.arange(len(sizes)), sizes) * several + numbers, return_counts=True)
        self._texts, self._numbers = np.divmod(pairs, several)  # of each term of each text
        self._holding = np.bincount(self._numbers, minlength=several)
        self._rarity = Rarity()
        self._rarity.add(len(sizes), {})
        rare = np.array([self._rarity.rare(held) for held in range(len(sizes) + 1)])
        weights = np.array([0.0, *map(_often, range(1, int(often.max(initial=0)) + 1))])[often]
        weights *= rare[self._holding[self._numbers]]
        norms = np.sqrt(np.bincount(self._texts, weights * weights, len(sizes)))
        self._weights = weights / norms[self._texts]

    def shared(self, text: int) -> npt.NDArray[np.float64]:
        """The `shared_weight` of a text with each: (n,)."""
        here = self._texts == text
        own = np.zeros(len(self._holding))
        own[self._numbers[here]] = self._weights[here]
        return np.bincount(self._texts, self._weights * own[self._numbers], self._rarity.count).astype(np.float64)

    def weigh(self, words: Sequence[str]) -> TermWeights:
        """The terms of one of the texts with their weights, as `Rarity.weigh` gives them."""
        hashes = np.fromiter(map(hash, words), np.int64, len(words))
        rarity = Rarity()
        held = self._holding[np.searchsorted(self._terms, hashes)].tolist()
        rarity.add(self._rarity.count, dict(zip(words, held, strict=True)))
        return rarity.weigh(words)


def _often(count: int) -> float:
    return 1 + math.log(count)
