"""Figures that can be trusted: by hand on small cases, and equal to those of an independent program on large ones."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
from conftest import CORPUS, ROOT, Khabar
from hypothesis import given
from hypothesis import strategies as st

from index import Index, load_encoder
from index.errors import InputError
from search import Engine
from search.evaluation.beir import Benchmark
from search.evaluation.groups import Relation, b_cubed, evaluate_groups, read_stories
from search.evaluation.rankings import compare, estimate, evaluate, measure
from search.types import Mode

SCORER = ROOT.parent / "shared" / "tools" / "score.py"

QRELS = {"q1": {"a": 2, "b": 1}, "q2": {"c": 1}, "q3": {"d": 1, "e": 1}}
RUN = {"q1": ["x", "a", "b"], "q2": ["c"], "extra": ["a"]}


def beir(folder: Path, queries: list[dict[str, str]], qrels: str, corpus: list[dict[str, str]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "queries.jsonl").write_text("".join(json.dumps(q, ensure_ascii=False) + "\n" for q in queries), "utf-8")
    (folder / "corpus.jsonl").write_text("".join(json.dumps(a, ensure_ascii=False) + "\n" for a in corpus), "utf-8")
    (folder / "qrels.tsv").write_text(qrels, "utf-8")
    return folder


@pytest.fixture(scope="session")
def some(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus with eleven of its queries."""
    return tiny.save_benchmark(tmp_path_factory.mktemp("some") / "corpus")


# ---------------------------------------------------------------- rankings


def test_figures_are_those_worked_out_by_hand() -> None:
    values = measure(QRELS, RUN, ["nDCG@10", "RR@10", "R@2", "P@2"])
    dcg, ideal = 2 / np.log2(3) + 1 / np.log2(4), 2 + 1 / np.log2(3)
    np.testing.assert_allclose(values["nDCG@10"], [dcg / ideal, 1, 0])
    np.testing.assert_allclose(values["RR@10"], [0.5, 1, 0])
    np.testing.assert_allclose(values["R@2"], [0.5, 1, 0])
    np.testing.assert_allclose(values["P@2"], [0.5, 0.5, 0])


def test_a_query_without_an_answer_counts_as_nothing() -> None:
    assert measure(QRELS, {}, ["nDCG@10"])["nDCG@10"].tolist() == [0, 0, 0]
    assert measure(QRELS, {"q1": []}, ["R@100"])["R@100"].tolist() == [0, 0, 0]


def test_articles_count_in_the_order_they_were_shown_whatever_their_names() -> None:
    for ranked in (["a", "z"], ["z", "a"]):
        found = measure({"q": {"a": 1}}, {"q": ranked}, ["RR@10"])["RR@10"]
        assert found.tolist() == [1 / (ranked.index("a") + 1)]


def test_all_unknown_measures_are_named_at_once() -> None:
    with pytest.raises(InputError, match=r"'nDGC@10', 'P'"):
        measure(QRELS, RUN, ["nDGC@10", "R@10", "P"])


def test_without_the_library_the_message_is_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(InputError, match=r"needs the extra evaluate: pip install 'khabar\[evaluate\]'"):
        measure(QRELS, RUN, ["nDCG@10"])


@pytest.mark.skipif(not SCORER.exists(), reason="needs the shared scorer")
@pytest.mark.parametrize("mode", ["hybrid", "lexical"])
def test_an_independent_program_reaches_the_same_four_digits(
    khabar: Khabar, corpus_folder: Path, some: Path, tmp_path: Path, mode: str
) -> None:
    run = tmp_path / "run.trec"
    ours = khabar("evaluate", some, "--index", corpus_folder, "--mode", mode, "--run", run, "--json").json
    done = subprocess.run([sys.executable, SCORER, some / "qrels.tsv", run], capture_output=True, check=True)
    theirs = json.loads(done.stdout)
    measures = ours["configurations"][0]["scores"][0]["measures"]
    for name, other in (("nDCG@10", "nDCG@10"), ("RR@10", "MRR@10"), ("R@10", "R@10"), ("R@100", "R@100")):
        assert round(measures[name]["mean"], 4) == theirs[other]
    assert ours["configurations"][0]["scores"][0]["queries"] == theirs["queries"] == 11


def test_scores_stand_by_language_of_query_and_passage(corpus_index: Index, some: Path) -> None:
    found = evaluate(Engine(corpus_index), Benchmark.read(some), ["nDCG@10", "R@100"], Mode.HYBRID)
    pairs = {(score.query_language, score.passage_language): score for score in found.scores}
    assert set(pairs) == {(q, p) for q in (None, "ar", "en") for p in (None, "ar", "en")}
    assert next(iter(pairs)) == (None, None)
    both = pairs["ar", None].values["nDCG@10"].tolist() + pairs["en", None].values["nDCG@10"].tolist()
    np.testing.assert_allclose(np.mean(both), pairs[None, None].values["nDCG@10"].mean())
    for score in found.scores:
        assert score.values["nDCG@10"].mean() > 0.6
    # Queries that only an article in the other language answers are not asked within one language.
    assert len(pairs["ar", "ar"].queries) < len(pairs["ar", None].queries) == 6


