"""A cross-encoder reads the best articles again; the first stage keeps a say."""

import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
from conftest import Khabar

from index import Index
from index.errors import InputError, ModelUnavailable
from search import Engine
from search.ranking.rerank import WEIGHT, Reranker
from search.types import Listing

pytestmark = tiny.WITH_MODELS

QUERY = "night train to the coast"
PASSAGES = ["The night train returns.", "قطار الليل يعود إلى الساحل.", "Wheat is sold abroad.", "The train. " * 60]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_reranker(tmp_path_factory.mktemp("models") / "cross")


@pytest.fixture(scope="session")
def reranker(folder: Path) -> Reranker:
    return Reranker(str(folder), device="cpu")


def test_each_passage_gets_the_score_it_would_get_alone(reranker: Reranker) -> None:
    scores = reranker.scores(QUERY, PASSAGES)
    assert (scores.dtype, scores.shape) == (np.float32, (4,))
    for passage, score in zip(PASSAGES, scores, strict=True):
        np.testing.assert_allclose(reranker.scores(QUERY, [passage])[0], score, atol=1e-5)
    assert reranker.scores(QUERY, []).shape == (0,)


def test_the_order_follows_both_stages(reranker: Reranker) -> None:
    first = np.array([0.9, 0.8, 0.3, 0.1], np.float32)
    read = reranker.scores(QUERY, PASSAGES)
    scaled = (read - read.min()) / (read.max() - read.min()), (first - first.min()) / (first.max() - first.min())
    expected = WEIGHT * scaled[0] + (1 - WEIGHT) * scaled[1]
    order, values = reranker.rerank(QUERY, PASSAGES, first)
    assert order.tolist() == np.argsort(-expected).tolist()
    np.testing.assert_allclose(values, np.sort(expected)[::-1], atol=1e-5)


def test_what_is_beyond_the_candidates_keeps_its_order_below_them(folder: Path) -> None:
    two = Reranker(str(folder), device="cpu", candidates=2)
    order, values = two.rerank(QUERY, PASSAGES, np.array([0.9, 0.8, 0.3, 0.1], np.float32))
    assert sorted(order[:2].tolist()) == [0, 1]
    assert order[2:].tolist() == [2, 3]
    assert values.tolist() == sorted(values, reverse=True)
    np.testing.assert_allclose(values[2] - values[3], 0.2, atol=1e-6)


def test_nothing_found_is_nothing_to_read(reranker: Reranker) -> None:
    order, values = reranker.rerank(QUERY, [], np.zeros(0, np.float32))
    assert len(order) == len(values) == 0


def test_an_engine_with_a_reranker_answers_in_its_order(corpus_index: Index, folder: Path) -> None:
    plain = Engine(corpus_index)
    again = Engine(corpus_index, plain.encoder, Reranker(str(folder), device="cpu", candidates=10))
    first = [article for article, _ in plain.run(QUERY, 10)]
    second = [article for article, _ in again.run(QUERY, 10)]
    assert set(second) == set(first)
    assert second != first
    hits = again.search(QUERY, 5, listing=Listing(folded=False)).hits
    assert [hit.article.id for hit in hits] == second[:5]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_khabar_search_reranks(khabar: Khabar, corpus_folder: Path, folder: Path) -> None:
    common = ("search", QUERY, "-k", "50", "--all", "--index", corpus_folder, "--json")
    plain = [hit["article"]["id"] for hit in khabar(*common).json["hits"]]
    again = [hit["article"]["id"] for hit in khabar(*common, "--rerank", folder, "--device", "cpu").json["hits"]]
    assert sorted(again) == sorted(plain)
    assert again != plain


def test_a_classifier_is_no_reranker(folder: Path) -> None:
    from transformers import XLMRobertaForSequenceClassification

    classifier = folder.with_name("classifier")
    XLMRobertaForSequenceClassification(tiny.configuration(64, num_labels=3)).save_pretrained(classifier)
    tiny.tokenizer(64).save_pretrained(classifier)
    with pytest.raises(InputError, match="3 scores"):
        Reranker(str(classifier), device="cpu")


def test_an_encoder_is_no_reranker(folder: Path) -> None:
    encoder = tiny.save_encoder(folder.with_name("encoder"))
    with pytest.raises(InputError, match="is an encoder"):
        Reranker(str(encoder), device="cpu")


def test_half_precision_gives_nearly_the_same_scores(
    folder: Path, reranker: Reranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a processor, which computes in it when told to: what a card would be given."""
    import torch

    from search.ranking import rerank

    monkeypatch.setattr(rerank, "precision", lambda *_: torch.bfloat16)
    half = Reranker(str(folder), device="cpu")
    assert {parameter.dtype for parameter in half._model.parameters()} == {torch.bfloat16}
    scores = half.scores(QUERY, PASSAGES)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, reranker.scores(QUERY, PASSAGES), atol=0.02)


def test_without_the_extra_the_message_is_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelUnavailable, match=r"pip install 'khabar\[models\]'"):
        Reranker("BAAI/bge-reranker-v2-m3")
