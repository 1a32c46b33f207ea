"""The terms of an index in a folder: which there are, which mean a word, which spell a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..encoders import embedded
from ..text import NameIndex, match, term_key
from ..types import LANGUAGES, Vectors
from .postings import Postings

# Candidates for a translation are found by the first quarter of the vectors, which training makes useful on its own
# (Matryoshka); this many of them a word are compared in full.
HEAD = 4
COMPARED = 32
REMEMBERED = 1_000  # names whose spellings are kept: the words of one query are asked for twice
STRETCH = 64  # cosines whose maximum is looked at first; see `_largest`

Integers = npt.NDArray[np.integer[Any]]


class Terms(Protocol):
    """A list of terms, as a segment has one. Word i of `names` is term i of `postings`."""

    @property
    def postings(self) -> Postings:
        """The terms, and how many passages hold each."""
        ...

    @property
    def names(self) -> NameIndex:
        """The written forms that stand for them, by what they sound like."""
        ...


class LocalVocabulary:
    """The terms of some segments. Fills the port `Vocabulary`."""

    def __init__(self, segments: Sequence[Terms]) -> None:
        self._segments = segments
        self._spelled: dict[tuple[str, int, float, bool], list[tuple[str, float]]] = {}

    def holds(self, terms: Iterable[str]) -> set[str]:
        """Those of the terms that some passage holds."""
        asked = list(terms)
        keys = np.array([term_key(term) for term in asked], np.uint64)
        held = np.zeros(len(asked), bool)
        for segment in self._segments:
            held |= segment.postings.find(keys) >= 0
        return {term for term, here in zip(asked, held.tolist(), strict=True) if here}

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """How many passages hold each of the terms; those that none holds are left out."""
        asked = list(set(terms))
        keys = np.array([term_key(term) for term in asked], np.uint64)
        counts = np.zeros(len(asked), np.int64)
        for segment in self._segments:
            numbers = segment.postings.find(keys)
            held, starts = numbers >= 0, segment.postings.starts
            counts[held] += starts[numbers[held] + 1] - starts[numbers[held]]
        return {term: count for term, count in zip(asked, counts.tolist(), strict=True) if count}

    def translations(self, vectors: Vectors, language: str, k: int) -> list[list[tuple[str, float]]]:
        """For each vector (float32, (n, dim)), the k nearest terms of a language with their cosines, best first."""
        return self._words[language].nearest(vectors, k)

    def spellings(self, word: str, k: int, least: float, *, within: bool = False) -> list[tuple[str, float]]:
        """The terms of the other script, or with `within` of the same, that spell a name, the likeliest k first."""
        asked = word, k, least, within
        known = self._spelled.get(asked)
        if known is None:
            found: dict[str, float] = {}
            for place, number, similarity in match(word, self._names, k, least, across=not within, within=within):
                term = self._segments[place].postings.vocabulary[number]
                found.setdefault(term, similarity)  # the best comes first
            known = list(found.items())
            if len(self._spelled) >= REMEMBERED:
                self._spelled.clear()
            self._spelled[asked] = known
        return known

    @cached_property
    def _words(self) -> dict[str, _Words]:
        return {language: _Words.of(self._segments, self._standing, language) for language in LANGUAGES}

    @cached_property
    def _names(self) -> Sequence[NameIndex]:
        names = [segment.names for segment in self._segments]
        return [
            _Standing(one.keys, one.owners, one.letters, here) for one, here in zip(names, self._standing, strict=True)
        ]

    @cached_property
    def _standing(self) -> Sequence[npt.NDArray[np.bool_]]:
        return standing([segment.postings for segment in self._segments])


@dataclass(frozen=True, slots=True)
class _Standing(NameIndex):
    """Those of some words, `standing` (n,), that stand for their terms."""

    standing: npt.NDArray[np.bool_]

    def holding(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
        """The positions of those words that have one of the keys, each once."""
        found = NameIndex.holding(self, keys)
        return found[self.standing[found]]


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one language that the segments hold and the embedded model knows.

    `entries` (n,) are their rows in the model's table, ascending, each once; `heads`, float32 (n, dim / HEAD), the
    first numbers of their vectors, of unit length. Term `numbers[j]` of segment `places[j]` has the entry i for j from
    starts[i] to starts[i + 1]. A term is taken from the segment that has its form `standing` for all.
    """

    segments: Sequence[Terms]
    entries: Integers
    heads: Vectors
    starts: Integers
    places: Integers
    numbers: Integers

    @classmethod
    def of(cls, segments: Sequence[Terms], standing: Sequence[npt.NDArray[np.bool_]], language: str) -> _Words:
        entries, places, numbers = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for place, postings in enumerate(segment.postings for segment in segments):
            terms = postings.numbers(language)
            known = terms.start + np.flatnonzero(
                (postings.entries[terms.start : terms.stop] >= 0) & standing[place][terms.start : terms.stop]
            )
            entries.append(postings.entries[known])
            places.append(np.full(len(known), place))
            numbers.append(known)
        joined = np.concatenate(entries)
        order = np.argsort(joined, kind="stable")
        once, starts = np.unique(joined[order], return_index=True)
        heads = embedded().vectors(once, embedded().dim // HEAD)
        ends = np.append(starts, len(order))
        return cls(segments, once, heads, ends, np.concatenate(places)[order], np.concatenate(numbers)[order])

    def nearest(self, vectors: Vectors, k: int) -> list[list[tuple[str, float]]]:
        """For each vector, float32 (n, dim), the k nearest terms with their cosines, best first."""
        if not len(self.entries):
            return [[] for _ in vectors]
        heads = np.ascontiguousarray(vectors[:, : self.heads.shape[1]].T)
        near = _largest((self.heads @ heads).T)  # this way round, the heads are read once, and none is copied
        cosines = (embedded().vectors(self.entries[near]) @ vectors[:, :, None])[:, :, 0]
        return [
            self._best(row[order], values[order], k)
            for row, values, order in zip(near, cosines, np.argsort(-cosines, axis=1, kind="stable"), strict=True)
        ]

    def _best(self, row: Integers, cosines: Vectors, k: int) -> list[tuple[str, float]]:
        """The first k terms of some words, the nearest of which come first."""
        found: dict[str, float] = {}
        for i, cosine in zip(row.tolist(), cosines.tolist(), strict=True):
            if len(found) >= k and cosine < min(found.values()):
                break
            for term in self._terms(i):
                found.setdefault(term, cosine)
        return sorted(found.items(), key=lambda one: (one[1], one[0]), reverse=True)[:k]

    def _terms(self, i: int) -> set[str]:
        which = range(self.starts[i], self.starts[i + 1])
        return {self.segments[self.places[j]].postings.vocabulary[int(self.numbers[j])] for j in which}


def standing(lists: Sequence[Postings]) -> list[npt.NDArray[np.bool_]]:
    """For each list of terms, which of them stand there in the form that stands for them in all lists."""
    found = [np.ones(len(one.keys), bool) for one in lists]
    for few, many in combinations(sorted(range(len(lists)), key=lambda place: len(lists[place].keys)), 2):
        places = lists[many].find(lists[few].keys)
        mine = np.flatnonzero(places >= 0)
        theirs = places[mine]
        better = lists[few].preferred[mine] < lists[many].preferred[theirs]
        found[few][mine[~better]] = False
        found[many][theirs[better]] = False
    return found


def _largest(rows: Vectors) -> Integers:
    """The places of the COMPARED largest numbers of each row, or of all where there are fewer.

    They lie in the COMPARED stretches of the row with the largest maxima, so that few numbers need be sorted.
    """
    if rows.shape[1] <= COMPARED:
        return np.tile(np.arange(rows.shape[1]), (len(rows), 1))
    starts = np.arange(0, rows.shape[1], STRETCH)
    maxima = np.maximum.reduceat(rows, starts, axis=1)
    few = min(COMPARED, len(starts))
    chosen = np.argpartition(maxima, -few, axis=1)[:, -few:]
    places = (starts[chosen][:, :, None] + np.arange(STRETCH)).reshape(len(rows), -1)
    values = np.take_along_axis(rows, np.minimum(places, rows.shape[1] - 1), axis=1)
    values[places >= rows.shape[1]] = -np.inf
    return np.take_along_axis(places, np.argpartition(values, -COMPARED, axis=1)[:, -COMPARED:], axis=1)
