"""Which articles hold the wordings of a question: by their postings as far as those tell, then by their texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ports import Numbers, Question, Wording
from ..text import analyse, hashed, may_hold, parts, term_key
from .segments import Snapshot

Rows = npt.NDArray[np.bool_]

_Hashes = tuple[Numbers, Numbers]

TEXTS_AT_ONCE = 64
"""Texts whose words are looked up at once."""

FEW = 500
"""Articles that are all read at once: choosing among them again and again takes longer."""


MORE = 2
"""So many times as many are chosen and read where too few of those before answer."""


class WordingFilter:
    """Leaves the rows of a snapshot whose articles hold what a question requires and nothing that it excludes.

    Postings know which passages have a word, but not in which order, or whether in the title. What they cannot tell is
    read in the texts, of no more articles than come into question: texts take a thousand times as long.
    """

    def __init__(
        self, snapshot: Snapshot, question: Question, rows: Callable[[str, Sequence[Any]], Iterator[Any]]
    ) -> None:
        self._snapshot, self._rows = snapshot, rows
        self._required = [group for group in question.required if any(map(_in_texts, group))]
        self._excluded = [wording for wording in question.excluded if _in_texts(wording)]
        self._question = question
        self._read: dict[int, bool] = {}  # whether an article answers, of those that were read

    def possible(self, allowed: Rows) -> Rows:
        """Those of the allowed rows, (n,), whose articles may answer by their postings."""
        for group in self._question.required:
            allowed = allowed & self._of(np.concatenate([self._holding(wording, allowed) for wording in group]))
        for wording in self._question.excluded:
            if not _in_texts(wording):
                allowed = allowed & ~self._of(self._holding(wording, allowed))
        return allowed

    def settle(self, allowed: Rows, k: int, choose: Callable[[int, Rows], Numbers]) -> Numbers:
        """The k best of the allowed rows whose articles answer, the best first.

        `choose` gives the best of some rows, so many as it is asked for.
        """
        if not (self._required or self._excluded):
            return choose(k, allowed)
        some = np.unique(self._snapshot.articles[allowed])
        several = k
        while max(several, FEW) < len(some):
            chosen = choose(several, allowed)
            articles = self._snapshot.articles[chosen]
            answering = chosen[~np.isin(articles, self._failing(articles))]
            if len(answering) >= k:
                return answering[:k]
            several *= MORE
        return choose(k, allowed & ~self._of(self._failing(some)))

    def _failing(self, articles: Numbers) -> Numbers:
        """Those of the articles whose texts do not answer."""
        wordings = [wording for group in self._required for wording in group] + self._excluded
        columns = "title" if all(wording.title for wording in wordings) else "title, text"
        unread = sorted(set(articles.tolist()) - self._read.keys())
        query = f"SELECT number, {columns} FROM articles WHERE number IN (SELECT value FROM json_each(?))"
        found = list(self._rows(query, (json.dumps(unread),))) if unread else []
        answers = answering(self._required, self._excluded, [written for _, *written in found])
        self._read.update(zip((number for number, *_ in found), answers, strict=True))
        return np.array([number for number in set(articles.tolist()) if not self._read.get(number)], np.int64)

    def _of(self, articles: Numbers) -> Rows:
        """Which rows are passages of some articles: (n,)."""
        return self._snapshot.of_articles(articles)

    def _holding(self, wording: Wording, allowed: Rows) -> Numbers:
        """The articles one of whose allowed rows each term of a phrase, or any of the terms, stands in."""
        if not wording.phrase:
            return np.concatenate([np.zeros(0, np.int64), *(self._with(term, allowed) for term in wording.terms)])
        first, *others = dict.fromkeys(analyse(word)[0] for word in wording.phrase)
        articles = self._with(first, allowed)
        for term in others:
            articles = np.intersect1d(articles, self._with(term, allowed), assume_unique=True)
        return articles

    def _with(self, term: str, allowed: Rows) -> Numbers:
        """The articles one of whose allowed rows holds a term, ascending."""
        snapshot, found = self._snapshot, [np.zeros(0, np.int64)]
        for segment, first in zip(snapshot.segments, snapshot.lexicon.firsts, strict=False):
            (number,) = segment.postings.find(np.array([term_key(term)], np.uint64)).tolist()
            if number >= 0:
                rows, _ = segment.postings.between(number, number + 1)
                found.append(segment.articles[rows[allowed[first + rows]]])
        return np.unique(np.concatenate(found))


def _in_texts(wording: Wording) -> bool:
    """Whether postings alone cannot tell if an article holds a wording."""
    return wording.title or len(wording.phrase) > 0


def answering(
    required: Sequence[Sequence[Wording]], excluded: Sequence[Wording], articles: Sequence[Sequence[str]]
) -> list[bool]:
    """Whether each article, given as its title and perhaps its text, holds a wording of each group in `required` and
    none in `excluded`."""
    may = {wording: _may_hold(wording) for wording in [*(one for group in required for one in group), *excluded]}
    likely = [
        i
        for i, written in enumerate(articles)
        if all(any(may[wording](written) for wording in group) for group in required)
    ]
    answers = [False] * len(articles)
    texts = _hashed_texts([text for i in likely for text in articles[i]])
    for i in likely:
        read = [next(texts) for _ in articles[i]]
        answers[i] = all(any(_holds(wording, read) for wording in group) for group in required) and not any(
            _holds(wording, read) for wording in excluded
        )
    return answers


def _may_hold(wording: Wording) -> Callable[[Sequence[str]], bool]:
    """A test of articles that is False only for those that do not hold a wording."""
    if not wording.phrase:
        return lambda written: True
    test = may_hold(wording.phrase)
    return lambda written: any(map(test, written[:1] if wording.title else written))


def _hashed_texts(texts: Sequence[str]) -> Iterator[_Hashes]:
    """The hashes of the terms and of the folded words of each text."""
    for first in range(0, len(texts), TEXTS_AT_ONCE):
        some = [parts(text) for text in texts[first : first + TEXTS_AT_ONCE]]
        (terms, counts), (folded, _) = hashed([part for one in some for part in one])
        ends = np.append(0, np.cumsum(counts))[np.cumsum([0, *map(len, some)])].tolist()
        yield from ((terms[start:end], folded[start:end]) for start, end in pairwise(ends))


def _holds(wording: Wording, read: Sequence[_Hashes]) -> bool:
    """Whether an article holds a wording: `read` are its title and, if need be, its text."""
    for terms, folded in read[:1] if wording.title else read:
        if not wording.phrase:
            if np.isin(terms, list(map(hash, wording.terms))).any():
                return True
        elif len(folded) >= len(wording.phrase):
            begins = len(folded) - len(wording.phrase) + 1
            here = np.ones(begins, bool)
            for place, word in enumerate(wording.phrase):
                here &= folded[place : place + begins] == hash(word)
            if here.any():
                return True
    return False
