"""Two stores that fill the same port give the same answers: the folder, and a plain one in memory that tries all."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import CORPUS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore

from index import Index, load_encoder
from index.errors import InputError
from index.local import wordings, writing
from index.local.wordings import FEW
from index.open import create_store, open_store, verify
from index.passages import encoded_text, split
from index.ports import Entry, Question, Store, Wording
from index.text import script, terms, tokenize
from index.types import Article, Filters
from search import Engine
from search.coverage import Collection
from search.query import Expander, parse
from search.types import Answer, Listing, Mode

ENCODER = load_encoder()
QUERIES = [json.loads(line)["text"] for line in (CORPUS / "queries.jsonl").read_text("utf-8").splitlines()]
UNFOLDED = Listing(folded=False)  # which of two equal articles stands for both is decided by the last digit
CODED = 1e-3  # the folder keeps vectors in half precision


def entry(article: Article) -> Entry:
    passages = tuple(split(article))
    return Entry(
        article, passages, ENCODER.encode_passages([encoded_text(article.title, p.text) for p in passages]), "x"
    )


def both(folder: Path, batches: Sequence[Sequence[Article]]) -> tuple[MemoryStore, Index]:
    """The same articles in both stores, a commit a batch."""
    memory, local = MemoryStore(), Index.create(folder, ENCODER)
    with writing(local) as writer:
        for batch in batches:
            entries = [entry(article) for article in batch]
            memory.add(entries)
            writer.add(entries)
    return memory, local


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[MemoryStore, Index]:
    rows = [json.loads(line) for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()]
    articles = [Article(r["_id"], r["title"], r["text"], r["lang"], r.get("date"), r.get("source")) for r in rows]
    return both(tmp_path_factory.mktemp("ports") / "index", [articles])


def short(count: int) -> list[Article]:
    """So many articles of a passage each, cut out of the sample corpus."""
    rows = [json.loads(line)["text"] for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()]
    texts = [text[start : start + 200] for text in rows for start in range(0, len(text), 200)]
    return [Article(f"s{number}", "", text, "en") for number, text in enumerate(texts[:count])]


@pytest.mark.parametrize("count", [200, 300])
def test_scores_do_not_depend_on_the_order_in_which_articles_were_stored(
    tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = short(count)
    memory, one = both(tmp_path / "one", [articles])
    _, other = both(tmp_path / "other", [articles[90:50:-1], articles[:51], articles[:90:-1]])
    for vector in ENCODER.encode_queries(QUERIES[:9]):
        expected, *found = (background(vector, store) for store in (memory, one, other))
        assert found == pytest.approx([expected] * 2, abs=1e-4)
    monkeypatch.setattr("index.local.vectors.VectorIndex.mean", None)  # as where an older Khabar wrote the files
    for vector in ENCODER.encode_queries(QUERIES[:9]):
        assert background(vector, open_store(one.address)) == pytest.approx(background(vector, memory), abs=0.02)


def background(vector: np.ndarray, store: Store) -> float:
    with store.reading() as view:
        return view.background.cosine(vector)


def agree(one: Answer, other: Answer) -> None:
    """The same articles with the same scores, in the same order but where scores are closer than they are exact."""
    expected = {hit.article.id: hit.score for hit in one.hits}
    found = {hit.article.id: hit.score for hit in other.hits}
    last = min(expected.values(), default=0.0)
    for id, score in expected.items():
        assert found.get(id, last) == pytest.approx(score, abs=CODED)
    for before, after in zip(other.hits, other.hits[1:], strict=False):
        assert expected.get(before.article.id, last) >= expected.get(after.article.id, last) - 2 * CODED
    for hit in one.hits[:3]:
        twin = next((h for h in other.hits if h.article.id == hit.article.id), None)
        if twin and twin.passage.start == hit.passage.start:
            assert (twin.article, twin.passage.text, twin.highlights) == (hit.article, hit.passage.text, hit.highlights)


@pytest.mark.parametrize("mode", list(Mode))
def test_both_stores_rank_the_sample_corpus_alike(stores: tuple[MemoryStore, Index], mode: Mode) -> None:
    memory, local = (Engine(store, ENCODER) for store in stores)
    for query in QUERIES[:6]:
        agree(memory.search(query, mode=mode, listing=UNFOLDED), local.search(query, mode=mode, listing=UNFOLDED))


@pytest.mark.parametrize(
    "filters", [Filters(language="ar"), Filters(since="2025-02-01", until="2025-03-15"), Filters(language="en")]
)
def test_filters_still_fill_the_ranking_in_both(stores: tuple[MemoryStore, Index], filters: Filters) -> None:
    memory, local = (Engine(store, ENCODER) for store in stores)
    for query in QUERIES[:4]:
        one, other = (engine.search(query, 5, filters=filters, listing=UNFOLDED) for engine in (memory, local))
        assert len(one.hits) == len(other.hits)
        agree(one, other)


def test_scores_of_shared_candidates_are_the_same(stores: tuple[MemoryStore, Index]) -> None:
    memory, local = stores
    with memory.reading() as exact, local.reading() as coded:
        for query in map(parse, QUERIES[:6]):
            concepts = [sense.concept() for sense in Expander(exact.vocabulary).expand(query)]
            question = Question(concepts, ENCODER.encode_queries([query.text])[0], 20)
            one, other = exact.candidates(question), coded.candidates(question)
            np.testing.assert_allclose(one.idf, other.idf, atol=1e-4)
            places = {key: i for i, key in enumerate(_keys(exact.passages(one.passages)))}
            shared = [(places[key], j) for j, key in enumerate(_keys(coded.passages(other.passages))) if key in places]
            assert len(shared) > 15
            i, j = map(list, zip(*shared, strict=True))
            assert one.lexical is not None and other.lexical is not None  # noqa: PT018
            assert one.cosine is not None and other.cosine is not None  # noqa: PT018
            np.testing.assert_allclose(one.lexical[i], other.lexical[j], atol=1e-4)
            np.testing.assert_allclose(one.cosine[i], other.cosine[j], atol=CODED)
            assert (one.languages[i] == other.languages[j]).all()


def _keys(passages: Sequence[tuple[str, object]]) -> list[tuple[str, int]]:
    return [(p.article, p.start) for _, p in passages]  # type: ignore[attr-defined]


def test_both_stores_have_the_same_senses_of_words(stores: tuple[MemoryStore, Index]) -> None:
    memory, local = stores
    with memory.reading() as exact, local.reading() as coded:
        for query in map(parse, QUERIES[:12]):
            one, other = (Expander(view.vocabulary).expand(query) for view in (exact, coded))
            for a, b in zip(one, other, strict=True):
                assert {t for t, _, _ in a.terms[:4]} == {t for t, _, _ in b.terms[:4]}, a.token.word


def test_both_stores_give_coverage_the_same_articles(stores: tuple[MemoryStore, Index]) -> None:
    one, other = (Collection.of(store) for store in stores)
    assert [a.id for a in one.articles] == [a.id for a in other.articles]
    np.testing.assert_allclose(one.vectors, other.vectors, atol=CODED)
    assert all(map(np.array_equal, one.sketches, other.sketches))
    asked = one.articles[3]
    near_one, near_other = (Collection.near(store, asked)[0] for store in stores)
    assert {a.id for a in near_one.articles} == {a.id for a in near_other.articles}


def test_what_articles_are_compared_by_is_also_had_without_their_texts(stores: tuple[MemoryStore, Index]) -> None:
    for store in stores:
        with store.reading() as view:
            numbers = view.newer(0, 60)[0][::-7]
            profiles = [view.profiles(numbers[n : n + 1])[0] for n in range(len(numbers))]
            assert view.languages(numbers) == [one.article.language for one in profiles]
            vectors = np.stack([one.vector for one in profiles])
            np.testing.assert_allclose(view.article_vectors(numbers), vectors, atol=1e-6)
            assert len(view.article_vectors(numbers[:0])) == len(view.languages(numbers[:0])) == 0


def test_both_stores_find_articles_that_share_fingerprints(stores: tuple[MemoryStore, Index]) -> None:
    memory, local = stores
    with memory.reading() as exact, local.reading() as coded:
        for profile in exact.profiles()[::9]:
            one, other = exact.sharing([profile.sketch], 3), coded.sharing([profile.sketch], 3)
            assert sorted(exact.ids(one)) == sorted(coded.ids(other))
            assert profile.article.id in exact.ids(one)
            for where in (Filters("ar"), Filters(since="2025-03-12", until="2025-05-01"), Filters(source="صدى الصدف")):
                both_ = exact.sharing([profile.sketch], 1, where), coded.sharing([profile.sketch], 1, where)
                assert sorted(exact.ids(both_[0])) == sorted(coded.ids(both_[1]))


PHRASES = ["الحكومة", "coast guard", "the", "Nawras 3", "خفر السواحل", "of the", "Nawras", "وقال", "no such phrase"]
ASKED = [
    *(Wording(phrase=tuple(token.word for token in tokenize(phrase))) for phrase in PHRASES),
    *(Wording(phrase=tuple(token.word for token in tokenize(phrase)), title=True) for phrase in PHRASES),
    *(
        Wording(terms=tuple(terms(words)), title=title)
        for words in ("ferry", "قمح wheat", "nobody")
        for title in (False, True)
    ),
]


@pytest.mark.parametrize("few", [0, FEW])
def test_both_stores_hold_the_same_wordings(
    stores: tuple[MemoryStore, Index], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(wordings, "FEW", few)  # whether articles are read as they are chosen, or all at once
    memory, local = stores
    vector = ENCODER.encode_queries(["ferry"])[0]
    with memory.reading() as exact, local.reading() as coded:
        for wording in ASKED:
            for held in ({"required": ((wording,),)}, {"excluded": (wording,)}):
                question = Question(None, vector, 1_000, **held)
                one, other = (view.candidates(question) for view in (exact, coded))
                assert _keys(exact.passages(one.passages)) == _keys(coded.passages(other.passages)), wording
        question = Question(None, vector, 1_000, Filters("en"), ((ASKED[1], ASKED[3]), (ASKED[2],)), (ASKED[-1],))
        one, other = (view.candidates(question) for view in (exact, coded))
        assert _keys(exact.passages(one.passages)) == _keys(coded.passages(other.passages))
        assert len(one.passages)


@pytest.mark.parametrize(
    "where", [Filters(), Filters(("en", "ar"), source=("Sadaf Herald", "")), Filters("ar", until="2025-03-01")]
)
def test_both_stores_count_articles_alike(stores: tuple[MemoryStore, Index], where: Filters) -> None:
    memory, local = stores
    with memory.reading() as exact, local.reading() as coded:
        for by in (["source"], ["language", "day"], ["source", "language", "day"]):
            assert exact.facets(by, where) == coded.facets(by, where)
        ids = exact.ids(np.arange(0, 60, 3))
        among = [view.named(ids) for view in (exact, coded)]
        assert exact.facets(["day"], where, among[0]) == coded.facets(["day"], where, among[1])
        assert exact.days(among[0]) == coded.days(among[1])
        assert all(map(np.array_equal, exact.sketches(among[0]), coded.sketches(among[1])))


OTHERS = [
    "The bank raised its rates.",
    "A comet crossed the sky.",
    "Rain delayed the final.",
    "رفع البنك أسعار الفائدة.",
    "عبر مذنب السماء.",
    "أخر المطر المباراة النهائية.",
]
WORDS = ["ferry", "fire", "wheat", "minister", "river", "school", "عبارة", "حريق", "قمح", "وزير", "نهر", "مدرسة", "the"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), min_size=2, max_size=8),
    query=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
)
def test_both_stores_rank_random_articles_alike(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], query: list[str]
) -> None:
    articles = [Article(str(i), "", " ".join(words) + ".", "ar") for i, words in enumerate(texts)]
    others = [Article(f"other {i}", "", text, "en") for i, text in enumerate(OTHERS)]
    memory, local = both(tmp_path_factory.mktemp("random") / "index", [others, articles])
    agree(*(Engine(store, ENCODER).search(" ".join(query), listing=UNFOLDED) for store in (memory, local)))


def test_both_stores_are_looked_after_alike(tmp_path: Path) -> None:
    """What they hold, what is removed, what is encoded again: all through the port."""
    texts = {"a": "The river rose in Kasrun.", "b": "ارتفع النهر في قصرون.", "c": "Wheat prices fell."}
    articles = [
        Article(id, "", text, script(text), "2025-03-0" + str(n), "K") for n, (id, text) in enumerate(texts.items(), 1)
    ]
    guest = Article("a#2", "Snow", "Snow fell in Ostreva.", "en", host="a")
    stores: tuple[Store, ...] = both(tmp_path / "index", [[*articles, guest]])
    for store in stores:
        assert store.counts()["articles"] == 4
        assert store.ids_beginning("a", 5) == ["a", "a#2"]
        with store.writing() as sink:
            assert sink.remove(["a", "nobody"], purge=True) == 2
            sink.compact()
            sink.reencode(ENCODER)
        assert store.verify() == store.repair() == []
        facts = store.summary()
        assert {name: facts[name] for name in ("articles", "passages", "languages", "sources")} == {
            "articles": 2, "passages": 2, "languages": {"ar": 1, "en": 1}, "sources": 1,
        }  # fmt: skip
        assert (facts["first_date"], facts["last_date"]) == ("2025-03-02", "2025-03-03")
        assert [hit.article.id for hit in Engine(store, ENCODER).search("wheat", k=1).hits] == ["c"]
        store.close()


def test_an_address_of_no_known_kind_is_named(tmp_path: Path) -> None:
    for ask in (open_store, verify, lambda address: create_store(address, ENCODER)):
        with pytest.raises(InputError, match="redis://localhost/news is no folder"):
            ask("redis://localhost/news")
    created = create_store(str(tmp_path / "index"), ENCODER)
    assert open_store(tmp_path / "index").address == created.address == str(tmp_path / "index")


@pytest.mark.parametrize("query", ["ferry fire", '"of the" -ferry', "أسعار القمح lang:en", "vaccine OR لقاح"])
def test_matches_among_some_articles_score_as_among_all(stores: tuple[MemoryStore, Index], query: str) -> None:
    for store in stores:
        engine = Engine(store, ENCODER)
        with store.reading() as view:
            everything, mark = view.newer(0, 1_000)
            some = everything[::3].copy()
            assert mark == view.mark
            assert not len(view.newer(mark, 1)[0])
            whole = {hit.article.id: hit.score for hit in engine.matches(query, 1_000)}
            chosen = set(view.ids(some))
            found = {hit.article.id: hit.score for hit in engine.matches(query, 1_000, among=some)}
        assert set(found) <= chosen
        for id, score in found.items():
            if id in whole:  # else it was folded under an article that is not among these
                assert score == pytest.approx(whole[id], abs=1e-5)
        assert len(found) >= len(chosen & set(whole)) > 0


def test_what_is_new_comes_after_the_mark_in_order_of_storage(tmp_path: Path) -> None:
    articles = [Article(f"n{number}", "Kasrun", f"Bulletin {number} of the council.", "en") for number in range(5)]
    memory, local = both(tmp_path / "index", [articles[:3], [articles[0], *articles[3:]]])
    for store in (memory, local):
        with store.reading() as view:
            first, mark = view.newer(0, 2)
            rest, last = view.newer(mark, 10)
            assert (len(first), last) == (2, view.mark)
            assert view.ids(np.concatenate([first, rest])) == ["n1", "n2", "n0", "n3", "n4"], "n0 was stored anew"
