"""Related coverage: the event, what followed, what came before, in both languages, each with its reason."""

import io
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import CORPUS, Khabar

from index.local.index import Index
from index.text import terms
from index.types import Article
from search.coverage.collection import Collection
from search.coverage.genres import Genre
from search.coverage.reasons import Reasons
from search.coverage.related import Related, Relation, asked_about, in_time, related
from search.evaluation.groups import DUPLICATE, read_stories
from search.show.terminal import related_lines

RELATIONS = read_stories(CORPUS / "stories.tsv")


@pytest.fixture(scope="module")
def sample(corpus_folder: Path) -> Index:
    return Index.open(corpus_folder)


def about(sample: Index, id: str, k: int = 20) -> list[Related]:
    return related(*Collection.near(sample, asked_about(sample, id)), k)


def relations(found: list[Related]) -> dict[str, Relation]:
    return {copy.id: one.relation for one in found for copy in one.printed}


@pytest.mark.parametrize("id", ["ferry-ar-1", "flood-en-1", "dig-ar-3", "satellite-en-2", "trial-en-1", "cup-ar-1"])
def test_all_printings_of_the_event_are_found_in_both_languages_and_before_all_else(sample: Index, id: str) -> None:
    found = about(sample, id)
    same = {r.b if r.a == id else r.a for r in RELATIONS if id in (r.a, r.b) and r.relation in DUPLICATE}
    assert {other for other, relation in relations(found).items() if relation is Relation.SAME} == same
    order = [list(Relation).index(one.relation) for one in found]
    assert order == sorted(order)


