"""Five real scraped pages: what must be found in them and what must be gone; skipped where they are absent."""

from functools import cache
from pathlib import Path

import pytest

from index.clean.cleaner import Cleaner
from index.clean.rules import key
from index.types import Article, Document

SAMPLES = Path(__file__).resolve().parents[1].parent / "shared" / "samples" / "scraped-ar"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared is not here")

NUMBERS = ["000", "001", "002", "003", "004"]


@cache
def cleaned(number: str) -> tuple[Article, ...]:
    (path,) = SAMPLES.glob(f"{number}_*.txt")
    return tuple(Cleaner().clean(Document(id=number, text=path.read_text("utf-8"), path=path.name, page=True)))


def raw(number: str) -> list[str]:
    (path,) = SAMPLES.glob(f"{number}_*.txt")
    return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]


@pytest.mark.parametrize(("number", "line"), [("000", 0), ("001", 0), ("002", 0), ("003", 1), ("004", 3)])
def test_the_title_is_right_and_stands_once(number: str, line: int) -> None:
    host = cleaned(number)[0]
    assert host.title == raw(number)[line]
    assert key(host.title) not in map(key, host.text.split("\n"))


@pytest.mark.parametrize(
    ("number", "published", "source", "city", "agency"),
    [
        ("000", "2024-12-14", "صحيفة الاتحاد", "أنقرة", "وكالات"),
        ("001", None, None, None, None),
        ("002", "2024-03-27", "الحرة", None, None),
        ("003", "2021-06-28", "النيل - قناة مصر الإخبارية", None, None),
        ("004", None, None, "واشنطن", "المغرب اليوم"),  # all its dates are those of other articles
    ],
)
def test_the_facts_of_the_host(
    number: str, published: str | None, source: str | None, city: str | None, agency: str | None
) -> None:
    host = cleaned(number)[0]
    assert (host.published, host.source, host.city, host.agency) == (published, source, city, agency)
    assert (host.id, host.host, host.language) == (number, None, "ar")


def test_undelimited_keywords_become_phrases() -> None:
    keywords = cleaned("000")[0].keywords
    assert {"داعش", "بشار الأسد", "هاكان فيدان", "أنتوني بلينكن", "وزير الخارجية الأميركي"} <= set(keywords)
    assert len(keywords) == 9


@pytest.mark.parametrize(("number", "articles"), [("000", 2), ("001", 1), ("002", 2), ("003", 1), ("004", 1)])
def test_embedded_articles_stand_apart_and_headlines_are_none(number: str, articles: int) -> None:
    host, *embedded = cleaned(number)
    assert len(embedded) == articles - 1
    for n, article in enumerate(embedded, 2):
        assert (article.id, article.host) == (f"{number}#{n}", number)
        assert not set(article.text.split("\n")) & set(host.text.split("\n"))


def test_the_facts_of_the_embedded_articles() -> None:
    first, second = cleaned("000")[1], cleaned("002")[1]
    assert (first.title, first.published, first.city, first.agency) == (raw("000")[9], "2025-03-16", "بغداد", "المسلة")
    assert (second.title, second.published, second.city, second.agency) == (raw("002")[22], None, None, "واس")
    assert len(first.text.split("\n")) == 10
    assert len(second.text.split("\n")) == 5


@pytest.mark.parametrize("number", NUMBERS)
def test_furniture_is_gone(number: str) -> None:
    gone = [
        "اقرا ايضا", "طالع ايضا", "قد يهمك", "قد تهمك", "ذات صله", "كلمات دلاليه", "تاريخ النشر", "اخر تحديث", "gmt",
        "shutterstock", "first appeared", "about post author", "التعليقات", "ارسال تعليق", "اخبار عربيه", "phone icon",
        "تطبيق", "تلجرام", "حقوق التاليف", "محفوظه", "casablancatoday", "الدار البيضاء اليوم", "security code",
        "characters left", "شروط", "لايعبر", "المناطق_واس", "©",
    ]  # fmt: skip
    for article in cleaned(number):
        text = key(f"{article.title}\n{article.text}")
        assert [phrase for phrase in gone if phrase in text] == []


@pytest.mark.parametrize(
    ("number", "first", "last"), [("000", 3, 5), ("001", 3, -6), ("002", 2, 18), ("003", 2, -5), ("004", 8, 21)]
)
def test_every_paragraph_of_the_host_is_complete(number: str, first: int, last: int) -> None:
    """Whatever is parted or cut between the first and the last paragraph, no letter of them is lost."""
    lines = raw(number)
    text = "".join(cleaned(number)[0].text.split())
    paragraphs = [
        "".join(line.split()) for line in lines[first : lines.index(lines[last]) + 1] if len(line.split()) > 20
    ]
    assert len(paragraphs) > 2
    for paragraph in paragraphs:
        assert paragraph[-60:] in text
        assert paragraph[40:80] in text


def test_a_subheading_a_kicker_and_an_english_tweet_stay() -> None:
    assert raw("001")[5] in cleaned("001")[0].text.split("\n")
    assert cleaned("004")[0].text.startswith(raw("004")[2])
    tweet = next(line for line in raw("002") if "pic.twitter.com" in line)
    assert tweet in cleaned("002")[0].text.split("\n")


def test_glued_words_are_parted() -> None:
    assert cleaned("000")[0].text.startswith("أكد وزير")
    assert "March 26, 2024\nيذكر" in cleaned("002")[0].text
    assert "\nواطّلع الوفد" in cleaned("002")[1].text
    assert "سورية. وقال" in cleaned("004")[0].text


@pytest.mark.parametrize("number", NUMBERS)
def test_cleaning_again_changes_nothing(number: str) -> None:
    for article in cleaned(number):
        (again,) = Cleaner().clean(Document(id="x", text=article.text, path="x", title=article.title))
        assert (again.title, again.text) == (article.title, article.text)
