"""The words of many texts at once, as numbers: the same words and terms as one by one."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import Analysed, analyse, analysed, pieces, term_key, words
from index.text.tokens import analyse_all_once, analyse_once

LINES = (
    "The ferry sank.",
    "غرقت العبّارة، والركاب",
    "250 000 people",
    "1 250\u00a0000,5",
    "U.S. 5 250 000\n000",
    "",
    " \n ",
)
texts = st.lists(
    st.one_of(st.sampled_from(LINES), st.text("aعB .,'0٠5\n\u00a0", max_size=30), st.text(max_size=20)), max_size=6
)


def said(found: Analysed) -> list[list[str]]:
    """The words of each text."""
    ends = np.append(0, np.cumsum(found.counts)).tolist()
    return [[found.words.written[i] for i in found.numbers[start:end]] for start, end in pairwise(ends)]


@given(texts)
def test_the_words_are_those_of_each_text(asked: list[str]) -> None:
    found = analysed(asked)
    assert said(found) == [words(text) for text in asked]
    assert list(found.words.written) == list(dict.fromkeys(word for text in asked for word in words(text)))
    assert list(found.words.terms) == [analyse(word)[0] for word in found.words.written]
    assert found.words.keys.tolist() == [term_key(term) for term in found.words.terms]


@given(texts, texts, st.data())
def test_what_is_divided_can_be_joined_with_others_and_only_the_words_of_these_stay(
    one: list[str], other: list[str], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(one)))
    first, _ = analysed(one).divided([cut, len(one) - cut])
    joined = Analysed.joined([first, *analysed(other).divided([1] * len(other))])
    alone = analysed([*one[:cut], *other])
    assert said(joined) == said(alone)
    assert (joined.words.written, joined.words.terms) == (alone.words.written, alone.words.terms)
    np.testing.assert_array_equal(joined.words.keys, alone.words.keys)
    sent = pickle.loads(pickle.dumps(joined))
    assert said(sent) == said(joined)
    assert (sent.words.written, sent.words.terms) == (joined.words.written, joined.words.terms)


@given(st.text("abéعبةاـٌDŽ0_", max_size=6), st.text(pieces._MARKS, max_size=3), st.text(pieces._MARKS, max_size=3))
def test_marks_around_a_word_of_letters_change_nothing(word: str, before: str, after: str) -> None:
    written = f"{before}{word}{after}"
    assert pieces.bare(written) in (written, word)
    assert words(pieces.bare(written)) == words(written)
    assert pieces.bare(f"{before}{word}?{after}") == f"{before}{word}?{after}"


@given(st.lists(st.from_regex(r"\w[\w.,'’ʼ-]{0,12}", fullmatch=True)))
def test_words_are_analysed_together_as_one_by_one(written: list[str]) -> None:
    assert list(zip(*analyse_all_once(written), strict=True)) == [*map(analyse_once, written)]


def test_words_that_are_forgotten_are_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "REMEMBERED", 60)
    monkeypatch.setattr(pieces, "_pieces", pieces._Pieces())
    for n in range(60):
        asked = [f"ferry{n % 23} sank again", f"and again, ferry{n}"]
        assert said(analysed(asked)) == [words(text) for text in asked]
