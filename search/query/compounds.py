"""What is written in one word or in several, or under another name: airstrike and air strike, Abdulrahman, F-16, months.

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
"""The most words that are joined: #ClimateActionNow has three."""

ALIKE = 0.45
"""The cosine of a word with its parts from which on they are it: football and foot ball .61, carpet and car pet .19."""

COMMON = 5_000
"""Words before this place among those of the model, by frequency, are not written in several words."""

SHORTEST = 5
"""The fewest letters of a word that is parted."""

_NUMBERED = re.compile(r"([^\W\d_]+)(\d+)|(\d+)([^\W\d_]+)")
_BETWEEN = re.compile("[ \u00a0]?[-\u2010-\u2013]?[ \u00a0]?")

# First words of Arabic names of two: عبد الرحمن, أبو ظبي, نور الدين. The model does not know most of the joined names.
_FIRST = frozenset("عبد ابو ابا ابي ابن بن ام ذو".split())


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
        held = self._held(query)
        for first, last, way in self._one_word(query, held):
            typed = tuple(token.word for token in query.tokens[first : last + 1])
            for place in range(first, last + 1):
                result[place] = _also(result[place], analyse(way)[0], ((way,), typed))
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
                ways = ((token.word,), way)
                found += [_also(sense, analyse(word)[0], ways) for word in way]
        return found

    def _held(self, query: Query) -> set[str]:
        return self._vocabulary.holds({analyse(way)[0] for _, _, way in _single(query)})

    def _one_word(self, query: Query, held: set[str]) -> Iterator[tuple[int, int, str]]:
        """First and last place of tokens that may be written as one word, with that word."""
        for first, last, way in _single(query):
            if analyse(way)[0] in held and (last == first or _alike(way, _written(query.tokens[first : last + 1]))):
                yield first, last, way

    def _several(self, token: Token) -> Way | None:
        """The words that a token may be written in instead, all of them held by passages."""
        word = token.word
        if word not in self._parted:
            if len(self._parted) > 20_000:
                self._parted.clear()
            self._parted[word] = next(filter(self._holds, _parts(word)), None)
        return self._parted[word]

    def _holds(self, way: Way) -> bool:
        terms = {analyse(word)[0] for word in way}
        return len(self._vocabulary.holds(terms)) == len(terms)


def _single(query: Query) -> Iterator[tuple[int, int, str]]:
    """Places of tokens that may be written as one word, with the word, whether passages hold it or not."""
    tokens = query.tokens
    for first, token in enumerate(tokens):
        size, joined = 0, ""
        for last in range(first, min(first + MOST_PARTS, len(tokens))):
            if last > first and not _BETWEEN.fullmatch(query.text, tokens[last - 1].end, tokens[last].start):
                break
            size, joined = size + 1, joined + tokens[last].word
            yield from ((first, last, way[0]) for way in _names().get(_written(tokens[first : last + 1]), ()) if len(way) == 1)
            function = token.word in stopwords() and tokens[last].word in stopwords()
            if size > 1 and not function and not joined.isdigit() and len(joined) > 2:
                yield first, last, joined


def _written(tokens: Sequence[Token]) -> Way:
    return tuple(token.word for token in tokens)


def _alike(way: str, parts: Way) -> bool:
    """Whether one word means what several do; one that the model does not know is taken for it."""
    if (way,) in _names().get(parts, ()) or parts[0] in _FIRST or not way.isalpha():
        return True
    if int(embedded().entries([way])[0]) < 0:  # a clitic is no word of its own: كم وحدة is not كموحدة
        return min(map(len, parts)) > 1 and (script(way) == "en" or parts[-1][:2] == "ال" or analyse(way)[0] == way)
    vectors = embedded().encode([way, " ".join(parts)])
    return float(vectors[0] @ vectors[1]) >= ALIKE


def _parts(word: str) -> Iterator[Way]:
    """The ways to write a word in several, whether passages hold those or not."""
    yield from (way for way in _names().get((word,), ()) if len(way) > 1)
    if numbered := _NUMBERED.fullmatch(word):
        yield tuple(filter(None, numbered.groups()))
    if not word.isalpha() or len(word) < SHORTEST or 0 <= int(embedded().entries([word])[0]) < COMMON:
        return
    cuts = [(word[:i], word[i:]) for i in range(1, len(word) - 2)]
    if script(word) == "ar":
        yield from (cut for cut in cuts if cut[0] in _FIRST or (cut[1] == "الدين" and len(cut[0]) > 2))
        return
    known = embedded().entries([part for cut in cuts for part in cut]).reshape(-1, 2)
    cuts = [cut for cut, rows in zip(cuts, known.tolist(), strict=True) if min(rows) >= 0]
    if cuts:
        vectors = embedded().encode([word, *map(" ".join, cuts)])
        cosines = (vectors[1:] @ vectors[0]).tolist()
        yield from (cut for cosine, cut in sorted(zip(cosines, cuts, strict=True), reverse=True) if cosine >= ALIKE)


def _also(sense: Sense, term: str, ways: tuple[Way, ...]) -> Sense:
    """A sense that a term expresses too."""
    terms = tuple(one for one in sense.terms if one[0] != term)
    return replace(sense, terms=(*terms, (term, "spelling", 1.0)), ways=(*sense.ways, *ways))


@cache
def _names() -> dict[Way, tuple[Way, ...]]:
    """Other names of the same: of months, in all families; of organisations whose initials are another word."""
    groups = [spellings for kind, _, spellings in read_table(DATES) if kind == "month"]
    groups += [names for (names,) in read_table(Path(__file__).with_name("names.tsv"))]
    found: dict[Way, tuple[Way, ...]] = {}
    for group in groups:
        ways = [tuple(analyse(word)[1] for word in words(name)) for name in group.split(" | ")]
        ways = [way for way in ways if (len(way[0]) > 3 or way[0].isupper()) and way[-1].isalpha()]
        found |= {way: tuple(other for other in ways if other != way) for way in ways}
    return {way: others for way, others in found.items() if way not in (("march",), ("mars",))}
