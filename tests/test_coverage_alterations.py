"""What an altered copy says otherwise is named: the number, name, date or negation, as each text writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Article
from search.coverage import alterations
from search.types import Alteration

FIRE = (
    "اندلع حريق كبير فجر الخميس في السوق القديم بمدينة دمشق، وأتى على 14 متجرا قبل أن تتمكن فرق الإطفاء من السيطرة "
    "عليه. وقال الوزير محمد إن الخسائر بلغت 20 مليون دينار، وإن السوق يعود إلى 12 مارس 1925 ويتبع البلدية منذ ذلك."
)  # a fire in the market of Damascus
PORT = (
    "The harbour authority closed two of its nine berths on Thursday after divers found cracks in the quay wall, and "
    "Minister Salma Idris said that repairs would cost 11.5 million dinars and end on 4 May 2023 as planned."
)


def told(text: str, old: str, new: str) -> tuple[Alteration, ...]:
    assert old in text
    return alterations(Article("a", "", text, "ar"), Article("b", "", text.replace(old, new), "ar"))


@pytest.mark.parametrize(
    ("text", "old", "new", "alteration"),
    [
        (FIRE, "14", "23", ("number", "14", "23")),
        (FIRE, "20 مليون", "20 مليار", ("number", "مليون", "مليار")),
        (FIRE, "دمشق", "بغداد", ("name", "دمشق", "بغداد")),
        (FIRE, "الخميس", "الجمعة", ("date", "الخميس", "الجمعة")),
        (FIRE, "12 مارس", "14 مارس", ("date", "12", "14")),
        (FIRE, "1925", "1935", ("date", "1925", "1935")),
        ("3/4/2024: " + FIRE, "3/4/2024", "5/4/2024", ("date", "3", "5")),
        (FIRE, "تتمكن", "لا تتمكن", ("negation", "تتمكن", "لا تتمكن")),
        (PORT, "11.5 million", "13 million", ("number", "11.5 million", "13 million")),
        (PORT, "Salma", "Huda", ("name", "Salma", "Huda")),
        (PORT, "Thursday", "Friday", ("date", "Thursday", "Friday")),
        (PORT, "4 May 2023", "9 May 2023", ("date", "4", "9")),
        (PORT, "4 May 2023", "4 June 2023", ("date", "May", "June")),
        (PORT, "on Thursday", "on Friday's eve", ("date", "Thursday", "Friday's eve")),
        (PORT + " It was the 5th of the 1990s.", "5th", "7th", ("number", "5th", "7th")),
        (PORT + " It was the 5th of the 1990s.", "1990s", "1970s", ("number", "1990s", "1970s")),
        (PORT, "would cost", "would not cost", ("negation", "cost", "not cost")),
    ],
)
def test_the_alteration_is_named_with_what_stands_on_each_side(
    text: str, old: str, new: str, alteration: tuple[str, str, str]
) -> None:
    assert told(text, old, new) == (Alteration(*alteration),)
    kind, asked, printed = alteration
    there, here = Article("b", "", text.replace(old, new), "ar"), Article("a", "", text, "ar")
    assert alterations(there, here) == (Alteration(kind, printed, asked),)


def test_several_alterations_come_in_the_order_of_the_text() -> None:
    other = FIRE.replace("الخميس", "الجمعة").replace("دمشق", "بغداد").replace("14", "23")
    found = alterations(Article("a", "", FIRE, "ar"), Article("b", "", other, "ar"))
    assert [alteration.kind for alteration in found] == ["date", "name", "number"]


def test_a_sentence_is_compared_with_the_article_that_holds_it() -> None:
    claim = PORT.split(", and ")[0].replace("two of", "three of")
    assert alterations(Article("a", "", claim, "en"), Article("b", "", PORT, "en")) == (
        Alteration("number", "three", "two"),
    )


def test_headlines_differ_in_a_number() -> None:
    one, other = "تغريم 30 منشأة في الرياض", "تغريم 23 منشأة في الرياض"  # 30 facilities fined in Riyadh
    assert alterations(Article("a", "", one, "ar"), Article("b", "", other, "ar")) == (
        Alteration("number", "30", "23"),
    )


@pytest.mark.parametrize("other", [FIRE, FIRE.replace("،", ""), FIRE.replace("اندلع", "شب"), PORT, ""])
def test_the_same_text_a_reworded_one_and_another_are_no_alteration(other: str) -> None:
    assert alterations(Article("a", "", FIRE, "ar"), Article("b", "", other, "ar")) == ()


def test_a_number_of_thousands_of_digits_is_a_number() -> None:
    (found,) = told(PORT, "11.5", "1" * 5_000)
    assert found.kind == "number"


WORDS = st.lists(
    st.sampled_from(["لا", "12", "مليون", "مارس", "ارتفع", "هبط", "Trump", "not", "may", "5/3/2024"]), max_size=20
)


@given(WORDS, WORDS)
def test_any_two_texts_can_be_asked_about(one: list[str], other: list[str]) -> None:
    a, b = Article("a", "", " ".join(one), "ar"), Article("b", "", " ".join(other), "ar")
    assert sorted((x.kind, x.asked, x.printed) for x in alterations(a, b)) == sorted(
        (x.kind, x.printed, x.asked) for x in alterations(b, a)
    )
