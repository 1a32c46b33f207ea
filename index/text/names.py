"""Names across scripts: the words of a corpus that spell a given name, in Arabic or Latin letters.

There are two steps. First, candidates are found by their *key*, the consonants of a word (name_keys.py). Then each
candidate is scored, with its vowels, by `evidence` (transliteration.py). The score adds up over letters, so that names
of two letters, which agree by chance, never become `LIKELY`, while long names may differ in a vowel.

The caller decides which tokens look like names (a capital letter inside a query, a word unknown to the lexicon), and
chooses the threshold: `LIKELY` for such tokens, `SURE` for any word.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .name_keys import keys_of, neighbours
from .packed import distinct
from .remembered import Column, Remembered
from .transliteration import (
    ARABIC_CODE,
    CODES,
    FOREIGN,
    NAME_WIDTH,
    Floats,
    Ints,
    Letters,
    alignment,
    evidence,
    letters_of,
    name_lines,
    spell,
)

LIKELY = 0.5
"""Least similarity of two spellings of a name, for tokens that look like names. Of common English words, 5 in 10 are
this similar to some word of a corpus of 121,000 Arabic words."""
SURE = 0.98
"""The same for any word. 16 in 1,000 common English words reach it: those that Arabic has borrowed."""

MOST_CANDIDATES = 1000  # to align; of more, those with the best fitting vowels and length are kept
WORDS_AT_ONCE = 1 << 16  # whose keys are made at once: some 50 MB
REMEMBERED = 1 << 19  # letters of the words whose keys are remembered, in some 10 MB
CLOSELY = 12  # how many of the best are also compared by the transducers
SLACK = 3.0  # the transducers hardly ever raise the evidence by more

PAIRS_AT_ONCE = 128  # pairs of words that are compared at once: more need memory beyond the cache

# Log-odds become a similarity by a logistic function with midpoint EVIDENCE and scale EVIDENCE_SCALE. The midpoint is
# chosen so that 95% of held-out names score above .5 and names of two letters below; see benchmarks/names.py.
EVIDENCE, EVIDENCE_SCALE = 9.0, 3.0

Places = npt.NDArray[np.integer[Any]]


# --- Similarity -------------------------------------------------------------------------------------------------------


def _similarity(query: Letters, others: Letters, aligned: Floats) -> Floats:
    odds = np.clip((evidence(query, others, aligned) - EVIDENCE) / EVIDENCE_SCALE, -40, 13)
    return np.where((others == query).all(axis=1), np.float32(1), 1 / (1 + np.exp(-odds))).astype(np.float32)


def similarity(name: str, other: str, least: float = 0.0) -> float:
    """How likely `other` is a spelling of `name`, from 0 to 1, in either script; the score that `match` gives.

    1 only for equal words (after folding); 0 below `least`, or when a word is not one script. Symmetric within a
    script, and nearly so across scripts (see SHARES in transliteration.py).
    """
    return similarities([name], [other], least)[0]


def similarities(names: Sequence[str], others: Sequence[str], least: float = 0.0) -> list[float]:
    """The `similarity` of each name with the word at its place, many in little more time than one."""
    found = np.zeros(len(names), np.float32)
    for start in range(0, len(names), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        one, other = spell(names[part]), spell(others[part])
        known = np.flatnonzero((one[:, 0] > 0) & (other[:, 0] > 0))
        if not len(known):
            continue
        one, other = one[known], other[known]
        aligned = alignment(one, other)
        close = np.flatnonzero((one == other).all(axis=1) | (aligned >= _needed(least)))
        if len(close):
            alike = _similarity(one[close], other[close], aligned[close])
            found[start + known[close]] = np.where(alike >= least, alike, 0)
    return [float(value) for value in found]


def _needed(least: float) -> float:
    """The least `alignment` of two words whose similarity may be `least`."""
    return EVIDENCE + EVIDENCE_SCALE * math.log(max(least, 1e-9) / max(1 - least, 1e-9)) - SLACK


def _letter_shapes() -> npt.NDArray[np.uint32]:
    shapes = np.zeros(256, np.uint32)
    shapes[1:FOREIGN] = 1 << 24
    for kind, vowels in enumerate(("aاع", "eiyي", "ouwو")):
        shapes[[CODES[ord(vowel)] for vowel in vowels]] += 1 << 8 * kind
    return shapes


_SHAPES = _letter_shapes()  # a byte for each count


def _shape(letters: Letters) -> Ints:
    """Counts of the letters like a, like i and like u, and of all letters, for each word: int64 (n, 4)."""
    packed = _SHAPES[letters].sum(axis=1, dtype="<u4")
    counts: Ints = packed.view(np.uint8).reshape(-1, 4).astype(np.int64)
    return counts


# --- Retrieval --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameIndex:
    """A list of n words, for `match` to find the spellings of a name in. The arrays may be memory-mapped.

    `keys` (uint64, ascending) are the keys of all words, `owners` (int32) the position of the word that has each key,
    `letters` (uint8, (n, NAME_WIDTH)) the words as `spell` gives them.
    """

    keys: npt.NDArray[np.uint64]
    owners: npt.NDArray[np.int32]
    letters: Letters

    @classmethod
    def build(cls, words: Sequence[str]) -> NameIndex:
        """Index words in either script; a word may be a pair ("داود اوغلو") that spells one name."""
        keys, owners, spelled = [np.zeros(0, np.uint64)], [np.zeros(0, np.int32)], [np.zeros((0, NAME_WIDTH), np.uint8)]
        for first in range(0, len(words), WORDS_AT_ONCE):
            lines = name_lines(words[first : first + WORDS_AT_ONCE])
            spelled.append(letters_of(lines))
            found, owner = keys_of(lines, spelled[-1])
            keys.append(found)
            owners.append(owner + np.int32(first))
        joined, owned = np.concatenate(keys), np.concatenate(owners)
        order = np.argsort(joined, kind="stable")
        return cls(joined[order], owned[order], np.concatenate(spelled))

    @classmethod
    def taken(cls, lists: Sequence[NameIndex], which: Places, places: Places) -> NameIndex:
        """Word `places[i]` of `lists[which[i]]` for each i, as `build` would index them."""
        letters = np.zeros((len(which), NAME_WIDTH), np.uint8)
        keys, owners = [np.zeros(0, np.uint64)], [np.zeros(0, np.int32)]
        for number, index in enumerate(lists):
            here = np.flatnonzero(which == number)
            letters[here] = index.letters[places[here]]
            new = np.full(len(index.letters), -1, np.int32)
            new[places[here]] = here
            own = new[index.owners]
            keys.append(index.keys[own >= 0])
            owners.append(own[own >= 0])
        joined, owned = np.concatenate(keys), np.concatenate(owners)
        order = np.lexsort((owned, joined))
        return cls(joined[order], owned[order], letters)

    def save(self, folder: Path) -> None:
        """Write the arrays to three files names_*.npy in a folder."""
        for name in self.__slots__:
            np.save(folder / f"names_{name}.npy", getattr(self, name))

    @classmethod
    def open(cls, folder: Path) -> NameIndex:
        """Map a saved index into memory. Raises FileNotFoundError when a file of it is missing."""
        return cls(
            *(np.load(folder / f"names_{name}.npy", mmap_mode="r", allow_pickle=False) for name in cls.__slots__)
        )

    def holding(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
        """The positions of the words that have one of the keys, each once."""
        left, right = np.searchsorted(self.keys, keys), np.searchsorted(self.keys, keys, side="right")
        parts = [self.owners[a:b] for a, b in zip(left.tolist(), right.tolist(), strict=True) if a < b]
        return distinct(np.concatenate(parts)) if parts else np.empty(0, np.int32)


def keyed(words: Iterable[str]) -> dict[int, list[str]]:
    """Words grouped by key, as a number. Two spellings of a name share at least one key."""
    listed = list(words)
    found: dict[int, list[str]] = {}
    if listed:
        ((keys, counts),) = _remembered(listed)
        places = np.repeat(np.arange(len(listed)), counts)
        for key, place in zip(keys.tolist(), places.tolist(), strict=True):
            found.setdefault(key, []).append(listed[place])
    return found


def _keys_of(words: Sequence[str]) -> list[Column]:
    index = NameIndex.build(words)
    counts = np.bincount(index.owners, minlength=len(words))
    return [(index.keys[np.argsort(index.owners, kind="stable")], counts)]


_remembered = Remembered(_keys_of, REMEMBERED)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Words that may spell a name, each spelling once: word i is at position `positions[i]` of list `lists[i]`."""

    lists: Ints
    positions: Ints
    letters: Letters


