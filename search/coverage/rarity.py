"""How much a term says, by how few of the earlier texts hold it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from operator import mul

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

    def represent(self, count: int) -> None:
        """Takes the texts counted for an even sample of so many, and each for its part of them."""
        each = count / max(self.count, 1)
        self._holding = Counter({word: round(held * each) for word, held in self._holding.items()})
        self.count = count

    def weigh(self, words: Iterable[str]) -> TermWeights:
        """The terms of a text with their weights, as a vector of unit length: log frequency times rarity."""
        counted = Counter(words)
        holding = [self._holding.get(word, 0) for word in counted]
        texts = self._prior + self.count
        # A text has few different counts, so few logarithms are taken.
        often = {count: 1 + math.log(count) for count in set(counted.values())}
        rare = {held: math.log(self._least + max(1.0, texts / (held + self._unseen))) for held in set(holding)}
        weights = [often[count] * rare[held] for count, held in zip(counted.values(), holding, strict=True)]
        norm = math.sqrt(sum(map(mul, weights, weights))) or 1.0
        return {word: weight / norm for word, weight in zip(counted, weights, strict=True)}
