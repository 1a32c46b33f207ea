"""What is written in one word or in several, or under another name: airstrike and air strike, F-16, months.

A passage that has any of these ways has all words of the query that they stand for. Where one way is a word and another
is several, passages that keep those in a row come first (`Sense.ways`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from index.encoders import embedded
from index.ports import Vocabulary
from index.tables import read_table
from index.text import DATES, Token, analyse, script, words

from .dictionary import stopwords
from .expansion import Sense
from .parsing import Query

Way = tuple[str, ...]
"""Folded words in a row."""

MOST_PARTS = 4
LONGEST = {"ar": 2, "en": MOST_PARTS}
"""The most words that are joined: #ClimateActionNow has three."""

ALIKE = 0.45
"""The cosine of a word with its parts from which on they are it: football and foot ball .61, carpet and car pet .19."""

COMMON = 5_800
"""Words before this place among those of the model, by frequency, are not written in several words."""

SHORTEST, MOST_LETTERS = 5, 24
"""The fewest and the most letters of a word that is parted; the most of one that is joined."""

_NUMBERED = re.compile(r"([^\W\d_]+)(\d+)|(\d+)([^\W\d_]+)")
_BETWEEN = re.compile("[ \u00a0]?[-\u2010-\u2013]?[ \u00a0]?")

# The first word of two-word Arabic names, such as عبد الرحمن. People also write these names as one word, and the model
# has no vector for most of the joined forms.
_FIRST = frozenset({"عبد", "ابو", "ابا", "ابي", "ابن", "بن", "ام", "ذو"})


