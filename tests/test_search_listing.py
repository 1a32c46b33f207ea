"""How what was found is listed: by day, in parts, counted, copies under the first of them, a list for each language."""

from pathlib import Path

import pytest
from conftest import Khabar
from test_engine_search import engine_over

from index import Index
from index.errors import InputError
from index.types import Filters
from search import Engine
from search.coverage import Collection
from search.listing import sources
from search.ranker import FLOOR
from search.types import Answer, Listing, Mode, Order, Tier

UNFOLDED = Listing(folded=False)


@pytest.fixture(scope="module")
def engine(corpus_folder: Path) -> Engine:
    return Engine(Index.open(corpus_folder))


def ids(answer: Answer) -> list[str]:
    return [hit.article.id for hit in answer.hits]


def test_articles_are_listed_by_day_among_what_is_relevant(engine: Engine) -> None:
    newest = engine.search("ferry fire", 50, listing=Listing(Order.NEWEST, folded=False)).hits
    oldest = engine.search("ferry fire", 50, listing=Listing(Order.OLDEST, folded=False)).hits
    days = [(hit.article.published or "")[:10] for hit in newest]
    assert days == sorted(days, reverse=True)
    assert {hit.article.id for hit in newest} == {hit.article.id for hit in oldest}
    assert [(hit.article.published or "")[:10] for hit in oldest] == days[::-1]
    everything = engine.search("ferry fire", 200, listing=UNFOLDED).hits
    assert len(newest) < len(everything) / 2
    assert {hit.article.id for hit in everything[:5]} <= {hit.article.id for hit in newest}


def test_undated_articles_come_last(tmp_path: Path) -> None:
    engine = engine_over(tmp_path, {"undated": ("The ferry burned.", "en")})
    assert ids(engine.search("ferry", listing=Listing(Order.NEWEST))) == ["undated"]


def test_parts_of_a_list_are_the_list(engine: Engine) -> None:
    whole = engine.search("ferry fire", 12)
    parts = [engine.search("ferry fire", 4, listing=Listing(offset=offset)) for offset in (0, 4, 8)]
    assert [hit.article.id for part in parts for hit in part.hits] == ids(whole)
    assert [hit.rank for part in parts for hit in part.hits] == list(range(1, 13))
    assert engine.search("ferry fire", 5, listing=Listing(offset=5_000)).hits == ()


def test_copies_are_listed_under_the_best_of_them_and_k_counts_groups(engine: Engine) -> None:
    unfolded, folded = engine.search("ferry fire", 50, listing=UNFOLDED), engine.search("ferry fire", 50)
    copies = {copy.id for hit in folded.hits for copy in hit.copies}
    assert copies
    assert copies.isdisjoint(ids(folded))
    assert len(engine.search("ferry fire", 5).hits) == 5
    assert [id for id in ids(unfolded) if id not in copies][:10] == ids(folded)[:10]


def test_a_short_list_is_the_beginning_of_a_long_one_with_the_same_copies(engine: Engine) -> None:
    for query in ("ferry fire", "measles", "telegram of congratulations"):
        short, long = engine.search(query, 3).hits, engine.search(query, 20).hits
        assert [(hit.article, hit.copies) for hit in short] == [(hit.article, hit.copies) for hit in long[:3]]


def test_what_is_folded_is_what_duplicates_calls_a_copy(engine: Engine, corpus_index: Index) -> None:
    tiers = frozenset((Tier.EXACT, Tier.NEAR, Tier.CONTAINED))
    linked = {
        frozenset((link.a, link.b)) for group in Collection.of(corpus_index).groups(tiers) for link in group.links
    }
    pairs = {
        frozenset((hit.article.id, copy.id))
        for query in ("ferry fire", "measles", "telegram of congratulations", "weather", "prices")
        for hit in engine.search(query, 100).hits
        for copy in hit.copies
    }
    assert pairs
    assert pairs <= linked


def test_the_same_text_with_another_number_is_no_copy(tmp_path: Path) -> None:
    text = (
        "Inspectors of the municipality fined {} shops in the old market on Monday for selling meat that was too old."
    )
    engine = engine_over(tmp_path, {str(n): (text.format(n), "en") for n in (30, 23, 30.0)})
    (first, second) = engine.search("inspectors fined shops", listing=Listing()).hits[:2]
    assert {len(first.copies), len(second.copies)} <= {0, 1}
    assert {hit.article.id for hit in engine.search("inspectors fined shops").hits} >= {"23"}


def test_a_copy_far_down_the_ranking_still_leaves_k_hits(tmp_path: Path) -> None:
    story = (
        "The ferry Nawras burned off the harbour on Monday and the coast guard saved all of its passengers in the dark."
    )
    copies = {f"copy {i}": (story, "en") for i in range(120)}
    others = {
        f"other {i}": (f"Rain number {i} fell on town {i * 7} before day {i * 13} of the year.", "en") for i in range(9)
    }
    answer = engine_over(tmp_path, copies | others).search("ferry burned harbour coast guard", 10)
    assert len(answer.hits) == 10
    assert len(answer.hits[0].copies) == 119


