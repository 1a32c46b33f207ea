"""The order of publication: instants, not spellings; what the dates do not tell is unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.publication import first_published, is_earlier, published_day, published_order
from index.types import Article
from search.coverage.copies import judge
from search.show import group_lines, story_json, story_lines
from search.types import Story

EARLY, LATE = "2025-03-01T08:00+03:00", "2025-03-01T06:30+00:00"  # 05:00 and 06:30 UTC


def at(published: str | None, id: str = "a") -> Article:
    return Article(id, "Fire", "A fire broke out in the old market of the town at dawn.", "en", published)


def test_instants_are_compared_not_the_clocks_of_two_zones() -> None:
    assert published_order(at(EARLY)) < published_order(at(LATE))
    assert first_published([at(LATE, "late"), at(EARLY, "early")]) == at(EARLY, "early")


def test_the_undated_come_last_and_unreadable_dates_are_none() -> None:
    order = sorted([at(None), at("soon", "b"), at(LATE), at(EARLY)], key=published_order)
    assert [article.published for article in order] == [EARLY, LATE, None, "soon"]
    assert published_day(at("soon")) == published_day(at(None)) == -1


@pytest.mark.parametrize(
    ("a", "b", "earlier"),
    [
        (EARLY, LATE, True),
        (LATE, EARLY, False),
        ("2025-03-01", "2025-03-02", True),
        ("2025-03-01", "2025-03-01", False),
        ("2025-03-01", "2025-03-01T08:00", False),  # a day and a time of that day
        ("2025-03-01T00:01", "2025-03-01", False),
        ("2025-03-01", "2025-03-02T08:00+03:00", True),
        ("2025-03-01T08:00", "2025-03-01T09:00", True),
        ("2025-03-01T08:00", "2025-03-01T09:00+00:00", False),  # the zone of the first is unknown
        ("2025-03-01T08:00", "2025-03-02T09:00+00:00", True),
        ("2025-03-01T08:00Z", "2025-03-01T08:00Z", False),
        (None, "2025-03-01", False),
        ("2025-03-01", None, False),
    ],
)
def test_what_is_certainly_earlier(a: str | None, b: str | None, earlier: bool) -> None:
    assert is_earlier(at(a), at(b)) is earlier


def test_who_was_first_is_unknown_between_a_day_and_a_time_of_that_day_and_that_is_said() -> None:
    day, clock = at("2025-03-01", "day"), at("2025-03-01T08:00+03:00", "clock")
    link = judge(day, clock)
    assert link
    assert link.evidence["first"] is None
    story = Story(day, (clock, day), (link,))
    assert story_json(story)["first"] is None
    assert "  first published: unknown" in list(story_lines(story))
    assert any("first published: unknown" in line for line in group_lines(story))


def test_two_clock_times_tell_who_was_first() -> None:
    early, late = at(EARLY, "early"), at(LATE, "late")
    link = judge(late, early)
    assert link
    assert (link.a, link.evidence["first"]) == ("early", "early")
    story = Story(late, (early, late), (link,))
    assert story_json(story)["first"] == "early"
    assert "  first published: \u2068early\u2069" in list(story_lines(story))


DATES = st.sampled_from([None, "2025-03-01", "2025-03-02", EARLY, LATE, "2025-03-01T23:30-05:00", "2025-03-02T04:00"])


@given(st.lists(DATES, max_size=5))
def test_the_first_is_earlier_than_all_others_and_does_not_depend_on_the_order(dates: list[str | None]) -> None:
    articles = [at(date, str(n)) for n, date in enumerate(dates)]
    first = first_published(articles)
    assert first == first_published(articles[::-1])
    assert first is None or not any(is_earlier(other, first) for other in articles)
