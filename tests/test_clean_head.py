"""What stands at the head of a page becomes title, date, source, keywords and dateline."""

import pytest
from invented_pages import AR, BODIES, EN, body, page, row

# --- Title --------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", BODIES)
def test_the_first_real_line_is_the_title_and_leaves_the_text(lines: tuple[str, ...]) -> None:
    (article,) = page(*lines)
    assert (article.title, article.text, article.id, article.host) == (lines[0], body(lines), "a", None)


@pytest.mark.parametrize("lines", BODIES)
@pytest.mark.parametrize(
    "head",
    [
        lambda t: (t, t),
        lambda t: (t, "", t),
        lambda t: (t[:25], t),
        lambda t: (t, t[:25] + "..."),
        lambda t: ("المرسى اليوم -", f"المرسى اليوم - {t[:24]}", t),
        lambda t: (f"{t} | Marsa Today", t),
        lambda t: ("أخبار", t),
        lambda t: ("Home > News > Local", t),
        lambda t: ("الرئيسية / أخبار / محليات", t),
    ],
)
def test_repeated_truncated_and_framed_titles_become_one(lines: tuple[str, ...], head: object) -> None:
    (article,) = page(*head(lines[0]), *lines[1:])  # type: ignore[operator]
    assert (article.title, article.text) == (lines[0], body(lines))


def test_a_title_of_the_document_wins_and_is_not_repeated_in_the_text() -> None:
    (article,) = page(*EN, title=EN[0])
    assert (article.title, article.text) == (EN[0], body(EN))


def test_the_line_above_a_title_printed_twice_is_no_title_but_is_kept() -> None:
    above = "بعد انتظار طويل لسكان الساحل وصياديه"  # "after a long wait for the people of the coast and its fishermen"
    (article,) = page(above, AR[0], AR[0][:30], *AR[1:])
    assert (article.title, article.text) == (AR[0], f"{above}\n{body(AR)}")


# --- Date --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("تاريخ النشر: 14th, December 2024 GMT", "2024-12-14"),
        ("نشر في: 3 مارس 2024", "2024-03-03"),
        ("الاثنين، 28 يونيو 2021", "2021-06-28"),
        ("Published: 22 May 2025, 10:15", "2025-05-22T10:15"),
        ("آخر تحديث: 5 آب 2023", "2023-08-05"),
        ("آخر تحديث GMT 06:25:28", None),  # a time is no date
        ("الثلاثاء 28 يونيو 2021", None),  # that was a Monday
        ("اليوم الخميس", None),  # of which week?
    ],
)
def test_the_date_of_the_head_is_read_and_leaves_the_text(line: str, published: str | None) -> None:
    (article,) = page(AR[0], line, *AR[1:])
    assert article.published == published
    assert published is None or article.text == body(AR)
    above = page(line, *AR)[0]
    assert (above.published, above.title) == (published, AR[0]) or published is None


def test_a_stated_date_wins_over_the_page() -> None:
    assert page(AR[0], "نشر في: 3 مارس 2024", *AR[1:], published="2024-03-02")[0].published == "2024-03-02"


def test_the_date_of_publication_wins_over_the_date_of_change() -> None:
    (article,) = page(EN[0], "Last updated: 9 March 2024", "Published: 3 March 2024", *EN[1:])
    assert article.published == "2024-03-03"


@pytest.mark.parametrize(
    "tail",
    [
        ("© 2023 جميع الحقوق محفوظة",),
        ("اقرأ أيضا:", "افتتاح مدرسة في حي الزهور", "4 مايو 2022"),
        ("Related stories", "School opens in Zuhour", "Published: 4 May 2022"),
        ("3 مارس 2024", "افتتاح مدرسة", "4 مارس 2024", "ماراثون المدينة", "5 مارس 2024", "وصفة الشتاء"),
    ],
)
def test_dates_of_other_things_are_not_the_date_of_the_article(tail: tuple[str, ...]) -> None:
    (article,) = page(*AR, *tail)
    assert (article.published, article.text) == (None, body(AR))


def test_a_list_of_dated_headlines_above_the_title_gives_neither_date_nor_text() -> None:
    (article,) = page("3 مارس 2024", "مدرسة", "4 مارس 2024", "ماراثون", "5 مارس 2024", "وصفة", AR[0], AR[0], *AR[1:])
    assert (article.title, article.published, article.text) == (AR[0], None, body(AR))


# --- Source, keywords, dateline --------------------------------------------------------------------------------


def test_source_and_keywords_become_fields() -> None:
    (article,) = page(*AR, "المصدر: صحيفة المرسى", "كلمات دلالية: بلدية المرسى جسر الصيادين سلمى الدروبي بناء")
    assert article.source == "صحيفة المرسى"
    # Nothing parts the phrases; the page's own wording does.
    assert article.keywords == ("بلدية المرسى", "جسر الصيادين", "سلمى الدروبي", "بناء")
    assert article.text == body(AR)


def test_parted_keywords_are_taken_as_they_are_parted() -> None:
    assert page(*EN, "Tags: fishermen's bridge, Marsa, coastal road")[0].keywords == (
        "fishermen's bridge",
        "Marsa",
        "coastal road",
    )


def test_a_sentence_about_a_source_is_a_sentence() -> None:
    line = 'المصدر: "لن نفتح الجسر قبل الربيع"'  # a dialogue: the source says
    assert line in page(AR[0], AR[1], line, AR[2])[0].text


@pytest.mark.parametrize(
    ("line", "city", "agency"),
    [
        ("أنقرة (وكالات)", "أنقرة", "وكالات"),
        ("تونس ـ المرسى اليوم", "تونس", "المرسى اليوم"),
        ("الضفاف_واس", None, "واس"),
        ("القاهرة - أ ش أ", "القاهرة", "أ ش أ"),
    ],
)
def test_a_dateline_on_its_own_line_becomes_fields(line: str, city: str | None, agency: str | None) -> None:
    (article,) = page(AR[0], "رئيسة البلدية سلمى الدروبي", line, *AR[1:])
    assert (article.city, article.agency) == (city, agency)
    assert article.text == body(AR)  # the caption above it is gone too


@pytest.mark.parametrize(
    ("lines", "prefix", "city", "agency"),
    [
        (AR, "بغداد/الضفاف: ", "بغداد", "الضفاف"),
        (AR, "تونس (رويترز) - ", "تونس", "رويترز"),
        (AR, "دبي، الإمارات (CNN)-", "دبي", "CNN"),
        (AR, "الرباط - ", "الرباط", None),
        (EN, "TUNIS (Reuters) - ", "Tunis", "Reuters"),
        (EN, "TUNIS, March 3 (AFP) - ", "Tunis", "AFP"),
        (EN, "TUNIS — ", "Tunis", None),
        (EN, "Tunis (CNN) ", "Tunis", "CNN"),
    ],
)
def test_a_dateline_before_the_first_sentence_becomes_fields(
    lines: tuple[str, ...], prefix: str, city: str, agency: str | None
) -> None:
    (article,) = page(lines[0], prefix + lines[1], lines[2])
    assert (article.city, article.agency, article.text) == (city, agency, body(lines))


def test_a_row_keeps_its_dateline_in_the_text() -> None:
    assert row(f"TUNIS (Reuters) - {body(EN)}").text.startswith("TUNIS (Reuters)")
