"""Saved searches: do they tell of what they are after, how often of anything else, and how long does matching take?

    python -m benchmarks.alerts quality [--data ../shared/data] [--articles 4000]
    python -m benchmarks.alerts cost [--data ../shared/data] [--searches 1000] [--articles 1000]

quality: thresholds are found on half of the news, and what is new is the other half, with the paragraphs and articles
that the queries of XQuAD and NTREX are after (questions and headlines, each asked in the other language than that of
its text). It prints the share of queries that are told of theirs, and the alerts on news for 1,000 articles of it.
cost: processor time to match many searches against new articles, beside so many old ones.
"""

import argparse
import gzip
import itertools
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from index import Index, load_encoder
from index.ingest import ingest
from index.text import tokenize
from search import Engine
from search.query import stopwords
from search.watch import match, save, saved

FIXED = (0.35, 0.4, 0.45, 0.5)
RANKS = (1, 2, 4, 8)
FEW = (250, 500, 1000)
CALIBRATED = 100
LEAST = 0.3  # no threshold is lower: what scores less is not looked at

SETS = {
    "XQuAD": ("xquad_r/para_en-ar", "xquad_r/para_ar-en"),
    "NTREX": ("ntrex/headline_en-ar", "ntrex/headline_ar-en"),
}


def news(data: Path, count: int) -> Iterator[dict[str, Any]]:
    """Articles in turn from the English and the Arabic news, spread over the files."""
    files = [("allsides_en.jsonl.gz", 37_000), ("antcorpus_multisource.jsonl.gz", 29_000)]
    for name, size in files:
        with gzip.open(data / "news" / name, "rt", encoding="utf-8") as lines:
            step = max(1, 2 * size // count)
            yield from itertools.islice(map(json.loads, itertools.islice(lines, 0, None, step)), count // 2)


def write(path: Path, rows: list[dict[str, Any]], prefix: str) -> str:
    path.write_text("".join(json.dumps({**row, "id": f"{prefix}{i}"}) + "\n" for i, row in enumerate(rows)), "utf-8")
    return str(path)


def asked(data: Path, name: str, count: int) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """(query, id of its text), one query a text, and the texts."""
    queries: list[tuple[str, str]] = []
    texts: list[dict[str, Any]] = []
    for part in SETS[name]:
        folder = data / "eval" / part
        wanted: dict[str, str] = {}
        for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
            query, text, grade = line.split("\t")
            if int(grade) > 0:
                wanted.setdefault(text, query)
        rows = {row["_id"]: row for row in map(json.loads, (folder / "corpus.jsonl").read_text("utf-8").splitlines())}
        written = {
            row["_id"]: row["text"]
            for row in map(json.loads, (folder / "queries.jsonl").read_text("utf-8").splitlines())
        }
        # Another text a direction: none is asked for twice.
        chosen = sorted(wanted)[len(queries) % 2 :: 2] if name == "XQuAD" else sorted(wanted)
        for text in chosen[: count // 2]:
            made = f"{part}/{text}"
            queries.append((written[wanted[text]], made))
            texts.append({"title": rows[text].get("title", ""), "text": rows[text]["text"], "_id": made})
    return queries, texts


def quality(data: Path, count: int, place: Path) -> None:
    rows = list(news(data, 2 * count))
    encoder = load_encoder()
    index = Index.create(place / "index", encoder)
    ingest(index, [write(place / "old.jsonl", rows[::2], "old")], encoder)
    engine = Engine(index)
    sets = {name: asked(data, name, 240) for name in SETS}
    best = {
        name: [[hit.score for hit in engine.matches(query, max(RANKS))] for query, _ in queries]
        for name, (queries, _) in sets.items()
    }
    few = {size: {name: few_best(engine, queries, size) for name, (queries, _) in sets.items()} for size in FEW}
    with index.reading() as view:
        mark = view.mark
    new = write(place / "new.jsonl", rows[1::2], "new")
    wanted = place / "wanted.jsonl"
    wanted.write_text("".join(json.dumps(text) + "\n" for _, texts in sets.values() for text in texts), "utf-8")
    ingest(index, [new, str(wanted)], encoder)
    print(f"{len(rows[::2])} old articles, {len(rows[1::2])} new ones", flush=True)
    for name, (queries, _) in sets.items():
        right, others = [], []
        with index.reading() as view:
            among, _ = view.newer(mark, 1_000_000)
            for query, text in queries:
                found = {hit.article.id: hit.score for hit in engine.matches(query, 50, least=LEAST, among=among)}
                right.append(found.get(text, 0.0))
                others.append([score for name, score in found.items() if name.startswith("new")])

        def told(label: str, thresholds: list[float], right: list[float] = right, others: Any = others) -> None:
            recall = np.mean([score >= least for score, least in zip(right, thresholds, strict=True)])
            false = sum(score >= least for scores, least in zip(others, thresholds, strict=True) for score in scores)
            rate = false / len(thresholds) / len(rows[1::2]) * 1000
            print(f"  {label:26} recall {recall:.3f}  others per 1,000 {rate:.2f}", flush=True)

        print(f"{name}: {len(queries)} queries")
        for least in FIXED:
            told(f"fixed {least}", [least] * len(queries))
        for rank in RANKS:
            told(f"rank {rank} of {len(rows[::2])}", [rank_score(scores, rank) for scores in best[name]])
        for size in FEW:
            told(f"rank 1 of {size}", [max(score, LEAST) for score in few[size][name]])


def rank_score(scores: list[float], rank: int) -> float:
    return max(scores[rank - 1] if len(scores) >= rank else 0.0, LEAST)


def few_best(engine: Engine, queries: list[tuple[str, str]], size: int) -> list[float]:
    """The best score of each query among the first articles of an index of which there are few."""
    with engine.index.reading() as view:
        among, _ = view.newer(0, 1_000_000)
        some = among[:: max(1, len(among) // size)][:size].copy()
        found = [engine.matches(query, 1, among=some) for query, _ in queries]
    return [hits[0].score if hits else 0.0 for hits in found]


def informative(query: str) -> list[str]:
    """The words of a question that say something of its subject."""
    return [query[t.start : t.end] for t in tokenize(query) if t.word not in stopwords()] or [query]


def cost(data: Path, searches: int, count: int, old: int, words: int, place: Path) -> None:
    articles = list(news(data, old + count))
    step = max(2, (old + count) // count)
    new = articles[::step][:count]
    encoder = load_encoder()
    index = Index.create(place / "index", encoder)
    ingest(index, [write(place / "old.jsonl", [row for i, row in enumerate(articles) if i % step], "old")], encoder)
    engine = Engine(index)
    queries: list[str] = []
    for part in ("xquad_r/para_en-ar", "xquad_r/para_ar-en"):
        lines = (data / "eval" / part / "queries.jsonl").read_text("utf-8").splitlines()
        queries += [json.loads(line)["text"] for line in lines[: searches // 2]]
    if words:
        queries = [" ".join(informative(query)[:words]) for query in queries]
    began = time.process_time()
    for number, query in enumerate(queries[:CALIBRATED]):
        save(engine, f"search {number}", query)
    spent = (time.process_time() - began) / CALIBRATED * 1000
    print(f"{index.counts()['articles']} old articles: a search is saved in {spent:.1f} ms", flush=True)
    # Calibrating takes longer than matching: the searches beyond these take over their thresholds, in turn.
    rows = index.searches.searches()
    for number, query in enumerate(queries[CALIBRATED:], CALIBRATED):
        row = rows[number % CALIBRATED]
        asked = json.dumps(json.loads(row.asked) | {"query": query})
        index.searches.save(f"search {number}", asked, row.scale, row.mark, row.saved, [])
    ingest(index, [write(place / "new.jsonl", new, "new")], encoder)
    began = time.process_time()
    told = match(index, lambda: encoder)
    spent = time.process_time() - began
    hits = sum(told.values())
    size = np.mean([len(query.split()) for query in queries])
    print(f"{len(saved(index))} searches of {size:.1f} words, {len(new)} new articles: {spent:.2f} s, {hits} hits")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["quality", "cost"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--articles", type=int)
    parser.add_argument("--searches", type=int, default=1_000)
    parser.add_argument("--words", type=int, default=3, help="keep so many words of each question; 0: all")
    parser.add_argument("--old", type=int, default=8_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        if given.what == "quality":
            quality(given.data, given.articles or 4_000, Path(place))
        else:
            cost(given.data, given.searches, given.articles or 1_000, given.old, given.words, Path(place))


if __name__ == "__main__":
    main()