@lru_cache(maxsize=1024)
def _asked(word: str) -> tuple[Letters, npt.NDArray[np.uint64]]:
    """The letters and the keys of a word; cached, because each segment of an index is searched with them."""
    lines = name_lines([word])
    letters = letters_of(lines)
    return letters, keys_of(lines, letters)[0]


def match(
    word: str,
    lists: Sequence[NameIndex],
    limit: int = 5,
    least: float = LIKELY,
    *,
    across: bool = False,
    within: bool = False,
) -> list[tuple[int, int, float]]:
    """The words that spell a name, best first, as (number of the list, position in it, similarity).

    At most `limit` spellings with a similarity of `least` or more, each from the first list that has it. With `across`,
    words of the same script are left out, which takes half the time; with `within`, those of the other script.
    """
    query, keys = _asked(word)
    found = [_fitting(query, keys, lists, across, within)]
    if least < SURE:
        # Perhaps a consonant of the Latin word is silent, as in Knight, Walker and Montpellier.
        near = neighbours(keys, latin=bool(query[0, 0] < ARABIC_CODE))
        found.append(_fitting(query, near, lists, across, within))
    matches, *others = _weighed(query, found, limit, least)
    if others and not (matches and matches[0][2] >= SURE):  # nothing fits well
        matches = sorted({*matches, *others[0]}, key=lambda found: (-found[2], found[:2]))[:limit]
    return matches


