"""Copies are found and named; templates, follow-ups and headlines that differ by a word are not copies."""

from __future__ import annotations

import gc
import json
import unicodedata
import weakref

import numpy as np
import pytest
from hypothesis import given
from printings import BRIDGE, BRIDGE_BACKGROUND, FIRE, TEXTS, TOLL, article, printed, sample

from index.text.fingerprints import sketch
from index.text.folding import fold
from index.text.tokens import tokenize
from index.types import Article
from search.coverage.collection import Collection
from search.coverage.copies import judge, places_of
from search.coverage.facts import numbers, same_name
from search.types import Tier


def tier(a: str, b: str) -> Tier | None:
    link = judge(article("a", a), article("b", b))
    return link.tier if link else None


@pytest.mark.parametrize(
    "copy",
    [
        "".join(letter + "\u064e" * (letter in "بتنرسمل") for letter in FIRE),  # vocalised
        FIRE.replace("ة", "ه").replace("أ", "ا").replace("إ", "ا").replace("ى", "ي"),  # as many people type
        FIRE.replace("،", "").replace(".", " -").replace(" ", "\u00a0 "),  # punctuation and spaces
        FIRE.replace("14", "١٤").replace("قال", "قـــال"),  # digits and elongation
    ],
)
def test_the_same_words_in_other_letters_are_an_exact_copy(copy: str) -> None:
    assert copy != FIRE
    assert tier(FIRE, copy) is Tier.EXACT


def test_a_few_other_words_make_a_near_copy() -> None:
    assert tier(FIRE, FIRE.replace("اندلع", "شب").replace("وأضاف", "وأوضح")) is Tier.NEAR  # broke out, he added
    assert tier(BRIDGE, BRIDGE.replace("the roads office said", "according to the roads office")) is Tier.NEAR


def test_a_cut_and_an_extended_copy_are_contained_and_the_evidence_says_which_is_longer() -> None:
    start = FIRE[: FIRE.index("وأضاف")]
    link = judge(article("short", start), article("long", FIRE))
    assert link is not None
    assert link.tier is Tier.CONTAINED
    assert link.evidence["longer"] == "long"
    assert link.evidence["containment"] == [0.5342, 1.0]
    assert tier(BRIDGE, BRIDGE + " " + BRIDGE_BACKGROUND) is Tier.NEAR
    assert tier(BRIDGE, BRIDGE_BACKGROUND * 2 + " " + BRIDGE) is Tier.CONTAINED


def test_paragraphs_in_another_order_are_still_shared() -> None:
    first, second = FIRE.split("وأضاف")
    assert tier(FIRE, "وأضاف" + second + " " + first) is Tier.NEAR


def test_the_number_in_words_is_the_number_in_digits() -> None:
    assert tier(FIRE, FIRE.replace("14 متجرا", "أربعة عشر متجرا")) is Tier.NEAR
    assert tier(BRIDGE, BRIDGE.replace("eleven", "11")) is Tier.NEAR


def test_other_spellings_of_a_name_are_the_same_name() -> None:
    visit = FIRE + " وزار الرئيس نتانيال المكان."
    assert tier(visit, visit.replace("نتانيال", "نتنيال")) is Tier.NEAR


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("14 متجرا", "23 متجرا"),  # 14 shops, 23 shops
        ("14 متجرا", "خمسين متجرا"),  # fifty shops
        ("ستحقق", "لن تحقق"),  # will investigate, will not
        ("بمدينة رمانة", "بمدينة سرحان"),  # in another town
        ("لم يصب", "أصيب"),  # nobody was hurt, somebody was
    ],
)
def test_another_number_town_or_negation_is_another_story(old: str, new: str) -> None:
    assert tier(FIRE, FIRE.replace(old, new)) is None


