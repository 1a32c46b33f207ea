"""Two headlines say the same in other words, or one turns the other round."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encode import load_encoder
from search.headlines import agreement, signs

PORT = "إغلاق ميناء رمانة بعد عاصفة شديدة"  # the port of Rummana closed after a violent storm
PORT_TOO = "عاصفة قوية تغلق ميناء رمانة"  # a strong storm closes the port


def agreed(a: str, b: str) -> float:
    vectors = load_encoder().encode_passages([a, b])
    return agreement(a, b, float(vectors[0] @ vectors[1]))


@pytest.mark.parametrize(
    ("one", "turned"),
    [
        (PORT, "لا إغلاق لميناء رمانة بعد عاصفة شديدة"),  # not closed
        ("ارتفاع أسعار القمح 5 بالمئة", "انخفاض أسعار القمح 5 بالمئة"),  # rise, fall
        ("مقتل 14 شخصا في حريق السوق", "مقتل 23 شخصا في حريق السوق"),  # another number
    ],
)
def test_a_headline_turned_round_agrees_less_than_the_same_once_more(one: str, turned: str) -> None:
    assert agreed(one, turned) < agreed(one, one) - 2


def test_a_paraphrase_agrees_more_than_a_contradiction() -> None:
    assert agreed(PORT, PORT_TOO) > agreed(PORT, "لا إغلاق لميناء رمانة بعد عاصفة شديدة")


@settings(deadline=None)
@given(*[st.sampled_from(("", PORT, PORT_TOO, "3 ships", "no ships", "...", "لن يفتح"))] * 2)
def test_the_signs_are_the_same_both_ways_and_from_0_to_1(a: str, b: str) -> None:
    assert signs(a, b, 0.5) == pytest.approx(signs(b, a, 0.5))
    assert all(-1 <= sign <= 1 + 1e-6 for sign in signs(a, b, 0.5))
