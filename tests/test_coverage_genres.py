"""The kind of a text is told by its signs, in Arabic and English; without one it is a report."""

import pytest

from index.types import Article
from search.coverage.genres import Genre, genre_of


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("OPINION: The harbour needs a new master", Genre.OPINION),
        ("The harbour needs a new master | Editorial", Genre.OPINION),
        ("رأي: الميناء يحتاج إلى مدير جديد", Genre.OPINION),
        ("مباشر: افتتاح ميناء هالسي", Genre.LIVE),
        ("تغطية مباشرة.. هالسي 0 - 0 أورسيت", Genre.LIVE),
        ("Port Halsey opens - live updates", Genre.LIVE),
        ("Halsey v Orsett: how to watch the final", Genre.PREVIEW),
        ("موعد مباراة هالسي وأورسيت والقنوات الناقلة", Genre.PREVIEW),
        ("Harbour vote: five things we learned", Genre.ROUND_UP),
        ("جولة في الصحف: ميناء هالسي", Genre.ROUND_UP),
        ("Coach sacked on the eve of the final", Genre.REPORT),
        ("إقالة المدرب عشية المباراة النهائية", Genre.REPORT),
        ("Live crabs escape at Port Halsey", Genre.REPORT),
        ("Minister gives his opinion on the port", Genre.REPORT),
        ("المدرب يبدي رأيه في الهزيمة", Genre.REPORT),
        ("", Genre.REPORT),
    ],
)
def test_a_title_tells_the_kind(title: str, kind: Genre) -> None:
    assert genre_of(Article("a", title, "The port opened.", "en")) is kind


def test_an_address_and_the_beginning_of_the_text_tell_it_too() -> None:
    assert (
        genre_of(Article("a", "A port", "It opened.", "en", url="https://a.example/opinion/2025/port")) is Genre.OPINION
    )
    assert genre_of(Article("a", "A port", "ANALYSIS/OPINION: It opened.", "en")) is Genre.OPINION
    assert (
        genre_of(Article("a", "A port", "It opened.", "en", url="https://a.example/news/opinion-of-a-port"))
        is Genre.REPORT
    )


def test_only_reports_and_live_blogs_tell_an_event_first() -> None:
    assert [kind for kind in Genre if kind.reports] == [Genre.REPORT, Genre.LIVE]
