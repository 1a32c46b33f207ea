"""What is made of strings is made once, and nobody can tell."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.text import Column, Memo, Remembered


def letters(strings: Sequence[str]) -> list[Column]:
    """The code points of each string, and its length."""
    counts = np.array(list(map(len, strings)), np.int64)
    points = np.array([ord(letter) for string in strings for letter in string], np.int64)
    return [(points, counts), (counts.astype(np.float32), np.ones(len(strings), np.int64))]


@given(st.lists(st.lists(st.text(max_size=5), min_size=1, max_size=8), max_size=8), st.integers(0, 20))
def test_it_gives_what_is_made_whatever_was_asked_before_and_forgotten(asked: list[list[str]], most: int) -> None:
    remembered = Remembered(letters, most)
    for strings in asked:
        for found, made in zip(remembered(strings), letters(strings), strict=True):
            for ours, theirs in zip(found, made, strict=True):
                np.testing.assert_array_equal(ours, theirs)


def test_a_string_is_made_once() -> None:
    made: list[str] = []
    remembered = Remembered(lambda strings: made.extend(strings) or letters(strings), 100)  # type: ignore[func-returns-value]
    remembered(["rain", "مطر", "rain"])
    remembered(["rain", "wind"])
    assert made == ["rain", "مطر", "wind"]


def test_thousands_of_strings_find_their_places_again() -> None:
    remembered = Remembered(letters, 1 << 20)
    strings = [f"word {n}" for n in range(5_000)]
    for first in range(0, len(strings), 700):
        remembered(strings[first : first + 700])
    (points, counts), _ = remembered(strings[::-1])
    expected, sizes = letters(strings[::-1])[0]
    np.testing.assert_array_equal(points, expected)
    np.testing.assert_array_equal(counts, sizes)


@given(st.lists(st.text(max_size=4)), st.integers(2, 10))
def test_a_memo_gives_what_is_made_whatever_was_asked_before(asked: list[str], most: int) -> None:
    memo = Memo(str.upper, most, longest=3)
    assert [memo[string] for string in asked] == [string.upper() for string in asked]
    assert len(memo) <= most
    assert all(len(string) <= 3 for string in memo)


def test_a_memo_makes_a_string_once_while_it_is_asked_for() -> None:
    made: list[str] = []
    memo = Memo(lambda string: made.append(string) or string, 4, longest=9)  # type: ignore[func-returns-value]
    for string in ("rain", "wind", "rain", "sun", "rain", "wind"):
        assert memo[string] == string
    assert made == ["rain", "wind", "sun"]
