"""Other engines beside the candidate search of an index, on the same passages and vectors.

    python -m benchmarks.scale_peers FOLDER [--index DIR] [--only NAME,...]

FOLDER is one of benchmarks/scale.py. Each engine gets the texts and the vectors of all passages, builds its index in a
folder of its own, and gives 10 passages by words and 10 by meaning for each query, or 10 by both where it has a hybrid
search. Printed: seconds to build, bytes a passage, milliseconds a query (processor time, after a slash wall time), and
the share of the exactly nearest 10 vectors that its search by meaning finds. Khabar's own row is `View.candidates`:
200 passages by words and 200 by meaning, with both scores of each.

    pip install tantivy lancedb qdrant-edge-py bm25s
"""

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from index import Index, load_encoder
from index.passages import encoded_text
from index.ports import Candidates, Question
from index.text import terms
from index.types import Vectors
from search.query import Expander, concepts_of, plain

from .scale import WARMING, Clock, private, queries
from .scale_exact import ENCODED, positions, vectors

ASKED = 200
K = 10
TAKEN = 200

Nearest = Callable[[Vectors], Sequence[int]]


class Peer(NamedTuple):
    """An engine with its index: `search` takes what `prepare` made of a query, and its vector; `nearest` gives the rows
    of the vectors nearest to one."""

    search: Callable[[Any, Vectors], Any]
    nearest: Nearest
    prepare: Callable[[str], Any] = terms


def texts(index: Index) -> Iterator[str]:
    """The texts of all passages, with their titles, analysed as Khabar does: so that all find the same words."""
    with index.reading() as view:
        numbers = positions(view)
        for start in range(0, len(numbers), ENCODED):
            for title, passage in view.passages(numbers[start : start + ENCODED]):
                yield " ".join(terms(encoded_text(title, passage.text)))


def khabar(folder: Path, index: Index, table: Vectors) -> Peer:
    with index.reading() as view:
        expander = Expander(view.vocabulary)
        rows = {number: row for row, number in enumerate(positions(view).tolist())}

    def prepare(text: str) -> Any:
        query = plain(text)
        return concepts_of(query, expander.expand(query))

    def search(concepts: Any, vector: Vectors) -> Candidates:
        with index.reading() as view:
            return view.candidates(Question(concepts, vector, TAKEN))

    def nearest(vector: Vectors) -> Sequence[int]:
        found = search(None, vector)
        assert found.cosine is not None
        return [rows[number] for number in found.passages[np.argsort(-found.cosine)[:K]].tolist()]

    return Peer(search, nearest, prepare)


def tantivy(folder: Path, index: Index) -> Callable[[Sequence[str]], Any]:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("row", stored=True)
    schema.add_text_field("body", tokenizer_name="whitespace")
    (folder / "tantivy").mkdir()
    opened = tantivy.Index(schema.build(), str(folder / "tantivy"))
    writer = opened.writer(200_000_000, 2)
    for row, text in enumerate(texts(index)):
        writer.add_document(tantivy.Document(row=row, body=text))
    writer.commit()
    writer.wait_merging_threads()
    opened.reload()
    searcher = opened.searcher()

    def search(words: Sequence[str]) -> Any:
        asked = " ".join(word for word in words if word.isalnum())
        hits = searcher.search(opened.parse_query(asked, ["body"]), K).hits if asked else []
        return [searcher.doc(address)["row"] for _, address in hits]

    return search


