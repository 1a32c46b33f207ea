"""Every defect that scraped pages show, on invented pages in both languages; and what cleaning must never do."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.clean.cleaner import Cleaner
from index.clean.rules import compiled, loose, patterns, rules
from index.errors import InputError
from index.types import Article, Document


def page(*lines: str, **facts: str) -> list[Article]:
    return Cleaner().clean(Document(id="a", text="\n".join(lines), path="pages/a.txt", page=True, **facts))


def row(text: str, title: str = "", **facts: str) -> Article:
    (article,) = Cleaner().clean(Document(id="r", text=text, path="rows.jsonl:1", title=title, **facts))
    return article


# Two paragraphs about a bridge, and the title over them.
AR = (
    "بلدية المرسى تفتتح جسر الصيادين بعد عامين من العمل",
    "افتتحت بلدية المرسى أمس جسر الصيادين الجديد بعد عامين من أعمال البناء التي تأخرت مرتين بسبب الأمطار.",
    "وقالت رئيسة البلدية سلمى الدروبي إن الجسر سيخفف الازدحام عن الطريق الساحلي في ساعات الصباح.",
)
EN = (
    "Marsa opens fishermen's bridge after two years of work",
    "The town of Marsa opened the new fishermen's bridge on Tuesday after two years of work, delayed twice by rain.",
    "Mayor Salma Droubi said the bridge would take morning traffic off the coastal road and bring the harbour closer.",
)
# A second article: title and two paragraphs.
AR2 = (
    "متحف الملح في القلعة يستقبل أول زواره",
    "استقبل متحف الملح في قلعة المدينة القديمة أول زواره صباح اليوم، وعرض أدوات جمع الملح عبر خمسة قرون.",
    "وأوضح أمين المتحف فارس النبهاني أن المعروضات جمعت من بيوت العاملين في الملاحات القديمة.",
)
EN2 = (
    "Salt museum in the citadel welcomes its first visitors",
    "The salt museum in the old citadel welcomed its first visitors this morning with tools from five centuries.",
    "Curator Fares Nabhani said the pieces were collected from the homes of people who had worked the salt pans.",
)
BODIES = [pytest.param(AR, id="ar"), pytest.param(EN, id="en")]


def body(lines: tuple[str, ...]) -> str:
    return "\n".join(lines[1:])


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


# --- Furniture --------------------------------------------------------------------------------

EVERYWHERE = [
    "shutterstock",
    "(رويترز)",
    "Getty Images",
    "صورة أرشيفية - أ ف ب",
    "Photo: Nadia Ferro/AFP",
    "الجسر الجديد كما بدا أمس (أ ف ب)",
    "Advertisement",
    "إعلان",
    "Story continues below",
    "Share this article",
    "Facebook Twitter WhatsApp Email",
    "شارك الخبر على فيسبوك",
    "Subscribe to our newsletter and never miss a story",
    "اشترك في نشرتنا البريدية ليصلك كل جديد",
    "ولمتابعة كل جديد عن المرسى يمكنك متابعة قناتنا على تلغرام",
    "تابعونا على فيسبوك وتويتر",
    "حمل تطبيق المرسى الآن من المتجر",
    "Follow us on Twitter and Facebook",
    "phone Icon",
    "1,204 views",
    "5 دقائق قراءة",
    "منذ 3 ساعات",
    "We use cookies to improve your experience on this site.",
    "يستخدم هذا الموقع ملفات تعريف الارتباط لتحسين تجربتك.",
    "(RELATED: Harbour master retires after forty years)",
    "اقرأ أيضًا:ميناء المرسى يستقبل سفينة شراعية",
    "قد يهمك/ ميناء المرسى يستقبل سفينة شراعية",
    "Related: Harbour master retires",
    "------------------",
]
BEHIND = [
    "© 2024 Marsa Today. All rights reserved.",
    "جميع الحقوق محفوظة لمؤسسة المرسى 2024 ©",
    "تخضع المواد لقانون حقوق النشر، وإن رأيت انتهاكا لحقك فيمكنك التواصل معنا عبر البريد الإلكتروني info@marsa.example",
    "الآراء الواردة لا تعبر بالضرورة عن رأي الموقع",
    "The views expressed are the author's own and do not reflect those of the paper.",
    "About the author: Nadia Ferro writes about harbours",
    "About Post Author nadia See author's posts",
    "Powered by Presswerk",
    "من نحن",
    "Terms of Use",
    "0 التعليقات:",
    "إرسال تعليق",
    "Leave a comment",
    "البريد الإلكتروني *",
    ": Characters Left",
    "شروط النشر: عدم الإساءة إلى الكاتب أو الأشخاص، والابتعاد عن الشتائم والتحريض.",
    "أخبار عربية",
]


@pytest.mark.parametrize("lines", BODIES)
@pytest.mark.parametrize("furniture", EVERYWHERE)
def test_furniture_leaves_the_text_wherever_it_stands(lines: tuple[str, ...], furniture: str) -> None:
    for place in (1, 2, 3):
        (article,) = page(*lines[:place], furniture, *lines[place:])
        assert (article.title, article.text) == (lines[0], body(lines))


@pytest.mark.parametrize("lines", BODIES)
@pytest.mark.parametrize("furniture", BEHIND)
def test_furniture_behind_the_article_goes_with_the_short_lines_after_it(
    lines: tuple[str, ...], furniture: str
) -> None:
    (article,) = page(*lines, furniture, "marsatoday", "بناية النخيل - شارع المرفأ")
    assert (article.title, article.text) == (lines[0], body(lines))


@pytest.mark.parametrize("lines", BODIES)
def test_a_feed_footer_leaves_the_text_and_names_the_source(lines: tuple[str, ...]) -> None:
    footer = f"The post {lines[0]} first appeared on Marsa Today - Harbour News."
    for text in ([*lines, footer], [*lines[:-1], f"{lines[-1]} {footer}"]):
        (article,) = page(*text)
        assert (article.text, article.source) == (body(lines), "Marsa Today - Harbour News")


def test_comments_of_readers_go_to_the_end_of_the_page() -> None:
    (article,) = page(*EN, "2 comments", "Anna: I crossed it this morning with my bicycle and it is a wonder.")
    assert article.text == body(EN)


@pytest.mark.parametrize(
    "sentence",
    [
        "اقرأ أيضا في وجوه الناس حكاية البحر، قال الصياد العجوز وهو يطوي شباكه.",
        "قد يهمك أن تعرف أن الجسر بني من خشب السنديان، كما قال المهندس.",
        "وقال إن جميع الحقوق محفوظة للعمال بموجب العقد الذي وقع في بداية المشروع بحضور النقابة.",
        "أكد المصدر: لا صحة لما نشر عن انهيار الجسر.",
        "Subscribers to the bridge fund, she said, will get their money back.",
        "Follow the money, the auditor advised, and you will find the missing bolts.",
        "Share prices of the builder fell by four per cent on the news.",
        "Related works on the quay will go on until the summer, the mayor said.",
        "Comments by the minister on cookies and cake amused the crowd at the bridge.",
        "إعلان النتائج سيكون يوم الأحد، بحسب اللجنة.",
        "صورة البحر من فوق الجسر لا تشبهها صورة، يقول الزوار.",
        "المزيد من الجسور لا يعني المزيد من الأمان، كما حذر الخبراء.",
        "By noon the queue was longer than the bridge itself.",
        "Read more books, the librarian told the children on the bridge.",
        "تابع الصيادون حفل الافتتاح من قواربهم على صفحة الماء الهادئة.",
    ],
)
def test_a_real_sentence_with_such_words_stays(sentence: str) -> None:
    for lines in (AR, EN):
        assert sentence in page(*lines[:2], sentence, lines[2])[0].text
        assert sentence in page(*lines, sentence)[0].text
        assert sentence in row("\n".join([lines[1], sentence, lines[2]])).text


def test_every_pattern_of_the_tables_is_an_expression_by_itself() -> None:
    # Joined with others, a set that folding has emptied would swallow its neighbours.
    for rule in rules():
        assert rule.reason
        assert rule.effect in ("line", "page", "edge", "tail", "end")
        assert all(compiled([pattern]) for pattern in rule.patterns)
    assert all(re.compile(loose(pattern)) for kind in ("label", "lead") for pattern in patterns(kind).values())


@pytest.mark.parametrize(
    "title",
    [
        "Facebook drops the harbour game",
        "فيسبوك يحذف لعبة الميناء",
        "شاهد.. الجسر الجديد من الجو",
        "Watch: the new bridge from the air",
        "One bridge is open. Two more are to come.",
    ],
)
def test_a_title_that_looks_like_furniture_is_a_title(title: str) -> None:
    for lines in (AR, EN):
        assert page(title, *lines[1:])[0].title == title


@pytest.mark.parametrize("subheading", ["جسر من خشب السنديان", "A bridge of oak", "الكاتب: خاص", "Politics"])
def test_a_subheading_between_paragraphs_stays(subheading: str) -> None:
    assert page(AR[0], AR[1], subheading, AR[2])[0].text == f"{AR[1]}\n{subheading}\n{AR[2]}"


# --- Links to other articles, and articles embedded in a page ---------------------------------------------------------

LABELS = ["إقرأ أيضاً:", "طالع أيضًا:", "أقرأ أيضًا", "وقد يهمك أيضًا:", "أخبار ذات صلة", "مواضيع متعلقة", "شاهد أيضا..."]
LABELS_EN = [
    "Read also:",
    "Related",
    "RELATED STORIES",
    "See also",
    "You may also like",
    "More on this story",
    "Most read",
]


@pytest.mark.parametrize("label", LABELS + LABELS_EN)
def test_headlines_under_a_label_are_dropped(label: str) -> None:
    for lines in (AR, EN):
        (article,) = page(*lines, label, "ميناء المرسى يستقبل سفينة شراعية", "Harbour master retires after forty years")
        assert article.text == body(lines)
        (article,) = page(*lines[:2], label, "سفينة شراعية في الميناء", "Harbour master retires", lines[2])
        assert article.text == body(lines)  # between two paragraphs


@pytest.mark.parametrize("label", LABELS + LABELS_EN)
@pytest.mark.parametrize(("host", "guest"), [(AR, AR2), (EN, EN2), (AR, EN2)])
def test_an_article_under_a_label_becomes_an_article_of_its_own(
    label: str, host: tuple[str, ...], guest: tuple[str, ...]
) -> None:
    for head in (
        [*host, "المصدر: صحيفة المرسى", label, *guest],  # the host has ended
        [*host, label, guest[0], "16 مارس، 2025", *guest[1:]],  # the guest has a date
        [*host, label, *guest],  # the guest's headline is told by what follows it, not by what precedes it
    ):
        first, second = page(*head)
        assert (first.title, first.text) == (host[0], body(host))
        assert (second.title, second.text) == (guest[0], body(guest))
        assert (second.id, second.host, second.path) == ("a#2", "a", "pages/a.txt")
        assert first.published is None
        assert second.published == ("2025-03-16" if "16 مارس، 2025" in head else None)


def test_an_embedded_article_has_its_own_dateline_credit_and_language() -> None:
    first, second = page(
        *AR,
        "Source: Marsa Today",
        "Read also:",
        EN2[0],
        f"TUNIS (AP) - {EN2[1]}",
        EN2[2],
        "Marsa – Agencies",
        "© 2024 Marsa",
    )
    assert (first.language, first.source, first.agency) == ("ar", "Marsa Today", None)
    assert (second.language, second.source, second.city, second.agency) == ("en", None, "Tunis", "AP")
    assert second.text == body(EN2)


def test_three_articles_in_one_page() -> None:
    articles = page(*AR, "المصدر: المرسى", "إقرأ أيضاً:", *AR2, "المصدر: القلعة", "إقرأ أيضاً:", *EN2)
    assert [(a.id, a.title, a.source) for a in articles] == [
        ("a", AR[0], "المرسى"),
        ("a#2", AR2[0], "القلعة"),
        ("a#3", EN2[0], None),
    ]


# --- Glue --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glued", "parted"),
    [
        (f"أخبار ذات صلة{AR[1]}", AR[1]),
        (f"أخبار قد تهمك “ميناء المرسى” 29 سبتمبر 2024 - 1:45 مساءً سفينة 5 فبراير 2024 - 2:45 صباحًا{AR[1]}", AR[1]),
        (f"Related Stories{EN[1]}", EN[1]),
        (f"— Nadia Ferro (@ferro) March 26, 2024{AR[1]}", f"— Nadia Ferro (@ferro) March 26, 2024\n{AR[1]}"),
        (f"وافتتح الجسر القديم عام 1924{AR[1]}", f"وافتتح الجسر القديم عام 1924 {AR[1]}"),
        ("عبرت القوارب تحت الجسر.وقال الصيادون إنهم سعداء.", "عبرت القوارب تحت الجسر. وقال الصيادون إنهم سعداء."),
        (
            "The boats passed under the bridge.Fishermen cheered.",
            "The boats passed under the bridge. Fishermen cheered.",
        ),
    ],
)
def test_glued_text_is_parted_and_the_label_goes(glued: str, parted: str) -> None:
    (article,) = page(AR[0], AR[2], glued, EN[2])
    assert article.text == f"{AR[2]}\n{parted}\n{EN[2]}"


@pytest.mark.parametrize(
    "whole", ["العربية.نت", "سي.إن.إن", "أ.ف.ب", "www.Marsa.Com/News", "U.S.A", "2024م", "3.5", "e.g.", "بيت.كوم"]
)
def test_names_addresses_and_numbers_are_not_parted(whole: str) -> None:
    assert whole in row(f"{AR[1]} {whole} {AR[2]}").text


# --- Rows of data sets --------------------------------------------------------------------------------


def test_a_row_keeps_its_facts() -> None:
    article = row(
        body(AR),
        title=AR[0],
        source="المرسى اليوم",
        url="https://marsa.example/1",
        published="Sun, 18 Feb 2018 21:35:43 +0400",
    )
    assert (article.title, article.text, article.language) == (AR[0], body(AR), "ar")
    assert (article.source, article.url, article.path) == ("المرسى اليوم", "https://marsa.example/1", "rows.jsonl:1")
    assert article.published == "2018-02-18T21:35:43+04:00"


def test_a_title_repeated_as_first_line_of_a_row_is_dropped_there() -> None:
    assert row("\n\n".join(EN), title=EN[0]).text == body(EN)


def test_a_row_that_is_only_its_title_keeps_it_as_text() -> None:
    assert row("", title=EN[0]).text == EN[0]
    assert row(EN[0], title=EN[0]).text == EN[0]


@pytest.mark.parametrize(
    "line", ["Getty Images", "By Nadia Ferro", "المصدر: المرسى", "Politics", "Tunis, 3 March 2024", "Comments"]
)
def test_what_may_be_part_of_a_cleaned_text_stays_in_rows(line: str) -> None:
    assert line in row(f"{EN[1]}\n{line}\n{EN[2]}").text


@pytest.mark.parametrize(
    "line",
    [
        "ADVERTISEMENT",
        "Story Continued Below",
        "اقرأ أيضا: سفينة شراعية في الميناء",
        "Related: Harbour master retires",
        "SEE ALSO: Harbour master retires",
    ],
)
def test_what_no_sentence_can_be_leaves_rows_too(line: str) -> None:
    assert row(f"{EN[1]}\n{line}\n{EN[2]}").text == body(EN)


def test_a_row_that_holds_a_whole_page_is_cleaned_as_one() -> None:
    text = "\n".join([*AR[1:], "المصدر: المرسى", "إقرأ أيضاً:", *AR2])
    first, second = Cleaner().clean(Document(id="r", text=text, path="rows.jsonl:1", title=AR[0]))
    assert (first.title, first.text, second.title, second.host) == (AR[0], body(AR), AR2[0], "r")


# --- Lines that a source repeats --------------------------------------------------------------------------------

STORIES = [
    "The harbour of Marsa will be dredged next spring so that larger ferries can reach the old quay again.",
    "A baker in the upper town has won the regional prize for the best flat bread for the third year running.",
    "Swimmers found a Roman anchor near the lighthouse and handed it over to the museum on Friday evening.",
    "The night train to the capital will stop in Marsa again from June, the railway company has promised.",
]
SLOGAN = "Marsa Today, the harbour in your pocket"
NOTICE = (
    "Marsa Today is read in each street of the town because it is written there, and it has never missed a morning "
    "since its founding, whatever the weather was like."
)


def documents(texts: list[str], source: str | None = "Marsa Today") -> list[Document]:
    return [Document(id=str(i), text=t, path=f"site/{i}.txt", source=source) for i, t in enumerate(texts)]


def cleaned(texts: list[str], source: str | None = "Marsa Today") -> list[str]:
    cleaner, batch = Cleaner(), documents(texts, source)
    cleaner.learn(batch)
    return [cleaner.clean(document)[0].text for document in batch]


@pytest.mark.parametrize("furniture", [SLOGAN, NOTICE])
@pytest.mark.parametrize("source", ["Marsa Today", None])
def test_a_line_that_different_articles_of_a_source_repeat_is_furniture(furniture: str, source: str | None) -> None:
    texts = [f"{story}\n{furniture}" for story in STORIES]
    assert cleaned(texts, source) == STORIES


def test_a_story_that_a_source_prints_three_times_keeps_its_text() -> None:
    story = "\n".join([*EN[1:], "A bridge of oak", STORIES[0]])
    assert cleaned([story, story, f"{story}\nUpdated with a quotation.", *STORIES[1:]])[0] == story


def test_two_articles_are_not_enough_and_another_source_does_not_count() -> None:
    texts = [f"{story}\n{SLOGAN}" for story in STORIES]
    assert cleaned(texts[:2]) == texts[:2]
    cleaner = Cleaner()
    cleaner.learn(documents(texts))
    (other,) = documents(texts[:1], "Hill Gazette")
    assert cleaner.clean(other)[0].text == texts[0]


def test_a_paragraph_of_background_in_some_articles_is_not_furniture() -> None:
    background = NOTICE
    others = [
        f"{story} Number {i} of the series is told on this page from its beginning."
        for i in range(4)
        for story in STORIES
    ]
    texts = [f"{story}\n{background}" for story in STORIES] + others
    assert cleaned(texts)[0] == texts[0]


def test_what_was_learned_survives_storage() -> None:
    texts = [f"{story}\n{SLOGAN}" for story in STORIES]
    before, after = Cleaner(), Cleaner()
    before.learn(documents(texts))
    after.restore(json.loads(json.dumps(before.state())))
    assert after.state() == before.state()
    assert after.clean(documents(texts)[0])[0].text == STORIES[0]


def test_what_is_remembered_is_bounded() -> None:
    cleaner = Cleaner()
    cleaner.learn(
        Document(id=f"{s}/{i}", text=f"{STORIES[i % 4]} {i}\nshort line {i}", path="x", source=f"source {s}")
        for s in range(700)
        for i in range(3)
    )
    cleaner.learn(
        Document(id=str(i), text=f"{STORIES[0]} {i}\nshort line {i}", path="x", source="big") for i in range(3000)
    )
    state = cleaner.state()
    assert len(state) <= 500
    assert all(len(lines) <= 1001 for _, lines in state.values())


# --- What cleaning never does --------------------------------------------------------------------------------

ANYTHING = st.text(max_size=400) | st.lists(
    st.sampled_from(
        [*AR, *EN, *AR2, *EVERYWHERE, *BEHIND, *LABELS, *LABELS_EN, SLOGAN, "16 مارس، 2025", "المصدر: المرسى", ""]
    ),
    max_size=14,
).map("\n".join)


@given(ANYTHING, st.booleans(), st.sampled_from(["", EN[0]]))
@example("\x00\u202e\ud800", True, "")
def test_cleaning_raises_nothing_but_input_error_and_leaves_no_control(text: str, is_page: bool, title: str) -> None:
    document = Document(id="a", text=text, path="a", page=is_page, title=title)
    cleaner = Cleaner()
    cleaner.learn([document])
    try:
        articles = cleaner.clean(document)
    except InputError:
        return
    for article in articles:
        assert article.text
        article.text.encode("utf-8")
        assert not set(article.text) & set("\x00\x07\r\t\u202a\u202e\u2066\u2069\ufeff")
        assert article.text == "\n".join(" ".join(line.split()) for line in article.text.split("\n") if line.split())


@given(ANYTHING, st.booleans())
@example(
    "\n".join(["افتتحت بلدية المرسى أمس جسر الصيادين الجديد بعد عامين من أعمال البناء التي تأخرت مرتين."] * 2 + ["ب"]),
    True,
)
@example("اقرأ أيضا: ميناء جديد في صفاقس\nجسر الصيادين يفتح\nجسر الصيادين يفتح", True)
def test_cleaning_a_cleaned_text_changes_nothing(text: str, is_page: bool) -> None:
    try:
        articles = Cleaner().clean(Document(id="a", text=text, path="a", page=is_page))
    except InputError:
        return
    for article in articles:
        again = row(article.text, title=article.title)
        assert (again.title, again.text) == (article.title, article.text)


@pytest.mark.parametrize("text", ["", "\n \n", "Advertisement\nShare this article\n© 2024", "إقرأ أيضاً:", "------"])
def test_a_page_without_an_article_is_refused_with_its_path(text: str) -> None:
    with pytest.raises(InputError, match=r"no article text left in pages/a\.txt"):
        page(text)


UNITS = ["a", "ا", "(", "word ", "2024", "، ", "(related: ", "ـ", "أخبار ذات صلة ", "The post ", "TUNIS ", "tags: "]


@pytest.mark.parametrize("unit", UNITS)
def test_a_line_of_a_million_letters_is_cleaned_in_linear_time(unit: str) -> None:
    # Quadratic time would be hours here.
    line = (unit * 1_000_000)[:1_000_000]
    assert page(*EN, line)[0].title == EN[0]
    assert row(f"{body(EN)}\n{line}").text.startswith(EN[1])


@pytest.mark.parametrize("unit", [*UNITS, "إقرأ أيضاً:", AR[1], "تعليقات", "3 مارس 2024", "إقرأ أيضاً:\n" + AR[1]])
def test_a_page_of_many_lines_is_cleaned_in_linear_time(unit: str) -> None:
    assert page(*EN, *[unit] * 10_000)[0].title == EN[0]
