"""Words in a row, found by letters: no text that holds them is ever left out."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.text import phrases, stretches, words
from index.text.folding import fold

LETTERS = "اأإآٱءبتةهىيئؤوعلكمن" + "abwWHOUSs" + "\u064e\u0640\u200f\u0651" + " .,-_'’\n،«»1٢"
OTHERS = "½ﷺﻻéāª\u0301ﬁ\u00a0ßωя❤\ufe0f😀"


def folded(text: str) -> list[str]:
    return [fold(word) for word in words(text)]


def holds(text: str, phrase: list[str]) -> bool:
    read = folded(text)
    return any(read[i : i + len(phrase)] == phrase for i in range(len(read)))


@given(st.text(st.sampled_from(LETTERS + OTHERS), max_size=60), st.data())
@example("the U.S. army", None)
@example("قال ءادم هاااام", None)
@example("A.A.A. army", None)
@example("الدّكتور هو", None)
@example("وعلى ذلك", None)
@example("HـH", None)
@example("H½H", None)
@example("Hـب H", None)
@example("1 250 000 men", None)
def test_a_text_that_holds_the_words_has_a_stretch_that_does(text: str, data: st.DataObject | None) -> None:
    read = folded(text)
    for first in range(len(read)):
        for size in (1, 2, 3):
            phrase = read[first : first + size]
            assert any(holds(stretch, phrase) for stretch in stretches(phrase, [text])[0])


@given(
    st.text(st.sampled_from(LETTERS + OTHERS), max_size=60),
    st.lists(st.text(st.sampled_from(LETTERS), min_size=1), max_size=3),
)
def test_no_stretch_holds_what_its_text_does_not(text: str, several: list[str]) -> None:
    phrase = [word for one in several for word in folded(one)]
    if phrase and not holds(text, phrase):
        assert not any(holds(stretch, phrase) for stretch in stretches(phrase, [text])[0])


def test_a_stretch_is_no_longer_than_it_need_be() -> None:
    text = "word " * 1_000 + "the U.S.\narmy said; " + "word " * 1_000 + "us army"
    assert stretches(["us", "army"], ["us", text, "army"]) == [[], ["U.S.\narmy said;", "us army"], []]


@given(st.lists(st.sampled_from(["القمح", "قمح", "سعر", "wheat", "price", "U.S."]), max_size=8), st.data())
def test_most_texts_that_do_not_hold_them_are_left_out(several: list[str], data: st.DataObject) -> None:
    known = data.draw(st.sampled_from([["القمح", "سعر"], ["wheat", "us"]]))
    phrase = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
    text = ", ".join(several)
    if stretches(phrase, [text])[0]:  # the end of a word may be taken for a word: the sure answer reads the words
        assert holds(text, phrase) or re.search(phrase[0].removeprefix("ال"), fold(text))


def test_symbols_fold_to_no_letter() -> None:
    symbols = [chr(i) for first, last in phrases._SYMBOLS for i in range(first, last)]
    assert not any(map(str.isalnum, fold(" ".join(symbols))))


@given(st.lists(st.sampled_from([" ", "\n", "1", "250", "000", "5.", "men", ","])), st.data())
def test_numbers_are_read_with_their_spaces(several: list[str], data: st.DataObject) -> None:
    test_a_text_that_holds_the_words_has_a_stretch_that_does.hypothesis.inner_test("".join(several), data)


@pytest.mark.parametrize("phrase", [["ه", "و"], ["us", "army"], ["www"], ["ll", "l"], ["1", "2"]])
@pytest.mark.parametrize("unit", ["ه", "u.s", "w", "l", "l.", "ه\u0651", " ", "us ", "us.army.", "1 2 ", "1, 2"])
def test_it_takes_linear_time(phrase: list[str], unit: str) -> None:
    began = time.process_time()
    stretches(phrase, [unit * 200_000, "9 " * 200_000 + "1 2"])
    assert time.process_time() - began < 5  # quadratic time would be hours
