"""An index keeps what its model was made with, and is made again with another model without a loss."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tiny
from conftest import Khabar
from transformers_run import encoder_fixture, folder_fixture, made_fixture, renamed, source_fixture  # noqa: F401 - fixtures

from index import Index, ingest, load_encoder
from index.encoders.transformer import SentenceEncoder
from index.encoders.whole_article import OPENING
from index.errors import IndexMismatch, ModelUnavailable
from index.passages import encoded_text
from index.types import Vectors

pytestmark = tiny.WITH_MODELS


def test_an_index_keeps_the_whole_path_and_the_prompts_of_its_model(
    khabar: Khabar, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"_id": "a", "title": "Night train returns", "text": "The night train will run again."}
    (tmp_path / "news.jsonl").write_text(json.dumps(row), "utf-8")
    index = tmp_path / "index"
    monkeypatch.chdir(folder.parent)
    assert (
        khabar("index", tmp_path / "news.jsonl", "--model", "small", "--query-prompt", "ask: ", "--index", index).code
        == 0
    )
    monkeypatch.chdir(tmp_path)
    facts = khabar("info", "--index", index, "--json").json
    assert (facts["model"], facts["dimension"], facts["query_prompt"]) == (str(folder.resolve()), 32, "ask: ")
    again = khabar("index", tmp_path / "news.jsonl", "--model", folder, "--index", index, "--json")
    assert again.json["unchanged"] == 1  # its prompts need not be given again
    asked = ("search", "night train", "--mode", "semantic", "--device", "cpu", "--index", index)
    assert khabar(*asked, "--model", folder, "--json").json["hits"][0]["article"]["id"] == "a"


@pytest.mark.parametrize("command", [("search", "rain"), ("reindex",)])
def test_an_index_never_makes_khabar_load_a_folder(
    khabar: Khabar, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """Nor one that has the name of a model of the hub."""
    from index.encoders import transformer

    def loaded(*_: object, **how: object) -> None:
        assert how == {"only_cached": True}
        raise ModelUnavailable("not in the cache")

    monkeypatch.setattr(transformer, "load_model", loaded)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "owner" / "model").mkdir(parents=True)
    for name in (str(tmp_path), "./owner/model", "~", "onnx:/tmp", "../x", "owner/model"):
        index = Path(shutil.copytree(made, tmp_path / "copy"))
        with sqlite3.connect(index / "articles.db") as db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'model'", (name,))
            db.execute("DELETE FROM meta WHERE key LIKE 'sum.%'")  # a stranger would make them fit
        db.close()
        done = khabar(*command, "--index", index)
        assert done.code == 1
        assert ("--model" if name != "owner/model" else "not in the cache") in done.err, done.err
        shutil.rmtree(index)


def test_a_model_that_is_named_must_be_that_of_the_index(khabar: Khabar, made: Path, folder: Path) -> None:
    other = tiny.save_encoder(folder.parent / "another", seed=2)
    for name in (str(other), "default"):
        refused = khabar("search", "trains", "--model", name, "--device", "cpu", "--index", made)
        assert refused.code == 1
        assert str(folder) in refused.err
    moved = shutil.copytree(folder, folder.parent / "moved")
    assert khabar("search", "trains", "--model", moved, "--device", "cpu", "--index", made).code == 0


def test_whole_articles_are_stored_with_the_prompt_for_similarity(folder: Path, source: Path, tmp_path: Path) -> None:
    e5 = SentenceEncoder(str(renamed(folder, "multilingual-e5-small")), device="cpu")
    index = Index.create(tmp_path / "index", e5)
    ingest.ingest(index, [str(source)], e5)
    with index.reading() as view:
        profiles = view.profiles()
    openings = [encoded_text(one.article.title, one.article.text[:OPENING]) for one in profiles]
    stored = np.stack([one.vector for one in profiles])
    np.testing.assert_allclose(stored, e5.encode_queries(openings), atol=2e-3)  # for E5 that is the one of queries
    assert np.abs(stored - e5.encode_passages(openings)).max() > 0.01


def test_reindexing_takes_other_prompts_and_dimensions_and_keeps_what_is_not_named(
    khabar: Khabar, folder: Path, tmp_path: Path
) -> None:
    row = {"_id": "a", "title": "Trains", "text": " ".join(f"{number}w" for number in range(60)) + "."}
    (tmp_path / "news.jsonl").write_text(json.dumps(row), "utf-8")
    index = ("--index", tmp_path / "index")
    assert khabar("index", tmp_path / "news.jsonl", *index).code == 0
    done = khabar("reindex", "--model", folder, "--query-prompt", "ask: ", "--device", "cpu", *index, "--json")
    assert (done.json["model"], done.json["dimension"], done.json["cut"]) == (str(folder.resolve()), 32, 1)
    assert "64 tokens" in done.err
    assert khabar("reindex", "--model", folder, "--dimensions", "8", "--passage-prompt", "خبر: ", *index).code == 0
    facts = khabar("info", *index, "--json").json
    assert (facts["dimension"], facts["query_prompt"], facts["passage_prompt"]) == (8, "ask: ", "خبر: ")
    assert khabar("search", "trains", "--model", folder, "--device", "cpu", *index).code == 0
    assert khabar("verify", *index).code == 0


def test_the_command_that_mends_a_mismatch_names_what_differs(
    khabar: Khabar, made: Path, source: Path, folder: Path
) -> None:
    refused = khabar(
        *("index", source, "--model", folder, "--dimensions", "8", "--query-prompt", "ask: "),
        *("--device", "cpu", "--index", made),
    )
    assert refused.code == 1
    assert f"khabar reindex --model {folder} --dimensions 8 --query-prompt 'ask: ' --index {made}" in refused.err


def test_another_model_is_refused_by_name(khabar: Khabar, made: Path, folder: Path, source: Path) -> None:
    other = tiny.save_encoder(folder.parent / "other", seed=1)
    refused = khabar("index", source, "--model", other, "--device", "cpu", "--index", made)
    assert refused.code == 1
    assert str(folder) in refused.err
    assert str(other) in refused.err
    with pytest.raises(IndexMismatch, match=str(other)):
        Index.open(made).require(load_encoder(str(other), device="cpu"))


@pytest.mark.parametrize("changed", [{"dimensions": 16}, {"query_prompt": "q: "}, {"passage_prompt": "p: "}])
def test_the_same_model_used_otherwise_is_refused(made: Path, folder: Path, changed: dict[str, object]) -> None:
    with pytest.raises(IndexMismatch):
        Index.open(made).require(load_encoder(str(folder), device="cpu", **changed))


def test_a_model_that_was_saved_and_loaded_again_is_the_same(made: Path, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    copy = folder.parent / "copy"
    SentenceTransformer(str(folder), device="cpu").save(str(copy))
    Index.open(made).require(load_encoder(str(copy), device="cpu"))


class Stopped(Exception):
    """As if the process had been ended."""


class Counting(SentenceEncoder):
    """Counts the passages it encodes, and stops after so many calls."""

    calls = 10**9
    encoded = 0

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        if self.calls == 0:
            raise Stopped
        self.calls -= 1
        self.encoded += len(texts)
        return super().encode_passages(texts)


def test_a_run_that_was_stopped_goes_on_without_encoding_again(
    folder: Path, made: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "PART", 5)
    monkeypatch.setattr(ingest, "COMMIT_SECONDS", -1)
    sources = [str(source)]
    encoder = Counting(str(folder), device="cpu")
    index = Index.create(tmp_path / "index", encoder)
    encoder.calls = 3
    with pytest.raises(Stopped):
        ingest.ingest(index, sources, encoder)
    before = encoder.encoded
    assert index.counts()["passages"] == before > 0  # all that was encoded is stored
    encoder.calls = 10**9
    report = ingest.ingest(index, sources, encoder)
    assert report.unchanged == 15
    assert encoder.encoded == index.counts()["passages"] == Index.open(made).counts()["passages"]
    assert ingest.ingest(index, sources, encoder).added == 0
    assert encoder.encoded == index.counts()["passages"]
