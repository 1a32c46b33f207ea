"""Every defect that scraped pages show, on invented pages in both languages; and what cleaning must never do."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from invented_pages import AR, AR2, BEHIND, EN, EVERYWHERE, LABELS, LABELS_EN, SLOGAN, body, page, row

from index.clean.cleaner import Cleaner
from index.errors import InputError
from index.types import Document

# --- Glue --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glued", "parted"),
    [
        (f"أخبار ذات صلة{AR[1]}", AR[1]),
        (f"أخبار قد تهمك “ميناء المرسى” 29 سبتمبر 2024 - 1:45 مساءً سفينة 5 فبراير 2024 - 2:45 صباحًا{AR[1]}", AR[1]),
        (f"Related Stories{EN[1]}", EN[1]),
        (f"— Nadia Ferro (@ferro) March 26, 2024{AR[1]}", f"— Nadia Ferro (@ferro) March 26, 2024\n{AR[1]}"),
        (f"وافتتح الجسر القديم عام 1924{AR[1]}", f"وافتتح الجسر القديم عام 1924 {AR[1]}"),
        ("عبرت القوارب تحت الجسر.وقال الصيادون إنهم سعداء.", "عبرت القوارب تحت الجسر. وقال الصيادون إنهم سعداء."),
        (
            "The boats passed under the bridge.Fishermen cheered.",
            "The boats passed under the bridge. Fishermen cheered.",
        ),
    ],
)
def test_glued_text_is_parted_and_the_label_goes(glued: str, parted: str) -> None:
    (article,) = page(AR[0], AR[2], glued, EN[2])
    assert article.text == f"{AR[2]}\n{parted}\n{EN[2]}"


@pytest.mark.parametrize(
    "whole", ["العربية.نت", "سي.إن.إن", "أ.ف.ب", "www.Marsa.Com/News", "U.S.A", "2024م", "3.5", "e.g.", "بيت.كوم"]
)
def test_names_addresses_and_numbers_are_not_parted(whole: str) -> None:
    assert whole in row(f"{AR[1]} {whole} {AR[2]}").text


# --- Rows of data sets --------------------------------------------------------------------------------


def test_a_row_keeps_its_facts() -> None:
    article = row(
        body(AR),
        title=AR[0],
        source="المرسى اليوم",
        url="https://marsa.example/1",
        published="Sun, 18 Feb 2018 21:35:43 +0400",
    )
    assert (article.title, article.text, article.language) == (AR[0], body(AR), "ar")
    assert (article.source, article.url, article.path) == ("المرسى اليوم", "https://marsa.example/1", "rows.jsonl:1")
    assert article.published == "2018-02-18T21:35:43+04:00"


def test_a_title_repeated_as_first_line_of_a_row_is_dropped_there() -> None:
    assert row("\n\n".join(EN), title=EN[0]).text == body(EN)


def test_a_row_that_is_only_its_title_keeps_it_as_text() -> None:
    assert row("", title=EN[0]).text == EN[0]
    assert row(EN[0], title=EN[0]).text == EN[0]


@pytest.mark.parametrize(
    "line", ["Getty Images", "By Nadia Ferro", "المصدر: المرسى", "Politics", "Tunis, 3 March 2024", "Comments"]
)
def test_what_may_be_part_of_a_cleaned_text_stays_in_rows(line: str) -> None:
    assert line in row(f"{EN[1]}\n{line}\n{EN[2]}").text


@pytest.mark.parametrize(
    "line",
    [
        "ADVERTISEMENT",
        "Story Continued Below",
        "اقرأ أيضا: سفينة شراعية في الميناء",
        "Related: Harbour master retires",
        "SEE ALSO: Harbour master retires",
    ],
)
def test_what_no_sentence_can_be_leaves_rows_too(line: str) -> None:
    assert row(f"{EN[1]}\n{line}\n{EN[2]}").text == body(EN)


def test_a_row_that_holds_a_whole_page_is_cleaned_as_one() -> None:
    text = "\n".join([*AR[1:], "المصدر: المرسى", "إقرأ أيضاً:", *AR2])
    first, second = Cleaner().clean(Document(id="r", text=text, path="rows.jsonl:1", title=AR[0]))
    assert (first.title, first.text, second.title, second.host) == (AR[0], body(AR), AR2[0], "r")


# --- What cleaning never does --------------------------------------------------------------------------------

ANYTHING = st.text(max_size=400) | st.lists(
    st.sampled_from(
        [*AR, *EN, *AR2, *EVERYWHERE, *BEHIND, *LABELS, *LABELS_EN, SLOGAN, "16 مارس، 2025", "المصدر: المرسى", ""]
    ),
    max_size=14,
).map("\n".join)


@given(ANYTHING, st.booleans(), st.sampled_from(["", EN[0]]))
@example("\x00\u202e\ud800", True, "")
def test_cleaning_raises_nothing_but_input_error_and_leaves_no_control(text: str, is_page: bool, title: str) -> None:
    document = Document(id="a", text=text, path="a", page=is_page, title=title)
    cleaner = Cleaner()
    cleaner.learn([document])
    try:
        articles = cleaner.clean(document)
    except InputError:
        return
    for article in articles:
        assert article.text
        article.text.encode("utf-8")
        assert not set(article.text) & set("\x00\x07\r\t\u202a\u202e\u2066\u2069\ufeff")
        assert article.text == "\n".join(" ".join(line.split()) for line in article.text.split("\n") if line.split())


@given(ANYTHING, st.booleans())
@example(
    "\n".join(["افتتحت بلدية المرسى أمس جسر الصيادين الجديد بعد عامين من أعمال البناء التي تأخرت مرتين."] * 2 + ["ب"]),
    True,
)
@example("اقرأ أيضا: ميناء جديد في صفاقس\nجسر الصيادين يفتح\nجسر الصيادين يفتح", True)
def test_cleaning_a_cleaned_text_changes_nothing(text: str, is_page: bool) -> None:
    try:
        articles = Cleaner().clean(Document(id="a", text=text, path="a", page=is_page))
    except InputError:
        return
    for article in articles:
        again = row(article.text, title=article.title)
        assert (again.title, again.text) == (article.title, article.text)


@pytest.mark.parametrize("text", ["", "\n \n", "Advertisement\nShare this article\n© 2024", "إقرأ أيضاً:", "------"])
def test_a_page_without_an_article_is_refused_with_its_path(text: str) -> None:
    with pytest.raises(InputError, match=r"no article text left in pages/a\.txt"):
        page(text)


UNITS = ["a", "ا", "(", "word ", "2024", "، ", "(related: ", "ـ", "أخبار ذات صلة ", "The post ", "TUNIS ", "tags: "]


@pytest.mark.parametrize("unit", UNITS)
def test_a_line_of_a_million_letters_is_cleaned_in_linear_time(unit: str) -> None:
    # Quadratic time would be hours here.
    line = (unit * 1_000_000)[:1_000_000]
    assert page(*EN, line)[0].title == EN[0]
    assert row(f"{body(EN)}\n{line}").text.startswith(EN[1])


@pytest.mark.parametrize("unit", [*UNITS, "إقرأ أيضاً:", AR[1], "تعليقات", "3 مارس 2024", "إقرأ أيضاً:\n" + AR[1]])
def test_a_page_of_many_lines_is_cleaned_in_linear_time(unit: str) -> None:
    assert page(*EN, *[unit] * 10_000)[0].title == EN[0]
