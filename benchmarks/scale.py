"""What a large collection costs: searching, indexing, adding one article, comparing, grouping.

    python -m benchmarks.scale FOLDER [--passages 1000000] [--only ROW,...] [--index DIR] [--data ../shared/data]

Makes the collection (benchmarks/scale_news.py) in FOLDER and an index of it in FOLDER/index, each once, and prints one
line a row. Every row runs in a process of its own. Times are processor time and, after a slash, wall time. `exact` runs
(quality; benchmarks/scale_exact.py) score every passage with every word and with the vector as it was encoded.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from index import Index, load_encoder
from index.ingest import ingest
from index.ports import Candidates, Question, View
from index.types import Article
from search import Engine, Filters
from search.coverage import Collection, asked_about, check, related
from search.types import Mode

from .incremental import written
from .retrieval import ndcg
from .scale_exact import Exact, vectors
from .scale_news import LAST, write

TIMED = 300  # queries of a row
WARMING = 300  # queries before the clock starts
JUDGED = 150  # queries a set of the row of quality

COMMAND = [sys.executable, "-c", "from cli import main; main()"]


class Clock:
    """Processor and wall time of the calls of a function, in milliseconds."""

    def __init__(self) -> None:
        self.cpu: list[float] = []
        self.wall: list[float] = []

    def time(self, function: Callable[[], Any]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        function()
        self.cpu.append((time.process_time() - cpu) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)

    def __str__(self) -> str:
        at = [np.percentile(times, share) for share in (50, 99) for times in (self.cpu, self.wall)]
        return "p50 {:.1f} / {:.1f} ms, p99 {:.1f} / {:.1f} ms".format(*at)


def queries(folder: Path, count: int, of: str = "") -> list[dict[str, Any]]:
    """Queries spread evenly over the sets, or over those whose name begins so."""
    rows = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["set"].startswith(of)]
    return [rows[i] for i in np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]


def khabar(*arguments: str) -> dict[str, Any]:
    """Run a command in a new process. Returns wall and processor seconds, peak memory and peak private memory in MB
    (the latter sampled ten times a second), and its output."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([*COMMAND, *arguments], stdout=output, env=os.environ | {"PYTHONPATH": "."})
        ended = threading.Event()
        with ThreadPoolExecutor(1) as beside:
            watched = beside.submit(_most_private, process.pid, ended)
            _, status, spent = os.wait4(process.pid, 0)
            ended.set()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 3):
            sys.exit(f"khabar {' '.join(arguments)} ended with {process.returncode}")
        output.seek(0)
        printed = output.read().decode()
    wall, cpu = time.perf_counter() - began, spent.ru_utime + spent.ru_stime
    return {"wall": wall, "cpu": cpu, "peak": spent.ru_maxrss / 1024, "private": watched.result(), "out": printed}