def test_facets_count_the_relevant(engine: Engine) -> None:
    listing = Listing(folded=False, facets=("source", "language", "day"))
    answer = engine.search("ferry fire", 3, listing=listing)
    relevant = engine.search("ferry fire", 200, listing=Listing(Order.NEWEST, folded=False)).hits
    assert answer.facets["language"] == {
        code: sum(hit.article.language == code for hit in relevant) for code in answer.facets["language"]
    }
    assert sum(answer.facets["source"].values()) == sum(answer.facets["day"].values()) == len(relevant)
    assert list(answer.facets["day"]) == sorted(day for day in answer.facets["day"] if day)
    assert ids(answer) == ids(engine.search("ferry fire", 3, listing=UNFOLDED))


def test_each_language_is_ranked_by_itself(engine: Engine) -> None:
    found = engine.search_both("ferry fire", 5)
    assert list(found) == ["ar", "en"]
    for language, answer in found.items():
        assert {hit.article.language for hit in answer.hits} == {language}
        assert [hit.rank for hit in answer.hits] == [1, 2, 3, 4, 5]
    with pytest.raises(InputError, match="ar alone"):
        engine.search_both("ferry fire", filters=Filters("ar"))


@pytest.mark.parametrize("query", ["qwxzk", "penguin", "غغثقفص"])
def test_that_nothing_is_relevant_is_said(engine: Engine, query: str) -> None:
    assert not engine.search(query).relevant
    assert engine.search(query, listing=Listing(Order.NEWEST)).hits == ()


def test_pieces_of_an_unknown_word_make_nothing_relevant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FLOOR, Mode.HYBRID, 0.1)
    texts = {str(i): (f"Students of the university passed exam {i}.", "en") for i in range(3)}
    answer = engine_over(tmp_path, texts | {"x": ("Rain fell on the olives.", "en")}).search("universityqqstudents")
    assert answer.hits[0].score > 0.1
    assert not answer.relevant


@pytest.mark.parametrize("query", ["olive harvest", "football", "wheat", "حريق العبارة"])
def test_an_answer_is_relevant(engine: Engine, query: str) -> None:
    assert engine.search(query).relevant


def test_diversity_spreads_among_what_is_relevant(engine: Engine) -> None:
    listing = Listing(Order.NEWEST, folded=False)
    relevant = {hit.article.id for hit in engine.search("ferry fire", 200, listing=listing).hits}
    spread = ids(engine.search("ferry fire", 30, diversity=0.9, listing=UNFOLDED))
    assert set(spread[: len(relevant)]) <= relevant
    with pytest.raises(InputError, match="diversity"):
        engine.search("ferry", diversity=0.5, listing=Listing(Order.NEWEST))


def test_sources_are_listed_with_what_they_hold(corpus_index: Index) -> None:
    with corpus_index.reading() as view:
        found = sources(view)
    articles = [article for _, article in corpus_index.articles()]
    assert sum(source.articles for source in found) == len(articles)
    for source in found:
        days = sorted(a.published[:10] for a in articles if a.source == source.name and a.published)
        assert (source.first_date, source.last_date) == (days[0], days[-1])
        assert sum(source.languages.values()) == source.articles
    assert [source.articles for source in found] == sorted((source.articles for source in found), reverse=True)


def test_words_without_quotes_are_one_query(khabar: Khabar, corpus_folder: Path) -> None:
    apart = khabar("search", "حريق", "العبارة", "-k", "3", "--index", corpus_folder, "--json").json
    together = khabar("search", "حريق العبارة", "-k", "3", "--index", corpus_folder, "--json").json
    assert (apart["query"], apart["hits"]) == (together["query"], together["hits"])


@pytest.mark.parametrize("before", [(), ("--json",), ("-k", "5")])
@pytest.mark.parametrize("word", ["-korea", "-كوريا", "-kim jong"])
def test_an_exclusion_that_would_be_an_option_says_how_to_write_it(
    khabar: Khabar, word: str, before: tuple[str, ...]
) -> None:
    done = khabar("search", "trump", *before, word)
    assert (done.code, done.out) == (2, "")
    assert "'trump -" in done.err
    assert "-- trump -" in done.err


def test_words_behind_two_hyphens_are_a_query(khabar: Khabar, corpus_folder: Path) -> None:
    done = khabar("search", "--index", corpus_folder, "--json", "--", "ferry", "-fire").json
    assert done["query"] == "ferry -fire"
    assert done["notes"] == ["Left out: articles with fire, also in translation."]


def test_json_of_copies_facets_and_both(khabar: Khabar, corpus_folder: Path) -> None:
    common = ("search", "ferry fire", "-k", "5", "--index", corpus_folder, "--json")
    hits = khabar(*common).json["hits"]
    folded = [hit for hit in hits if "copies" in hit]
    assert folded
    assert all(set(copy) == set(hits[0]["article"]) for hit in folded for copy in hit["copies"])
    assert not [hit for hit in khabar(*common, "--all").json["hits"] if "copies" in hit]
    facets = khabar(*common, "--facet", "source,day").json["facets"]
    assert list(facets) == ["source", "day"]
    assert set(facets["source"][0]) == {"value", "articles"}
    lists = khabar(*common, "--both").json["lists"]
    assert [len(lists[language]["hits"]) for language in ("ar", "en")] == [5, 5]
