"""What else may stand for a query word: words of the other language that mean it, and other spellings of a name.

The corpus words nearest to a query word in the model's space are its translations, with probabilities; `score` in
index/local/postings.py counts them as expected frequencies. Only words that the corpus holds are ever proposed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from index.encoders import embedded
from index.local import Segment
from index.text import LIKELY, Token, match, script
from index.types import LANGUAGES, Concept, Vectors

from .dictionary import load_dictionary, other_forms, stopwords, translated_by_sound

# Translations of a word: at most so many, with a cosine of at least FLOOR and within MARGIN of the best; their
# probabilities are a softmax of the cosines at TEMPERATURE.
TRANSLATIONS = 8
FLOOR = 0.5
MARGIN = 0.25
TEMPERATURE = 0.13

# Where the dictionary knows translations that the corpus holds, this share of the probability is theirs.
DICTIONARY_SHARE = 0.5

# Candidates are found by the heads of the vectors alone, the first quarter, which training makes useful on its own
# (Matryoshka); this many of them a word are compared in full.
HEAD = 4
CANDIDATES = 32
STRETCH = 64  # heads whose cosines are first looked at together; see `_largest`

# Spellings of a name: at most so many. Where there are translations too, they weigh this much beside them.
SPELLINGS = 5
NAME_SHARE = 0.3

# The similarity of a spelling that is believed of a word that the dictionary has: from here on common words find hardly
# more than without it, and names that are words too (Rose, Hope) are found where nothing else is.
VERY_LIKE = 0.9

# How much other forms of a word count beside the one that is asked for (تكتب, يكتب). With 1 headlines lose: they repeat
# the form of their article.
FORM = 0.5

# Query words whose senses are kept in memory.
REMEMBERED = 20_000


Integers = npt.NDArray[np.integer[Any]]

Terms = tuple[tuple[str, str, float], ...]
"""Corpus terms with the kind of each and its probability, most probable first."""


@dataclass(frozen=True, slots=True)
class Sense:
    """A query token with the corpus terms that may express it."""

    token: Token
    terms: Terms

    def concept(self) -> Concept:
        """The same for scoring."""
        return Concept(tuple((term, p) for term, _, p in self.terms), self.token.word in stopwords())


class Lexicon:
    """What query words may be called in the passages of some segments."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self._known: dict[tuple[str, str, bool], Terms] = {}  # half the words of a question were in another before

    def senses(self, query: str, tokens: Sequence[Token]) -> list[Sense]:
        """What each token of a query may be called: its own term, other forms, translations, and spellings of a name.

        A token is taken for a name where its sentence writes it with a capital, where the dictionary translates it by
        its sound, and where the dictionary does not have it. Where that has only what no passage holds, a spelling must
        be very like.
        """
        asked = [(token.term, token.word.removesuffix("'s"), _capital(query, token)) for token in tokens]
        expressed = {key: self._known[key] for key in set(asked) if key in self._known}
        missing = [key for key in dict.fromkeys(asked) if key not in expressed]
        translations = self._translations(sorted({word for _, word, _ in missing if word.isalpha()}))
        for term, word, capital in missing:
            meant = _meant(term, word)
            near, listed = translations.get(word, {}), self._listed(meant)
            named = capital or not meant or translated_by_sound(term, word)
            spelled = {}
            if word.isalpha() and (named or not listed):
                spelled = self._spellings(word, LIKELY if named else VERY_LIKE)
            forms = tuple((form, "stem", FORM) for form in sorted(other_forms(term)) if self._holds(form))
            expressed[term, word, capital] = (term, "stem", 1.0), *forms, *_mixed(spelled, _blended(near, listed))
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._known.update(expressed)
        return [Sense(token, expressed[key]) for token, key in zip(tokens, asked, strict=True)]

    def _spellings(self, word: str, least: float) -> dict[str, float]:
        """Corpus terms of the other script that spell a name, with their similarity as a share of the best one's.

        They do not compete as translations do: whichever of them a passage writes, it speaks of the name.
        """
        similar: dict[str, float] = {}
        lists = [segment.names for segment in self.segments]
        for place, number, similarity in match(word, lists, SPELLINGS, least, across=True):
            similar.setdefault(self.segments[place].postings.vocabulary[number], similarity)  # the best comes first
        best = max(similar.values(), default=1.0)
        return {term: value / best for term, value in similar.items()}

    def _listed(self, meant: dict[str, float]) -> dict[str, float]:
        """Those of the dictionary's translations that the corpus holds, with probabilities."""
        held = {t: p for t, p in meant.items() if self._holds(t)}
        total = sum(held.values())
        return {t: p / total for t, p in held.items()}

    def _holds(self, term: str) -> bool:
        return any(segment.postings.find(term) is not None for segment in self.segments)

    def _translations(self, words: Sequence[str]) -> dict[str, dict[str, float]]:
        """Corpus terms of the other language that mean each word by their vectors, with probabilities.

        A word that the model must break into pieces has no translation: the pieces of a name say nothing of it.
        """
        result = {}
        read = {word: tokens for word, tokens in zip(words, embedded().tokens(words), strict=True) if tokens.words == 1}
        for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
            asked = {word: tokens for word, tokens in read.items() if script(word) == language}
            if asked and len(self._held[other].entries):
                vectors = embedded().averaged(list(asked.values()))
                for word, found in zip(asked, self._held[other].nearest(vectors), strict=True):
                    chosen = [(c, t) for c, t in found[:TRANSLATIONS] if c >= max(FLOOR, found[0][0] - MARGIN)]
                    weights = [math.exp(c / TEMPERATURE) for c, _ in chosen]
                    result[word] = {t: weight / sum(weights) for (_, t), weight in zip(chosen, weights, strict=True)}
        return result

    @cached_property
    def _held(self) -> dict[str, _Held]:
        return {language: _Held.of(self.segments, language) for language in LANGUAGES}