def private(process: int | str = "self") -> float:
    """The private memory of a process in MB, without mapped files; 0 when it has ended."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next((line for line in lines if line.startswith("RssAnon")), "0 0").split()[1]) / 1024


def _most_private(process: int, ended: threading.Event) -> float:
    most = 0.0
    with suppress(OSError):  # it is gone
        while not ended.wait(0.1):
            most = max(most, private(process))
    return most


# --- Rows -------------------------------------------------------------------------------------------------------------


def indexing(folder: Path, index: Path) -> Iterator[str]:
    """Articles a second; bytes a passage apart from the text."""
    about = folder / f"{index.name}.json"
    if not index.exists():
        run = khabar("index", str(folder / "news.jsonl"), "--index", str(index), "--json")
        about.write_text(json.dumps(run))
    if about.exists():
        run = json.loads(about.read_text())
        added = json.loads(run["out"])["added"]
        yield (
            f"{added} articles: {added / run['wall']:.0f} a second, {run['cpu'] / added * 1000:.2f} ms of processor "
            f"time each, at most {run['peak']:.0f} MB"
        )
    opened = Index.open(index)
    facts = opened.summary()
    text = sum(len(f"{article.title}{article.text}".encode()) for _, article in opened.articles())
    count = facts["passages"]
    yield (
        f"{count} passages in {facts['segments']} segments: {text / count:.0f} bytes of text a passage, "
        f"{(facts['bytes'] - text) / count:.0f} beside it"
    )


def searching(folder: Path, index: Path) -> Iterator[str]:
    """Whole searches, warm, one at a time; and the candidates alone."""
    engine = Engine(Index.open(index))
    asked = [row["text"] for row in queries(folder, TIMED + WARMING)]
    np.random.default_rng(0).shuffle(asked)
    for mode in (Mode.HYBRID, Mode.SEMANTIC, Mode.LEXICAL):
        whole, candidates = Clock(), Clock()
        with measured(engine, candidates):
            for number, text in enumerate(asked):
                if number == WARMING:
                    whole, candidates.cpu, candidates.wall = Clock(), [], []
                whole.time(partial(engine.search, text, mode=mode))
        yield f"{mode}: {whole}; candidates alone {candidates}"
        engine = Engine(Index.open(index))
    yield f"{private():.0f} MB private"


@contextmanager
def measured(engine: Engine, clock: Clock) -> Iterator[None]:
    """A block in which the time of `View.candidates` is taken."""
    with engine.index.reading() as view:
        of: Any = type(view)
    plain = of.candidates

    def timed(view: View, question: Question) -> Candidates:
        found: list[Candidates] = []
        clock.time(lambda: found.append(plain(view, question)))
        return found[0]

    of.candidates = timed
    try:
        yield
    finally:
        of.candidates = plain


def threads(folder: Path, index: Path) -> Iterator[str]:
    """Searches a second of one process with one and with two threads."""
    engine = Engine(Index.open(index))
    asked = [row["text"] for row in queries(folder, 2 * TIMED + WARMING)]
    np.random.default_rng(0).shuffle(asked)
    for text in asked[:WARMING]:
        engine.search(text)
    for count, part in ((1, asked[WARMING : WARMING + TIMED]), (2, asked[WARMING + TIMED :])):
        work = iter(part)
        lock = threading.Lock()

        def run(work: Iterator[str] = work, lock: threading.Lock = lock) -> None:
            while True:
                with lock:
                    text = next(work, None)
                if text is None:
                    return
                engine.search(text)

        workers = [threading.Thread(target=run) for _ in range(count)]
        wall, cpu = time.perf_counter(), time.process_time()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        yield f"{count} thread{'s' * (count > 1)}: {len(part) / wall:.1f} a second of wall time, {cpu / wall:.2f} cores"


def cold(folder: Path, index: Path) -> Iterator[str]:
    """A search in a new process."""
    runs = [khabar("search", row["text"], "--index", str(index)) for row in queries(folder, 11)]
    cpu, wall = (np.median([run[time] for run in runs[1:]]) for time in ("cpu", "wall"))
    yield f"{cpu:.2f} / {wall:.2f} s"


def quality(folder: Path, index: Path) -> Iterator[str]:
    """nDCG@10 among all of it, beside an exact run."""
    opened = Index.open(index)
    fast, exact = Engine(opened), Engine(Exact(opened, vectors(folder, opened)))
    scores: dict[str, tuple[list[float], list[float]]] = {}
    same: list[float] = []
    for name in sorted({row["set"] for row in queries(folder, 1 << 30)}):
        fast_scores, exact_scores = scores[name] = [], []
        for row in queries(folder, JUDGED, name):
            good = dict.fromkeys(row["relevant"], 1)
            ours, theirs = (
                [article for article, _ in engine.run(row["text"], 10, filters=Filters(language=row["language"]))]
                for engine in (fast, exact)
            )
            fast_scores.append(ndcg(good, ours))
            exact_scores.append(ndcg(good, theirs))
            same.append(len(set(ours) & set(theirs)) / max(len(theirs), 1))
        yield f"{name}: {np.mean(fast_scores):.4f}, exact {np.mean(exact_scores):.4f}"
    ours, theirs = (np.mean([np.mean(both[i]) for both in scores.values()]) for i in (0, 1))
    yield f"mean {ours:.4f}, exact {theirs:.4f}; {np.mean(same):.4f} of the exact first ten"


def adding(folder: Path, index: Path) -> Iterator[str]:
    """One article added, and a restart after it. (On a copy.)"""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(index, copy)
    sizes = {path: path.stat().st_mtime_ns for path in copy.rglob("*") if path.is_file()}
    source = folder / "one.jsonl"
    opened = Index.open(copy)
    engine = Engine(opened)
    engine.search("ceasefire talks")
    for turn in range(3):
        source.write_text(json.dumps({"_id": f"new-{turn}", "title": "An update", "text": f"The council met {turn}."}))
        clock, before = Clock(), written()
        clock.time(lambda: ingest(opened, [str(source)], engine.encoder))
        changed = sum(p.stat().st_size for p in copy.rglob("*") if p.is_file() and sizes.get(p) != p.stat().st_mtime_ns)
        again = Clock()
        again.time(lambda: engine.search("ceasefire talks"))
        yield f"added: {clock}, {(written() - before) / 1e3:.0f} kB written; the next search: {again}"
    yield f"files that changed: {changed / 1e6:.1f} MB"
    run = khabar("search", "ceasefire talks", "--index", str(copy))
    yield f"a search in a new process after it: {run['cpu']:.2f} / {run['wall']:.2f} s"
    shutil.rmtree(copy)
    source.unlink()


def comparing(folder: Path, index: Path) -> Iterator[str]:
    """`related` for a stored article, and `check` of a claim."""
    opened = Index.open(index)
    encoder = load_encoder()

    def near(asked: Article) -> None:
        related(*Collection.near(opened, asked, lambda: encoder), 20)

    rows = (json.loads(line) for line in (folder / "news.jsonl").open(encoding="utf-8"))
    known = [row for number, row in enumerate(rows) if number % 1_009 == 7][:100]
    clock = Clock()
    for number, row in enumerate(known):
        if number == 10:
            clock = Clock()
        asked = asked_about(opened, row["_id"])
        clock.time(partial(near, asked))
    yield f"related: {clock}"
    engine = Engine(opened, encoder)
    clock = Clock()
    for number, row in enumerate(known):
        if number == 10:
            clock = Clock()
        clock.time(partial(check, engine, row["title"] or row["text"][:100]))
    yield f"a claim: {clock}"
    yield f"{private():.0f} MB private"


def grouping(folder: Path, index: Path) -> Iterator[str]:
    """`duplicates` of the sure tiers and of all, and `stories --since` a week before the last day.

    Each as it is the first time, and again when one article was added. (On a copy.)
    """
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(index, copy)
    for kept in ("leads", "links", "recent"):
        (copy / kept).unlink(missing_ok=True)
    since = (LAST - timedelta(days=6)).isoformat()
    sure = [option for tier in ("exact", "near", "contained") for option in ("--tier", tier)]
    source = folder / "one.jsonl"
    for turn in ("first", "again"):
        for arguments in (["duplicates", *sure], ["stories", "--since", since], ["duplicates"]):
            run = khabar(*arguments, "--json", "--index", str(copy))
            groups = len(run["out"].splitlines())
            yield (
                f"khabar {' '.join(arguments)}, {turn}: {run['cpu']:.1f} / {run['wall']:.1f} s, at most "
                f"{run['peak']:.0f} MB, private {run['private']:.0f} MB, {groups} lines"
            )
        news = {"_id": "new", "title": "An update", "text": "The council met again on Friday.", "date": since}
        source.write_text(json.dumps(news))
        khabar("index", str(source), "--index", str(copy))
    shutil.rmtree(copy)
    source.unlink()


ROWS: dict[str, Callable[[Path, Path], Iterator[str]]] = {
    "index": indexing,
    "search": searching,
    "threads": threads,
    "cold": cold,
    "quality": quality,
    "add": adding,
    "compare": comparing,
    "group": grouping,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--index", type=Path, help="default: FOLDER/index")
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(ROWS), help=", ".join(ROWS))
    parser.add_argument("--here", action="store_true", help="in this process, as each row is run")
    asked = parser.parse_args(arguments)
    index = asked.index or asked.folder / "index"
    write(asked.folder, asked.data, asked.passages)
    if not index.exists() and "index" not in asked.only:
        asked.only.insert(0, "index")
    for name in asked.only:
        if asked.here:
            for line in ROWS[name](asked.folder, index):
                print(f"{name:8} {line}", flush=True)
        else:
            row = [sys.executable, "-m", "benchmarks.scale", str(asked.folder), "--index", str(index), "--only", name]
            subprocess.run([*row, "--here"], check=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})


if __name__ == "__main__":
    main()