def candidates(word: str, lists: Sequence[NameIndex]) -> Candidates:
    """The words that share a key with a name: at most MOST_CANDIDATES, those that fit it best."""
    return _fitting(*_asked(word), lists, across=False, within=False)


def _fitting(
    query: Letters, keys: npt.NDArray[np.uint64], lists: Sequence[NameIndex], across: bool, within: bool
) -> Candidates:
    """The words that have one of the keys: at most MOST_CANDIDATES, those that fit the query best."""
    found = [names.holding(keys) for names in lists]
    if across or within:
        arabic = query[0, 0] > ARABIC_CODE
        found = [f[((n.letters[f, 0] > ARABIC_CODE) == arabic) == within] for n, f in zip(lists, found, strict=True)]
    letters = np.concatenate(
        [np.empty((0, NAME_WIDTH), np.uint8), *(n.letters[f] for n, f in zip(lists, found, strict=True))]
    )
    _, kept = np.unique(letters.view(f"S{NAME_WIDTH}")[:, 0], return_index=True)
    if len(kept) > MOST_CANDIDATES:
        more = _shape(letters[kept]) - _shape(query)
        # Arabic omits vowels: a vowel that only the Arabic word has is less likely, and counts double.
        excess, lack = np.maximum(more, 0).sum(axis=1), np.maximum(-more, 0).sum(axis=1)
        misfit = excess + lack + np.where(letters[kept, 0] > ARABIC_CODE, excess, lack)
        kept = kept[np.argsort(misfit, kind="stable")[:MOST_CANDIDATES]]
    kept.sort()
    of = np.repeat(np.arange(len(lists)), [len(f) for f in found])
    return Candidates(of[kept], np.concatenate([np.empty(0, np.int32), *found])[kept], letters[kept])


def _weighed(
    query: Letters, sets: Sequence[Candidates], limit: int, least: float
) -> list[list[tuple[int, int, float]]]:
    """The best candidates of each set, as `match` gives them. All are compared at once, which takes less time."""
    starts = np.cumsum([0, *(len(found.letters) for found in sets)]).tolist()
    letters = np.concatenate([found.letters for found in sets])
    if not len(letters):
        return [[] for _ in sets]
    same = (letters == query).all(axis=1)
    aligned = alignment(query, letters)
    roughly = np.where(same, np.float32(np.inf), aligned)
    needed = _needed(least)
    chosen = []
    for start, end in pairwise(starts):
        best = start + np.sort(np.argsort(-roughly[start:end], kind="stable")[: max(limit, CLOSELY)])
        chosen.append(best[roughly[best] >= needed])
    named = [
        (found.lists << 32 | found.positions)[best - first]
        for found, best, first in zip(sets, chosen, starts, strict=False)
    ]
    _, once, again = np.unique(np.concatenate(named), return_index=True, return_inverse=True)
    closely = np.concatenate(chosen)[once]
    similar = _similarity(query, letters[closely], aligned[closely])[again]
    weighed = []
    parts = np.split(similar, np.cumsum([len(best) for best in chosen]))
    for found, first, best, values in zip(sets, starts, chosen, parts, strict=False):
        order = [i for i in np.argsort(-values, kind="stable")[:limit].tolist() if values[i] >= least]
        places = best - first
        weighed.append(
            [(int(found.lists[places[i]]), int(found.positions[places[i]]), float(values[i])) for i in order]
        )
    return weighed