class Compounds:
    """Finds other ways to write the words of queries, among those that passages of one view hold."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._parted: dict[str, Way | None] = {}

    def joined(self, query: Query, senses: Sequence[Sense]) -> list[Sense]:
        """The senses of a query's tokens with what else is written for several of them or for parts of one.

        A token that may be written in several words is one sense for each of them.
        """
        result = list(senses)
        for first, last, joined in self._one_word(query):
            typed = tuple(token.word for token in query.tokens[first : last + 1])
            ways: tuple[Way, ...] = () if (joined,) in _months() else ((joined,), typed)
            for place in range(first, last + 1):
                result[place] = _also(result[place], analyse(joined)[0], ways)
        for one in query.respelled:
            places = [i for i, token in enumerate(query.tokens) if one.start <= token.start < one.end]
            for place in places if len(places) > 1 else ():
                result[place] = replace(result[place], ways=(tuple(query.tokens[i].word for i in places),))
        found: list[Sense] = []
        for sense, token in zip(result, query.tokens, strict=True):
            way = None if query.alternatives else self._several(token)
            if way is None:
                found.append(sense)
            else:
                found += [_also(sense, analyse(word)[0], ((token.word,), way)) for word in way]
        return found

    def _one_word(self, query: Query) -> Iterator[tuple[int, int, str]]:
        """First and last place of tokens that may be written as one word, with that word, which passages hold."""
        single = list(_single(query))
        held = self._vocabulary.holds({analyse(way)[0] for _, _, way in single})
        for first, last, way in single:
            if analyse(way)[0] in held and (last == first or _alike(way, _written(query.tokens[first : last + 1]))):
                yield first, last, way

    def _several(self, token: Token) -> Way | None:
        """The words that a token may be written in instead, all of them held by passages."""
        word = token.word
        if word not in self._parted:
            if len(self._parted) > 20_000:
                self._parted.clear()
            self._parted[word] = next(filter(self._holds, _parts(word, self._vocabulary)), None)
        return self._parted[word]

    def _holds(self, way: Way) -> bool:
        terms = {analyse(word)[0] for word in way}
        return len(self._vocabulary.holds(terms)) == len(terms)


def _single(query: Query) -> Iterator[tuple[int, int, str]]:
    """Places of tokens that may be written as one word, with the word, whether passages hold it or not."""
    tokens = query.tokens
    for first in range(len(tokens)):
        size, joined = 0, ""
        for last in range(first, min(first + MOST_PARTS, len(tokens))):
            if last > first and not _BETWEEN.fullmatch(query.text, tokens[last - 1].end, tokens[last].start):
                break
            size, joined = size + 1, joined + tokens[last].word
            typed = _written(tokens[first : last + 1])
            for way in (*_names().get(typed, ()), *_months().get(typed, ())):
                if len(way) == 1 or way in _months():  # of كانون الثاني, the first word
                    yield first, last, way[0]
            if len(joined) > MOST_LETTERS:
                break
            if 1 < size <= LONGEST[script(joined)] and _may_be_one(query, tokens[first : last + 1]):
                yield first, last, joined


def _may_be_one(query: Query, tokens: Sequence[Token]) -> bool:
    """Whether some neighbours look like parts of one word, whatever passages hold.

    In Arabic only names of two parts do: a clitic stands before its word, and كم وحدة is not كموحدة.
    """
    first, last = tokens[0].word, tokens[-1].word
    if script(first) == "ar":
        return first in _FIRST or (
            last.startswith("ال") and len(first) > 2 and first not in stopwords() and first[:2] != "ال"
        )
    hyphen = query.text[tokens[0].end : tokens[1].start].strip() != ""
    function = first in stopwords() or (last in stopwords() and len(tokens) == 2)
    return (hyphen or not function) and not (first.isdigit() and last.isdigit())


def _written(tokens: Sequence[Token]) -> Way:
    return tuple(token.word for token in tokens)


def _alike(way: str, parts: Way) -> bool:
    """Whether one word means what several do; one that the model does not know is taken for it."""
    if (way,) in _names().get(parts, ()) or parts[0] in _FIRST or not way.isalpha():
        return True
    if int(embedded().entries([way])[0]) < 0:
        return min(map(len, parts)) > 1
    return _likeness(way, parts) >= ALIKE


def _likeness(way: str, parts: Way) -> float:
    """The cosine of a word with its parts together, 0 where one of them alone is nearer: stabbed is not stab, bed."""
    vectors = embedded().encode([way, " ".join(parts), *parts])
    together, *alone = (vectors[1:] @ vectors[0]).tolist()
    return float(together) if together > max(alone) else 0.0


def _parts(word: str, vocabulary: Vocabulary) -> Iterator[Way]:
    """The ways to write a word in several, whether passages hold those or not."""
    yield from (way for way in _names().get((word,), ()) if len(way) > 1)
    if len(word) <= MOST_LETTERS and (numbered := _NUMBERED.fullmatch(word)):
        yield tuple(filter(None, numbered.groups()))
    if not word.isalpha() or not SHORTEST <= len(word) <= MOST_LETTERS:
        return
    if 0 <= int(embedded().entries([word])[0]) < COMMON:
        return
    cuts = [(word[:i], word[i:]) for i in range(1, len(word) - 2)]
    if script(word) == "ar":
        yield from (cut for cut in cuts if cut[0] in _FIRST or (cut[1] == "الدين" and len(cut[0]) > 2))
        return
    terms = {part: analyse(part)[0] for cut in cuts for part in cut}
    held = vocabulary.holds(set(terms.values()))
    cuts = [cut for cut in cuts if terms[cut[0]] in held and terms[cut[1]] in held and len(set(cut) & stopwords()) == 0]
    likely = [(likeness, cut) for cut in cuts if (likeness := _likeness(word, cut)) >= ALIKE]
    yield from (cut for _, cut in sorted(likely, reverse=True))


def _also(sense: Sense, term: str, ways: tuple[Way, ...]) -> Sense:
    """A sense that a term expresses too."""
    terms = tuple(one for one in sense.terms if one[0] != term)
    return replace(sense, terms=(*terms, (term, "spelling", 1.0)), ways=(*sense.ways, *ways))


@cache
def _names() -> dict[Way, tuple[Way, ...]]:
    """Other names of organisations whose initials are another word."""
    return _groups([names for (names,) in read_table(Path(__file__).with_name("names.tsv"))])


@cache
def _months() -> dict[Way, tuple[Way, ...]]:
    """Other names of the same month, in all families; none so short that it is another word too, nor March or May."""
    found = _groups([spellings for kind, _, spellings in read_table(DATES) if kind == "month"])
    long = {way: others for way, others in found.items() if len(way[0]) > 3 and way[-1].isalpha() and way != ("march",)}
    return {way: tuple(other for other in others if other in long) for way, others in long.items()}


def _groups(lines: Sequence[str]) -> dict[Way, tuple[Way, ...]]:
    """Each name of some groups, with the others of its group."""
    groups = [
        dict.fromkeys(tuple(analyse(word)[1] for word in words(name)) for name in line.split(" | ")) for line in lines
    ]
    return {way: tuple(other for other in group if other != way) for group in groups for way in group}
