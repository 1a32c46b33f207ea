"""Retrieval quality on BEIR folders, sweeps of the ranking's constants, and the cost of a query.

    python -m benchmarks.retrieval FOLDER...                nDCG@10 of each mode
    python -m benchmarks.retrieval --among INDEX FOLDER...  the same among all articles of an index (it is copied)
    python -m benchmarks.retrieval --sweep FOLDER...        for fusion weights; use tuning sets only
    python -m benchmarks.retrieval --cost INDEX FOLDER...   milliseconds of the queries in an index of any size

Each folder (corpus.jsonl, queries.jsonl, qrels.tsv) is indexed once. Queries run in this process, as
`khabar search --queries` runs them. The cost is CPU time, median and 95th percentile, of query expansion (translations,
forms, names; search/query/expansion.py) and of the whole search; each query is asked once.
"""

import argparse
import json
import math
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index import Index, load_encoder
from index.ingest import ingest
from index.read.documents import read
from index.text.letters import language
from index.types import Document
from search import Engine, Filters
from search.query.expansion import Expander, Sense
from search.ranking import Weights
from search.types import Mode


def qrels(path: Path) -> dict[str, dict[str, int]]:
    relevant: dict[str, dict[str, int]] = defaultdict(dict)
    for line in path.read_text("utf-8").splitlines()[1:]:
        query, article, grade = line.split("\t")
        if int(grade) > 0:
            relevant[query][article] = int(grade)
    return relevant


def ndcg(good: dict[str, int], ranked: list[str]) -> float:
    gain = sum(good.get(a, 0) / math.log2(i + 2) for i, a in enumerate(ranked[:10]))
    return gain / sum(g / math.log2(i + 2) for i, g in enumerate(sorted(good.values(), reverse=True)[:10]))


class Collection:
    def __init__(self, folder: Path, index: Path, among: Path | None = None) -> None:
        self.name = f"{folder.parent.name}/{folder.name}"
        encoder = load_encoder()
        corpus = next(folder.glob("corpus.jsonl*"))
        if among:
            shutil.copytree(among, index)
        opened = Index.open(index) if among else Index.create(index, encoder)
        ingest(opened, [str(corpus)], encoder)
        self.engine = Engine(opened)
        languages = {language(record.text) for record in read([str(corpus)]) if isinstance(record, Document)}
        self.filters = Filters(language=languages.pop() if len(languages) == 1 else None)
        self.relevant = qrels(folder / "qrels.tsv")
        rows = map(json.loads, (folder / "queries.jsonl").read_text("utf-8").splitlines())
        self.queries = {row["_id"]: row["text"] for row in rows if row["_id"] in self.relevant}

    def score(self, mode: Mode) -> float:
        total = 0.0
        for query, text in self.queries.items():
            total += ndcg(self.relevant[query], [a for a, _ in self.engine.run(text, 10, mode, self.filters)])
        return total / len(self.queries)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--among", type=Path, metavar="INDEX")
    parser.add_argument("--cost", type=Path, metavar="INDEX")
    parser.add_argument("folders", nargs="+", type=Path)
    asked = parser.parse_args()
    if asked.cost:
        cost(Engine(Index.open(asked.cost)), asked.folders)
        return
    with tempfile.TemporaryDirectory() as temporary:
        collections = [Collection(f, Path(temporary) / str(i), asked.among) for i, f in enumerate(asked.folders)]
        for c in collections:
            began = time.perf_counter()
            print(f"{c.name:30}", *(f"{mode.value} {c.score(mode):.4f}" for mode in Mode), end=" ")
            print(f"{(time.perf_counter() - began) / 3 / len(c.queries) * 1000:.1f} ms/query", flush=True)
        if asked.sweep:
            sweep(collections)


def cost(searching: Engine, folders: list[Path]) -> None:
    spent: dict[str, list[float]] = {"lexicon": [], "search": []}
    found = Expander.expand

    def timed(*arguments: Any) -> Sequence[Sense]:
        began = time.process_time()
        result = found(*arguments)
        spent["lexicon"].append(time.process_time() - began)
        return result

    Expander.expand = timed  # type: ignore[method-assign, assignment]
    for folder in folders:
        rows = map(json.loads, (folder / "queries.jsonl").read_text("utf-8").splitlines())
        for row in rows:
            began = time.process_time()
            searching.run(row["text"], 10)
            spent["search"].append(time.process_time() - began)
        for part, seconds in spent.items():
            middle, high = np.percentile(seconds, (50, 95)) * 1000
            print(
                f"{folder.parent.name}/{folder.name:20} {part:8} median {middle:6.1f} ms  95% {high:6.1f} ms",
                flush=True,
            )
            seconds.clear()


def sweep(collections: list[Collection]) -> None:
    def line(label: str) -> None:
        print(f"{label:24}", *(f"{c.name} {c.score(Mode.HYBRID):.4f}" for c in collections), flush=True)

    for semantic in (0.2, 0.3, 0.4, 0.5, 0.6):
        for collection in collections:
            collection.engine = Engine(collection.engine.index, weights=Weights(semantic=semantic))
        line(f"semantic weight {semantic}")


if __name__ == "__main__":
    main()
