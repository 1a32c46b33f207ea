"""A query is read within bounds, and what is left out is said."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import parse, plain, said
from search.query.parsing import MOST_CHARACTERS, MOST_OPERATORS, MOST_TOKENS


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


def read(query: str) -> tuple[str, list[list[str]], list[str], list[tuple[str, str]]]:
    """The words searched for, what is required, what is excluded, and the fields."""
    found = parse(query)
    required = [[said(operand) for operand in group] for group in found.required]
    return found.text, required, list(map(said, found.excluded)), [(f.name, f.value) for f in found.fields]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ترامب -كوريا", ("ترامب", [], ["كوريا"], [])),
        ("trump −korea", ("trump", [], ["korea"], [])),
        ("ترامب \u200f-\u200fكوريا", ("ترامب", [], ["كوريا"], [])),
        ('"bird flu" egypt', ("bird flu egypt", [['"bird flu"']], [], [])),
        ("“bird flu”, egypt", ("bird flu egypt", [['"bird flu"']], [], [])),
        ("«حزب الله» لبنان", ("حزب الله لبنان", [['"حزب الله"']], [], [])),
        ('trade -"white house"', ("trade", [], ['"white house"'], [])),
        ("a flu OR fever OR cough b", ("a flu fever cough b", [["flu", "fever", "cough"]], [], [])),
        ('("bird flu" OR fever) egypt', ("bird flu fever egypt", [['"bird flu"', "fever"]], [], [])),
        ("trump -(korea OR china)", ("trump", [], ["korea", "china"], [])),
        ('title:ferry title:"new port" x', ("ferry new port x", [["title:ferry"], ['title:"new port"']], [], [])),
        ("عنوان:عبارة منذ:2018", ("عبارة", [["title:عبارة"]], [], [("since", "2018")])),
        ('x source:"العربيه نت" lang:AR', ("x", [], [], [("source", "العربيه نت"), ("lang", "AR")])),
        ("source:bbc OR source:cnn x", ("x", [], [], [("source", "bbc"), ("source", "cnn")])),
        ('Since:2018 until:"last week" x', ("x", [], [], [("since", "2018"), ("until", "last week")])),
    ],
)
def test_operators_are_read(
    query: str, expected: tuple[str, list[list[str]], list[str], list[tuple[str, str]]]
) -> None:
    assert read(query) == expected
    assert parse(query).notes == ()


@pytest.mark.parametrize(
    "query",
    [
        "COVID-19 and F-16",
        "Trump – Korea talks",
        "ferry (Nawras) fire",
        "16:22 http://example.org/a",
        'a 12" pipe',
        'بـ"حزب',
        "Title: words",
        "it's",
        "- a list",
        "--",
        "#ميناء_سلوان",
    ],
)
def test_signs_of_ordinary_text_are_no_operators(query: str) -> None:
    assert read(query) == (query, [], [], [])


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("ferry AND fire", "AND"),
        ("ferry NOT fire", "NOT"),
        ("ferr*", "ferr*"),
        ("+ferry fire", "+ferry"),
        ('"ferry fire"~3', "~3"),
        ("ferry~2", "ferry~2"),
        ("author:smith ferry", "author:smith"),
        ("site:bbc.com ferry", "site:bbc.com"),
        ('"ferry fire', '"ferry'),
        ("«حزب الله", "«حزب"),
        ("trump -(korea china", "parenthesis"),
        ("source: bbc", "source:"),
        ("OR ferry", "OR"),
        ("ferry OR", "OR"),
        ("ferry OR -fire", "OR"),
        ("(old ferry) OR fire", "Parentheses"),
        ("fire OR (old ferry)", "Parentheses"),
        ("-since:2018 ferry", "-since:2018"),
    ],
)
def test_unknown_syntax_is_searched_as_text_and_said(query: str, named: str) -> None:
    found = parse(query)
    assert any(note.startswith(named) or f" {named} " in note for note in found.notes)
    assert found.tokens


def test_a_text_full_of_operators_is_plain_text() -> None:
    query = '"wheat" ' * 1 + " ".join(f'"w{i}"' for i in range(MOST_OPERATORS))
    found = parse(query)
    assert (found.text, found.required) == (query, ())
    assert "plain text" in found.notes[0]


@given(st.text(alphabet='ab "“«»-():ORtitlesource1ب\n\u2013', max_size=60))
def test_any_signs_are_read_and_a_query_without_operators_stays_as_it_is(query: str) -> None:
    found = parse(query)
    if not (found.required or found.excluded or found.fields):
        assert replace(found, notes=()) == plain(query)
    for token in found.tokens:
        assert found.text[token.start : token.end]
    assert found.written == plain(query).text or found.required or found.excluded or found.fields
