"""The kind of a text is told by its signs, in Arabic and English; without one it is a report."""

import pytest

from index.types import Article
from search.coverage.kinds import Kind, kind_of


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("OPINION: The harbour needs a new master", Kind.OPINION),
        ("The harbour needs a new master | Editorial", Kind.OPINION),
        ("رأي: الميناء يحتاج إلى مدير جديد", Kind.OPINION),
        ("مباشر: افتتاح ميناء هالسي", Kind.LIVE),
        ("تغطية مباشرة.. هالسي 0 - 0 أورسيت", Kind.LIVE),
        ("Port Halsey opens - live updates", Kind.LIVE),
        ("Halsey v Orsett: how to watch the final", Kind.PREVIEW),
        ("موعد مباراة هالسي وأورسيت والقنوات الناقلة", Kind.PREVIEW),
        ("Harbour vote: five things we learned", Kind.ROUND_UP),
        ("جولة في الصحف: ميناء هالسي", Kind.ROUND_UP),
        ("Coach sacked on the eve of the final", Kind.REPORT),
        ("إقالة المدرب عشية المباراة النهائية", Kind.REPORT),
        ("Live crabs escape at Port Halsey", Kind.REPORT),
        ("Minister gives his opinion on the port", Kind.REPORT),
        ("المدرب يبدي رأيه في الهزيمة", Kind.REPORT),
        ("", Kind.REPORT),
    ],
)
def test_a_title_tells_the_kind(title: str, kind: Kind) -> None:
    assert kind_of(Article("a", title, "The port opened.", "en")) is kind


def test_an_address_and_the_beginning_of_the_text_tell_it_too() -> None:
    assert (
        kind_of(Article("a", "A port", "It opened.", "en", url="https://a.example/opinion/2025/port")) is Kind.OPINION
    )
    assert kind_of(Article("a", "A port", "ANALYSIS/OPINION: It opened.", "en")) is Kind.OPINION
    assert (
        kind_of(Article("a", "A port", "It opened.", "en", url="https://a.example/news/opinion-of-a-port"))
        is Kind.REPORT
    )


def test_only_reports_and_live_blogs_tell_an_event_first() -> None:
    assert [kind for kind in Kind if kind.reports] == [Kind.REPORT, Kind.LIVE]
