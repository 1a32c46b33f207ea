"""A model computes on the best device there is, alike on all of them."""

from pathlib import Path

import numpy as np
import pytest
import tiny
from transformers_run import SENTENCE, encoder_fixture, folder_fixture, made_fixture  # noqa: F401 - fixtures

from index import load_encoder
from index.encoders.transformer import SentenceEncoder, precision
from index.errors import InputError

pytestmark = tiny.WITH_MODELS


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
