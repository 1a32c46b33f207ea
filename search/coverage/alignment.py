"""Two texts side by side: which words they share, in what order, which stand against each other, which contradict."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.text import Token

from . import facts
from .words import Ints, Words, hashes

RUN = 3
"""Words in a row that anchor an alignment; shorter agreements count only between anchors."""

GAP = 40
"""Words between two anchors that are still compared one by one; longer stretches are another text."""

PASSES = 8
"""Times the anchors left over are aligned again, so that moved paragraphs count as shared."""

SPOT = 8
"""Words of a change that is still a change of wording; longer ones were cut or added."""

# By which the hashes of neighbours are multiplied before they are added: odd numbers, without a pattern.
_FACTORS = (0x1E3779B97F4A7C15, 0x3F58476D1CE4E5B9, 0x14D049BB133111EB, 0x2545F4914F6CDD1D)


class Block(NamedTuple):
    """`size` equal words, at word `a` of one text and word `b` of the other."""

    a: int
    b: int
    size: int


class Change(NamedTuple):
    """Words [a, a_end) of one text that stand where the other has [b, b_end); one of the two may be empty."""

    a: int
    a_end: int
    b: int
    b_end: int


class Contradiction(NamedTuple):
    """Words of one text that cannot be true together with those of the other in the same place.

    `kind` is "number", "date", "name", "negation", "opposite" or "word" (one word put for another again and again).
    """

    kind: str
    change: Change


@dataclass(frozen=True)
class Comparison:
    """Two texts read side by side: their words, the blocks they share, and what is between them, in order."""

    texts: tuple[str, str]
    a: Sequence[Token]
    b: Sequence[Token]
    blocks: tuple[Block, ...]
    changes: tuple[Change, ...]

    @cached_property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """What cannot be true in both texts, sought when it is first asked for: most pairs are told apart before."""
        spots = [change for change in self.changes if _is_spot(change)]
        found = [Contradiction(kind, change) for change in spots for kind in _contradicts(self, change)]
        if _moved(found, self.a, self.b):
            found = [contradiction for contradiction in found if contradiction.kind != "negation"]
        return (*found, *(Contradiction("word", change) for change in _repeated(self.a, self.b, self.changes)))

    @cached_property
    def words(self) -> tuple[frozenset[str], frozenset[str]]:
        """The folded words of each text."""
        return frozenset(token.word for token in self.a), frozenset(token.word for token in self.b)

    @cached_property
    def capitalised(self) -> tuple[frozenset[str], frozenset[str]]:
        """The folded words that each text writes with a capital."""
        return facts.capitalised(self.texts[0]), facts.capitalised(self.texts[1])

    @property
    def shared(self) -> int:
        """Words in common, each counted once."""
        return sum(block.size for block in self.blocks)

    @property
    def reworded(self) -> list[Change]:
        """Changes of wording: neither cut, nor added, nor the same words in another spelling or form."""
        return [change for change in self.changes if _is_spot(change) and not self._respells(change)]

    def _respells(self, change: Change) -> bool:
        words_a, words_b = _words(self.a, change.a, change.a_end), _words(self.b, change.b, change.b_end)
        return len(words_a) == len(words_b) and all(map(facts.same_name, words_a, words_b))


def compare(a: str, b: str) -> Comparison:
    """Two texts aligned word by word, whatever their marks, letter variants and punctuation."""
    return compare_tokens((a, b), Words(a), Words(b))


def compare_tokens(texts: tuple[str, str], one: Sequence[Token], other: Sequence[Token]) -> Comparison:
    """The same for two texts whose `Words` are known, or stretches of them."""
    blocks = align(hashes(one), hashes(other))
    return Comparison(texts, one, other, tuple(blocks), tuple(changes(blocks, len(one), len(other))))


def align(a: Ints, b: Ints) -> list[Block]:
    """The words two texts share, each word used once, ordered by place in `a`; words are given as numbers, (n,).

    Runs of `RUN` words anchor the longest chain in the same order (the patience diff of Bram Cohen, with repeated runs
    told apart by how often they came before); gaps of up to `GAP` words are then compared word by word. What is left is
    aligned again for paragraphs that moved. n log n in the length of the texts, quadratic only inside the gaps.
    """
    if np.array_equal(a, b):
        return [Block(0, 0, len(a))] if len(a) else []
    _, one, other = np.intersect1d(_runs(a), _runs(b), assume_unique=True, return_indices=True)
    order = np.argsort(one)
    one, other = one[order], other[order]
    used_a, used_b = np.zeros(len(a), bool), np.zeros(len(b), bool)
    blocks: list[Block] = []
    for _ in range(PASSES):
        if not len(one):
            break
        chain = _chain(other)
        found = _merge(one[chain], other[chain])
        if not blocks:
            found = _fill(a, b, found)
        for block in found:
            used_a[block.a : block.a + block.size] = True
            used_b[block.b : block.b + block.size] = True
        blocks += found
        left = ~(_touched(used_a)[one] | _touched(used_b)[other])
        one, other = one[left], other[left]
    return sorted(blocks)


def changes(blocks: Sequence[Block], a: int, b: int) -> list[Change]:
    """What stands between the blocks of two texts of `a` and `b` words, in the order of the first."""
    edges = [Block(0, 0, 0), *blocks, Block(a, b, 0)]
    found = []
    for left, right in pairwise(edges):
        start, from_b = left.a + left.size, left.b + left.size
        to_b = right.b if right.b >= from_b else from_b
        if start < right.a or from_b < to_b:
            found.append(Change(start, right.a, from_b, to_b))
    return found


def _runs(words: Ints) -> Ints:
    """A hash of each run of `RUN` words, and of how often that came before."""
    count = max(len(words) - RUN + 1, 0)
    runs = np.zeros(count, np.int64)
    for i, factor in zip(range(RUN), _FACTORS, strict=False):
        runs += words[i : i + count] * factor
    order = np.argsort(runs, kind="stable")
    new = np.ones(count, bool)
    new[1:] = runs[order[1:]] != runs[order[:-1]]
    if not new.all():
        places = np.arange(count)
        runs[order] += (places - np.maximum.accumulate(np.where(new, places, 0))) * _FACTORS[RUN]
    return runs


def _chain(places: Ints) -> Ints:
    """Which of some places form the longest subsequence that ascends."""
    if (places[1:] > places[:-1]).all():  # most texts
        return np.arange(len(places))
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for n, j in enumerate(places.tolist()):
        at = bisect_left(tails, j)
        before.append(last[at - 1] if at else -1)
        tails[at : at + 1] = [j]
        last[at : at + 1] = [n]
    chain = []
    n = last[-1]
    while n >= 0:
        chain.append(n)
        n = before[n]
    return np.array(chain[::-1], np.int64)


def _merge(a: Ints, b: Ints) -> list[Block]:
    """Maximal blocks from the runs of a chain; a run that would use a word twice gives way to the one before it."""
    first = np.ones(len(a), bool)
    first[1:] = (np.diff(a) != 1) | (np.diff(b) != 1)
    starts = np.flatnonzero(first)
    sizes = np.diff(np.append(starts, len(a))) + RUN - 1
    blocks: list[Block] = []
    for i, j, size in zip(a[starts].tolist(), b[starts].tolist(), sizes.tolist(), strict=True):
        if blocks:
            last = blocks[-1]
            end_a, end_b = last.a + last.size, last.b + last.size
            if i - last.a == j - last.b and i <= end_a:
                blocks[-1] = Block(last.a, last.b, i - last.a + size)
                continue
            cut = max(end_a - i, end_b - j, 0)
            i, j, size = i + cut, j + cut, size - cut
            if size <= 0:
                continue
        blocks.append(Block(i, j, size))
    return blocks


def _touched(used: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which runs have a word that is used."""
    count = max(len(used) - RUN + 1, 0)
    touched = np.zeros(count, bool)
    for i in range(RUN):
        touched |= used[i : i + count]
    return touched