def test_only_the_nearest_articles_are_read_and_they_are_all_that_is_related(
    sample: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Collection.of(sample)
    monkeypatch.setattr("search.coverage.collection.NEAR_ASKED", 24)
    for id in ("ferry-ar-1", "flood-en-1", "cup-ar-1"):
        near, position = Collection.near(sample, asked_about(sample, id))
        assert near.articles[position].id == id
        assert len(near) < len(whole) / 2
        expected = related(whole, [article.id for article in whole.articles].index(id), 3)
        assert [one.article.id for one in related(near, position, 3)] == [one.article.id for one in expected]


def test_what_was_removed_is_not_related(khabar: Khabar, tmp_path: Path) -> None:
    khabar("index", CORPUS, "--index", tmp_path / "i")
    khabar("remove", "ferry-en-1", "--index", tmp_path / "i")
    sample = Index.open(tmp_path / "i")
    assert "ferry-en-1" not in relations(about(sample, "ferry-ar-1"))


def test_later_news_of_a_story_is_a_follow_up_and_earlier_news_is_background(sample: Index) -> None:
    assert relations(about(sample, "flood-en-1"))["flood-en-4"] is Relation.FOLLOW_UP
    assert relations(about(sample, "flood-en-4"))["flood-en-1"] is Relation.BACKGROUND
    assert relations(about(sample, "trial-ar-1"))["trial-ar-3"] is Relation.FOLLOW_UP


def test_most_follow_ups_are_found_and_few_strangers(sample: Index) -> None:
    listed: Counter[str] = Counter()
    judged = {frozenset((r.a, r.b)): r.relation for r in RELATIONS}
    for id in ("ferry-ar-1", "flood-ar-1", "strike-en-1", "cup-ar-1", "dig-en-1", "satellite-ar-1", "trial-en-2"):
        listed.update(judged.get(frozenset((id, other)), "stranger") for other in relations(about(sample, id)))
    assert listed["followup"] >= 9
    assert listed["stranger"] <= 7


def test_copies_stand_together_under_the_one_printed_first(sample: Index) -> None:
    (copies,) = [one for one in about(sample, "flood-ar-1") if "flood-en-1" in {copy.id for copy in one.printed}]
    assert {copy.id for copy in copies.printed} == {"flood-en-1", "flood-en-2", "flood-en-3"}
    assert copies.article == copies.printed[0]


def test_the_reasons_are_names_places_numbers_and_terms_as_each_article_writes_them(sample: Index) -> None:
    (english,) = [one for one in about(sample, "ferry-ar-1") if one.article.id == "ferry-en-1"]
    reasons = english.reasons
    asked, other = asked_about(sample, "ferry-ar-1"), english.article
    for mine, its in (*reasons.names, *reasons.places, *reasons.terms):
        assert mine in f"{asked.title}\n{asked.text}"
        assert its in f"{other.title}\n{other.text}"
    assert ("نورس", "Nawras") in reasons.names  # the ferry
    assert ("عبّارة", "ferry") in reasons.terms
    assert 214 in reasons.numbers  # the passengers


def test_what_says_nothing_of_a_subject_is_no_reason_even_in_an_index_of_two() -> None:
    texts = ("حريق في الميناء القديم", "حريق كبير في الميناء")  # a fire in the old port; a great fire in the port
    two = [Article(f"a{n}", text, f"{text} في المدينة في الليل.", "ar") for n, text in enumerate(texts)]
    (other,) = related(Collection.of_new(two), 0, 5)
    assert ("حريق", "حريق") in other.reasons.terms
    assert ("في", "في") not in other.reasons.terms


def test_a_story_without_company_has_nothing_related_of_the_same_event(sample: Index) -> None:
    assert Relation.SAME not in relations(about(sample, "bees-en-1")).values()


def test_sources_that_were_not_heard_come_earlier(sample: Index) -> None:
    for id in ("ferry-ar-1", "rates-ar-1", "film-en-2"):
        sources = [one.article.source for one in about(sample, id)[:2]]
        assert len(set(sources)) == len(sources)


def test_a_timeline_is_in_order_of_publication(sample: Index) -> None:
    found = in_time(about(sample, "strike-ar-1"))
    days = [(one.article.published or "")[:10] for one in found]
    assert days == sorted(days)


def test_an_unknown_article_is_an_error_that_says_what_to_do(khabar: Khabar, corpus_folder: Path) -> None:
    done = khabar("related", "no-such-article", "--index", corpus_folder)
    assert done.code == 1
    assert "no-such-article" in done.err
    assert "khabar search" in done.err


NEWS = (
    "Inspectors say that the ferry Nawras 3, which burned off Marsa al-Sadaf on 12 March with 214 passengers, had "
    "been repaired twice in the year before. The Rukham Lines company said that it would answer the report of Reem "
    "Tarfawi, who heads the inquiry of the transport ministry of Maralia, within a month."
)


def test_an_article_that_is_in_no_index_is_asked_about_by_file_or_standard_input(
    khabar: Khabar, corpus_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.txt"
    page.write_text(f"Inspectors look into the Nawras 3\n\n{NEWS}\n", "utf-8")
    done = khabar("related", page, "--index", corpus_folder, "--json").json
    assert "ferry" in done["related"][0]["article"]["id"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(page.read_bytes()), "utf-8"))
    read = khabar("related", "-", "--index", corpus_folder, "--json").json
    assert [one["article"]["id"] for one in read["related"]] == [one["article"]["id"] for one in done["related"]]
    assert khabar("show", done["article"]["id"], "--index", corpus_folder).code == 1  # it was not added


def test_json_names_the_relation_the_copies_and_the_reasons(khabar: Khabar, corpus_folder: Path) -> None:
    done = khabar("related", "film-ar-1", "--index", corpus_folder, "--json", "-k", "3").json
    assert set(done) == {"article", "related"}
    assert len(done["related"]) <= 3
    for one in done["related"]:
        assert set(one) == {"relation", "score", "tier", "kind", "article", "printed", "reasons", "alterations"}
        assert set(one["reasons"]) == {"names", "places", "numbers", "terms"}
        assert one["article"] in one["printed"]


def test_the_report_has_a_heading_for_each_relation_and_with_timeline_for_each_day(
    khabar: Khabar, corpus_folder: Path
) -> None:
    out = khabar("related", "flood-ar-1", "--index", corpus_folder).out
    assert out.index("same event") < out.index("follow-up")
    assert "printed by 3 outlets" in out
    assert " · flood-en-4 · " in out
    dated = khabar("related", "flood-ar-1", "--timeline", "--index", corpus_folder).out
    assert dated.index("\n2025-04-03\n") < dated.index("\n2025-04-09\n")


def test_an_index_of_one_article_has_nothing_related(khabar: Khabar, tmp_path: Path) -> None:
    source = tmp_path / "news.jsonl"
    source.write_text(json.dumps({"_id": "only", "title": "Nawras", "text": NEWS, "lang": "en"}) + "\n", "utf-8")
    assert khabar("index", source, "--index", tmp_path / "index").code == 0
    assert "Nothing related was found." in khabar("related", "only", "--index", tmp_path / "index").out
    assert khabar("stories", "--index", tmp_path / "index", "--json").out == ""
    assert khabar("duplicates", "--index", tmp_path / "index", "--json").out == ""


def test_a_reason_in_several_forms_is_told_once() -> None:
    article = Article("one", "زيارة إلى تركيا", "", "ar")  # a visit to Turkey
    names = (("التركي", "التركي"), ("لتركيا", "التركي"), ("روما", "Rome"))
    found = Related(article, Relation.BACKGROUND, 0.9, None, (article,), Reasons(names, (), (), ()))
    out = "\n".join(related_lines(article, [found], timeline=False))
    assert "names: \u2068التركي\u2069, \u2068روما = Rome\u2069\n" in out + "\n"


def pair(one: str, other: str, published: tuple[str | None, str | None] = (None, None), **more: str) -> list[Related]:
    """What is related to the first of two Arabic articles."""
    texts = (one, other)
    two = [Article(f"a{n}", t, t, "ar", published[n], f"outlet {n}", **more) for n, t in enumerate(texts)]
    return related(Collection.of_new(two), 0)


FIRE = "اندلع حريق كبير في مستودع للأقمشة بمدينة رمانة وأصيب 47 عاملا في المصنع القديم"  # a fire in a cloth store
BLAZE = "أصيب 47 عاملا حين شب حريق في مستودع الأقمشة بمدينة رمانة داخل المصنع القديم صباحا"


@pytest.mark.parametrize(
    ("published", "relation"),
    [
        (("2025-03-01", "2025-03-01"), Relation.SAME),
        (("2025-03-01", "2025-03-04"), Relation.FOLLOW_UP),
        (("2025-03-04", "2025-03-01"), Relation.BACKGROUND),
        (("2025-03-01", None), Relation.UNDATED),
        ((None, None), Relation.UNDATED),
    ],
)
def test_an_event_is_of_its_day_what_comes_later_follows_and_without_a_date_it_is_said(
    published: tuple[str | None, str | None], relation: Relation
) -> None:
    one = Article("a", "", FIRE, "ar", published[0], "same outlet")  # no retelling: one outlet does not retell itself
    other = Article("b", "", BLAZE, "ar", published[1], "same outlet")
    (found,) = related(Collection.of_new([one, other]), 0)
    assert found.tier is None
    assert found.relation is relation


def test_one_sentence_brings_the_other_language_too(sample: Index) -> None:
    asked = Article("asked", "", "At least 214 passengers were rescued from a burning ferry", "en")
    found = related(*Collection.near(sample, asked))
    assert {"ferry-en-1", "ferry-ar-1"} <= relations(found).keys()
    assert all(one.relation is not Relation.SAME for one in found)


PORT = (
    "The port of Port Halsey in the gulf of Orsett, which handles half of the grain of the island, has been disputed "
    "by the harbour company and the dockers of the northern basin for a year, over wages, cranes and the night shift. "
)  # what every article of the affair says
WALKOUT = Article("a", "Dockers walk out", f"400 dockers walked out at dawn with banners. {PORT}", "en", "2025-03-03")


def test_another_event_of_the_affair_on_the_same_day_is_told_apart() -> None:
    again = replace(WALKOUT, id="b", title="Walkout of dockers at dawn", text=f"{PORT} With banners 400 of them left.")
    port = " ".join(reversed(PORT.split()))  # the same words, but no copy
    judge = "Judge Maren Tolk fined the company two million crowns for a rusty crane that killed a foreman."
    court = [replace(WALKOUT, id=id, title="Judge Tolk fines company", text=f"{judge} {port}") for id in "cdefgh"]
    found = relations(related(Collection.of_new([WALKOUT, again, *court]), 0))
    assert found["b"] is Relation.SAME
    assert {found[one.id] for one in court} == {Relation.AFFAIR}


def test_an_opinion_on_an_event_is_shown_as_one_and_is_no_report_of_it() -> None:
    text = "The dockers of Port Halsey were right to walk out: the night shift is a disgrace, and so are the wages."
    column = replace(WALKOUT, id="b", title="OPINION: Dockers walk out at last", text=text)
    (found,) = related(Collection.of_new([WALKOUT, column]), 0)
    assert (found.kind, found.tier, found.relation) == (Genre.OPINION, None, Relation.AFFAIR)
    assert " · opinion · " in "\n".join(related_lines(WALKOUT, [found], timeline=False))


def test_scores_are_between_0_and_1(sample: Index) -> None:
    scores = [one.score for id in ("ferry-ar-1", "flood-en-1", "strike-en-1") for one in about(sample, id)]
    assert 0 < min(scores) < max(scores) < 1


def test_every_result_has_a_reason_and_each_thing_is_told_once(sample: Index) -> None:
    for id in ("ferry-ar-1", "flood-ar-1", "strike-en-1", "cup-ar-1"):
        for one in about(sample, id):
            told = [
                terms(mine) for kind in (one.reasons.names, one.reasons.places, one.reasons.terms) for mine, _ in kind
            ]
            assert told or one.tier
            assert sum(map(len, told)) == len({term for forms in told for term in forms})


def test_small_numbers_years_days_and_empty_words_are_no_reasons() -> None:
    (found,) = pair(
        f"{FIRE} يوم الخميس 6 مارس 2025، وقد قال المدير حين وصل إن 7 سيارات احترقت",
        f"{BLAZE} يوم الخميس 6 مارس 2025، وقد قال الحارس حين وصل إن 7 سيارات احترقت",
        ("2025-03-06", "2025-03-06"),
    )
    assert found.reasons.numbers == (47,)
    assert all(isinstance(number, int) for number in found.reasons.numbers)
    told = {mine for kind in (found.reasons.names, found.reasons.places, found.reasons.terms) for mine, _ in kind}
    assert told
    assert told.isdisjoint({"وقد", "قال", "حين", "الخميس", "مارس", "يوم"})


def test_a_single_letter_and_a_day_that_looks_like_another_word_are_no_reasons() -> None:
    one = Article("a", "", "On Sunday, as I told Dorada, I left Port Halsey. The pilots of Halsey and I agree.", "en")
    other = Article("b", "", "The pilots of Dorada left Port Halsey, and so did I. Pilots, said Halsey, as I do.", "en")
    (found,) = related(Collection.of_new([one, other]), 0)
    assert ("I", "I") not in {*found.reasons.names, *found.reasons.places}
    said = "مرشدو ميناء هالسي أضربوا {}، ولم يسمح المرشدون لأي سفينة بدخول ميناء هالسي، ولا {}"
    one = Article("a", "", said.format("يوم الأحد", "لأحد"), "ar")
    other = Article("b", "", f"إضراب. {said.format('الأحد', 'الأحد بعده')}", "ar")
    (found,) = related(Collection.of_new([one, other]), 0)
    assert "الأحد" not in {word for pair in found.reasons.terms for word in pair}


def test_the_dateline_the_agency_and_the_outlet_are_no_reasons() -> None:
    (found,) = pair(f"{FIRE} دبي رويترز", f"{BLAZE} دبي رويترز", city="دبي", agency="رويترز")
    told = {mine for kind in (found.reasons.names, found.reasons.places, found.reasons.terms) for mine, _ in kind}
    assert told
    assert told.isdisjoint({"دبي", "رويترز"})


def test_numbers_are_shown_as_people_write_them() -> None:
    article = Article("one", "Dam", "", "en")
    reasons = Reasons((), (), (2014, 20_900_000, 12.5), ())
    found = Related(article, Relation.BACKGROUND, 0.4, None, (article,), reasons)
    assert "      numbers: 2014, 20.9 million, 12.5" in list(related_lines(article, [found], timeline=False))