def faiss(kind: str) -> Callable[[Path, Vectors], Nearest]:
    def build(folder: Path, table: Vectors) -> Nearest:
        import faiss

        built: Any = faiss.index_factory(table.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        if not built.is_trained:
            built.train(np.ascontiguousarray(table[:65_536]))
        for start in range(0, len(table), 65_536):
            built.add(np.ascontiguousarray(table[start : start + 65_536]))
        faiss.write_index(built, str(folder / "vectors.faiss"))
        faiss.omp_set_num_threads(1)
        if kind.startswith("HNSW"):
            built.hnsw.efSearch = 200
        return lambda vector: list(built.search(vector[None], K)[1][0].tolist())

    return build


def faiss_and_tantivy(kind: str) -> Callable[[Path, Index, Vectors], Peer]:
    def build(folder: Path, index: Index, table: Vectors) -> Peer:
        nearest, held = faiss(kind)(folder, table), tantivy(folder, index)
        return Peer(lambda words, vector: (held(words), nearest(vector)), nearest)

    return build


def bm25s_and_faiss(folder: Path, index: Index, table: Vectors) -> Peer:
    import bm25s

    retriever = bm25s.BM25()
    retriever.index([text.split() for text in texts(index)], show_progress=False)
    retriever.save(str(folder / "bm25s"))
    nearest = faiss("Flat")(folder, table)

    def search(words: Sequence[str], vector: Vectors) -> Any:
        return retriever.retrieve([list(words) or ["-"]], k=K, show_progress=False), nearest(vector)

    return Peer(search, nearest)


def lancedb(folder: Path, index: Index, table: Vectors) -> Peer:
    import lancedb
    import pyarrow as pa
    from lancedb.index import FTS, IvfHnswSq

    width = table.shape[1]
    schema = pa.schema([("row", pa.int64()), ("body", pa.string()), ("vector", pa.list_(pa.float32(), width))])

    made = lancedb.connect(str(folder / "lance")).create_table("passages", schema=schema)
    held: list[str] = []
    start = 0
    for text in texts(index):
        held.append(text)
        if len(held) == 65_536 or start + len(held) == len(table):
            flat = pa.array(np.asarray(table[start : start + len(held)]).ravel())
            columns = [pa.array(range(start, start + len(held))), pa.array(held)]
            made.add(pa.table([*columns, pa.FixedSizeListArray.from_arrays(flat, width)], schema=schema))
            start, held = start + len(held), []
    made.create_index("vector", config=IvfHnswSq(distance_type="dot"))
    made.create_index("body", config=FTS(base_tokenizer="whitespace", stem=False, remove_stop_words=False))

    def rows(asked: Any) -> Sequence[int]:
        return [row["row"] for row in asked.select(["row"]).limit(K).to_list()]

    def search(words: Sequence[str], vector: Vectors) -> Any:
        return rows(made.search(query_type="hybrid").vector(vector).text(" ".join(words) or "-"))

    return Peer(search, lambda vector: rows(made.search(vector)))


def qdrant(folder: Path, index: Index, table: Vectors) -> Peer:
    import qdrant_edge as edge

    words = "words"
    config = edge.EdgeConfig(
        {"meaning": edge.EdgeVectorParams(table.shape[1], edge.Distance.Dot)},
        {words: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
    )
    shard = edge.EdgeShard.create(str(folder / "qdrant"), config)
    length = float(np.mean([len(text.split()) for text in islice(texts(index), 10_000)]))

    def sparse(counts: Counter[str]) -> Any:
        size = sum(counts.values())
        weights = {crc32(word.encode()): 2.2 * n / (n + 0.3 + 0.9 * size / length) for word, n in counts.items()}
        return edge.SparseVector(list(weights), list(weights.values()))

    held: list[Any] = []
    for row, text in enumerate(texts(index)):
        vector: Any = {"meaning": table[row].tolist(), words: sparse(Counter(text.split()))}
        held.append(edge.Point(row, vector))
        if len(held) == 4096 or row + 1 == len(table):
            shard.update(edge.UpdateOperation.upsert_points(held))
            held = []
    shard.optimize()
    shard.flush()

    def by_meaning(vector: Vectors) -> Any:
        return edge.Query.Nearest(vector.tolist(), "meaning")

    def nearest(vector: Vectors) -> Sequence[int]:
        return [point.id for point in shard.query(edge.QueryRequest(K, query=by_meaning(vector)))]

    def search(asked: Sequence[str], vector: Vectors) -> Any:
        ones = {crc32(word.encode()): 1.0 for word in asked}
        by_words = edge.Query.Nearest(edge.SparseVector(list(ones), list(ones.values())), words)
        stages = [edge.Prefetch(TAKEN, query=by_words), edge.Prefetch(TAKEN, query=by_meaning(vector))]
        return shard.query(edge.QueryRequest(K, query=edge.Fusion.Rrf(60), prefetches=stages))

    return Peer(search, nearest)


PEERS: dict[str, tuple[Sequence[str], Callable[[Path, Index, Vectors], Peer]]] = {
    "khabar": ((), khabar),
    "FAISS Flat + tantivy": (("tantivy",), faiss_and_tantivy("Flat")),
    "FAISS HNSW + tantivy": (("tantivy",), faiss_and_tantivy("HNSW32,SQ8")),
    "bm25s + FAISS Flat": (("bm25s",), bm25s_and_faiss),
    "lancedb hybrid": (("lancedb",), lancedb),
    "qdrant edge hybrid": (("qdrant_edge",), qdrant),
}


def measure(name: str, folder: Path, index: Index) -> str:
    """One engine: what it costs, and how much of the exact answer it finds."""
    needs, build = PEERS[name]
    for module in needs:
        importlib.import_module(module)
    table = vectors(folder, index)
    place = folder / "peer"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    began, cpu = time.perf_counter(), time.process_time()
    peer = build(place, index, table)
    spent = f"{time.process_time() - cpu:.0f} / {time.perf_counter() - began:.0f} s"
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / len(table)
    asked = [row["text"] for row in queries(folder, ASKED + WARMING)]
    np.random.default_rng(0).shuffle(asked)
    clock, shares = Clock(), []
    for number, (text, vector) in enumerate(zip(asked, load_encoder().encode_queries(asked), strict=True)):
        if number == WARMING:
            clock = Clock()
        clock.time(partial(peer.search, peer.prepare(text), vector))
    for vector in load_encoder().encode_queries(asked[:ASKED]):
        exact = np.argpartition(-(table @ vector), K)[:K].tolist()
        shares.append(len(set(exact) & set(peer.nearest(vector))) / K)
    shutil.rmtree(place)
    cost = "" if name == "khabar" else f"built in {spent}, {size:.0f} bytes a passage, "
    return f"{cost}{clock}, recall {np.mean(shares):.3f}, {private():.0f} MB private"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", type=Path, help="default: FOLDER/index")
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(PEERS), help=", ".join(PEERS))
    parser.add_argument("--here", action="store_true", help="in this process, as each engine is run")
    asked = parser.parse_args()
    index = asked.index or asked.folder / "index"
    for name in asked.only:
        if asked.here:
            try:
                print(f"{name:22} {measure(name, asked.folder, Index.open(index))}", flush=True)
            except ImportError as missing:
                print(f"{name:22} {missing}", flush=True)
        else:
            one = [sys.executable, "-m", "benchmarks.scale_peers", str(asked.folder), "--index", str(index)]
            subprocess.run([*one, "--only", name, "--here"], env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})


if __name__ == "__main__":
    main()