def _capital(query: str, token: Token) -> bool:
    """Whether a token is written with a capital where no sentence begins."""
    before = query[: token.start].rstrip()
    return query[token.start].isupper() and bool(before) and before[-1] not in ".?!:\"'"


def _meant(term: str, word: str) -> dict[str, float]:
    """What the dictionary has for a word, with probabilities: no word that only joins others, where this one says more.

    A number is written alike in both languages; what the dictionary has for 100, "dollar", stood beside it.
    """
    if term.isdigit():
        return {}
    meant = load_dictionary().translations(term)
    return meant if word in stopwords() else {t: p for t, p in meant.items() if t not in stopwords()}


def _mixed(spelled: dict[str, float], meant: dict[str, float]) -> list[tuple[str, str, float]]:
    """Spellings and translations with their probabilities, most probable first."""
    share = NAME_SHARE if spelled and meant else float(bool(spelled))
    terms = []
    for term in spelled.keys() | meant.keys():
        by_name, by_meaning = share * spelled.get(term, 0.0), (1 - share) * meant.get(term, 0.0)
        # A name that the dictionary knows too is shown as a name.
        terms.append((term, "name" if term in spelled else "translation", by_name + by_meaning))
    return sorted(terms, key=lambda sense: (-sense[2], sense[0]))


def _blended(near: dict[str, float], listed: dict[str, float]) -> dict[str, float]:
    """Translations by the vectors and by the dictionary as one distribution."""
    share = DICTIONARY_SHARE if near and listed else float(bool(listed))
    return {
        term: (1 - share) * near.get(term, 0.0) + share * listed.get(term, 0.0) for term in near.keys() | listed.keys()
    }


@dataclass(frozen=True, slots=True)
class _Held:
    """The words of one language that a corpus holds and the model knows.

    `entries` (n,) are theirs in the model's table, ascending, each once; `heads`, float32 (n, dim / HEAD), their first
    numbers, of unit length. Term `numbers[j]` of segment `places[j]` has the entry i for j from starts[i] to
    starts[i + 1].
    """

    segments: Sequence[Segment]
    entries: Integers
    heads: Vectors
    starts: Integers
    places: Integers
    numbers: Integers

    @classmethod
    def of(cls, segments: Sequence[Segment], language: str) -> _Held:
        entries, places, numbers = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for place, postings in enumerate(segment.postings for segment in segments):
            its = postings.numbers(language)
            here = its.start + np.flatnonzero(postings.entries[its.start : its.stop] >= 0)
            entries.append(postings.entries[here])
            places.append(np.full(len(here), place))
            numbers.append(here)
        joined = np.concatenate(entries)
        order = np.argsort(joined, kind="stable")
        once, starts = np.unique(joined[order], return_index=True)
        heads = embedded().vectors(once, embedded().dim // HEAD)
        ends = np.append(starts, len(order))
        return cls(segments, once, heads, ends, np.concatenate(places)[order], np.concatenate(numbers)[order])

    def nearest(self, vectors: Vectors) -> list[list[tuple[float, str]]]:
        """For each vector, float32 (n, dim), its cosine with the nearest terms, largest first: CANDIDATES or more."""
        near = _largest(vectors[:, : self.heads.shape[1]] @ self.heads.T)  # all at once: the heads are read once
        cosines = (embedded().vectors(self.entries[near]) @ vectors[:, :, None])[:, :, 0]
        found = []
        for row, values in zip(near.tolist(), cosines.tolist(), strict=True):
            terms = {term: cosine for i, cosine in zip(row, values, strict=True) for term in self._terms(i)}
            found.append(sorted(((cosine, term) for term, cosine in terms.items()), reverse=True))
        return found

    def _terms(self, i: int) -> set[str]:
        which = range(self.starts[i], self.starts[i + 1])
        return {self.segments[self.places[j]].postings.vocabulary[int(self.numbers[j])] for j in which}


def _largest(rows: Vectors) -> Integers:
    """The places of the CANDIDATES largest numbers of each row, or of all where there are fewer.

    They lie in the CANDIDATES stretches of the row with the largest maxima: so few numbers need be sorted.
    """
    if rows.shape[1] <= CANDIDATES:
        return np.tile(np.arange(rows.shape[1]), (len(rows), 1))
    starts = np.arange(0, rows.shape[1], STRETCH)
    maxima = np.maximum.reduceat(rows, starts, axis=1)
    few = min(CANDIDATES, len(starts))
    chosen = np.argpartition(maxima, -few, axis=1)[:, -few:]
    places = (starts[chosen][:, :, None] + np.arange(STRETCH)).reshape(len(rows), -1)
    values = np.take_along_axis(rows, np.minimum(places, rows.shape[1] - 1), axis=1)
    values[places >= rows.shape[1]] = -np.inf
    return np.take_along_axis(places, np.argpartition(values, -CANDIDATES, axis=1)[:, -CANDIDATES:], axis=1)