def test_one_language_makes_one_row(tmp_path: Path, khabar: Khabar) -> None:
    folder = beir(
        tmp_path / "beir",
        [{"_id": "q", "text": "wheat prices"}],
        "q\ta\t1\n",
        [{"_id": "a", "text": "Wheat prices rose in Kasrun."}, {"_id": "b", "text": "The train left Kasrun."}],
    )
    scores = khabar("evaluate", folder, "--json").json["configurations"][0]["scores"]
    assert [(s["query_language"], s["passage_language"], s["queries"]) for s in scores] == [("en", "en", 1)]
    assert scores[0]["measures"]["nDCG@10"]["mean"] == 1


# ---------------------------------------------------------------- statistics


def test_an_interval_holds_its_mean_and_narrows_with_more_queries() -> None:
    random = np.random.default_rng(1)
    few, many = (estimate(random.random(size)) for size in (20, 2_000))
    for found in (few, many):
        assert found.low < found.mean < found.high
    assert many.high - many.low < 0.2 * (few.high - few.low)
    assert estimate(np.full(5, 0.5)) == (0.5, 0.5, 0.5)


def test_equal_configurations_differ_by_chance_alone() -> None:
    values = np.random.default_rng(2).random(50)
    same = compare(values, values)
    assert (same.difference.mean, same.p) == (0, 1)


def test_a_steady_difference_is_no_chance_and_a_single_one_is() -> None:
    random = np.random.default_rng(3)
    values = random.random(100)
    steady = compare(values + 0.05, values)
    assert steady.p < 0.001
    assert steady.difference.low > 0
    once = values.copy()
    once[0] += 0.5
    assert compare(once, values).p > 0.9


def test_for_few_queries_the_test_is_the_exact_one() -> None:
    # Of the 2^5 ways to set five signs, two give a mean as large as all alike.
    assert compare(np.ones(5), np.zeros(5)).p == pytest.approx(2 / 32, abs=0.01)


def test_two_modes_are_compared(khabar: Khabar, corpus_folder: Path, some: Path) -> None:
    modes = ("--mode", "hybrid", "--mode", "lexical")
    args = ("evaluate", some, "--index", corpus_folder, "--measure", "nDCG@10", *modes)
    found = khabar(*args, "--json").json
    hybrid, lexical = (c["scores"][0]["measures"]["nDCG@10"]["mean"] for c in found["configurations"])
    compared = found["comparisons"][0]["nDCG@10"]
    assert compared["mean"] == pytest.approx(lexical - hybrid)
    assert compared["low"] <= compared["mean"] <= compared["high"]
    assert 0 < compared["p"] <= 1
    shown = khabar(*args).out
    assert "ar → en" in shown
    assert "p = " in shown


@tiny.with_models
def test_models_and_rerankers_are_configurations_too(khabar: Khabar, tmp_path: Path) -> None:
    folder = beir(
        tmp_path / "beir",
        [{"_id": "q1", "text": "wheat prices"}, {"_id": "q2", "text": "أسعار القمح"}],
        "q1\ta\t1\nq2\ta\t1\n",
        [{"_id": "a", "text": "Wheat prices rose in Kasrun."}, {"_id": "b", "text": "The train left Kasrun."}],
    )
    model, reranker = tiny.save_encoder(tmp_path / "encoder"), tiny.save_reranker(tmp_path / "cross")
    models, rerankers = ("--model", "default", "--model", model), ("--rerank", "none", "--rerank", reranker)
    found = khabar("evaluate", folder, *models, *rerankers, "--device", "cpu", "--json").json
    named = [(c["model"], c["rerank"]) for c in found["configurations"]]
    assert named == [(m, r) for m in (load_encoder().name, str(model)) for r in ("none", str(reranker))]
    assert len(found["comparisons"]) == 3


# ---------------------------------------------------------------- files


