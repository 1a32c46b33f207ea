"""Buttons, footers, links to other articles and what a source repeats leave the text; sentences stay."""

import json
import re

import pytest
from invented_pages import AR, AR2, BEHIND, BODIES, EN, EVERYWHERE, LABELS, LABELS_EN, SLOGAN, body, page, row

from index.clean.cleaner import Cleaner
from index.clean.rules import compiled, loose, patterns, rules
from index.types import Document

EN2 = (
    "Salt museum in the citadel welcomes its first visitors",
    "The salt museum in the old citadel welcomed its first visitors this morning with tools from five centuries.",
    "Curator Fares Nabhani said the pieces were collected from the homes of people who had worked the salt pans.",
)


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


# --- Lines that a source repeats --------------------------------------------------------------------------------

STORIES = [
    "The harbour of Marsa will be dredged next spring so that larger ferries can reach the old quay again.",
    "A baker in the upper town has won the regional prize for the best flat bread for the third year running.",
    "Swimmers found a Roman anchor near the lighthouse and handed it over to the museum on Friday evening.",
    "The night train to the capital will stop in Marsa again from June, the railway company has promised.",
]
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
