"""Whether two headlines of one language say the same, or one of them contradicts the other."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

from index.encoders import load_encoder
from index.text import Token, script

from ..query import stopwords
from . import facts
from .words import Words


class Signs(NamedTuple):
    """What speaks for and against two headlines saying the same; shares and cosines of 0 to 1, counts, else 0 or 1."""

    cosine: float  # of the two headlines
    explained: float  # how near in meaning the other words of each are to some other word of the other headline
    repeated: float  # the longest run of words in both: an edit that reverses a headline leaves the other words alone
    denied: float  # one denies, refuses, stops, fails or forbids, and the other does not
    turned: float  # share of the words in both that one says to rise and the other to fall, to win and to lose
    poles: float  # how many ends of such scales only one of them names
    other_numbers: float  # each has a number that the other has not
    same_number: float
    other_names: float  # each has a name that the other has not


WEIGHTS = Signs(7.2, 2.1, -4.2, -2.9, -5.0, -0.3, -2.7, 0.7, -1.0)
BALANCE = -4.3
"""Log-odds of saying the same, of the signs above and in all: a logistic regression on the training part of ANS
(Khouja, "Stance Prediction and Claim Verification: An Arabic Perspective", FEVER 2020), rounded. Of its paraphrases
seven in ten come out above 0, and one contradiction in ten."""


def agreement(a: str, b: str, cosine: float) -> float:
    """The log-odds that two headlines say the same; above 0 they more likely do. `cosine` is that of their vectors."""
    return sum(weight * sign for weight, sign in zip(WEIGHTS, signs(a, b, cosine), strict=True)) + BALANCE


def signs(a: str, b: str, cosine: float) -> Signs:
    """The signs of two headlines, whose vectors have this cosine; the same both ways."""
    one, other = Words(a), Words(b)
    terms_a, terms_b = ({token.term for token in text} for text in (one, other))
    only_a = [token for token in one if token.term not in terms_b]
    only_b = [token for token in other if token.term not in terms_a]
    numbers_a, numbers_b = (facts.numbers([token.word for token in text]) for text in (one, other))
    poles_a, poles_b = (facts.poles([token.word for token in text]) for text in (only_a, only_b))
    denied_a = bool(facts.negations(one, 0, len(one)) or poles_a & facts.DENYING)
    denied_b = bool(facts.negations(other, 0, len(other)) or poles_b & facts.DENYING)
    return Signs(
        cosine,
        _explained(only_a, only_b),
        _repeated([token.term for token in one], [token.term for token in other]),
        float(denied_a != denied_b),
        _turned(one, other),
        float(len(poles_a ^ poles_b)),
        float(bool(numbers_a - numbers_b and numbers_b - numbers_a)),
        float(bool(numbers_a & numbers_b)),
        float(_has_other_names(a, one, other) and _has_other_names(b, other, one)),
    )


def _repeated(a: Sequence[str], b: Sequence[str]) -> float:
    """The share of the longer headline that the longest run of words takes which stands in both."""
    longest = SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size
    return longest / max(1, len(a), len(b))


def _turned(a: Sequence[Token], b: Sequence[Token]) -> float:
    """Of the words that stand in both, the share whose nearest word of a scale that both name says the contrary."""
    poles_a, poles_b = (
        [(n, pole) for n, token in enumerate(text) for pole in facts.poles([token.word])] for text in (a, b)
    )
    scales = {pole[1:] for _, pole in poles_a} & {pole[1:] for _, pole in poles_b}
    places_a, places_b = (
        {
            token.term: n
            for n, token in reversed(list(enumerate(text)))
            if len(token.word) > 2 and token.word not in stopwords() and not facts.poles([token.word])
        }
        for text in (a, b)
    )
    found = [
        _nearest(places_a[term], scale, poles_a, script(term)) != _nearest(places_b[term], scale, poles_b, script(term))
        for term in places_a.keys() & places_b.keys()
        for scale in scales
    ]
    return sum(found) / len(found) if found else 0.0


def _nearest(place: int, scale: str, poles: Sequence[tuple[int, str]], language: str) -> str:
    """The pole of a scale that stands nearest to a place.

    At equal distance it is the one before the place in Arabic (صعود القمح, the rise of wheat), and the one after it in
    English.
    """
    sign = 1 if language == "ar" else -1
    return min((abs(n - place), sign * n, pole) for n, pole in poles if pole[1:] == scale)[2]


def _has_other_names(text: str, words: Sequence[Token], others: Sequence[Token]) -> bool:
    names = facts.names(facts.capitalised(text), [token.word for token in words])
    return bool(facts.unmatched(names, [token.word for token in others]))


def _explained(a: Sequence[Token], b: Sequence[Token]) -> float:
    """The mean cosine of each word with the nearest word of the other side, both ways; 1 where one side has none."""
    told = [[token.term for token in side if len(token.word) > 2 and token.word not in stopwords()] for side in (a, b)]
    if not all(told):
        return 1.0
    vectors = load_encoder("default").encode_passages([term for side in told for term in side])
    cosines = vectors[: len(told[0])] @ vectors[len(told[0]) :].T
    return float(np.mean(cosines.max(axis=1)) + np.mean(cosines.max(axis=0))) / 2
