"""Lines that hold a date beside a name, a section, a place or a counter; and lines that only mention one."""

import pytest

from index.clean import Cleaner, read_byline
from index.types import Document

DAY = "2023-01-05"


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("By Jane Doe | January 5, 2023", DAY),
        ("By Jane Doe, Staff Writer, January 5, 2023", DAY),
        ("January 5, 2023 by Jane Doe", DAY),
        ("Posted on January 5, 2023 by admin", DAY),
        ("Jane Doe - January 5, 2023", DAY),
        ("NEWS | January 5, 2023", DAY),
        ("January 5, 2023 | 3 min read", DAY),
        ("First Published: January 05, 2023, 12:30 IST", f"{DAY}T12:30"),
        ("05/01/2023 | 10:30", f"{DAY}T10:30"),
        ("Jan 5, 2023 Updated Jan 6, 2023 0", DAY),
        ("Updated: 9 March 2024 - Published: 5 January 2023", DAY),
        ("Published 5 Jan 2023, updated 6 Jan 2023", DAY),
        ("بقلم: محمد سالم | 5 يناير 2023", DAY),
        ("5 يناير 2023 بواسطة محمد سالم", DAY),
        ("كتب محمد سالم - القاهرة - الخميس 5 يناير 2023 10:30 ص", f"{DAY}T10:30"),
        ("محليات / 5 يناير 2023 / 12:30", f"{DAY}T12:30"),
        ("الخميس 5 يناير 2023 - العدد 1234", DAY),
        ("الخميس 12 جمادى الآخرة 1444 هـ - 5 يناير 2023 م - العدد 1234", DAY),
        ("القاهرة في 5 يناير 2023", DAY),
        ("محمد سالم - 5 يناير 2023", DAY),
        ("آخر تحديث: 6 يناير 2023 | نشر: 5 يناير 2023", DAY),
    ],
)
def test_the_date_of_a_byline_is_read(line: str, published: str) -> None:
    found = read_byline(line)
    assert found
    assert found.published == published


@pytest.mark.parametrize("line", ["Updated: 9 March 2024", "آخر تحديث: 9 مارس 2024 | محليات"])
def test_a_date_of_change_is_no_date_of_publication(line: str) -> None:
    found = read_byline(line)
    assert found
    assert (found.published, found.updated) == (None, "2024-03-09")


@pytest.mark.parametrize(
    "line",
    [
        "Storm of March 26, 2024 leaves two dead",
        "ثورة 25 يناير 2011",  # an event, not a place
        "5 مارس 2024 - 9 مارس 2024",  # a range
        "The festival of the lights at the harbour | 1 June 2023",
        "By noon the queue was longer than the bridge itself.",
        "By JANE DOE Associated Press",
        "آخر تحديث GMT 06:25:28",
        "",
        "1 | 2 | 3",
    ],
)
def test_a_line_that_only_mentions_a_date_is_no_byline(line: str) -> None:
    assert read_byline(line) is None


@pytest.mark.parametrize("line", ["محمد سالم - 5 يناير 2023", "أخبار - 5 يناير 2023", "القاهرة في 5 يناير 2023"])
def test_a_byline_dates_a_page_and_is_neither_text_nor_dateline(line: str) -> None:
    body = "أغلقت البلدية جسر الصيادين يوم الخميس بعد أن عثر الغواصون على شقوق في جدار الرصيف البحري القديم."
    (article,) = Cleaner().clean(Document(id="a", text=f"جسر الصيادين يغلق\n{line}\n{body}", path="a.txt", page=True))
    assert (article.published, article.city, article.agency, article.text) == (DAY, None, None, body)
