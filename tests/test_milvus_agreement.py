"""An index on a cluster gives the answers of one in a folder: held against it, with a real engine."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from conftest import CORPUS
from engines import Engine as Milvus
from test_ports import ASKED, CODED, ENCODER, QUERIES, UNFOLDED, agree, entry, short

from index import Index
from index.milvus.statistics import Part
from index.open import create_store, open_store
from index.ports import Question, Store
from index.types import Article, Filters
from search import Engine
from search.coverage import Collection
from search.query import Expander, parse
from search.types import Mode

pytestmark = pytest.mark.xdist_group("milvus")  # one engine serves them all


@pytest.fixture(scope="module")
def stores(milvus: Milvus, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    """The sample corpus in a folder and on the cluster, in commits that are divided otherwise."""
    rows = [json.loads(line) for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()]
    articles = [Article(r["_id"], r["title"], r["text"], r["lang"], r.get("date"), r.get("source")) for r in rows]
    entries = [entry(article) for article in articles]
    made = create_store(tmp_path_factory.mktemp("milvus") / "index", ENCODER), create_store(milvus.fresh(), ENCODER)
    for store, cuts in zip(made, ((50,), (12, 24, 80)), strict=True):
        with store.writing() as sink:
            for first, last in pairwise((0, *cuts, len(entries))):
                sink.add(entries[first:last])
    return made


@pytest.mark.parametrize("mode", list(Mode))
def test_both_rank_the_sample_corpus_alike(stores: tuple[Store, Store], mode: Mode) -> None:
    local, cluster = (Engine(store, ENCODER) for store in stores)
    first = shared = total = 0
    for query in QUERIES[::6]:
        one, other = (engine.search(query, mode=mode, listing=UNFOLDED) for engine in (local, cluster))
        agree(one, other)
        ids, found = ([hit.article.id for hit in answer.hits] for answer in (one, other))
        first += ids[:1] == found[:1]
        shared += len(set(ids) & set(found))
        total += len(ids)
    assert shared >= 0.99 * total
    assert first >= 0.99 * len(QUERIES[::6])


@pytest.mark.parametrize(
    "filters",
    [
        Filters(language="ar"),
        Filters(since="2025-02-01", until="2025-03-15"),
        Filters(source=("Sadaf Herald", "قصرون اليوم")),
        Filters(until="2025-02-20", language="en"),
    ],
)
def test_filters_still_fill_the_ranking(stores: tuple[Store, Store], filters: Filters) -> None:
    local, cluster = (Engine(store, ENCODER) for store in stores)
    for query in QUERIES[:4]:
        one, other = (engine.search(query, 5, filters=filters, listing=UNFOLDED) for engine in (local, cluster))
        assert len(one.hits) == len(other.hits)
        assert {hit.article.id for hit in one.hits} == {hit.article.id for hit in other.hits}
        agree(one, other)


def test_scores_of_candidates_are_the_same(stores: tuple[Store, Store]) -> None:
    local, cluster = stores
    with local.reading() as one, cluster.reading() as other:
        for query in map(parse, QUERIES[::3]):
            concepts = [sense.concept() for sense in Expander(one.vocabulary).expand(query)]
            assert concepts == [sense.concept() for sense in Expander(other.vocabulary).expand(query)]
            question = Question(concepts, ENCODER.encode_queries([query.text])[0], 20)
            a, b = one.candidates(question), other.candidates(question)
            places = {key: i for i, key in enumerate(keys(other.passages(b.passages)))}
            met = [(i, places[key]) for i, key in enumerate(keys(one.passages(a.passages))) if key in places]
            assert len(met) >= len(a.passages) - 1  # the folder rounds vectors: of two that are as near, either
            a, b = (found.take(np.array(rows)) for found, rows in zip((a, b), zip(*met, strict=True), strict=True))
            assert a.lexical is not None and b.lexical is not None  # noqa: PT018
            assert a.cosine is not None and b.cosine is not None  # noqa: PT018
            np.testing.assert_allclose(a.idf, b.idf, atol=1e-5)
            np.testing.assert_allclose(a.lexical, b.lexical, atol=1e-5)
            np.testing.assert_allclose(a.cosine, b.cosine, atol=CODED)
            assert (a.languages == b.languages).all()


@pytest.mark.parametrize("count", [200, 300])
def test_scores_do_not_depend_on_the_order_in_which_articles_were_stored(
    milvus: Milvus, tmp_path: Path, count: int
) -> None:
    entries = [entry(article) for article in short(count)]
    made = create_store(tmp_path / "index", ENCODER), create_store(milvus.fresh(), ENCODER)
    for store, parts in zip(made, ([entries], [entries[90:50:-1], entries[:51], entries[:90:-1]]), strict=True):
        with store.writing() as sink:
            for part in parts:
                sink.add(part)
    with made[0].reading() as one, made[1].reading() as other:
        for vector in ENCODER.encode_queries(QUERIES[:9]):
            assert one.background.cosine(vector) == pytest.approx(other.background.cosine(vector), abs=1e-4)
    ledger = made[1]._ledger  # type: ignore[attr-defined]
    for name, text in ledger.kinds(["part"], "Strong").items():  # an older Khabar did not sum the vectors up
        ledger.put("part", {name: replace(Part.read(text), total=np.zeros(0, np.float32)).written()})
    with made[0].reading() as one, open_store(made[1].address).reading() as other:
        for vector in ENCODER.encode_queries(QUERIES[:9]):
            assert one.background.cosine(vector) == pytest.approx(other.background.cosine(vector), abs=0.02)


def keys(passages: Sequence[tuple[str, object]]) -> list[tuple[str, str, int]]:
    return [(title, p.article, p.start) for title, p in passages]  # type: ignore[attr-defined]


def test_both_hold_the_same_wordings(stores: tuple[Store, Store]) -> None:
    vector = ENCODER.encode_queries(["ferry"])[0]
    with stores[0].reading() as one, stores[1].reading() as other:
        for wording in ASKED[::2]:
            for held in ({"required": ((wording,),)}, {"excluded": (wording,)}):
                question = Question(None, vector, 1_000, Filters(until="2025-03-31"), **held)
                a, b = (view.candidates(question) for view in (one, other))
                assert keys(one.passages(a.passages)) == keys(other.passages(b.passages)), wording
        question = Question(None, vector, 1_000, Filters("en"), ((ASKED[1], ASKED[3]), (ASKED[2],)), (ASKED[-1],))
        a, b = (view.candidates(question) for view in (one, other))
        assert keys(one.passages(a.passages)) == keys(other.passages(b.passages))
        assert len(a.passages)


def test_both_give_coverage_the_same_articles(stores: tuple[Store, Store]) -> None:
    one, other = (Collection.of(store) for store in stores)
    assert list(one.articles) == list(other.articles)
    np.testing.assert_allclose(one.vectors, other.vectors, atol=CODED)
    assert all(map(np.array_equal, one.sketches, other.sketches))
    for asked in one.articles[::20]:
        near, also = (Collection.near(store, asked)[0] for store in stores)
        assert {a.id for a in near.articles} == {a.id for a in also.articles}


def test_both_find_articles_that_share_fingerprints(stores: tuple[Store, Store]) -> None:
    with stores[0].reading() as one, stores[1].reading() as other:
        for profile in one.profiles()[::9]:
            for where in (Filters(), Filters("ar"), Filters(since="2025-03-12", until="2025-05-01")):
                a, b = (view.sharing([profile.sketch], 2, where) for view in (one, other))
                assert one.ids(a) == other.ids(b)


@pytest.mark.parametrize(
    "where", [Filters(), Filters(("en", "ar"), source=("Sadaf Herald", "")), Filters("ar", until="2025-03-01")]
)
def test_both_count_articles_alike(stores: tuple[Store, Store], where: Filters) -> None:
    with stores[0].reading() as one, stores[1].reading() as other:
        for by in (["source"], ["language", "day"], ["source", "language", "day"]):
            assert one.facets(by, where) == other.facets(by, where)
        ids = one.ids(one.newer(0, 60)[0][::3])
        among = [view.named(ids) for view in (one, other)]
        assert one.facets(["day"], where, among[0]) == other.facets(["day"], where, among[1])
        assert one.days(among[0]) == other.days(among[1])
        assert one.languages(among[0]) == other.languages(among[1])
        assert one.articles(among[0]) == other.articles(among[1])
    facts = [store.summary() for store in stores]
    for name in ("articles", "passages", "languages", "sources", "first_date", "last_date"):
        assert facts[0][name] == facts[1][name]


@pytest.mark.parametrize("query", ["ferry fire", '"of the" -ferry', "أسعار القمح lang:en", "vaccine OR لقاح"])
def test_matches_among_some_articles_are_those_of_the_folder(stores: tuple[Store, Store], query: str) -> None:
    found = []
    for store in stores:
        with store.reading() as view:
            some = view.newer(0, 1_000)[0][::3].copy()
            found.append({hit.article.id: hit.score for hit in Engine(store, ENCODER).matches(query, 50, among=some)})
    assert found[0].keys() == found[1].keys()
    assert all(found[1][one] == pytest.approx(score, abs=CODED) for one, score in found[0].items())


def test_what_is_opened_again_says_what_it_was_made_with(stores: tuple[Store, Store]) -> None:
    again = open_store(stores[1].address)
    assert again.manifest == stores[1].manifest
    assert isinstance(stores[0], Index)
    assert again.manifest.facts() == stores[0].manifest.facts()
    assert [article for _, article in again.articles()] == [article for _, article in stores[0].articles()]
    assert again.verify() == []
