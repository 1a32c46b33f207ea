"""The store keeps articles, passages and vectors together: what was committed is there, whole, and nothing else."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import load_encoder
from index.errors import IndexMissing, InputError
from index.local.index import Index
from index.local.writer import writing
from index.passages import split
from index.ports import Entry
from index.text import NameIndex
from index.types import Article


def entry(id: str, title: str, text: str, language: str = "en", **facts: str) -> Entry:
    article = Article(id, title, text, language, **facts)
    passages = split(article)
    vectors = load_encoder().encode_passages([p.text for p in passages])
    return Entry(article, tuple(passages), vectors, document=f"{title} {text}")


FLOOD = entry(
    "flood", "Flood in Sarmin", "The river rose by two metres.\nTwo bridges were closed.", published="2024-03-02"
)
WHEAT = entry("wheat", "ارتفاع أسعار القمح", "ارتفعت أسعار القمح في أسواق قصرون.", "ar", source="صدى قصرون")
EMBEDDED = entry("flood#2", "Related", "An older flood in the same valley.", host="flood")


FORMS = ("Harbour", "harbour", "HARBOURS", "harbours", "ferry", "Ferries", "ميناء", "الميناء")


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.create(tmp_path / "index", load_encoder())


def store(index: Index, *entries: Entry) -> None:
    with writing(index) as writer:
        writer.add(entries)


def ids(index: Index) -> list[str]:
    return [article.id for _, article in index.articles()]


def test_what_was_stored_comes_back_to_the_letter(index: Index) -> None:
    store(index, FLOOD, WHEAT)
    reopened = Index.open(index.path)
    assert reopened.article("flood") == FLOOD.article
    assert reopened.article("wheat") == WHEAT.article


def test_every_row_of_a_snapshot_is_a_passage_with_its_vector(index: Index) -> None:
    store(index, FLOOD)
    store(index, WHEAT)
    with index.reading() as view:
        assert view.snapshot.alive.all()
        numbers = view.snapshot.positions
        passages = view.passages(numbers)
        expected = np.concatenate([FLOOD.vectors, WHEAT.vectors])
        np.testing.assert_allclose(view.vectors(numbers), expected, atol=1e-3)  # stored in half precision
    assert [p for _, p in passages] == [*FLOOD.passages, *WHEAT.passages]


def test_an_article_stored_again_replaces_the_old_one_and_what_was_embedded_in_it(index: Index) -> None:
    store(index, FLOOD, EMBEDDED, WHEAT)
    changed = entry("flood", "Flood in Sarmin", "The river fell again.")
    store(index, changed)
    assert sorted(ids(index)) == ["flood", "wheat"]
    assert index.article("flood").text == "The river fell again."
    with index.reading() as view:
        assert view.snapshot.alive.sum() == len(changed.passages) + len(WHEAT.passages)


def test_removing_an_article_removes_what_was_embedded_in_it(index: Index) -> None:
    store(index, FLOOD, EMBEDDED, WHEAT)
    with writing(index) as writer:
        assert writer.remove(["flood", "no such id"]) == 2
    assert ids(index) == ["wheat"]


def test_purged_words_are_in_no_file(index: Index) -> None:
    secret = entry("secret", "Nightjar", "The nightjar protocol was never published.")
    store(index, FLOOD, secret)
    with writing(index) as writer:
        writer.remove(["secret"], purge=True)
    held = b"".join(path.read_bytes() for path in index.path.rglob("*") if path.is_file())
    assert b"nightjar" not in held.lower()
    assert b"bridges" in held


def test_a_purge_of_few_passages_analyses_few_others(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other passages keep their vectors and postings; a word that was written otherwise is so no more."""
    secret = entry("secret", "Nightjar", "The Harbours, the HARBOURS and the Harbours of the nightjar.")
    others = [entry(f"n{i}", f"Bulletin {i}", f"Number {i} of the bulletin.") for i in range(200)]
    store(index, *others, secret, entry("late", "Late", "A harbour was opened."))
    monkeypatch.setattr(type(load_encoder()), "encode_passages", None)
    with index.reading() as view:
        before = view.vectors(view.snapshot.positions)
    with writing(index) as writer:
        writer.remove(["secret"], purge=True)
    held = b"".join(path.read_bytes() for path in index.path.rglob("*") if path.is_file())
    assert b"nightjar" not in held.lower()
    assert b"harbours" not in held.lower()
    assert index.verify() == []
    with index.reading() as view:
        (segment,) = view.snapshot.segments
        assert "harbour" in list(segment.postings.surfaces)
        np.testing.assert_allclose(view.vectors(view.snapshot.positions), np.delete(before, 200, axis=0), atol=1e-6)


