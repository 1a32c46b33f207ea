"""An index on a Milvus cluster beside the same one in a folder: whether they agree, and what each costs.

    milvus-lite server --data-dir DIR --host 127.0.0.1
    python -m benchmarks.cluster FOLDER milvus://127.0.0.1:19530/NAME [--queries 160] [--judged 60]

FOLDER holds a collection (benchmarks/scale_news.py): news.jsonl and queries.jsonl. The indexes are made anew: in a
folder, at the address by one process, and at the address with _2 behind it by two at once (--shard). Both are held
against the folder. Times are wall time and, after a slash, processor time of this process; the engine takes its own.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from index.milvus.schema import PASSAGE, sparse_key
from index.open import open_store
from index.ports import Store
from index.text import analyse, parts
from index.types import Article, Filters
from search import Engine
from search.coverage import check, related_to
from search.types import Listing, Mode

from .retrieval import ndcg
from .scale import Clock, khabar, queries

UNFOLDED = Listing(folded=False)
FILTERS = (Filters(), Filters("ar"), Filters(since="2015-01-01", until="2017-12-31"))
CLIENTS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("address", help="milvus://HOST:PORT/NAME, where there is no index yet")
    parser.add_argument("--queries", type=int, default=160, help="searched in every mode, and timed")
    parser.add_argument("--judged", type=int, default=60, help="queries of each set whose nDCG is taken")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        addresses = {"folder": str(Path(place) / "index"), "cluster": arguments.address}
        several = f"{arguments.address}_2"
        news = arguments.folder / "news.jsonl"
        print("folder, one writer:", indexed(news, addresses["folder"], 1))
        print("cluster, one writer:", indexed(news, addresses["cluster"], 1))
        print("cluster, two writers:", indexed(news, several, 2), flush=True)
        stores = {name: open_store(where) for name, where in addresses.items()}
        asked = queries(arguments.folder, arguments.queries)
        for row in (times, inside, comparing, agreement):
            row(stores, asked)
        for name in sorted({row["set"] for row in queries(arguments.folder, 1 << 30)}):
            quality(stores, name, queries(arguments.folder, arguments.judged, name))
        print("By two writers:")
        agreement(stores | {"cluster": open_store(several)}, asked)


def indexed(file: Path, where: str, writers: int) -> str:
    """Index a file by some processes at once, each a shard of it, and say what that took."""
    began = time.perf_counter()
    with ThreadPoolExecutor(writers) as threads:
        shards = [("--shard", f"{number}/{writers}") for number in range(1, writers + 1)] if writers > 1 else [()]
        command = ("index", str(file), "--index", where, "--workers", "1", "--json")
        runs = list(threads.map(lambda shard: khabar(*command, *shard), shards))
    wall, spent = time.perf_counter() - began, sum(run["cpu"] for run in runs)
    passages = sum(json.loads(run["out"])["passages"] for run in runs)
    return f"{passages} passages in {wall:.1f} / {spent:.1f} s, {passages / wall:.0f} a second"


def agreement(stores: dict[str, Store], asked: Sequence[dict[str, Any]]) -> None:
    """How far the first ten of both are the same, with their scores and nDCG@10."""
    engines = {name: Engine(store) for name, store in stores.items()}
    for mode in Mode:
        for where in FILTERS if mode is Mode.HYBRID else FILTERS[:1]:
            first = shared = total = 0
            apart, gained = [0.0], {name: list[float]() for name in stores}
            for row in asked:
                found = {
                    name: {
                        hit.article.id: hit.score
                        for hit in one.search(row["text"], 10, mode, filters=where, listing=UNFOLDED).hits
                    }
                    for name, one in engines.items()
                }
                one, other = found["folder"], found["cluster"]
                both = one.keys() & other.keys()
                first += list(one)[:1] == list(other)[:1]
                shared, total = shared + len(both), total + len(one)
                apart += [abs(one[name] - other[name]) for name in both]
                for name, hits in found.items():
                    gained[name].append(ndcg(dict.fromkeys(row["relevant"], 1), list(hits)))
            means = ", ".join(f"{name} {np.mean(values):.4f}" for name, values in gained.items())
            print(
                f"{mode}, {where if where != Filters() else 'no filters'}: overlap {shared / max(total, 1):.4f}, "
                f"first the same {first / len(asked):.4f}, scores apart p99 {np.percentile(apart, 99):.1e} "
                f"max {max(apart):.1e}, nDCG@10 {means}",
                flush=True,
            )


def quality(stores: dict[str, Store], name: str, asked: Sequence[dict[str, Any]]) -> None:
    """nDCG@10 of both on a set of questions, among the articles of its language."""
    means = {}
    for where, store in stores.items():
        engine = Engine(store)
        found = (
            [
                h.article.id
                for h in engine.search(row["text"], 10, filters=Filters(row["language"]), listing=UNFOLDED).hits
            ]
            for row in asked
        )
        means[where] = np.mean(
            [ndcg(dict.fromkeys(row["relevant"], 1), ids) for row, ids in zip(asked, found, strict=True)]
        )
    print(f"{name}: nDCG@10 {', '.join(f'{where} {mean:.4f}' for where, mean in means.items())}", flush=True)


def times(stores: dict[str, Store], asked: Sequence[dict[str, Any]]) -> None:
    """Searches of one client, and of several at once."""
    for name, store in stores.items():
        engine = Engine(store)
        engine.search("warming", 10)
        clock = Clock()
        for row in asked:
            clock.time(partial(engine.search, row["text"], 10))
        print(f"{name}: search, one client: {shown(clock)}", flush=True)
        clocks = [Clock() for _ in range(CLIENTS)]

        def ask(number: int, engine: Engine = engine, clocks: list[Clock] = clocks) -> None:
            for row in asked[number::CLIENTS]:
                clocks[number].time(partial(engine.search, row["text"], 10))

        began = time.perf_counter()
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = len(asked) / (time.perf_counter() - began)
        wall = np.concatenate([clock.wall for clock in clocks])
        print(
            f"{name}: search, {CLIENTS} clients: p50 {np.percentile(wall, 50):.0f} ms, "
            f"p99 {np.percentile(wall, 99):.0f} ms, {rate:.1f} a second",
            flush=True,
        )


def inside(stores: dict[str, Store], asked: Sequence[dict[str, Any]]) -> None:
    """The calls of which a search is made: the best passages by meaning and by words, then their rows."""
    engine = Engine(stores["cluster"])
    dense, sparse, got = Clock(), Clock(), Clock()
    with stores["cluster"].reading() as view:
        rows: Any = view._rows  # type: ignore[attr-defined]
        cluster, collection = rows.cluster, rows.state.passages
        nearest = partial(cluster.nearest, collection, condition="", fields=("number",), at="Bounded")
        for row in asked:
            (vector,) = engine.encoder.encode_queries([row["text"]])
            words = {sparse_key(analyse(word)[0], side): 1.0 for word in parts(row["text"]) for side in (0, 1)}
            found: list[Any] = []
            dense.time(partial(nearest, field="dense", vector=vector, k=200))
            sparse.time(lambda words=words, found=found: found.extend(nearest(field="sparse", vector=words, k=400)))  # type: ignore[misc]
            keys = [one["number"] for _, one in found]
            got.time(partial(cluster.get, collection, keys, PASSAGE, "Bounded"))
    print(
        f"cluster: 200 by meaning: {shown(dense)}; 400 by words: {shown(sparse)}; their rows: {shown(got)}", flush=True
    )


def comparing(stores: dict[str, Store], asked: Sequence[dict[str, Any]]) -> None:
    """What is related to an article, and which copies it has: of articles spread over the index."""
    with stores["folder"].reading() as view:
        numbers = view.newer(0, 1_000_000)[0]
        some = view.articles(numbers[np.linspace(0, len(numbers) - 1, 20).astype(int)])
    answers: dict[str, list[list[str]]] = {}
    for name, store in stores.items():
        near, copies, checked = Clock(), Clock(), Clock()
        engine = Engine(store)
        found = answers[name] = []

        def ask(article: Article, store: Store = store, found: list[list[str]] = found) -> None:
            found.append([one.article.id for one in related_to(store, article)][:10])

        def share(article: Article, store: Store = store) -> None:
            with store.reading() as view:
                (own,) = view.profiles(view.named([article.id]))
                view.sharing([own.sketch], 3)

        for article in some:
            near.time(partial(ask, article))
            copies.time(partial(share, article))
            checked.time(partial(check, engine, f"{article.title}\n\n{article.text}"))
        print(
            f"{name}: related to one article: {shown(near)}; articles that share its fingerprints: {shown(copies)}; "
            f"copies of a new text of its words (check): {shown(checked)}",
            flush=True,
        )
    same = np.mean([set(a) == set(b) for a, b in zip(*answers.values(), strict=True)])
    print(f"related: the first ten are the same for {same:.2f} of {len(some)} articles")


def shown(clock: Clock) -> str:
    p50, p99 = (tuple(np.percentile(times, share) for times in (clock.wall, clock.cpu)) for share in (50, 99))
    return f"p50 {p50[0]:.0f} / {p50[1]:.0f} ms, p99 {p99[0]:.0f} / {p99[1]:.0f} ms"


if __name__ == "__main__":
    main()
