"""The same story in other words or in the other language is found by its facts; other reports of the event are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from printings import FIRE, article, printed, sample

from index.encoders.load import load_encoder
from index.types import Article
from search.coverage.retellings import LEAST, resemblance, retold_links
from search.coverage.texts import HEADING, SENTENCES, Texts, opening, read_facts, read_numbers, sentence_vectors
from search.types import Tier


def test_every_rewritten_and_translated_report_of_the_sample_corpus_is_found_and_no_follow_up() -> None:
    articles, relations = sample()
    encoder = load_encoder()
    vectors = encoder.encode_passages([f"{article.title}\n{article.text}" for article in articles])
    found = {frozenset((link.a, link.b)): str(link.tier) for link in retold_links(articles, vectors, printed(articles))}
    assert found == {pair: relation for pair, relation in relations.items() if relation in ("rewritten", "translated")}


def test_retold_links_do_not_depend_on_the_order_of_the_articles() -> None:
    articles, _ = sample()
    articles = articles[:30]
    vectors = load_encoder().encode_passages([article.text for article in articles])
    order = np.random.default_rng(4).permutation(len(articles))
    expected = retold_links(articles, vectors, printed(articles))
    assert expected
    assert retold_links([articles[n] for n in order], vectors[order], printed(articles)) == expected


RETOLD = (
    "شب حريق واسع فجر اليوم في سوق رمانة القديمة والتهم 14 متجرا، بحسب الدفاع المدني. وامتدت النيران من مستودع للأقمشة "
    "إلى المحال المجاورة مع اشتداد الرياح، ولم يصب أحد لأن السوق كانت مغلقة. وستعوض البلدية أصحاب المتاجر، وتحقق لجنة "
    "في الأسباب على أن ترفع تقريرها إلى المجلس خلال أسبوعين."
)


@pytest.mark.parametrize(
    ("source", "day", "found"),
    [
        ("الصباح", "2024-05-01", True),
        ("الصباح", "2024-05-02", True),
        ("الصباح", "2024-05-03", False),  # two days later
        ("المساء", "2024-05-01", False),  # the outlet of the other report: it writes again because there is more
        (None, None, True),
    ],
)
def test_a_retelling_is_another_outlets_of_the_same_or_the_next_day(
    source: str | None, day: str | None, found: bool
) -> None:
    title = "حريق في السوق القديم بمدينة رمانة"
    a = Article("a", title, FIRE, "ar", "2024-05-01", "المساء")
    b = Article("b", title, RETOLD, "ar", day, source)
    vectors = load_encoder().encode_passages([f"{each.title}\n{each.text}" for each in (a, b)])
    assert [link.tier for link in retold_links([a, b], vectors)] == [Tier.REWRITTEN] * found


TRANSLATION = (
    "A large fire broke out at dawn today in the old market of the town of Rummana and destroyed 14 shops before "
    "firefighters brought it under control. The head of civil defence said that the flames began in a cloth warehouse "
    "and then spread to neighbouring shops because of the wind. He added that no one was hurt because the market was "
    "closed at that hour. The municipality announced that it would compensate the shop owners, and that a committee "
    "would look into the causes of the accident and report to the council within two weeks of its formation."
)


SAME_FIRE = (
    "After the fire that destroyed 14 shops in the old market of Rummana at dawn, their owners blame the municipality "
    "and civil defence. They have asked for hydrants for years, said Salma Haddad, whose shop burnt down with all its "
    "cloth. Firefighters lost half an hour, she says, since the lanes of the market are too narrow for their engines. "
    "Few shops are insured. The mayor walked through the burnt market at noon and promised wider lanes by winter."
)


@pytest.mark.parametrize(("text", "found"), [(TRANSLATION, True), (SAME_FIRE, False)])
def test_a_translation_says_the_same_sentence_by_sentence_and_another_report_of_the_event_does_not(
    text: str, found: bool
) -> None:
    a = Article("a", "حريق في السوق القديم بمدينة رمانة", FIRE, "ar", "2024-05-01", "المساء")
    b = Article("b", "Fire in the old market of Rummana", text, "en", "2024-05-01", "The Gate")
    vectors = load_encoder().encode_passages([f"{each.title}\n{each.text}" for each in (a, b)])
    assert resemblance(a, b, float(vectors[0] @ vectors[1]), Texts())[0] >= LEAST[Tier.TRANSLATED]
    assert [link.tier for link in retold_links([a, b], vectors)] == [Tier.TRANSLATED] * found


def test_a_report_in_other_words_is_translated_where_a_retelling_of_it_is() -> None:
    texts = (FIRE, "ar", "المساء"), (RETOLD, "ar", "الصباح"), (TRANSLATION, "en", "The Gate")
    articles = [Article(f"{n}", "", text, lang, "2024-05-01", source) for n, (text, lang, source) in enumerate(texts)]
    vectors = load_encoder().encode_passages([article.text for article in articles])
    tiers = {(link.a, link.b): link.tier for link in retold_links(articles, vectors)}
    assert tiers == {("0", "1"): Tier.REWRITTEN, ("0", "2"): Tier.TRANSLATED, ("1", "2"): Tier.TRANSLATED}


def test_names_are_shared_across_scripts() -> None:
    english = article("en", "A spokesman for Marta Veldin said that 240 workers had left Kasrun.", language="en")
    arabic = article("ar", "قال متحدث باسم مارتا فيلدين إن 240 عاملا غادروا قصرون", language="ar")
    assert Texts().shared_names(english, arabic) == [("kasrun", "قصرون"), ("marta", "مارتا"), ("veldin", "فيلدين")]
    assert read_facts(english).numbers == read_facts(arabic).numbers == {240}


def test_frequent_words_that_look_like_a_clitic_and_a_name_are_no_names() -> None:
    """كتاب (book) is no ك + تاب, nor ولايات (states) و + لايات; but وفرنسا is "and France", لسوريا "to Syria"."""
    said = article("ar", "صدر اليوم كتاب كبير عن ولايات البلاد وفرنسا وعودة اللاجئين لسوريا", language="ar")
    assert read_facts(said).names == {"وفرنسا", "لسوريا"}


TOLL = (
    "The dam of the northern valley cost {} dinars, the auditor of the ministry said in his report on Monday morning."
)


def test_an_ordinary_word_that_sounds_like_a_name_is_no_name() -> None:
    english = article("en", "The minister Brad James met Khaled Hassan and Hasan Rouhani in London.", language="en")
    arabic = article("ar", "أرسل بريد الوزارة يوم الخميس إلى خالد حسان وحسن روحاني.", language="ar")
    pairs = dict(Texts().shared_names(english, arabic))
    assert pairs.keys() & {"brad", "james"} == set()
    assert (pairs["khaled"], pairs["hassan"], pairs["rouhani"]) == ("خالد", "حسان", "روحاني")


def test_evidence_shows_numbers_and_names_as_each_text_writes_them() -> None:
    english = article("en", "Israel and Donald Tusk agreed on 20.9 billion dollars for 1,250 villages.", language="en")
    arabic = article("ar", "إسرائيل ودونالد توسك اتفقا على 20.9 مليار دولار لـ 1250 قرية.", language="ar")
    _, evidence = resemblance(english, arabic, 0.9, Texts())
    assert evidence["numbers"] == [1250, 20_900_000_000]
    assert all(isinstance(number, int) for number in evidence["numbers"])
    assert evidence["written"]["numbers"] == [["1,250", "1250"], ["20.9 billion", "20.9 مليار"]]
    for mine, its in evidence["names"]:
        assert mine in english.text
        assert its in arabic.text
    assert ["Donald", "ودونالد"] in evidence["names"]


def test_a_title_as_long_as_a_book_is_read_like_a_headline() -> None:
    words = " ".join(f"word{n}" for n in range(50_000))
    long, short = article("long", FIRE, language="en"), article("short", FIRE, language="en")
    long, short = replace(long, title=words), replace(short, title=words[:HEADING])
    assert np.array_equal(opening(long), opening(short))
    assert len(sentence_vectors(long)[0]) <= SENTENCES


@given(st.text(max_size=300))
@example("Twenty-five thousand people and 1,250 أحد عشر مليونا per cent ٣ ملايين إلى المئة")
def test_numbers_are_the_same_read_alone_or_with_all_facts(text: str) -> None:
    one = article("a", f"{text} 17 {FIRE}")
    assert read_numbers(one) == read_facts(one).numbers
