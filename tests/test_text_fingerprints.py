"""Sketches and bags: what is kept of a text to find its copies."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printings import BRIDGE, FIRE, TEXTS, TOLL

from index.text.fingerprints import CHARACTERS, bags, overlap, pack, sketch, sketches, unpack


@settings(deadline=None)  # the first sketch of all makes the alphabet
@given(TEXTS)
def test_a_sketch_is_sorted_stable_and_stored_without_loss(text: str) -> None:
    found = sketch(text)
    assert found.dtype == np.uint64
    assert np.all(found[1:] > found[:-1])
    assert np.array_equal(unpack(pack(found)), found)
    assert np.array_equal(sketch("".join(letter + "\u0640" * (letter == "ل") for letter in text)), found)
    assert overlap(found, found) == float(len(found) > 0)


@given(st.lists(st.one_of(TEXTS, st.sampled_from((FIRE, BRIDGE, "", "ﷺ ½ ﻻ", "\ud800", "😀"))), max_size=6))
def test_many_texts_have_the_sketches_of_each_alone(texts: list[str]) -> None:
    alone, together = [sketch(text) for text in texts], sketches(texts)
    assert [found.tolist() for found in alone] == [found.tolist() for found in together]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("هــام جدااااا", "هام جدا"),  # drawn out
        ("بلغ 1,200.5", "بلغ ١٢٠٠٫٥"),
        ("ﻻ شيء", "لا شيء"),  # a ligature
        ("عام 2024يذكر", "عام 2024 يذكر"),
        ("مصطفى على", "مصطفي علي"),
        ("He doesn’t — Élan!", "he DOESN'T elan"),
    ],
)
def test_other_ways_to_write_the_same_words_have_the_same_sketch(one: str, other: str) -> None:
    assert sketch(one).tolist() == sketch(other).tolist() != []


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(["هام", "هـام", "خبر", "a", "on", "7"]), max_size=12), max_size=6))
def test_bags_share_what_the_counted_words_share(texts: list[list[str]]) -> None:
    held = bags([" ".join(words) for words in texts])
    counted = [Counter(word.replace("\u0640", "") for word in words) for words in texts]
    for one, a in zip(held, counted, strict=True):
        assert len(one) == a.total()
        for other, b in zip(held, counted, strict=True):
            least = min(a.total(), b.total())
            assert overlap(one, other) == ((a & b).total() / least if least else 0)


def test_a_book_is_sketched_in_pieces() -> None:
    book = " ".join(map(str, range(CHARACTERS // 4)))
    assert len(book) > CHARACTERS
    assert overlap(sketch(book), sketch(book[-1000:])) > 0.9


def test_sketches_are_the_same_on_every_machine() -> None:
    assert sketch("one").tolist() == [1750652230]
    assert sketch("خبر عاجل").tolist() == [3041773786]


@pytest.mark.parametrize("written", ["1.250.000", "1\u00a0250\u00a0000", "1\u202f250\u202f000", "1'250'000"])
def test_the_sketch_does_not_see_how_thousands_are_grouped(written: str) -> None:
    assert np.array_equal(sketch(TOLL.format("1,250,000")), sketch(TOLL.format(written)))
