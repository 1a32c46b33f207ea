"""The cost of indexing when little has changed: an unchanged run, and one article in a large index.

    python -m benchmarks.incremental unchanged ../shared/data/news/antcorpus_multisource.jsonl.gz
    python -m benchmarks.incremental one 100000

`unchanged` takes 10,000 articles of a data set, as one JSON lines file and as a folder of text files, and indexes each
twice. `one` creates an index with this many invented articles and random vectors; then it updates one article through
`ingest`, purges one, verifies and repairs.
"""

import itertools
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index import Index, load_encoder
from index.ingest import ingest
from index.local.writer import writing
from index.open import repair, verify
from index.passages import split
from index.ports import Entry
from index.read.documents import read
from index.types import Article, Document

ARTICLES = 10_000
BATCH = 2_000


def written() -> int:
    """Bytes that this process has had written to the disk."""
    facts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(facts["write_bytes"])


def unchanged(source: str) -> None:
    encoder = load_encoder()
    documents = [d for d in itertools.islice(read([source]), ARTICLES) if isinstance(d, Document)]
    with tempfile.TemporaryDirectory() as place:
        lines, pages = Path(place, "news.jsonl"), Path(place, "pages")
        rows = (json.dumps({"_id": d.id, "title": d.title, "text": d.text}, ensure_ascii=False) for d in documents)
        lines.write_text("\n".join(rows), "utf-8")
        pages.mkdir()
        for number, document in enumerate(documents):
            (pages / f"{number}.txt").write_text(f"{document.title}\n\n{document.text}", "utf-8")
        for name, path in (("one file of JSON lines", lines), ("a folder of text files", pages)):
            folder = Path(place, f"index of {path.name}")
            first = ingest(Index.create(folder, encoder), [str(path)], encoder)
            second = ingest(Index.open(folder), [str(path)], encoder)
            ratio = second.seconds / first.seconds
            print(
                f"{name}: {first.added} articles in {first.seconds:.2f} s, "
                f"again ({second.unchanged} unchanged) in {second.seconds:.2f} s: {ratio:.2%}"
            )


def invented(count: int) -> Iterator[Article]:
    chance = random.Random(1)
    words = [f"w{chance.randrange(10**6)}" for _ in range(50_000)]
    for number in range(count):
        text = "\n".join(" ".join(chance.choices(words, k=20)) + "." for _ in range(12))
        yield Article(str(number), " ".join(chance.choices(words, k=8)), text, "en")


def one(count: int) -> None:
    encoder = load_encoder()
    chance = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as place:
        index = Index.create(Path(place, "index"), encoder)
        articles = invented(count)
        began = time.perf_counter()
        with writing(index) as writer:
            while batch := list(itertools.islice(articles, BATCH)):
                entries = []
                for article in batch:
                    passages = tuple(split(article))
                    vectors = chance.standard_normal((len(passages), encoder.dim)).astype(np.float32)
                    entries.append(Entry(article, passages, vectors, ""))
                writer.add(entries)
        facts = index.summary()
        print(f"{facts['articles']} articles, {facts['passages']} passages, {facts['segments']} segments, ", end="")
        print(f"{facts['bytes'] / 1e6:.0f} MB in {time.perf_counter() - began:.0f} s; peak memory {peak():.0f} MB")

        source = Path(place, "one.jsonl")
        for turn in range(3):
            row = {"_id": str(count // 2), "title": "An update", "text": f"The council met for the {turn}th time."}
            source.write_text(json.dumps(row), "utf-8")
            before = written()
            report = ingest(Index.open(index.path), [str(source)], encoder)
            print(f"one article updated ({report.updated}) in {report.seconds * 1000:.0f} ms, ", end="")
            print(f"{(written() - before) / 1e3:.0f} kB written")
        for name, action in (
            ("purge one", lambda: purge(index, str(count // 3))),
            ("verify", lambda: verify(index.path)),
            ("repair", lambda: repair(index.path)),
        ):
            began = time.perf_counter()
            action()
            print(f"{name}: {time.perf_counter() - began:.1f} s; peak memory {peak():.0f} MB")


def purge(index: Index, article: str) -> None:
    with writing(index) as writer:
        writer.remove([article], purge=True)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["unchanged", path]:
            unchanged(path)
        case ["one", articles]:
            one(int(articles))
        case _:
            sys.exit(__doc__)
