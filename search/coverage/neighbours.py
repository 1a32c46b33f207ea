"""Candidate pairs of articles that may tell the same story.

They are nearest neighbours by cosine. Pairs are left out whose dates, outlets or lengths rule it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from index.text import distinct
from index.types import Vectors

from .articles import Heads
from .judged import Cosines, Pairs, Rows

NEAREST = 5
"""Nearest articles of each language whose facts are compared with those of an article."""

DAYS = 3
"""Most days between two tellings in different languages, where both dates are known: translating takes time."""

NEXT_DAY = 1
"""Most days between two tellings in one language.

Later articles are follow-ups, and so are those of one outlet: none of 20 such pairs, read in Arabic news of 2018, told
the same news again.
"""

ROWS = 512
"""Articles whose neighbours are searched in one step: their cosines with all of these days are in memory."""

SHORTEST = 1 / 3
"""The shorter of an article and its translation has at least this share of the letters of the longer. The lowest share
in the sample corpus is .44."""

LISTED = 1 << 16
"""Pairs that are made lists at once."""

ROUNDED = 0.001
"""Less than a cosine is changed by rounding."""


def neighbours(heads: Heads, vectors: Vectors, least: Cosines, since: int) -> tuple[Pairs, Cosines]:
    """The pairs of articles that may tell the same by what is known without reading them, and their cosines.

    Pairs of positions (int64, (n, 2)), in order. One is among the `NEAREST` of the other in its language, their cosine
    is `least[1]` at least where both are in one language, `least[0]` where they are not, and with `since`, the second
    position is `since` or later.
    """
    days, languages = heads.days, heads.languages
    found = _nearest(heads, vectors, np.float32(least.min() - ROUNDED))
    codes = [np.minimum(near.one, near.other) * len(days) + np.maximum(near.one, near.other) for near in found]
    each = distinct(np.concatenate(codes))
    pairs = np.stack(np.divmod(each, max(len(days), 1)), axis=1)
    pairs = pairs[(pairs[:, 1] >= since) & _told_apart(heads, pairs)]
    # Rounded, so that the last digits of vectors that are stored in few bits decide nothing.
    exact = (round(float(vectors[i] @ vectors[j]), 4) for i, j in listed(pairs))
    rounded = np.fromiter(exact, np.float64, len(pairs))
    same = languages[pairs[:, 0]] == languages[pairs[:, 1]]
    likely = rounded >= least[same.astype(np.int64)]
    return pairs[likely], rounded[likely]


def _nearest(heads: Heads, vectors: Vectors, least: np.float32) -> Iterator[_Near]:
    """For each article, its `NEAREST` neighbours in each language, in batches. Their cosine is at least `least`."""
    days, languages = heads.days, np.unique(heads.languages, return_inverse=True)[1]
    order = np.lexsort((np.arange(len(days)), days))  # the undated, at day -1, come first
    undated, dated = np.split(order, [int((days < 0).sum())])
    of_undated, sorted_days = vectors[undated], days[dated]
    kept = _Near.between(undated[:0], undated, of_undated[:0], of_undated, least)  # beside the undated, up to here
    for start in range(0, len(undated), ROWS):
        rows = undated[start : start + ROWS]
        kept = kept.and_also(_Near.between(rows, undated, vectors[rows], of_undated, least).nearest(languages))
    for start in range(0, len(dated), ROWS):
        rows = dated[start : start + ROWS]
        beside = _Near.between(rows, undated, vectors[rows], of_undated, least)  # all are close to these in time
        kept = kept.and_also(_Near(beside.other, beside.one, beside.cosines).above(kept, languages)).nearest(languages)
        low, high = np.searchsorted(sorted_days, (days[rows[0]] - DAYS, days[rows[-1]] + DAYS + 1))
        columns = dated[low:high]
        near = _Near.between(rows, columns, vectors[rows], vectors[columns], least)
        near = near.where(np.abs(days[near.one] - days[near.other]) <= DAYS)
        yield beside.and_also(near).nearest(languages)
    yield kept


@dataclass(frozen=True, slots=True)
class _Near:
    """Articles `one` with an article `other` near each in meaning: positions (int64, (n,)), and their cosines."""

    one: Rows
    other: Rows
    cosines: Vectors

    @classmethod
    def between(cls, rows: Rows, columns: Rows, vectors: Vectors, others: Vectors, least: np.float32) -> _Near:
        """The pairs of two lists of articles whose cosine is `least` at least."""
        similar = vectors @ others.T
        one, other = np.nonzero(similar >= least)
        near = cls(rows[one], columns[other], similar[one, other])
        return near.where(near.one != near.other)

    def where(self, chosen: npt.NDArray[np.bool_] | Rows) -> _Near:
        """Some of the pairs."""
        return _Near(self.one[chosen], self.other[chosen], self.cosines[chosen])

    def and_also(self, more: _Near) -> _Near:
        """These pairs, then others."""
        return _Near(
            np.concatenate((self.one, more.one)),
            np.concatenate((self.other, more.other)),
            np.concatenate((self.cosines, more.cosines)),
        )

    def nearest(self, languages: Rows) -> _Near:
        """The `NEAREST` of each language beside each article; of equally near ones, the first."""
        lists = self._lists(languages)
        # In one number: cosines above 0 are in the order of their bits. To sort by two keys takes twice the time.
        ranked = np.argsort((lists << 32) - self.cosines.view(np.int32), kind="stable")
        lists = lists[ranked]
        first = np.flatnonzero(np.diff(lists, prepend=-1))
        place = np.arange(len(lists)) - np.repeat(first, np.diff(np.append(first, len(lists))))
        return self.where(ranked[place < NEAREST])

    def above(self, known: _Near, languages: Rows) -> _Near:
        """The pairs that may be among the `NEAREST` beside those of `known`, which `nearest` gave."""
        full, last = np.unique(known._lists(languages)[::-1], return_index=True)
        counts = np.bincount(np.searchsorted(full, known._lists(languages)), minlength=len(full))
        least = np.where(counts >= NEAREST, known.cosines[::-1][last], 0)
        if not len(full):
            return self
        lists = self._lists(languages)
        places = np.minimum(np.searchsorted(full, lists), len(full) - 1)
        return self.where((full[places] != lists) | (self.cosines > least[places]))

    def _lists(self, languages: Rows) -> Rows:
        """A number for each article and language of those beside it."""
        return self.one * (1 + int(languages.max(initial=0))) + languages[self.other]


def _told_apart(heads: Heads, pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Which pairs dates, outlets and lengths allow to be two tellings, as booleans.

    In one language: from different outlets, at most `NEXT_DAY` apart. Across languages: of similar length, so that one
    may translate the other.
    """
    (day_a, day_b), (source_a, source_b), (language_a, language_b) = (
        column[pairs].T for column in (heads.days, heads.sources, heads.languages)
    )
    shorter, longer = np.sort(heads.lengths[pairs], axis=1).T
    unlike = (source_a == 0) | (source_a != source_b)
    prompt = (day_a < 0) | (day_b < 0) | (np.abs(day_a - day_b) <= NEXT_DAY)
    return np.asarray(np.where(language_a == language_b, unlike & prompt, shorter >= SHORTEST * longer))


def listed(pairs: npt.NDArray[np.integer[Any]]) -> Iterator[list[int]]:
    """The pairs one by one; as lists, all of them at once would take ten times the memory."""
    for start in range(0, len(pairs), LISTED):
        yield from pairs[start : start + LISTED].tolist()
