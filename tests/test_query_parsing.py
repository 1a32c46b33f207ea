"""A query is read within bounds, and what is left out is said."""

from hypothesis import given
from hypothesis import strategies as st

from search.query import parse
from search.query.parsing import MOST_CHARACTERS, MOST_TOKENS


def test_a_query_that_fits_is_read_as_it_is() -> None:
    query = parse("من يرأس لجنة التحقيق؟")  # who leads the inquiry?
    assert (query.text, query.language, query.cut) == ("من يرأس لجنة التحقيق؟", "ar", False)
    assert [query.text[token.start : token.end] for token in query.tokens] == ["من", "يرأس", "لجنة", "التحقيق"]


def test_words_beyond_the_limit_reach_no_later_step() -> None:
    query = parse("wheat " * MOST_TOKENS + "zebra")
    assert len(query.tokens) == MOST_TOKENS
    assert query.cut
    assert "zebra" not in query.text


def test_one_endless_word_is_cut_too() -> None:
    query = parse("ق" * 1_000_000)
    assert len(query.text) == MOST_CHARACTERS
    assert query.cut


def test_a_query_of_as_many_words_as_are_read_is_not_called_cut() -> None:
    assert not parse("wheat " * MOST_TOKENS).cut


@given(st.text())
def test_tokens_are_offsets_into_what_is_searched_for(text: str) -> None:
    query = parse(text)
    for token in query.tokens:
        assert query.text[token.start : token.end]
    query.text.encode()  # no half of a surrogate pair is left
