"""Articles are compared by the index's own model, on a scale for which the thresholds were chosen."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tiny
from conftest import CORPUS, Khabar

from index import Index, load_encoder
from index.ingest import ingest
from index.open import verify
from index.types import Article, Encoder, Vectors
from search.coverage.collection import Collection, Skipper
from search.coverage.model_scale import LEAST, Scale, encoded
from search.coverage.related import related
from search.evaluation.groups import evaluate_groups, read_stories
from search.types import Story, Tier

pytestmark = tiny.WITH_MODELS

RELATIONS = read_stories(CORPUS / "stories.tsv")


class Narrow(Encoder):
    """The embedded model with all texts of a language drawn together, as E5 does: cosines of .8 to 1 within it."""

    def __init__(self) -> None:
        self._encoder = load_encoder()
        self.name, self.dim, self.hash = "narrow", self._encoder.dim, "narrow-1"
        self._common = np.random.default_rng(5).standard_normal((2, self.dim)).astype(np.float32) / 8
        self._common[1] += 2 * self._common[0]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        arabic = [int(any("ء" <= letter <= "ي" for letter in text)) for text in texts]
        vectors = self._encoder.encode_passages(texts) + self._common[arabic]
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    encode_queries = encode_similar = encode_passages


def wholes(index: Index) -> dict[str, Vectors]:
    """The stored vectors of whole articles by their ids."""
    with index.reading() as view:
        return {one.article.id: one.vector for one in view.profiles()}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Index:
    encoder = Narrow()
    index = Index.create(tmp_path_factory.mktemp("narrow") / "index", encoder)
    ingest(index, [str(CORPUS / "corpus.jsonl")], encoder)
    return index


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Index:
    index = Index.create(tmp_path_factory.mktemp("embedded") / "index", load_encoder())
    ingest(index, [str(CORPUS / "corpus.jsonl")], load_encoder())
    return index


def ids(found: Sequence[Story]) -> list[list[str]]:
    return [[article.id for article in story.articles] for story in found]


def strangers(collection: Collection, one: str, other: str) -> float:
    """The mean cosine of articles in two languages that belong to different stories."""
    pairs = [
        (a, b)
        for a, x in enumerate(collection.articles)
        for b, y in enumerate(collection.articles[:a])
        if {x.language, y.language} == {one, other} and x.id.split("-")[0] != y.id.split("-")[0]
    ]
    rows, columns = np.array(pairs).T
    return float((collection.vectors[rows] * collection.vectors[columns]).sum(axis=1).mean())


def test_a_model_that_draws_everything_together_finds_the_same_duplicates_and_stories(narrow: Index) -> None:
    collection = Collection.of(narrow)
    assert collection.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(collection.vectors, axis=1), 1, atol=1e-3)
    found = evaluate_groups(ids(collection.groups()), RELATIONS)
    assert (found.pairwise.precision, found.pairwise.recall) == (1, 1)
    assert evaluate_groups(ids(collection.stories()), RELATIONS).b_cubed.f1 > 0.95


def test_without_the_scale_it_would_put_together_what_is_not(narrow: Index) -> None:
    """Events are told apart inside an affair all the same, but affairs grow together."""
    vectors = wholes(narrow)
    raw = Collection.of_new([a for _, a in narrow.articles()], lambda new: np.stack([vectors[a.id] for a in new]))
    scaled = evaluate_groups(in_affairs(Collection.of(narrow)), RELATIONS).b_cubed.precision
    assert evaluate_groups(in_affairs(raw), RELATIONS).b_cubed.precision < scaled - 0.03


def in_affairs(collection: Collection) -> list[list[str]]:
    """The ids of the articles of each affair; a story that is none of several events is one."""
    found: dict[str, list[str]] = {}
    for story in collection.stories():
        found.setdefault(story.affair or story.articles[0].id, []).extend(article.id for article in story.articles)
    return list(found.values())


@pytest.mark.parametrize(("one", "other"), [("ar", "ar"), ("en", "en"), ("ar", "en")])
def test_strangers_are_as_far_apart_as_for_the_embedded_model(
    narrow: Index, embedded: Index, one: str, other: str
) -> None:
    expected = strangers(Collection.of(embedded), one, other)
    assert strangers(Collection.of(narrow), one, other) == pytest.approx(
        expected, abs=0.04
    )  # unscaled they are .8 apart


def test_a_few_articles_in_a_language_do_not_tell_what_it_shares(narrow: Index) -> None:
    """One English article among Arabic ones keeps its meaning: alone it would be its own mean, and nothing be left."""
    whole = wholes(narrow)
    articles = [a for _, a in narrow.articles() if a.language == "ar" or a.id == "ferry-en-1"]
    vectors = np.stack([whole[article.id] for article in articles])
    scaled = Scale.of(articles, vectors)(articles, vectors)
    english = next(i for i, article in enumerate(articles) if article.language == "en")
    cosines = scaled @ scaled[english]
    cosines[english] = -1
    assert articles[int(cosines.argmax())].id.startswith("ferry-ar")
    # A language that was never met is taken for all of them together.
    french = [Article("x", "Un ferry brûle", "Un ferry brûle.", "fr")]
    assert np.linalg.norm(Scale.of(articles, vectors)(french, vectors[:1])) == pytest.approx(1, abs=1e-3)


def test_another_article_hardly_moves_the_scale(narrow: Index) -> None:
    articles = [article for _, article in narrow.articles()]
    vectors = np.stack(list(wholes(narrow).values()))
    all_but_one = Scale.of(articles[1:], vectors[1:])(articles[1:], vectors[1:])
    whole = Scale.of(articles, vectors)(articles, vectors)[1:]
    assert np.abs(all_but_one @ all_but_one.T - whole @ whole.T).max() < 0.05


def test_too_few_articles_are_compared_by_the_embedded_model(tmp_path: Path) -> None:
    lines = (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines(keepends=True)[: LEAST - 1]
    (tmp_path / "few.jsonl").write_text("".join(lines), "utf-8")
    encoder = Narrow()
    index = Index.create(tmp_path / "index", encoder)
    ingest(index, [str(tmp_path / "few.jsonl")], encoder)
    collection = Collection.of(index)
    np.testing.assert_array_equal(collection.vectors, encoded(collection.articles))


def test_a_new_article_is_compared_like_those_of_the_index(narrow: Index) -> None:
    collection = Collection.of(narrow, Narrow)
    old = next(article for article in collection.articles if article.id == "flood-en-1")
    both, first = collection.beside([Article("new", old.title, old.text, "en", old.published, "Another Paper")])
    position = [article.id for article in both.articles].index("flood-en-1")
    assert both.vectors[first] @ both.vectors[position] == pytest.approx(1, abs=1e-3)
    skipper = Skipper(narrow, Tier.EXACT, Narrow())
    assert skipper([both.articles[first]]) == {"new"}


def test_what_is_related_is_sought_among_all_articles_on_the_same_scale(narrow: Index, embedded: Index) -> None:
    def found(index: Index) -> set[str]:
        near = Collection.near(index, index.article("ferry-ar-1"), Narrow)
        return {copy.id for one in related(*near, k=3) for copy in one.printed}

    near, _ = Collection.near(narrow, narrow.article("ferry-ar-1"), Narrow)
    assert len(near) == len(Collection.of(narrow))
    assert found(narrow) == found(embedded)


def test_vectors_of_whole_articles_follow_their_articles(narrow: Index, tmp_path: Path) -> None:
    """They are replaced with an article, removed with it, made again by reindexing, and guarded by its checksum."""
    from index.local.writer import writing

    folder = Path(shutil.copytree(narrow.path, tmp_path / "index"))
    before = wholes(narrow)
    row = json.loads((CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()[0])
    index = Index.open(folder)
    changed = {"khabar": 1, "id": row["_id"], "path": index.article(row["_id"]).path}  # of the file it came from
    (tmp_path / "new.jsonl").write_text(json.dumps(changed | {"text": "The queen of chess won again."}), "utf-8")
    ingest(index, [str(tmp_path / "new.jsonl")], Narrow())
    after = wholes(index)
    assert {id for id in before if not np.array_equal(before[id], after[id])} == {row["_id"]}
    with writing(index) as writer:
        writer.remove([row["_id"]], purge=True)
        assert len(wholes(index)) == len(before) - 1
        writer.reencode(load_encoder())
    index = Index.open(folder)
    ((longest,),) = index._db.execute("SELECT max(length(whole)) FROM articles")
    assert longest == 0  # the embedded model needs none
    with writing(index) as writer:
        writer.reencode(Narrow())
    index = Index.open(folder)
    again = wholes(index)
    assert all(np.array_equal(again[id], before[id]) for id in again)
    assert verify(folder) == []
    with closing(sqlite3.connect(folder / "articles.db")) as db, db:
        db.execute("UPDATE articles SET whole = zeroblob(length(whole)) WHERE id = 'ferry-en-1'")
    assert [problem.where for problem in verify(folder)] == ["article ferry-en-1"]


def test_the_commands_compare_by_the_index_without_loading_its_model(
    khabar: Khabar, narrow: Index, embedded: Index
) -> None:
    """No folder and no hub has a model called narrow."""
    for command in (("stories",), ("duplicates",), ("related", "ferry-ar-1")):
        done = khabar(*command, "--index", narrow.path, "--json")
        assert done.code == 0
    found, expected = (khabar("related", "ferry-ar-1", "--index", i.path, "--json").json for i in (narrow, embedded))
    same = [
        {one["article"]["id"] for one in r["related"] if one["relation"] == "same event"} for r in (found, expected)
    ]
    assert same[0] == same[1] != set()