def test_another_weekday_is_another_story() -> None:
    assert tier(FIRE.replace("اليوم", "الأحد"), FIRE.replace("اليوم", "الاثنين")) is None  # Sunday, Monday


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("240", "310"),
        ("eleven", "seven"),
        ("Monday", "Friday"),
        ("Hadley", "Orsett"),
        ("would be allowed", "would not be allowed"),
        ("less than planned", "more than planned"),
    ],
)
def test_another_number_day_name_negation_or_opposite_is_another_story(old: str, new: str) -> None:
    assert tier(BRIDGE, BRIDGE.replace(old, new)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("زلفرانت", "كسمبورد"),  # in no list and no dictionary
        ("تشيلسي", "يوفنتوس"),  # clubs
        ("خالد سلمان", "عمر سلمان"),  # Omar, which is "age" as well
    ],
)
def test_a_name_in_no_list_is_a_name_all_the_same(one: str, other: str) -> None:
    visit = FIRE + " وزار {0} المكان مساء وتحدث إلى أصحاب المتاجر."
    assert tier(visit.format(one), visit.format(other)) is None
    assert tier(visit.format(one), visit.format(one).replace("مساء", "ليلا")) is Tier.NEAR


def test_names_written_together_are_the_same_names() -> None:
    visit = FIRE + " وزار زلفران كسمبورد المكان."
    assert tier(visit, visit.replace("زلفران كسمبورد", "زلفرانكسمبورد")) is Tier.NEAR


def test_a_telegram_to_another_president_is_another_story() -> None:
    telegram = (
        "بعث رئيس الجمهورية برقية تهنئة إلى الرئيس {0} رئيس جمهورية {1} بمناسبة ذكرى استقلال بلاده. "
        "وأعرب باسمه وباسم الشعب عن أصدق التهاني لفخامته وللشعب في {1} الصديق بدوام التقدم والازدهار."
    )
    assert tier(telegram.format("سمران", "كوردال"), telegram.format("هلمان", "بستانيا")) is None


def test_a_follow_up_that_repeats_the_background_is_another_story() -> None:
    news = "ألقت الشرطة القبض على حارس المستودع بعد أن اعترف بأنه ترك موقدا مشتعلا وغادر المكان قبل منتصف الليل بقليل. "
    assert tier(FIRE, news + FIRE[FIRE.index("وقال") :]) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ارتفاع أسعار القمح في الأسواق العالمية", "انخفاض أسعار القمح في الأسواق العالمية"),  # wheat prices rise, fall
        ("وزير النقل يفتتح الميناء الجديد", "وزير النقل يغلق الميناء الجديد"),  # opens, closes the port
        ("Court rejects the appeal of the ferry company", "Court accepts the appeal of the ferry company"),
        ("وفاة بطلة السباحة عن عمر ناهز السبعين", "وفاة بطلة السباكة عن عمر ناهز السبعين"),  # one letter
    ],
)
def test_headlines_that_differ_in_a_word_are_not_copies(one: str, other: str) -> None:
    assert tier(one, other) is None


def test_a_headline_typed_otherwise_is_a_copy() -> None:
    assert tier("إفتتاح الميناء الجديد فى رمانة", "افتتاح الميناء الجديد في رمانه") is Tier.EXACT


def test_an_article_without_text_is_judged_by_its_title() -> None:
    a, b = (Article(id, "افتتاح الميناء الجديد في رمانة", "", "ar") for id in "ab")
    link = judge(a, b)
    assert link is not None
    assert link.tier is Tier.EXACT


def test_the_evidence_quotes_the_differing_words_where_they_stand() -> None:
    other = FIRE.replace("اندلع", "شبّ")
    link = judge(article("a", FIRE, "2024-05-01"), article("b", other, "2024-05-02"))
    assert link is not None
    (change,) = link.evidence["changes"]
    assert change["a"]["text"] == "اندلع"
    assert FIRE[change["a"]["start"] : change["a"]["end"]] == "اندلع"
    assert other[change["b"]["start"] : change["b"]["end"]] == "شبّ"
    assert link.evidence["first"] == "a"
    assert json.loads(json.dumps(link.evidence)) == link.evidence


def test_agencies_and_sources_of_both_printings_are_reported() -> None:
    a = Article("a", "", FIRE, "ar", source="الصباح", agency="وكالة رمانة")
    b = Article("b", "", FIRE, "ar", source="المساء")
    link = judge(a, b)
    assert link is not None
    assert link.evidence["sources"] == ["الصباح", "المساء"]
    assert link.evidence["agency"] == ["وكالة رمانة", None]


