"""The pairs of letter groups that align two spellings of a name, by expectation maximisation over all alignments.

A joint model of groups: Jiampojamarn and others, "Applying Many-to-Many Alignments and Hidden Markov Models to
Letter-to-Phoneme Conversion" (2007).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.text import transliteration as spelling
from index.text.transliteration import Letters

Pairs = list[tuple[str, str]]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROUNDS = 8  # of expectation maximisation
RARE = 0.4  # subtracted from each expected count in each round, so that groups seen once or twice vanish
KEPT = 0.25  # share of the groups of an Arabic word that a variant always spells the same
SWAPPED = 0.02  # share of vowels that a variant swaps with their neighbour, as in أميركا and أمريكا
_VOWELS = {spelling.group_code(vowel) for vowel in "اوي"}
SIZES = tuple((p, q) for p in (1, 2, 3) for q in (0, 1, 2))


@dataclass
class Lattice:
    """All alignments of a batch of word pairs: the weight number of the groups at each step (i, j, p, q)."""

    steps: list[tuple[int, int, int, int, npt.NDArray[np.int32]]]
    starts: npt.NDArray[np.float32]
    row_ends: Ints
    column_ends: Ints
    shape: tuple[int, int]

    @classmethod
    def build(cls, rows: Letters, columns: Letters, number: npt.NDArray[np.int32]) -> Lattice:
        """`number` maps row group * 1024 + column group to the number of a weight; 0 means none."""
        row_groups = spelling.letter_groups(rows, True, 3)
        column_groups = [
            np.zeros_like(g) for g in [spelling.letter_groups(columns, False, 1)[0]]
        ] + spelling.letter_groups(columns, False, 2)
        row_ends, column_ends = (rows > 0).sum(axis=1) + 2, (columns > 0).sum(axis=1) + 1
        steps = []
        for i in range(1, row_groups[0].shape[1]):
            for j in range(column_groups[0].shape[1]):
                for p, q in SIZES:
                    if i < p or j < q:
                        continue
                    row, column = row_groups[p - 1][:, i], column_groups[q][:, j]
                    fits = (row > 0) & ((column > 0) if q else (j <= column_ends))
                    if fits.any():
                        n = np.where(fits, number[row << 10 | column], 0)
                        if n.any():
                            steps.append((i, j, p, q, n))
        return cls(
            steps,
            spelling.name_starts(columns),
            row_ends,
            column_ends,
            (row_groups[0].shape[1], column_groups[0].shape[1]),
        )

    def expect(self, odds: Doubles, share: Callable[[Doubles], Doubles] = np.ones_like) -> tuple[Doubles, Doubles]:
        """The log of the summed odds of all alignments of each pair, and the expected count of each weight.

        `share` maps those logs to the weight of each pair in the counts. `odds[0]` must be 0.
        """
        n = len(self.row_ends)
        which = np.arange(n)
        forward = np.zeros((*self.shape, n))
        places = min(self.shape[1], self.starts.shape[1])
        forward[0, :places] = self.starts[:, :places].T
        for i, j, p, q, number in self.steps:
            forward[i, j] += forward[i - p, j - q] * odds[number]
        total = forward[self.row_ends, self.column_ends, which]
        found = total > 0
        score = np.log(np.where(found, total, 1e-300))
        backward = np.zeros_like(forward)
        backward[self.row_ends, self.column_ends, which] = np.where(found, share(score) / np.where(found, total, 1), 0)
        used = np.zeros(len(odds))
        for i, j, p, q, number in reversed(self.steps):
            step = odds[number] * backward[i, j]
            backward[i - p, j - q] += step
            np.add.at(used, number, step * forward[i - p, j - q])
        return score, used


def background(words: Iterable[str]) -> Doubles:
    """The log probability of each letter code (END included) among all letters of words."""
    letters = spelling.spell(list(words))
    counts = np.bincount((letters[letters > 0] % spelling.ARABIC_CODE).astype(np.int64), minlength=32).astype(
        np.float64
    )
    counts[spelling.END] = counts[spelling.START] = len(letters)
    shares: Doubles = np.log(np.maximum(counts, 1) / counts.sum())
    return shares


def log_chance(numbers: Ints, letters: Doubles) -> Doubles:
    """The log probability of groups if their letters were independent."""
    result = np.zeros(len(numbers))
    for shift in (0, 5, 10):
        code = numbers >> shift & 31
        result += np.where(code > 0, letters[code], 0)
    return result


def find_groups(pairs: Pairs) -> tuple[Ints, Doubles]:
    """The pairs of groups that align the words of `pairs`, and their log-odds."""
    rows, columns = spelling.spell([a for a, _ in pairs]), spelling.spell([b for _, b in pairs])
    everything = np.zeros(1 << 25, bool)
    identity = np.arange(1 << 25, dtype=np.int32)
    lattice = Lattice.build(rows, columns, identity)
    for *_, number in lattice.steps:
        everything[number] = True
    everything[0] = False
    ids = np.r_[0, np.flatnonzero(everything)]
    del lattice
    identity[ids] = np.arange(len(ids))
    lattice = Lattice.build(rows, columns, identity)
    size = np.maximum((ids >> 10 > 0) * 1 + (ids >> 15 > 0) + (ids >> 20 > 0), (ids & 1023 > 0) * 1 + (ids & 1023 > 31))
    odds = 0.02**size * np.where(ids & 1023, 1, 0.1)
    odds[0] = 0
    for _ in range(ROUNDS):
        _, used = lattice.expect(odds)
        used[0] = 0
        used = np.maximum(used - RARE, 0)
        odds = used / used.sum()
    kept = np.flatnonzero(odds)
    return ids[kept], odds[kept]


def log_odds(ids: Ints, odds: Doubles, rows: Doubles, columns: Doubles) -> Doubles:
    """The log-odds of each pair of groups against independent letters."""
    return np.log(odds) - log_chance(ids >> 10, rows) - log_chance(ids & 1023, columns)


def through(ids: Ints, odds: Doubles, arabic: bool) -> tuple[Ints, Doubles]:
    """Pairs of groups within one script: equal ones, or two that stand for one group of the other script."""
    by_group: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for pair, probability in zip(ids.tolist(), odds.tolist(), strict=True):
        row, column = pair >> 10, pair & 1023
        here, there = (column, row) if arabic else (row, column)
        by_group[there][here] += probability
    joint: dict[int, float] = defaultdict(float)
    for group in by_group.values():
        total = sum(group.values())
        for row, p in group.items():
            for column, q in group.items():
                started = not arabic and row >> 5 * (_size(row) - 1) == spelling.START
                if started != (not arabic and column > 0 and column >> 5 * (_size(column) - 1) == spelling.START):
                    continue
                bare = column & (1 << 5 * (_size(column) - 1)) - 1 if started else column
                if row and bare < 1024:
                    chosen = KEPT * p * (row == column) + (1 - KEPT) * p * q / total
                    joint[row << 10 | bare] += chosen
                if (
                    arabic
                    and row == column
                    and row >= 32
                    and {row >> 5, row & 31} & _VOWELS
                    and row & 31 != spelling.END
                ):
                    joint[row << 10 | (row & 31) << 5 | row >> 5] += SWAPPED * p
    if arabic:
        joint[spelling.START << 10] = 1 / 8
    return np.array(list(joint)), np.array(list(joint.values()))


def _size(group: int) -> int:
    return (group.bit_length() + 4) // 5
