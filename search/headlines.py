"""Whether two headlines of one language say the same, or one of them contradicts the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from index.encode import load_encoder
from index.text import Token

from . import facts
from .compare import tokens
from .dictionary import stopwords


class Signs(NamedTuple):
    """What speaks for and against two headlines saying the same; shares and cosines of 0 to 1, else 0 or 1."""

    cosine: float  # of the two headlines
    explained: float  # how near in meaning the other words of each are to some other word of the other headline
    shared: float  # words that stand in both: an edit that turns a headline round leaves the rest as it was
    negation: float  # one denies and the other does not
    opposite: float  # a rise and a fall, a win and a loss
    other_numbers: float  # each has a number that the other has not
    same_number: float


WEIGHTS = Signs(7.0, 2.6, -2.2, -2.5, -2.7, -2.4, 0.8)
BALANCE = -5.3
"""Log-odds of saying the same, of the signs above and in all: a logistic regression on the training part of ANS
(Khouja, "Stance Prediction and Claim Verification: An Arabic Perspective", FEVER 2020), rounded. Of its paraphrases
about half come out above 0, and one contradiction in ten."""


def agreement(a: str, b: str, cosine: float) -> float:
    """Log-odds that two headlines say the same: above 0 they do, rather than not. `cosine` is that of their vectors."""
    return sum(weight * sign for weight, sign in zip(WEIGHTS, signs(a, b, cosine), strict=True)) + BALANCE


def signs(a: str, b: str, cosine: float) -> Signs:
    """The signs of two headlines, whose vectors have this cosine; the same both ways."""
    one, other = tokens(a), tokens(b)
    terms_a, terms_b = ({token.term for token in text} for text in (one, other))
    only_a = [token for token in one if token.term not in terms_b]
    only_b = [token for token in other if token.term not in terms_a]
    numbers_a, numbers_b = (facts.numbers([token.word for token in text]) for text in (one, other))
    denied_a, denied_b = (facts.negations(text, 0, len(text)) > 0 for text in (one, other))
    words_a, words_b = ([token.word for token in text] for text in (only_a, only_b))
    return Signs(
        cosine,
        _explained(only_a, only_b),
        2 * len(terms_a & terms_b) / max(1, len(terms_a) + len(terms_b)),
        float(denied_a != denied_b),
        float(facts.opposite(words_a, words_b)),
        float(bool(numbers_a - numbers_b and numbers_b - numbers_a)),
        float(bool(numbers_a & numbers_b)),
    )


def _explained(a: Sequence[Token], b: Sequence[Token]) -> float:
    """The mean cosine of each word with the nearest word of the other side, both ways; 1 where one side has none."""
    told = [[token.term for token in side if len(token.word) > 2 and token.word not in stopwords()] for side in (a, b)]
    if not all(told):
        return 1.0
    vectors = load_encoder("default").encode_passages([term for side in told for term in side])
    cosines = vectors[: len(told[0])] @ vectors[len(told[0]) :].T
    return float(np.mean(cosines.max(axis=1)) + np.mean(cosines.max(axis=0))) / 2
