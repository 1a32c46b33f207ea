"""Two texts are aligned word by word, in time that grows with their length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from printings import WORDS

from index.text.tokens import tokenize
from search.coverage.alignment import align, changes, compare, compare_tokens
from search.coverage.words import Words, respelled


@given(st.lists(st.integers(0, 9), max_size=60), st.lists(st.integers(0, 9), max_size=60))
def test_aligned_words_are_equal_and_used_once(a: list[int], b: list[int]) -> None:
    blocks = align(np.array(a, np.int64), np.array(b, np.int64))
    assert all(a[i : i + size] == b[j : j + size] for i, j, size in blocks)
    for side in (0, 1):
        used = [place for block in blocks for place in range(block[side], block[side] + block.size)]
        assert len(used) == len(set(used))
    assert blocks == sorted(blocks)


@given(WORDS, st.integers(-5, 30), st.integers(-5, 30))
def test_words_are_read_where_they_are_asked_for(text: str, start: int, end: int) -> None:
    whole = list(respelled(tokenize(text)))
    assert list(Words(text)) == whole
    assert Words(text)[start:end] == whole[start:end]
    assert [Words(text)[i] for i in range(-len(whole), len(whole))] == whole + whole


def test_a_number_with_spaces_is_one_word() -> None:
    assert [token.word for token in Words("بلغ 250 000 دولار")] == ["بلغ", "250000", "دولار"]


@given(WORDS, WORDS)
def test_blocks_and_changes_cover_the_first_text(one: str, other: str) -> None:
    found = compare(one, other)
    covered = [place for block in found.blocks for place in range(block.a, block.a + block.size)]
    covered += [place for change in found.changes for place in range(change.a, change.a_end)]
    assert sorted(covered) == list(range(len(found.a)))
    assert changes(found.blocks, len(found.a), len(found.b)) == list(found.changes)


class Counted(str):
    """A word that counts how often it is hashed or compared: the work of an alignment."""

    __slots__ = ()
    count = 0

    def __hash__(self) -> int:
        Counted.count += 1
        return str.__hash__(self)

    def __eq__(self, other: object) -> bool:
        Counted.count += 1
        return str.__eq__(self, other)


def test_the_work_of_a_comparison_grows_with_the_length_of_the_texts_not_with_its_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def work(size: int) -> int:
        words = [f"{'abcdefgh'[n % 8]}x{n}" for n in range(size)]
        other = [f"changed{n}" if n % 20 == 10 else word for n, word in enumerate(words)]
        sides = (" ".join(words), " ".join(other))
        one, two = ([token._replace(word=Counted(token.word)) for token in tokenize(side)] for side in sides)
        Counted.count = 0
        assert len(compare_tokens(sides, tuple(one), tuple(two)).contradictions) == 0
        return Counted.count

    assert work(4_000) < 5 * work(1_000)