@given(st.lists(st.lists(st.sampled_from(FORMS), min_size=1, max_size=5), min_size=2, max_size=7), st.data())
@settings(max_examples=15, deadline=None)
def test_after_a_purge_every_written_form_stands_in_a_passage(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], data: st.DataObject
) -> None:
    names = [f"n{i}" for i in range(len(texts))]
    removed, purged = (data.draw(st.lists(st.sampled_from(names), unique=True)) for _ in range(2))
    cut = data.draw(st.integers(0, len(texts)))
    index = Index.create(tmp_path_factory.mktemp("forms") / "index", load_encoder())
    articles = [entry(name, " ".join(own), " ".join(own)) for name, own in zip(names, texts, strict=True)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("index.local.derived.FEW", data.draw(st.sampled_from([0, 50])))
        for part in (articles[:cut], articles[cut:]):
            store(index, *part)
        with writing(index) as writer:
            writer.remove(removed)
            writer.remove(purged, purge=True)
    stay = {word for name, own in zip(names, texts, strict=True) if name not in {*removed, *purged} for word in own}
    with index.reading() as view:
        for segment in view.snapshot.segments:
            assert segment.names.letters.tolist() == NameIndex.build(segment.postings.surfaces).letters.tolist()
            np.testing.assert_array_equal(
                segment.postings.entries, load_encoder().words.entries(list(segment.postings.surfaces))
            )
            assert stay.issuperset(segment.postings.surfaces)
    assert index.verify() == []


def test_many_small_commits_leave_few_segments(index: Index) -> None:
    for number in range(30):
        store(index, entry(str(number), f"Bulletin {number}", f"Bulletin number {number}."))
    assert index.counts() == {"articles": 30, "passages": 30, "segments": index.counts()["segments"]}
    assert index.counts()["segments"] <= 4
    folders = [path.name for path in (index.path / "segments").iterdir()]
    assert len(folders) == index.counts()["segments"], "files of merged segments are gone"


def test_the_manifest_file_describes_the_index(index: Index) -> None:
    store(index, FLOOD)
    described = json.loads((index.path / "manifest.json").read_text("utf-8"))
    encoder = load_encoder()
    assert (described["model"], described["dimension"], described["model_hash"]) == (
        encoder.name,
        encoder.dim,
        encoder.hash,
    )
    assert described["articles"] == 1


def test_a_failed_batch_leaves_the_index_as_it_was(index: Index) -> None:
    store(index, FLOOD)
    broken = Entry(WHEAT.article, WHEAT.passages, np.zeros((0, load_encoder().dim), np.float32), "")
    with pytest.raises(ValueError, match="shorter"):
        store(index, entry("other", "Other", "Another text."), broken)
    assert ids(Index.open(index.path)) == ["flood"]


def test_opening_what_is_not_an_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="khabar index"):
        Index.open(tmp_path / "nowhere")
    with pytest.raises(IndexMissing, match="is not a Khabar index"):
        Index.open(tmp_path)


def test_a_folder_with_other_files_is_never_taken_over(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="not empty"):
        Index.create(tmp_path, load_encoder())


def test_a_reader_keeps_its_view_while_a_writer_commits(index: Index) -> None:
    store(index, FLOOD)
    reader = Index.open(index.path)
    with reader.reading() as before:
        store(index, WHEAT)
        with writing(index) as writer:
            writer.remove(["flood"])
            writer.compact()
        assert [p.article for _, p in before.passages(before.snapshot.positions)] == ["flood"]
        assert before.vectors(before.snapshot.positions).shape[0] == len(FLOOD.passages)
    with reader.reading() as after:
        assert [p.article for _, p in after.passages(after.snapshot.positions)] == ["wheat"]
