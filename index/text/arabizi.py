"""Arabic typed in Latin letters, chat style (3ndi, kifach): the Arabic spellings that a word may stand for.

A word is cut into groups of one to four Latin letters and digits, each of which stands for some Arabic letters or for
none, with a probability that depends on whether it begins the word, ends it or stands within. training/arabizi.py
learns these probabilities.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

KEPT = 120
"""How many spellings are kept, of each beginning of a word too."""

LONGEST = 20
"""The most letters of a word."""

LONGEST_GROUP = 4

BEGIN, WITHIN, END = "<", "-", ">"

WEIGHTS = Path(__file__).with_name("arabizi_weights.tsv")
_REPEATED = re.compile(r"(.)\1\1+")
_QUOTES = str.maketrans("’‘`", "'''")
_WORD = re.compile(r"(?=.*[a-z])[a-z2-9']+")


def fold_arabizi(word: str) -> str:
    """A word as `arabizi_spellings` reads it: lower case, no letter three times in a row (bzaaaf, bzaaf)."""
    return _REPEATED.sub(r"\1\1", word.lower().translate(_QUOTES))


def may_be_arabizi(word: str) -> bool:
    """Whether a folded word can be Arabizi: Latin letters, and the digits 2 to 9 that stand for Arabic letters."""
    return len(word) <= LONGEST and _WORD.fullmatch(word) is not None


def place(start: int, end: int, length: int) -> str:
    """Where a group of letters stands in a word of `length` letters."""
    return BEGIN if start == 0 else END if end == length else WITHIN


def arabizi_spellings(word: str) -> list[tuple[str, float]]:
    """The likeliest Arabic spellings of a folded word, with their costs (minus log probability), cheapest first."""
    weights = _weights()
    ends: list[dict[str, float]] = [{} for _ in range(len(word) + 1)]
    ends[0][""] = 0.0
    for start in range(len(word)):
        before = heapq.nsmallest(KEPT, ends[start].items(), key=lambda one: one[1])
        for end in range(start + 1, min(start + LONGEST_GROUP, len(word)) + 1):
            costs = ends[end]
            for arabic, cost in weights.get((word[start:end], place(start, end, len(word))), ()):
                for text, so_far in before:
                    longer, total = text + arabic, so_far + cost
                    if total < costs.get(longer, total + 1):
                        costs[longer] = total
    return heapq.nsmallest(KEPT, ends[-1].items(), key=lambda one: (one[1], one[0]))


@cache
def _weights() -> dict[tuple[str, str], list[tuple[str, float]]]:
    """The costs of the Arabic letters of each group of Latin letters, by where it stands."""
    weights = defaultdict(list)
    for line in WEIGHTS.read_text(encoding="utf-8").splitlines():
        latin, where, arabic, cost = line.split("\t")
        weights[latin, where].append((arabic, float(cost)))
    return dict(weights)
