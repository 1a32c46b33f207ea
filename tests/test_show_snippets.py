"""What is highlighted is what matched, as it is written; what is shown reads well and cannot harm the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.harmless import isolate
from index.text.folding import fold
from index.text.stems import term_of
from index.text.tokens import terms, tokenize
from search.query import Sense
from search.ranking import Reader, explain
from search.show.snippets import snippet

TEXT = st.one_of(st.text(), st.text("اأةهكتبوال مدرسة.؟!\n abc's,1٢ًَـ\u200f"))


def highlights(text: str, query: str) -> tuple[tuple[int, int], ...]:
    """The highlights of a search in which each word of the query stands for its own term only."""
    senses = [Sense(token, ((token.term, "stem", 1.0),)) for token in tokenize(query)]
    (found,) = explain(query, senses, [("", text)], Reader(None))
    return found.highlights


def marked(text: str, query: str) -> list[str]:
    return [text[start:end] for start, end in highlights(text, query)]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("وَقالَتِ الحُكومَةُ أمسِ", "حكومة", ["الحُكومَةُ"]),
        ("افتتحت المدارس أبوابها", "مدرسة", ["المدارس"]),
        ("وللحكومات رأي آخر", "الحكومة", ["وللحكومات"]),
        ("ﻣﺪﺭﺳﺔ جديدة", "مدرسه", ["ﻣﺪﺭﺳﺔ"]),
        ("ذهب إلى المكتبة لا إلى المكتب", "مكتب", ["المكتب"]),
        ("The minister’s talks; ministers met", "minister", ["minister’s", "ministers"]),
    ],
)
def test_a_match_is_highlighted_as_the_whole_word_that_is_written(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


@given(TEXT, TEXT)
def test_highlights_are_ordered_apart_and_true(text: str, query: str) -> None:
    query = f"{query} {text[: len(text) // 2]}"
    wanted = set(terms(query))
    end = 0
    for start, stop in highlights(text, query):
        assert end <= start < stop <= len(text)
        assert term_of(fold(text[start:stop])) in wanted
        end = stop


LONG = (
    "بدأ المعرض يوم الأحد. شاركت فيه دور نشر كثيرة من مدن بعيدة وقريبة. "
    "وقالت مديرة المعرض إن الكتب المترجمة زادت هذا العام. ثم أقيمت أمسية للشعر حضرها جمهور كبير من الطلاب."
)


def test_a_snippet_begins_at_the_sentence_that_matches() -> None:
    start, end = snippet(LONG, highlights(LONG, "كتاب مترجم"), width=70)
    assert LONG[start:end].startswith("وقالت مديرة المعرض")
    assert "الكتب المترجمة" in LONG[start:end]


def test_a_snippet_prefers_two_different_words_to_one_word_twice() -> None:
    text = "سلام سلام " + "حشو " * 40 + "سلام وحرب " + "حشو " * 40
    start, end = snippet(text, highlights(text, "سلام حرب"), width=40)
    assert "وحرب" in text[start:end]


def test_without_highlights_the_snippet_is_the_head_of_the_text() -> None:
    start, end = snippet(LONG, (), width=30)
    assert (start, LONG[start:end]) == (0, "بدأ المعرض يوم الأحد.")


@given(TEXT, st.integers(1, 60))
def test_a_snippet_is_in_range_as_wide_as_allowed_and_cuts_no_highlight(text: str, width: int) -> None:
    spans = highlights(text, text[::3])
    start, end = snippet(text, spans, width)
    assert 0 <= start <= end <= len(text)
    longest = max((stop - begin for begin, stop in spans), default=0)
    assert end - start <= max(width, longest)
    if spans:
        assert any(start <= begin and stop <= end for begin, stop in spans)


@given(st.text())
def test_isolated_text_is_one_line_that_cannot_steer_the_terminal(text: str) -> None:
    shown = isolate(text)
    inside = shown[1:-1]
    assert (shown[0], shown[-1]) == ("\u2068", "\u2069")
    assert not any(c in inside for c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b\x9b\x07\n\r")
    shown.encode("utf-8")


def test_isolated_text_shows_what_it_disarmed() -> None:
    assert isolate("كتاب\x1b[31m\u202eabc\nسطر") == "\u2068كتاب␛[31mabc سطر\u2069"
