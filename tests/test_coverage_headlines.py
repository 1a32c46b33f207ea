"""Two headlines say the same in other words, or one turns the other round."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoders.load import load_encoder
from search.coverage.headlines import agreement, signs

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
        ("النقابة توقع الاتفاق مع المصنع", "النقابة ترفض توقيع الاتفاق مع المصنع"),  # refuses
        ("صعود القمح وهبوط القطن في البورصة", "هبوط القمح وصعود القطن في البورصة"),  # one up, the other down, and back
        ("الوزير يزور مصنعا في تونس", "الوزير يزور مصنعا في المغرب"),  # another place
    ],
)
def test_a_headline_turned_round_agrees_less_than_the_same_once_more(one: str, turned: str) -> None:
    assert agreed(one, turned) < agreed(one, one) - 2


def test_a_paraphrase_agrees_more_than_a_contradiction() -> None:
    assert agreed(PORT, PORT_TOO) > agreed(PORT, "لا إغلاق لميناء رمانة بعد عاصفة شديدة")


@settings(deadline=None)
@given(*[st.sampled_from(("", PORT, PORT_TOO, "3 ships", "no ships", "...", "لن يفتح"))] * 2)
def test_the_signs_are_the_same_both_ways_and_bounded(a: str, b: str) -> None:
    found = signs(a, b, 0.5)
    assert found == pytest.approx(signs(b, a, 0.5))
    assert found.poles >= 0
    assert all(-1 <= sign <= 1 + 1e-6 for sign in found._replace(poles=0))


@pytest.mark.parametrize(
    ("one", "other", "turned"),
    [
        ("oil rises", "oil falls", 1),
        ("oil rises, dollar falls", "dollar falls, oil rises", 0),
        ("oil rises, dollar falls", "oil falls, dollar rises", 1),
        ("oil rises", "oil is traded", 0),  # one scale, one side
    ],
)
def test_what_rises_in_one_headline_and_falls_in_the_other_is_turned(one: str, other: str, turned: int) -> None:
    assert signs(one, other, 0.5).turned == turned
