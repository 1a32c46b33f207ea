"""Which written form stands for a term: the same one however the passages are divided into segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoders import embedded
from index.local import LocalVocabulary, Postings
from index.local.merging import merge_postings
from index.local.vocabulary import standing
from index.milvus.statistics import Part
from index.tables import read_table
from index.text import NameIndex, analysed, terms
from search.query import Expander, parse

FORMS = [
    "elect",
    "elected",
    "ELECTION",
    "elections",
    "U.S.",
    "us",
    "US",
    "grant",
    "granted",
    "grants",
    "Gaddafi",
    "Gaddafi's",
    "walk",
    "walked",
    "walking",
    "قصرون",
    "وقصرون",
    "لقصرون",
    "الرئيس",
    "رئيس",
    "رئيسها",
    "انتخاب",
    "انتخابات",
    "منتخب",
    "القذافي",
    "والقذافي",
]
QUESTIONS = ["the election", "انتخابات الرئيس", "Gaddafi walked", "القذافي في قصرون", "US grants"]


@dataclass(frozen=True)
class Listed:
    """The terms of some passages."""

    postings: Postings
    names: NameIndex

    @classmethod
    def of(cls, passages: Sequence[str]) -> "Listed":
        postings = Postings.build(analysed(passages), embedded().entries)
        return cls(postings, NameIndex.build(postings.surfaces))


def senses(lists: Sequence[Listed] | Sequence[Part]) -> list[object]:
    """What the words of the questions may be called in passages with these terms."""
    return [sense.terms for text in QUESTIONS for sense in Expander(LocalVocabulary(lists)).expand(parse(text))]


@given(st.lists(st.lists(st.sampled_from(FORMS), min_size=1, max_size=9), min_size=1, max_size=9), st.data())
@settings(max_examples=30)
def test_what_words_mean_does_not_depend_on_how_passages_are_divided(
    tmp_path_factory: pytest.TempPathFactory, words: list[list[str]], data: st.DataObject
) -> None:
    passages = [" ".join(one) for one in words]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(passages)), max_size=3)))
    pieces = [passages[a:b] for a, b in zip([0, *cuts], [*cuts, len(passages)], strict=True) if a < b]
    whole, parts = Listed.of(passages), [Listed.of(piece) for piece in pieces]
    expected = senses([whole])
    assert senses(parts) == expected
    folder: Path = tmp_path_factory.mktemp("merged")
    postings, every = [part.postings for part in parts], [np.ones(len(piece), bool) for piece in pieces]
    merge_postings(folder, postings, [part.names for part in parts], every, [])
    merged = Postings.open(folder)
    np.testing.assert_array_equal(merged.entries, whole.postings.entries)
    assert senses([Listed(merged, NameIndex.open(folder))]) == expected
    counted = [Part.of(number, analysed(piece), np.zeros((0, 2))) for number, piece in enumerate(pieces)]
    assert senses(counted) == senses([Part.merged(counted)]) == expected


def test_a_form_stands_for_its_term_once_in_all_lists() -> None:
    one, other, third = (Listed.of([text]).postings for text in ("elected walking", "election walking", "walk"))
    chosen = standing([one, other, third])
    forms = [
        form
        for part, here in zip((one, other, third), chosen, strict=True)
        for form, stands in zip(part.surfaces, here.tolist(), strict=True)
        if stands
    ]
    assert len(forms) == len(set(terms("elected election walking walk")))


def test_the_form_that_a_term_mostly_has_stands_for_it() -> None:
    for text, expected in (("grant granted", "grant"), ("us U.S.", "U.S."), ("الأوبامية أوباما", "أوباما")):
        found = Postings.build(analysed([text]), embedded().entries)
        assert expected in list(found.surfaces)


def test_listed_forms_are_forms_of_their_terms() -> None:
    rows = list(read_table(Path("index/local/forms.tsv")))
    assert len(rows) == len({term for term, _ in rows}) > 1_000
    assert all(terms(form) == [term] for term, form in rows)
