"""Which articles hold the wordings of a question: by their postings as far as those tell, then by their texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ports import Numbers, Question, Wording
from ..text import analyse, distinct, hashed, parts, stretches, term_key, terms, words
from .segments import Snapshot

Rows = npt.NDArray[np.bool_]

FEW = 500
"""Articles that are all read at once: choosing among them again and again takes longer."""

LONG = 200
"""From this many letters on, a stretch is hashed in one batch. Shorter ones are hashed faster word by word."""

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
        some = distinct(self._snapshot.articles[allowed])
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
        articles = self._snapshot.articles
        if not wording.phrase:
            rows = np.concatenate([np.zeros(0, np.int64), *map(self._rows_with, wording.terms)])
            return distinct(articles[rows[allowed[rows]]])
        here = allowed
        for term in dict.fromkeys(analyse(word)[0] for word in wording.phrase):
            held = np.zeros(len(allowed), bool)
            held[self._rows_with(term)] = True
            if len(wording.phrase) > 1:  # a phrase may begin in one passage and end in the next
                held[:-1] |= held[1:]
            here = here & held
        return distinct(articles[here])

    def _rows_with(self, term: str) -> Numbers:
        """The rows that hold a term."""
        snapshot, found = self._snapshot, [np.zeros(0, np.int64)]
        for segment, first in zip(snapshot.segments, snapshot.lexicon.firsts, strict=False):
            (number,) = segment.postings.find(np.array([term_key(term)], np.uint64)).tolist()
            if number >= 0:
                rows, _ = segment.postings.between(number, number + 1)
                found.append(rows + first)
        return np.concatenate(found)


def _in_texts(wording: Wording) -> bool:
    """Whether postings alone cannot tell if an article holds a wording."""
    return wording.title or len(wording.phrase) > 0


def answering(
    required: Sequence[Sequence[Wording]], excluded: Sequence[Wording], articles: Sequence[Sequence[str]]
) -> list[bool]:
    """Whether each article, given as its title and perhaps its text, holds a wording of each group in `required` and
    none in `excluded`."""
    asked = [*(one for group in required for one in group), *excluded]
    held = {wording: _holding(wording, articles) for wording in asked}
    return [
        all(any(held[wording][i] for wording in group) for group in required)
        and not any(held[wording][i] for wording in excluded)
        for i in range(len(articles))
    ]


def _holding(wording: Wording, articles: Sequence[Sequence[str]]) -> list[bool]:
    """Whether each article, given as its title and its text, holds a wording."""
    read = [written[:1] if wording.title else written for written in articles]
    if not wording.phrase:
        asked = set(wording.terms)
        return [any(not asked.isdisjoint(terms(text)) for text in texts) for texts in read]
    phrase, size = [*map(hash, wording.phrase)], len(wording.phrase)
    likely = iter(stretches(wording.phrase, [*chain.from_iterable(read)]))

    def holds(stretch: str) -> bool:
        words = _hashes(stretch)
        return any(words[i : i + size] == phrase for i in range(len(words) - size + 1))

    return [any([*map(holds, chain.from_iterable(islice(likely, len(texts))))]) for texts in read]


def _hashes(stretch: str) -> list[int]:
    """The hashes of the folded words of a stretch of text."""
    if len(stretch) < LONG:
        return [hash(analyse(word)[1]) for word in words(stretch)]
    _, (hashes, _) = hashed(parts(stretch))
    found: list[int] = hashes.tolist()
    return found