def _fill(a: Ints, b: Ints, blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with the words that agree in the short gaps between them."""
    filled: list[Block] = []
    end = Block(len(a), len(b), 0)
    at_a = at_b = 0
    for block in [*blocks, end]:
        if 0 < block.a - at_a <= GAP and 0 < block.b - at_b <= GAP:
            gap_a, gap_b = a[at_a : block.a].tolist(), b[at_b : block.b].tolist()
            matcher = SequenceMatcher(None, gap_a, gap_b, autojunk=False)
            filled += [Block(at_a + i, at_b + j, size) for i, j, size in matcher.get_matching_blocks() if size]
        filled.append(block)
        at_a, at_b = block.a + block.size, block.b + block.size
    return filled[:-1]


def _is_spot(change: Change) -> bool:
    return change.a_end - change.a <= SPOT and change.b_end - change.b <= SPOT


def _contradicts(comparison: Comparison, change: Change) -> list[str]:
    one, other = comparison.a, comparison.b
    words_a, words_b = _words(one, change.a, change.a_end), _words(other, change.b, change.b_end)
    kinds = []
    if max(len(words_a), len(words_b)) <= RUN:
        denied = facts.negations(one, change.a, change.a_end), facts.negations(other, change.b, change.b_end)
        # A negator came or went, and what it denies is there on both sides; "not" for "taxes" is only another word.
        if denied[0] != denied[1] and len(words_a) - denied[0] == len(words_b) - denied[1]:
            kinds.append("negation")
    if not words_a or not words_b:
        return kinds
    if facts.other_numbers(words_a, words_b):
        kinds.append("number")
    if any(_differ(facts.of_kind(words_a, unit), facts.of_kind(words_b, unit)) for unit in ("month", "weekday")):
        kinds.append("date")
    if facts.opposite(words_a, words_b):
        kinds.append("opposite")
    capitals = comparison.capitalised
    names_a = _named(capitals[0], one, change.a, change.a_end)
    names_b = _named(capitals[1], other, change.b, change.b_end)
    if len(words_a) == len(words_b) == 1:
        names_a |= {words_a[0]} if names_b and facts.can_be_name(one, change.a) else set()
        names_b |= {words_b[0]} if names_a and facts.can_be_name(other, change.b) else set()
    names_a, names_b = facts.unmatched(names_a, words_b), facts.unmatched(names_b, words_a)
    # Who is called by another of his names is still himself: both texts have both.
    both = names_a <= comparison.words[1] and names_b <= comparison.words[0]
    if names_a and names_b and not both and "".join(words_a) != "".join(words_b):
        kinds.append("name")
    return kinds


def _named(capitalised: frozenset[str], tokens: Sequence[Token], start: int, end: int) -> set[str]:
    names = facts.names(capitalised, _words(tokens, max(0, start - 1), end), min(1, start))  # a title may stand before
    return names | facts.unlisted(tokens, start, end)


def _moved(found: Sequence[Contradiction], a: Sequence[Token], b: Sequence[Token]) -> bool:
    """Whether the negations of one text are all in the other, only in another place."""
    places = [change for kind, change in found if kind == "negation"]
    denied_a = sum(facts.negations(a, change.a, change.a_end) for change in places)
    return denied_a == sum(facts.negations(b, change.b, change.b_end) for change in places)


def _differ(a: set[facts.Meaning], b: set[facts.Meaning]) -> bool:
    return bool(a - b and b - a)


def _repeated(a: Sequence[Token], b: Sequence[Token], between: Sequence[Change]) -> list[Change]:
    """The changes that put a word for a word at least twice, and everywhere: another subject in the same text."""
    swaps: dict[tuple[str, str], list[Change]] = {}
    for change in between:
        if change.a_end - change.a == change.b_end - change.b == 1:
            swaps.setdefault((a[change.a].word, b[change.b].word), []).append(change)
    several = [(pair, places) for pair, places in swaps.items() if len(places) > 1]
    if not several:  # most texts
        return []
    in_a, in_b = ({token.word for token in text} for text in (a, b))
    return [
        change
        for (x, y), places in several
        if x not in in_b and y not in in_a and not facts.same_name(x, y) and not facts.numbers((x, y))
        for change in places
    ]


def _words(text: Sequence[Token], start: int, end: int) -> list[str]:
    return [token.word for token in text[start:end]]
