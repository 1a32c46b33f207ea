"""Stories gather the coverage of an event, in both languages, and stay as they are when more is added."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import CORPUS, Khabar
from hypothesis import given, settings
from hypothesis import strategies as st

from index import load_encoder
from index.errors import InputError
from index.ingest import ingest
from index.local.index import Index
from index.types import Article, Filters
from search.coverage import lately, leads
from search.coverage.collection import Collection, encoded
from search.coverage.lately import stories_since
from search.coverage.listing import StoryOrder, affairs, listed, story_of
from search.coverage.rarity import Rarity
from search.coverage.stories import stories
from search.evaluation.groups import evaluate_groups, read_stories
from search.show import story_json
from search.types import Link, Story, Tier

# Two invented events, told by headlines and by reports.
FERRY = "The ferry Dorada ran aground off Port Halsey and 80 passengers were taken ashore in boats"
FERRY_TOO = "Passengers of the ferry Dorada brought ashore by boats after she ran aground off Port Halsey"
FERRY_AR = "جنوح العبارة دورادا قبالة ميناء هالسي ونقل 80 راكبا إلى الشاطئ بالقوارب"
CHESS = "Schoolgirl Anise Verlay wins the chess championship of Orsett against a grandmaster"


def article(id: str, text: str, published: str | None = "2025-03-01", language: str = "en") -> Article:
    return Article(id, "", text, language, published, f"outlet of {id}")


def told(*articles: Article) -> list[Story]:
    return stories(articles, encoded(articles))


def ids(found: list[Story]) -> list[list[str]]:
    return [[article.id for article in story.articles] for story in found]


@pytest.fixture(scope="module")
def sample(corpus_folder: Path) -> Collection:
    return Collection.of(Index.open(corpus_folder))


def test_reports_of_one_event_are_one_story_and_another_event_is_none_of_it() -> None:
    assert ids(told(article("a", FERRY), article("b", CHESS), article("c", FERRY_TOO))) == [["a", "c"]]


def test_a_report_in_the_other_language_belongs_to_the_story() -> None:
    assert ids(told(article("a", FERRY), article("b", FERRY_AR, language="ar"), article("c", CHESS))) == [["a", "b"]]


def test_articles_stand_in_order_of_publication_the_undated_last() -> None:
    undated = article("a", FERRY, None)
    dated = article("b", FERRY_TOO, "2025-03-02"), article("c", FERRY, "2025-03-01T23:00:00+03:00")
    three = (undated, *dated)
    assert ids(stories(three, encoded(three), [Link("c", "a", Tier.EXACT, 1.0)])) == [["c", "b", "a"]]


def test_an_undated_article_joins_a_dated_story_only_as_a_copy() -> None:
    undated = article("a", FERRY, None)
    dated = article("b", FERRY_TOO), article("c", FERRY)
    assert ids(told(undated, *dated)) == [["b", "c"]]
    assert ids(told(undated, article("d", FERRY_TOO, None))) == [["a", "d"]]


PORT = (
    "The port of Port Halsey in the gulf of Orsett, which handles half of the grain of the island, has been disputed "
    "by the harbour company and the dockers of the northern basin for a year, over wages, cranes and the night shift. "
)  # what every article of the affair says
STRIKE = "On Monday 400 dockers walked out at dawn and hung banners on the gate of the terminal, the union said."
COURT = "Judge Maren Tolk fined the company two million crowns for letting a crane rust that killed a foreman."
FLOOD = "A spring tide flooded the customs house, ruined the archive of stamps and drowned the pumps."


def dated(news: str, day: int, count: int) -> list[Article]:
    """The same news by several outlets, with what all say of the affair before or after the name of the outlet."""
    closing = (f"{PORT}Outlet {{}}.", f"Outlet {{}}. {PORT}")
    return [article(f"{day}-{n}", f"{news} {closing[n % 2].format(n)}", f"2025-03-{day:02}") for n in range(count)]


def test_the_events_of_an_affair_are_told_apart_and_name_their_affair() -> None:
    three = [*dated(STRIKE, 3, 4), *dated(COURT, 5, 4), *dated(FLOOD, 7, 4)]
    found = stories(three, encoded(three))
    assert ids(found) == [[f"{day}-{n}" for n in range(4)] for day in (3, 5, 7)]
    assert {story.affair for story in found} == {"3-0"}
    assert story_json(found[1])["affair"] == "3-0"


def test_a_story_that_is_no_part_of_an_affair_names_none() -> None:
    (story,) = told(article("a", FERRY), article("b", FERRY_TOO))
    assert story.affair is None


def test_the_same_news_a_month_later_is_another_story() -> None:
    assert ids(told(article("a", FERRY), article("b", FERRY_TOO, "2025-04-10"))) == []


def test_what_is_linked_is_one_story_whatever_its_words() -> None:
    from search.types import Link, Tier

    pair = [article("a", FERRY), article("b", CHESS)]
    (story,) = stories(pair, encoded(pair), [Link("a", "b", Tier.CONTAINED, 1.0)])
    assert [link.tier for link in story.links] == [Tier.CONTAINED]


def test_printings_of_one_event_in_the_sample_corpus_are_one_story(sample: Collection) -> None:
    found = stories(sample.articles, sample.vectors, sample.links())
    agreement = evaluate_groups(ids(found), read_stories(CORPUS / "stories.tsv"))
    assert all(recall == 1.0 for recall in agreement.recall.values())
    assert agreement.wrong.get("unrelated", 0) == 0
    assert agreement.b_cubed.precision > 0.9


def test_the_result_does_not_depend_on_the_order_of_the_articles(sample: Collection) -> None:
    shuffled = sample.pick(np.random.default_rng(3).permutation(len(sample)).tolist())
    expected = ids(stories(sample.articles, sample.vectors))
    assert ids(stories(shuffled.articles, shuffled.vectors)) == expected


def test_later_articles_move_none_that_was_there_before(sample: Collection) -> None:
    """Whatever the day up to which the news is known, its stories are those of all news without the later articles."""
    whole = ids(stories(sample.articles, sample.vectors))
    for known in range(10, len(sample), 12):
        early = sample.pick(range(known))
        kept = {article.id for article in early.articles}
        cut = [[id for id in story if id in kept] for story in whole]
        assert ids(stories(early.articles, early.vectors)) == [story for story in cut if len(story) > 1]


def test_without_any_one_article_the_others_stay_together_as_they_were(sample: Collection) -> None:
    """Also when it is an early one, by which later ones were judged: at most one story in fifty is another."""
    whole = ids(stories(sample.articles, sample.vectors))
    changed = 0
    for left_out in range(0, len(sample), 3):
        rest = sample.pick(i for i in range(len(sample)) if i != left_out)
        id = sample.articles[left_out].id
        expected = {frozenset(story) - {id} for story in whole}
        changed += len(
            {frozenset(story) for story in ids(stories(rest.articles, rest.vectors))}
            ^ {story for story in expected if len(story) > 1}
        )
    assert changed <= 0.02 * len(whole) * len(range(0, len(sample), 3))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([FERRY, FERRY_TOO, FERRY_AR, CHESS, ""]), st.integers(1, 28)), max_size=8))
def test_every_article_is_in_one_story_at_most(drawn: list[tuple[str, int]]) -> None:
    articles = [article(str(n), text, f"2025-03-{day:02}") for n, (text, day) in enumerate(drawn)]
    found = [id for story in ids(told(*articles)) for id in story]
    assert len(found) == len(set(found))


def test_a_word_of_few_texts_weighs_more_than_one_of_all() -> None:
    rarity = Rarity()
    for text in (["the", "ferry"], ["the", "queen"], ["the", "vote"]):
        rarity.learn(text)
    weights = rarity.weigh(["the", "ferry"])
    assert weights["ferry"] > 1.5 * weights["the"]
    assert sum(value**2 for value in weights.values()) == pytest.approx(1)


def test_days_choose_stories_that_were_running_then() -> None:
    found = told(article("a", FERRY, "2025-03-01"), article("b", FERRY_TOO, "2025-03-03"))
    assert listed(found, Filters(since="2025-03-02", until="2025-03-02")) == found
    assert listed(found, Filters(since="2025-03-04")) == listed(found, Filters(until="2025-02-28")) == []
    undated = [replace(story, articles=(article("c", FERRY, None),)) for story in found]
    assert listed(undated) == undated
    assert listed(undated, Filters(since="2025-01-01")) == []


def test_language_and_source_choose_stories_and_they_are_listed_by_size_or_recency() -> None:
    ferry = told(article("a", FERRY, "2025-03-01"), article("b", FERRY_TOO, "2025-03-01"))
    chess = told(*(article(id, CHESS, "2025-03-03") for id in "cde"))
    found = [*ferry, *chess]
    assert listed(found, Filters(source="outlet of d")) == chess
    assert listed(found, Filters(language="ar")) == []
    assert listed(found, order=StoryOrder.SIZE) == listed(found, order=StoryOrder.RECENT) == [*chess, *ferry]
    with pytest.raises(InputError, match="Choose date, size or recent"):
        StoryOrder("oldest")


def test_the_story_of_an_article_comes_before_the_other_events_of_its_affair() -> None:
    parts = dated(STRIKE, 3, 3) + dated(COURT, 7, 3) + dated(FLOOD, 11, 3)
    found = told(*parts)
    assert len(found) == 3
    of_the_last = story_of(found, parts[-1])
    assert parts[-1] in of_the_last[0].articles
    assert sorted(story.articles[0].id for story in of_the_last) == sorted(story.articles[0].id for story in found)
    assert affairs(found) == [found]
    assert story_of(found, article("z", CHESS)) == []


def test_a_preview_and_an_opinion_are_not_first_and_do_not_represent_a_story() -> None:
    early = replace(article("a", FERRY, "2025-03-01T08:00:00Z"), title="Ferry aground: what to expect")
    report = replace(article("b", FERRY_TOO, "2025-03-01T09:00:00Z"), title="Ferry aground")
    later = replace(article("c", FERRY, "2025-03-01T10:00:00Z"), title="OPINION: Ferry aground")
    (story,) = told(early, report, later)
    facts = story_json(story)
    assert (facts["first"], story.representative.id) == ("b", "b")
    assert facts["kinds"] == {"a": "preview", "c": "opinion"}


# The command


def lines(out: str) -> list[Any]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_line_of_json_is_a_story_with_title_languages_outlets_days_and_who_was_first(
    khabar: Khabar, corpus_folder: Path
) -> None:
    found = lines(khabar("stories", "--index", corpus_folder, "--json").out)
    (ferry,) = [story for story in found if "ferry-ar-1" in {article["id"] for article in story["articles"]}]
    assert {article["id"] for article in ferry["articles"]} == {
        "ferry-ar-1", "ferry-ar-2", "ferry-ar-3", "ferry-en-1", "ferry-en-2"
    }  # fmt: skip
    assert ferry["languages"] == ["ar", "en"]
    assert ferry["first_date"] == ferry["last_date"] == "2025-03-12"
    assert ferry["first"] is None  # one outlet says the day and no hour
    assert ferry["title"] in {article["title"] for article in ferry["articles"]}
    assert len(ferry["sources"]) == len(set(ferry["sources"])) >= 4
    assert {link["tier"] for link in ferry["links"]} == {"exact", "contained", "rewritten", "translated"}


def test_since_and_until_limit_the_stories(khabar: Khabar, corpus_folder: Path) -> None:
    found = lines(
        khabar("stories", "--since", "2025-04-01", "--until", "2025-04-30", "--index", corpus_folder, "--json").out
    )
    assert found
    assert all(story["last_date"] >= "2025-04-01" and story["first_date"] <= "2025-04-30" for story in found)


def test_a_story_reads_as_title_days_languages_and_articles(khabar: Khabar, corpus_folder: Path) -> None:
    out = khabar("stories", "--since", "2025-03-12", "--until", "2025-03-12", "--index", corpus_folder).out
    assert "ar + en · 5 articles, 5 outlets" in out or "ar + en · 5 articles, 4 outlets" in out
    assert "· ferry-en-1 ·" in out
    assert "Stories: 1, articles in them: 5" in out


def test_the_command_limits_orders_and_groups_the_stories(khabar: Khabar, corpus_folder: Path) -> None:
    two = lines(khabar("stories", "--order", "size", "-k", "2", "--index", corpus_folder, "--json").out)
    assert [len(story["articles"]) for story in two] == sorted((len(story["articles"]) for story in two), reverse=True)
    assert len(two) == 2
    (ferry,) = lines(khabar("stories", "--of", "ferry-en-1", "--index", corpus_folder, "--json").out)
    assert "ferry-ar-1" in {article["id"] for article in ferry["articles"]}
    (affair,) = lines(khabar("stories", "--of", "ferry-en-1", "--affairs", "--index", corpus_folder, "--json").out)
    assert affair["events"][0] == ferry
    assert "outlets: " in khabar("stories", "--of", "ferry-en-1", "--index", corpus_folder).out
    assert khabar("stories", "--order", "oldest", "--index", corpus_folder).code == 2


@pytest.mark.parametrize("since", ["2025-01-01", "2025-03-05", "2025-03-20", "2025-04-10", "2030-01-01"])
def test_stories_since_a_day_are_those_of_all_that_have_news_since(corpus_folder: Path, since: str) -> None:
    index = Index.open(corpus_folder)
    assert stories_since(index, since) == listed(Collection.of(index).stories(), Filters(since=since))


def test_of_the_archive_before_a_sample_is_read_which_is_the_same_however_the_index_grew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[list[str]] = []
    learn = Rarity.learn
    monkeypatch.setattr(Rarity, "learn", lambda rarity, words: (learned.append(words), learn(rarity, words))[1])
    monkeypatch.setattr(lately, "SAMPLE", 5)
    rows = (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()

    def found(name: str, *parts: list[str]) -> tuple[list[object], list[list[str]]]:
        index = Index.create(tmp_path / name, load_encoder())
        source = tmp_path / "news.jsonl"
        for part in parts:
            source.write_text("\n".join(part), "utf-8")
            ingest(index, [str(source)], load_encoder(), prune_all=True)
        learned.clear()
        stories = stories_since(index, "2025-04-10")
        told = [(ids([story]), story.representative.id, story.links, story.affair) for story in stories]
        return told, sorted(learned[:5])

    told, sample = found("at_once", rows)
    assert len({*map(tuple, sample)}) == 5
    assert found("grown", rows[40:], rows[:10] + rows[40:], rows[::-1]) == (told, sample)


def test_the_terms_of_leads_are_found_once_and_as_they_are(
    tmp_path: Path, corpus_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(corpus_folder, tmp_path / "index")
    index = Index.open(tmp_path / "index")
    (index.path / leads.NAME).unlink(missing_ok=True)
    found: list[str] = []
    lead = leads.lead
    monkeypatch.setattr(leads, "lead", lambda article: (found.append(article.id), lead(article))[1])
    first = stories_since(index, "2025-04-10")
    assert len(found) == len(set(found)) > 10
    found.clear()
    assert stories_since(index, "2025-04-10") == first
    assert not found
    with index.reading() as view:
        kept = leads.Leads(index, view.generation)
        articles = [article for _, article in index.articles()]
        assert [*map(kept, articles)] == [*map(lead, articles)]
        kept.keep()
    data = index.kept(leads.NAME) or b""
    for damaged in (
        b"",
        b"no more what was written",
        data[:-9],
        data[: len(data) // 2],
        data.replace(b'"code"', b'"cede"'),
    ):
        with index.reading() as view:
            index.keep(leads.NAME, damaged, view.generation)
        assert stories_since(index, "2025-04-10") == first


def test_each_text_of_a_sample_stands_for_its_part_of_all() -> None:
    rarity, all_of_them = Rarity(), Rarity()
    for text in (["ferry", "port"], ["ferry"]):
        rarity.learn(text)
        for _ in range(3):
            all_of_them.learn(text)
    rarity.represent(6)
    said = ["ferry", "port", "chess"]
    assert rarity.weigh(said) == all_of_them.weigh(said)
