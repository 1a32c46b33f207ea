"""A server under load: requests a second, waiting times and memory, while a writer commits; beside the command line.

    python -m benchmarks.serving INDEX [--searches 1000] [--clients 8] [--commits 20] [--workers N]

The index is copied first. Queries are words of the titles of its articles. Waiting times are those of the clients, with
everything else that runs on the machine; the processor time of the server is its own.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np

from index import Index
from index.ingest import ingest

WARM = 400
"""Searches before the measured ones: what is loaded at first use is in memory then."""

SHELL = 10
"""Searches by the command line."""

KHABAR = [sys.executable, "-c", "import cli, sys; sys.argv[0] = 'khabar'; cli.main()"]


def queries(index: Index, count: int) -> list[str]:
    """Two to five neighbouring words of titles, the same ones each time."""
    chosen = random.Random(25)
    titles = [words for _, article in index.articles() if len(words := article.title.split()) >= 5]
    found = []
    for words in chosen.choices(titles, k=count):
        size = chosen.randint(2, 5)
        start = chosen.randint(0, len(words) - size)
        found.append(" ".join(word.strip('"-()|:*') for word in words[start : start + size]))
    return found


def timed(address: str, asked: list[str], clients: int) -> list[float]:
    """Ask the server everything, `clients` at a time; returns how long each answer took. Raises for one that failed."""
    local = threading.local()

    def ask(query: str) -> float:
        if not hasattr(local, "connection"):
            parts = urlsplit(address)
            local.connection = HTTPConnection(parts.hostname or "", parts.port)
        began = time.perf_counter()
        local.connection.request("GET", f"/api/v1/search?q={quote(query)}&k=10")
        response = local.connection.getresponse()
        said = json.loads(response.read())
        if response.status != 200:
            raise RuntimeError(f"{query}: {response.status} {said}")
        return time.perf_counter() - began

    with ThreadPoolExecutor(clients) as threads:
        return list(threads.map(ask, asked))


def commits(folder: Path, count: int, seconds: float, done: threading.Event) -> Iterator[None]:
    """Adds one article after the other, each in a commit, spread over some seconds."""
    index = Index.open(folder)
    encoder = index.encoder()
    for n in range(count):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            json.dump({"id": f"new-{n}", "title": f"News {n}", "text": f"The lighthouse of Sarmin, edition {n}."}, file)
            file.flush()
            ingest(index, [file.name], encoder)
        yield
        done.wait(seconds / count)


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [pid, *map(int, children)]


def memory(pid: int) -> int:
    """What a process and its children have in memory that is their own, in kB: mapped files belong to the system."""
    lines = [line for one in family(pid) for line in Path(f"/proc/{one}/status").read_text("ascii").splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "RssShmem")))


def processor(pid: int) -> list[float]:
    """The processor time that a process and its children have used, in seconds."""
    stats = [Path(f"/proc/{one}/stat").read_text("ascii").rpartition(")")[2].split() for one in family(pid)]
    return [(int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") for fields in stats]


def shell(folder: Path, asked: list[str]) -> list[float]:
    """How long the command line takes for each query."""
    took = []
    for query in asked:
        began = time.perf_counter()
        subprocess.run([*KHABAR, "search", "--index", str(folder), "--json", "--", query], check=True, stdout=-3)
        took.append(time.perf_counter() - began)
    return took


def measured(folder: Path, arguments: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    index = Index.open(folder)
    asked = queries(index, WARM + arguments.searches)
    yield "passages", index.counts()["passages"]
    command = [*KHABAR, "serve", "--index", str(folder), "--port", "0"]
    command += ["--workers", str(arguments.workers)] if arguments.workers else []
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().rpartition(" at ")[2].strip()
        yield "seconds until it listens", round(time.perf_counter() - began, 2)
        warm = timed(address, asked[:WARM], arguments.clients)
        before, used = memory(server.pid), processor(server.pid)
        done = threading.Event()
        made: list[None] = []
        rest = commits(folder, arguments.commits, sum(warm) / WARM / arguments.clients * arguments.searches, done)
        writer = threading.Thread(target=lambda: made.extend(rest))
        writer.start()
        began = time.perf_counter()
        took = timed(address, asked[WARM:], arguments.clients)
        seconds = time.perf_counter() - began
        within = len(made)
        done.set()
        writer.join()
        after, spent = memory(server.pid), np.subtract(processor(server.pid), used) / len(took)
        server.terminate()
    ranked = statistics.quantiles(took, n=100)
    yield "searches, none failed", len(took)
    yield "commits meanwhile", within
    yield "requests a second", round(len(took) / seconds, 1)
    yield "p50 ms", round(ranked[49] * 1000)
    yield "p99 ms", round(ranked[98] * 1000)
    yield (
        "processor ms a search",
        f"{spent.sum() * 1000:.1f} (its processes: {', '.join(f'{own * 1000:.1f}' for own in spent)})",
    )
    yield "memory MB before, after", (before // 1024, after // 1024, f"{after / before - 1:+.1%}")
    yield "khabar search, median ms", round(statistics.median(shell(folder, asked[:SHELL])) * 1000)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--searches", type=int, default=1_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--commits", type=int, default=20)
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        copied = Path(shutil.copytree(given.index, Path(place) / "index"))
        for name, value in measured(copied, given):
            print(f"{name:>26}  {value}", flush=True)
