"""Typing errors: what a query word that nothing knows was meant to be.

Candidates are the words one error away (a letter wrong, missing, doubled or too many, two swapped, a space missing).
They are judged by the error, by how often the passages and the model's texts have them, and by the meaning of the other
words of the query. Method: Norvig, "Natural language corpus data" (2009), with the neighbours of the query added.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.encoders import embedded
from index.ports import Vocabulary
from index.text import LIKELY, Token, analyse, fold, script, tokenize

from .dictionary import load_dictionary, stopwords
from .expansion import SPELLINGS
from .parsing import Query, Respelled

LETTERS = {"ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهويء", "en": "abcdefghijklmnopqrstuvwxyz"}

CONFUSED = frozenset(
    frozenset(pair)
    for pairs in (
        "ضظ ذز ذد ثت ثس طت صس قك قغ حه خح دض سش عا ءا ءي يا وا زظ جش",
        "ei ai ae eo ao oe iy sz cs ck gj vf mn td bp",
    )
    for pair in pairs.split()
)
"""Letters that are taken for each other because they sound or look alike."""

# The cost of each kind of error, in natural logarithms of word frequency: an error of cost 1 is corrected to a word e
# times as frequent. Errors in the first letter are rare, and cost FIRST more.
SWAPPED, DOUBLED, CONFUSION, LETTER, SPACE, FIRST = 0.0, 0.0, 0.0, 1.0, 1.5, 1.5

NEAR = {"ar": 1.5, "en": 0.0}
"""What every error but a missing space costs besides: in Arabic many words are one letter away from forms of others."""

SHORTEST = 4
"""The fewest letters of a word that is corrected: of shorter ones, half the words are one letter away."""

LONGEST = 24
"""The most letters of a word that is corrected, and `MOST` the most words of a query that are: a text is no query."""
MOST = 8

SURE = 5
"""The fewest letters of a word in which other errors are corrected than those that cost nothing."""

KNOWN = 30_000
"""Words of the model are sorted by frequency. One before this place is no typing error, whatever no passage holds."""

PART = 15_000
"""The same for each of two words between which a space is missing: rarer ones are found in many a word."""

UNKNOWN = 150_000
"""The place that a word is given which the model does not have."""

TIMES = 8
"""How many times as frequent a correction must be as the word that was typed, where the model has both."""

RARE, OVERWHELMING = 2, 50
"""A word of so few passages, unknown to the model, may be an error of a word of so many times as many."""

# What speaks for a candidate: that passages hold it; the logarithm of their number; the cosine with the other words.
HELD, OFTEN, FITTING = 2.0, 0.3, 4.0

LEAST = -11.0
"""The score that a correction needs. Chosen like the weights on XQuAD and NTREX questions with errors of a seed that
benchmarks/typing.py does not use."""

VERY_LIKELY = 0.9
"""The similarity from which on a word of the other script is taken for a spelling of the same name."""

SHORTEST_BASE, BASE = 3, 45_000
"""An Arabic word of so many letters, before this place, may be one with some clitic or ending left away."""

# What stands before and after Arabic words, the forms of verbs included: وزعله is زعل.
_BEFORE = re.compile("[وف]?(?:[بلكس]?(?:ال|[يتنا])?|لل)")
_AFTER = ("ه", "ها", "هم", "ك", "كم", "نا", "ني", "ي", "وا", "ون", "ين", "ان", "ات", "ت", "وه", "وها", "وهم", "تم", "ا")

_THRICE = re.compile(r"(.)\1\1")

REMEMBERED = 5_000
"""Words of which is remembered whether they are doubted."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What may have been meant, written as the rest of what was typed, with what making the error costs."""

    text: str
    cost: float