@given(TEXTS, TEXTS)
def test_any_two_texts_can_be_judged_and_the_order_does_not_matter(one: str, other: str) -> None:
    a, b = article("a", one), article("b", other)
    assert judge(a, b) == judge(b, a)


@given(TEXTS, TEXTS)
def test_exact_means_the_same_folded_words(one: str, other: str) -> None:
    words = [[token.word.replace("ى", "ي") for token in tokenize(text.replace("ى", "ي"))] for text in (one, other)]
    assert (tier(one, other) is Tier.EXACT) == (words[0] == words[1] != [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5 ملايين", {5_000_000}),
        ("خمسة وعشرون", {25}),  # five and twenty
        ("ثلاثة عشر", {13}),
        ("أحد عشر", {11}),
        ("أحد الوزراء", set()),  # one of the ministers
        ("twenty five thousand", {25_000}),
        ("1,200 و٣٫٥", {1200, 3.5}),
        ("30 في المئة", {30}),
        ("30 بالمئة", {30}),
        ("مئات القتلى", {100}),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, found: set[float]) -> None:
    assert numbers([token.word for token in tokenize(text)]) == found


@pytest.mark.parametrize(
    ("a", "b"), [("الأميركي", "الأمريكي"), ("بوتين", "بوتن"), ("فاغنر", "فاجنر"), ("Zelensky", "Zelenskyy")]
)
def test_names_spelled_by_ear_are_one_name(a: str, b: str) -> None:
    assert same_name(fold(a), fold(b))


@pytest.mark.parametrize(("a", "b"), [("محمد", "محمود"), ("سوريا", "كوريا"), ("Austria", "Australia"), ("حسن", "حسين")])
def test_names_spelled_almost_alike_may_be_two(a: str, b: str) -> None:
    assert not same_name(fold(a), fold(b))


PRINTED = {"exact", "near", "contained"}


def test_every_copy_of_the_sample_corpus_is_found_with_its_tier_and_nothing_else() -> None:
    articles, relations = sample()
    found = {frozenset((link.a, link.b)): str(link.tier) for link in printed(articles)}
    assert found == {pair: relation for pair, relation in relations.items() if relation in PRINTED}


@pytest.mark.parametrize("written", ["1.250.000", "1 250 000", "1\u00a0250\u00a0000", "1\u202f250\u202f000", "1250000"])
def test_thousands_are_the_same_however_they_are_grouped(written: str) -> None:
    assert tier(TOLL.format("1,250,000"), TOLL.format(written)) is Tier.EXACT
    assert tier(TOLL.format("1,250,001"), TOLL.format(written)) is None


@pytest.mark.parametrize(
    "text", ["وقف الرجل على الجسر القديم ينظر إلى السفن التي تعبر النهر كل صباح في أورلاند.", FIRE]
)
def test_presentation_forms_of_a_pdf_are_the_same_letters(text: str) -> None:
    isolated = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFEFC, 0xFE80, -1)}
    shaped = "".join(isolated.get(letter, letter) for letter in text)
    assert shaped != text
    assert tier(text, shaped) is Tier.EXACT
    assert np.array_equal(sketch(text), sketch(shaped))


def test_what_was_read_of_an_article_is_gone_with_its_collection() -> None:
    collection = Collection.of_new([article("a", FIRE), article("b", FIRE.replace("14", "15"))])
    collection.links()
    gone = weakref.ref(collection.texts)
    del collection
    gc.collect()
    assert gone() is None


def test_words_of_a_million_letters_are_not_compared_letter_by_letter() -> None:
    assert same_name("a" * 1_000_000, "a" * 1_000_000)
    assert not same_name("a" * 1_000_000, "a" * 999_999 + "b")


def test_pairs_become_places_among_the_articles_that_are_in_some() -> None:
    used, places = places_of(np.array([[2, 7], [4, 7], [2, 9]]), 11)
    assert used.tolist() == [2, 4, 7, 9]
    assert places.tolist() == [[0, 2], [1, 2], [0, 3]]
    assert [len(array) for array in places_of(np.zeros((0, 2), np.int64), 0)] == [0, 0]
