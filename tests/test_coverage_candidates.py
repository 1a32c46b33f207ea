"""Which articles are worth reading side by side, and the groups that links form."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from printings import BRIDGE, BRIDGE_BACKGROUND, FIRE, article

from index.text.fingerprints import sketch
from index.text.packed_sketches import Sketches
from search.coverage import candidates
from search.coverage.candidates import Fingerprints, candidate_pairs
from search.coverage.copies import copies, groups
from search.types import Link, Tier


def shuffled(texts: list[str]) -> list[tuple[int, str]]:
    numbered = list(enumerate(texts))
    random.Random(3).shuffle(numbered)
    return numbered


def test_every_copy_is_a_candidate_in_any_order() -> None:
    texts = [FIRE, FIRE[:200], FIRE.replace("اندلع", "شب"), BRIDGE, BRIDGE[150:], BRIDGE_BACKGROUND]
    expected = {frozenset(pair) for pair in ((0, 1), (0, 2), (1, 2), (3, 4))}
    order = shuffled(texts)
    found = candidate_pairs([sketch(text) for _, text in order])
    assert {frozenset((order[i][0], order[j][0])) for i, j in found.tolist()} == expected


def test_new_articles_are_compared_with_all_and_old_ones_no_more() -> None:
    sketches = [sketch(text) for text in (FIRE, FIRE[:200], FIRE[:300])]
    assert candidate_pairs(sketches, since=2).tolist() == [[0, 2], [1, 2]]
    assert candidate_pairs(sketches, since=3).tolist() == []


def test_a_text_printed_hundreds_of_times_stays_one_group_at_linear_cost() -> None:
    many = [article(f"{n:03}", FIRE + f" {chr(0x628 + n % 20)}كتب" * (n % 7)) for n in range(300)]
    sketches = [sketch(copy.text) for copy in many]
    assert len(candidate_pairs(sketches)) < 300 * 60
    (story,) = groups(many, copies(many, sketches))
    assert len(story.articles) == 300


def test_no_article_no_word_no_pair() -> None:
    assert candidate_pairs([]).shape == (0, 2)
    assert candidate_pairs([sketch(""), sketch("...")]).shape == (0, 2)


def test_groups_follow_links_and_are_represented_by_the_first_printing_or_else_the_longest() -> None:
    articles = [
        article("late", "longest text", "2024-05-03"),
        article("brief", "short", "2024-05-01T08:00"),
        article("full", "short text", "2024-05-01T09:00"),
        article("alone", "text", "2024-05-01"),
        article("x", "text"),
        article("y", "longer text"),
    ]
    links = [
        Link("late", "brief", Tier.NEAR, 0.9),
        Link("full", "late", Tier.NEAR, 0.9),
        Link("x", "y", Tier.EXACT, 1.0),
    ]
    stories = groups(articles, links)
    assert [[member.id for member in story.articles] for story in stories] == [["brief", "full", "late"], ["x", "y"]]
    assert [story.representative.id for story in stories] == ["full", "y"]
    for seed in range(5):
        random.Random(seed).shuffle(articles)
        random.Random(seed).shuffle(links)
        assert groups(articles, links) == stories


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6), st.lists(st.integers(0, 9), max_size=4))
def test_known_articles_that_share_a_fingerprint_are_looked_up(known: list[list[int]], new: list[int]) -> None:
    sketched = [np.unique(np.array(numbers, np.uint64)) for numbers in known]
    fingerprints = Fingerprints(sketched[:2])
    fingerprints.add(sketched[2:4])
    fingerprints.add(sketched[4:])
    shared = [n for n, numbers in enumerate(known) if set(numbers) & set(new)]
    assert fingerprints.sharing([np.unique(np.array(new, np.uint64))]).tolist() == shared


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=12, unique=True), max_size=40),
    st.integers(0, 40),
    st.sampled_from((1, 7, 1 << 22)),
)
def test_the_pairs_are_those_that_share_a_fifth_of_the_smaller_sketch(
    numbers: list[list[int]], since: int, together: int
) -> None:
    """However many fingerprints are sorted at once. No fingerprint is in a crowd here."""
    sketched = [np.array(sorted(one), np.uint64) << np.uint64(27) for one in numbers[: candidates.CROWD]]
    held = [set(one) for one in numbers[: candidates.CROWD]]
    expected = [
        [i, j]
        for i, one in enumerate(held)
        for j, other in enumerate(held)
        if i < j and j >= since and one & other and len(one & other) / min(len(one), len(other)) >= candidates.ESTIMATE
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "AT_ONCE", together)
        assert candidate_pairs(sketched, since).tolist() == expected
        assert candidate_pairs(Sketches.of(sketched), since).tolist() == expected