def test_qrels_may_stand_in_a_folder_and_files_be_compressed(tmp_path: Path) -> None:
    plain = beir(tmp_path / "a", [{"_id": "q", "text": "خبر"}], "query-id\tcorpus-id\tscore\nq\ta\t1\nq\tb\t0\n", [])
    for name in ("corpus", "queries"):
        path = plain / f"{name}.jsonl"
        with gzip.open(plain / f"{name}.jsonl.gz", "wb") as out:
            out.write(path.read_bytes())
        path.unlink()
    (plain / "qrels").mkdir()
    (plain / "qrels.tsv").rename(plain / "qrels" / "test.tsv")
    read = Benchmark.read(plain)
    assert read.qrels == {"q": {"a": 1}}
    assert read.queries["q"].language == "ar"
    assert read.corpus.name == "corpus.jsonl.gz"


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("q\ta\n", r"qrels.tsv:1: 2 columns"),
        ("q\ta\tbest\n", r"qrels.tsv:1: 'best'"),
        ("other\ta\t1\n", "'other'"),
        ("q\ta\t0\n", "no article"),
    ],
)
def test_judgements_that_cannot_be_used_are_named(tmp_path: Path, qrels: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Benchmark.read(beir(tmp_path, [{"_id": "q", "text": "x"}], qrels, []))


def test_a_folder_without_judgements_says_what_is_missing(khabar: Khabar, tmp_path: Path) -> None:
    done = khabar("evaluate", tmp_path)
    assert done.code == 1
    assert "queries.jsonl" in done.err


@pytest.mark.parametrize(
    "args",
    [
        ("--mode", "magic"),
        ("--index", "x", "--model", "y", "--model", "z"),
        ("--mode", "hybrid", "--mode", "lexical", "--run", "r"),
    ],
)
def test_wrong_usage_of_evaluate_is_told(khabar: Khabar, args: tuple[str, ...]) -> None:
    assert khabar("evaluate", CORPUS, *args).code == 2


# ---------------------------------------------------------------- groups of articles

RELATIONS = [
    Relation("fire", "a", "b", "exact"),
    Relation("fire", "b", "c", "translated"),
    Relation("fire", "a", "c", "translated"),
    Relation("fire", "a", "d", "followup"),
    Relation("fees", "e", "f", "template"),
]


def test_groups_are_scored_by_pairs_and_from_each_article() -> None:
    found = evaluate_groups([["a", "b"], ["e", "f"]], RELATIONS)
    assert found.pairwise.precision == 1 / 2
    assert found.pairwise.recall == 1 / 3
    # a and b: group whole, two of three found; c: alone, one of three; e and f: half of the group is right, all found.
    assert found.b_cubed.precision == pytest.approx((1 + 1 + 1 + 0.5 + 0.5) / 5)
    assert found.b_cubed.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert found.recall == {"exact": 1, "translated": 0}
    assert found.wrong == {"template": 1}


def test_perfect_groups_reach_one_and_no_groups_lose_only_recall() -> None:
    perfect = evaluate_groups([["c", "a", "b"]], RELATIONS)
    assert (perfect.pairwise.f1, perfect.b_cubed.f1, perfect.wrong) == (1, 1, {})
    nothing = evaluate_groups([], RELATIONS)
    assert (nothing.pairwise.precision, nothing.pairwise.recall, nothing.pairwise.f1) == (1, 0, 0)
    unrelated = evaluate_groups([["a", "z"]], RELATIONS)
    assert unrelated.wrong == {"unrelated": 1}


def partition(labels: list[int]) -> list[set[str]]:
    return [{str(i) for i, label in enumerate(labels) if label == one} for one in set(labels)]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=20))
def test_b_cubed_precision_of_one_grouping_is_the_recall_of_the_other(labels: list[tuple[int, int]]) -> None:
    one, other = partition([a for a, _ in labels]), partition([b for _, b in labels])
    forward, backward = b_cubed(one, other), b_cubed(other, one)
    assert forward.precision == pytest.approx(backward.recall)
    assert forward.f1 == pytest.approx(backward.f1)
    assert 0 < forward.f1 <= 1
    assert b_cubed(one, one).f1 == 1


def test_the_sample_stories_are_read_whole() -> None:
    relations = read_stories(CORPUS / "stories.tsv")
    assert {r.relation for r in relations} >= {"exact", "near", "contained", "rewritten", "translated", "template"}
    gold = [{r.a, r.b} for r in relations if r.relation == "exact"]
    assert evaluate_groups(gold, relations).recall["exact"] == 1


def test_a_bad_row_of_the_corpus_is_named_and_the_rest_is_measured(khabar: Khabar, tmp_path: Path) -> None:
    article = {"_id": "a", "title": "Wheat prices", "text": "Wheat prices rose in Kasrun."}
    (tmp_path / "corpus.jsonl").write_text(json.dumps(article) + "\n{broken\n", "utf-8")
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "wheat"}) + "\n", "utf-8")
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n", "utf-8")
    done = khabar("evaluate", tmp_path, "--measure", "RR@10", "--json")
    assert done.code == 3
    assert f"{tmp_path / 'corpus.jsonl'}:2: " in done.err
    assert done.json["configurations"][0]["scores"][0]["measures"]["RR@10"]["mean"] == 1


def test_evaluate_measures_duplicates_and_stories_where_a_folder_has_some(
    khabar: Khabar, corpus_folder: Path, some: Path
) -> None:
    args = ("evaluate", some, "--index", corpus_folder, "--measure", "RR@10")
    (found,) = khabar(*args, "--json").json["groups"]
    assert list(found) == ["model", "duplicates", "stories"]
    assert found["model"] == load_encoder().name
    for kind in ("duplicates", "stories"):
        assert found[kind]["recall"]["exact"] == 1
        assert found[kind]["b_cubed"]["f1"] > 0.9
    assert "template" not in found["duplicates"]["wrong"]
    shown = khabar(*args).out
    for words in ("duplicates, ", "stories, ", "pairwise", "b-cubed"):
        assert words in shown