class Speller:
    """Corrects the queries of one view. Threads share it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[str, bool] = {}  # whether a word is left as it is

    def respelled(self, query: Query) -> Query:
        """The query with its typing errors corrected; the same where there is none.

        Queries with conditions are left as they are: what must be in an article is meant as it is typed.
        """
        if query.required or query.alternatives:
            return query
        doubted = self._doubted(query.tokens)
        if not 0 < len(doubted) <= MOST:
            return query
        sure = " ".join(t.word for t in query.tokens if t not in doubted and t.word not in stopwords())
        text, end, spans = "", 0, []
        for token in doubted:
            typed = query.text[token.start : token.end]
            meant = self._meant(token, typed, sure)
            if meant is None:
                continue
            text += query.text[end : token.start]
            spans.append(Respelled(len(text), len(text) + len(meant), typed))
            text, end = text + meant, token.end
        if not spans:
            return query
        text += query.text[end:]
        return replace(query, text=text, tokens=tuple(tokenize(text)), respelled=tuple(spans))

    def _doubted(self, tokens: Sequence[Token]) -> list[Token]:
        """The tokens that nothing knows: neither passages nor the model nor, by what passages hold, the dictionary."""
        new = {t.word: t for t in tokens if t.word not in self._known}
        if new:
            if len(self._known) > REMEMBERED:
                self._known.clear()
            self._known.update(zip(new, self._sound(list(new.values())), strict=True))
        return [token for token in tokens if not self._known.get(token.word, True)]

    def _sound(self, tokens: Sequence[Token]) -> list[bool]:
        """Whether each token is a word as it is.

        That of an Arabic word counts too that is left without clitics and endings, and so does any common word that a
        rarer clitic or ending may stand with; a name that passages of the other script spell is none to correct.
        """
        held = self._vocabulary.frequencies(t.term for t in tokens)
        asked = [
            t
            for t in tokens
            if t.word.isalpha() and SHORTEST <= t.end - t.start <= LONGEST and held.get(t.term, 0) <= RARE
        ]
        places = _places([word for t in asked for word in (t.word, t.term)])
        doubted = {
            token
            for token, place, stem in zip(asked, places[::2], places[1::2], strict=True)
            if place >= KNOWN
            and (stem >= KNOWN or script(token.word) == "en")
            and (place == UNKNOWN or not (token.term in held or self._translated(token.term)))
            and not _inflected(token.word)
            and not self._spelled(token.word)
        }
        return [token not in doubted for token in tokens]

    def _spelled(self, word: str) -> bool:
        """Whether passages of the other script spell a name; asked as `Expander` does, which asks next."""
        return any(likely >= VERY_LIKELY for _, likely in self._vocabulary.spellings(word, SPELLINGS, LIKELY))

    def _translated(self, term: str) -> bool:
        return bool(self._vocabulary.holds(load_dictionary().translations(term)))

    def _meant(self, token: Token, typed: str, others: str) -> str | None:
        """What a token was meant to be, one word or two; None where nothing is likely."""
        candidates = _candidates(typed)
        words = sorted({word for folded in candidates for word in folded})
        places = dict(zip(words, _places(words), strict=True))
        terms = {word: analyse(word)[0] for word in words}
        often = self._vocabulary.frequencies({token.term, *terms.values()})
        (place,), already = _places([token.word]), often.get(token.term, 0)

        def possible(folded: tuple[str, ...]) -> bool:
            rarest = min(often.get(terms[word], 0) for word in folded)
            if len(folded) > 1:
                likely = all(places[word] < PART and (len(word) > 2 or word in stopwords()) for word in folded)
            else:
                (word,) = folded
                real = places[word] < UNKNOWN or word.endswith(terms[word])  # not what its ending alone makes a word
                likely = real and terms[word] != token.term and min(places[word] * TIMES, UNKNOWN) <= place
            return likely and rarest >= already * OVERWHELMING and all(map(expressed, folded))

        def expressed(word: str) -> bool:
            known = places[word] < UNKNOWN
            return terms[word] in often or word in stopwords() or (known and self._translated(terms[word]))

        def frequent(word: str) -> float:
            passages = often.get(terms[word], 0)
            return HELD * (passages > 0) + OFTEN * math.log1p(passages) - math.log(places[word] + 1000)

        chosen = list(filter(possible, candidates))
        if not chosen:
            return None
        scores = [
            sum(map(frequent, folded)) / len(folded) - candidates[folded].cost + FITTING * fit
            for folded, fit in zip(chosen, _fitting(list(map(" ".join, chosen)), others), strict=True)
        ]
        best = int(np.argmax(scores))
        return candidates[chosen[best]].text if scores[best] >= LEAST else None


def _places(words: Sequence[str]) -> list[int]:
    """The place of each word among those of the model, by frequency; UNKNOWN for one that it has only in pieces."""
    entries = embedded().entries(words)
    return np.where(entries < 0, UNKNOWN, np.minimum(entries, UNKNOWN)).tolist() if len(words) else []


def _inflected(word: str) -> bool:
    """Whether an Arabic word is a common one of three letters or more with a clitic or an ending."""
    if script(word) != "ar":
        return False
    most = _BEFORE.match(word)
    starts = range(most.end() + 1 if most else 1)
    ends = [len(word), *(len(word) - len(ending) for ending in _AFTER if word.endswith(ending))]
    bases = {word[start:end] for start in starts for end in ends if _BEFORE.fullmatch(word, 0, start)} - {word}
    return min(_places([base for base in bases if len(base) >= SHORTEST_BASE]), default=UNKNOWN) < BASE


def _fitting(candidates: Sequence[str], others: str) -> list[float]:
    """The cosine of each candidate with the other words of the query; 0 where there are none."""
    if not others:
        return [0.0] * len(candidates)
    vectors = embedded().encode([others, *candidates])
    return [float(cosine) for cosine in vectors[1:] @ vectors[0]]


def _candidates(typed: str) -> dict[tuple[str, ...], _Candidate]:
    """What is one error away from a word as typed: each, as folded words, with the cheapest way to it."""
    typed = "".join(filter(str.isalpha, typed))  # without diacritics
    found: dict[tuple[str, ...], _Candidate] = {}
    near = NEAR[script(typed)]

    def add(text: str, cost: float, place: int) -> None:
        folded = tuple(fold(text).split(" "))
        cost += FIRST * (place == 0)
        if (len(typed) < SURE and cost) or _THRICE.search(text):  # folding makes one of three equal letters
            return
        cost += near * (len(folded) == 1)
        if folded not in found or cost < found[folded].cost:
            found[folded] = _Candidate(text, cost)

    for i in range(len(typed) + 1):
        before, after = typed[:i], typed[i:]
        if 2 <= i <= len(typed) - 2:
            add(f"{before} {after}", SPACE, i)
        if after:
            add(before + after[1:], DOUBLED if before[-1:] == after[0] else LETTER, i)
        if len(after) > 1:
            add(before + after[1] + after[0] + after[2:], SWAPPED, i)
        for letter in LETTERS[script(typed)]:
            add(before + letter + after, DOUBLED if letter in (before[-1:], after[:1]) else LETTER, i)
            if after:
                alike = frozenset((letter, fold(after[0]))) in CONFUSED
                add(before + letter + after[1:], CONFUSION if alike else LETTER, i)
    found.pop((fold(typed),), None)
    return found
