"""Lines fit the terminal, break at words, and keep the direction of each text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from index.harmless import isolate, unmarked
from search.show.wrapping import wrapped

FSI, LRI, RLI, PDI = "\u2068", "\u2066", "\u2067", "\u2069"
BOLD, PLAIN = "\x1b[1m", "\x1b[22m"


def cells(line: str) -> int:
    seen = re.sub("\x1b\\[[0-9;]*m", "", unmarked(line))
    return sum(map(cell_len, seen.split(" "))) + seen.count(" ")


def test_a_line_that_fits_is_left_as_it_is() -> None:
    assert list(wrapped(f"  1. {isolate('Wheat prices')}", 20)) == [f"  1. {FSI}Wheat prices{PDI}"]


def test_what_follows_hangs_under_the_text_and_stays_set_apart() -> None:
    line = f"  1. {isolate('All passengers rescued after ferry fire off the coast')}"
    assert list(wrapped(line, 33)) == [
        f"  1. {FSI}All passengers rescued after{PDI}",
        f"     {LRI}ferry fire off the coast{PDI}",
    ]


def test_text_from_right_to_left_ends_at_the_right_margin() -> None:
    line = f"     {isolate('حريق في عبّارة قبالة مرسى الصدف ونجاة جميع الركاب')}"  # a ferry fire, all rescued
    first, *others = wrapped(line, 32)
    assert first.strip().startswith(FSI)
    assert all(one.strip().startswith(RLI) for one in others)
    assert [cells(one) for one in (first, *others)] == [32] * (1 + len(others))


def test_the_direction_of_a_text_is_that_of_its_first_letter_also_where_a_row_begins_with_another() -> None:
    rows = list(wrapped(isolate("شركة الملاحة Maralia Shipping Lines تعلن"), 24))  # the company … announces
    assert rows[1].strip().startswith(f"{RLI}Shipping")


@pytest.mark.parametrize("label", ["        id  ", "  keywords  ", "   42,000  ", " 12. ", "      ", ""])
def test_a_label_or_rank_is_hung_from(label: str) -> None:
    _, *others = wrapped(f"{label}{isolate('many words ' * 9)}", 50)
    assert others
    assert all(one.startswith(" " * len(label)) and one[len(label)] == LRI for one in others)


def test_combining_marks_have_no_width_and_wide_letters_two() -> None:
    assert len(list(wrapped("قَصْرُون " * 4, 28))) == 1  # five cells and a space each, the last one unseen
    assert len(list(wrapped("日本 " * 4, 20))) == 1
    assert len(list(wrapped("日本 " * 5, 23))) == 2


def test_an_address_is_never_broken() -> None:
    address = "https://example.org/" + "a" * 80
    assert list(wrapped(f"     {isolate(address)}", 40)) == [f"     {FSI}{address}{PDI}"]


def test_a_match_in_bold_takes_no_room() -> None:
    line = isolate("")[:1] + f"one {BOLD}two{PLAIN} three four" + PDI
    assert [cells(one) for one in wrapped(line, 13)] == [13, 4]


words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=12)


@given(st.lists(words, min_size=1, max_size=30), st.integers(0, 8), st.integers(20, 90))
def test_no_word_is_lost_and_every_row_that_can_fit_does(texts: list[str], indent: int, width: int) -> None:
    parts = [isolate(text) if n % 3 else text for n, text in enumerate(map(unmarked, texts)) if text]
    line = " " * indent + " ".join(parts)
    rows = list(wrapped(line, width))
    assert unmarked(" ".join(rows)).split() == unmarked(line).split()
    for row in rows:
        assert cells(row) <= width or len(unmarked(row).split()) == 1
        assert len(re.findall(f"[{FSI}{LRI}{RLI}]", row)) == row.count(PDI)
