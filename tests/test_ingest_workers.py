"""Articles are prepared in several processes, one batch ahead of what is stored, and nobody can tell from the index."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, Khabar
from crashing import MEMORY

from index import Index, load_encoder
from index.export import lines
from index.ingest import ingest
from index.types import Report
from index.uncommitted import Uncommitted
from index.workers import Workers
from search import Engine

TOWNS = ("Kasrun", "Ostreva", "Halba", "مرجان", "الزهراء")


def told(number: int, edition: int = 0) -> str:
    town = TOWNS[number % len(TOWNS)]
    return f"The council of {town} met for the {number}th time.\nIts decision{number}x{edition} was read out at night."


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory: many small commits do not wait for a disk."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        yield Path(place)


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    """Good rows and pages, rows that cannot be used, ids that collide, a page with nothing but menus."""
    folder = tmp_path / "news"
    folder.mkdir()
    for name in "ab":
        rows = [{"_id": f"{n % 40}", "title": f"Bulletin {name}{n}", "text": told(n)} for n in range(60)]
        written = [json.dumps(row, ensure_ascii=False) for row in rows]
        written[10], written[30] = '{"title": "No text"}', '{"title": broken'
        (folder / f"{name}.jsonl").write_text("\n".join(written), "utf-8")
    for n in range(12):
        (folder / f"page{n}.txt").write_text(f"Bulletin of the day {n}\n\n{told(100 + n)}", "utf-8")
    (folder / "menu.txt").write_text("Home\nShare on Facebook\n", "utf-8")
    (folder / "bytes.txt").write_bytes(bytes(range(256)) * 20)
    return folder


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.batches.BATCH", 9)
    monkeypatch.setattr("index.ingest.PART", 4)


def indexed(folder: Path, source: Path, workers: int) -> tuple[Index, Report]:
    index = Index.open(folder) if folder.exists() else Index.create(folder, load_encoder())
    report = ingest(index, [str(source)], load_encoder(), workers=workers)
    assert index.verify() == []
    return index, replace(report, seconds=0.0)


def exported(index: Index) -> list[str]:
    return list(lines(article for _, article in index.articles()))


def answers(index: Index) -> list[object]:
    engine = Engine(index, load_encoder())
    asked = ("council of Kasrun", "قرار مجلس مرجان", "decision7x0", "read out at night")
    return [replace(engine.search(query), seconds=0.0).hits for query in asked]


def test_what_is_stored_does_not_depend_on_the_number_of_workers(
    tmp_path: Path, messy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.workers.WORTH_IT", 0)
    alone, first = indexed(tmp_path / "alone", messy, 1)
    helped, second = indexed(tmp_path / "helped", messy, 3)
    assert first == second
    assert len(first.rejected) == 4
    assert exported(alone) == exported(helped)
    assert answers(alone) == answers(helped)


def test_a_small_input_starts_no_worker(tmp_path: Path, messy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workers, "_start", None)
    indexed(tmp_path / "index", messy, 4)


def test_a_worker_that_dies_costs_nothing_but_time(
    tmp_path: Path, messy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.workers.WORTH_IT", 0)
    alone, _ = indexed(tmp_path / "alone", messy, 1)
    start = Workers._start

    def start_and_kill(self: Workers) -> None:
        start(self)
        for process in self._processes:
            process.kill()

    monkeypatch.setattr(Workers, "_start", start_and_kill)
    bereft, _ = indexed(tmp_path / "bereft", messy, 3)
    assert exported(alone) == exported(bereft)


def test_reading_ahead_gives_what_reading_behind_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files whose documents move, collide and change between the runs, beside an index that is always up to date."""
    chance = random.Random(7)
    monkeypatch.setattr("index.batches.BATCH", 3)
    folder = tmp_path / "news"
    folder.mkdir()
    settle = Uncommitted._settle

    def always(self: Uncommitted, concerned: bool) -> bool:
        self._commit()
        return True

    for _ in range(6):
        for name in chance.sample("abcd", 2):
            rows = [
                {
                    "_id": f"{chance.randrange(9)}",
                    "url": f"https://x.example/{chance.randrange(9)}",
                    "text": told(n, edition),
                }
                if chance.random() < 0.7
                else {
                    "url": f"https://x.example/{chance.randrange(9)}",
                    "title": f"T{chance.randrange(3)}",
                    "text": told(n),
                }
                for n, edition in ((chance.randrange(20), chance.randrange(2)) for _ in range(8))
            ]
            path = folder / f"{name}.jsonl"
            if path.exists() and chance.random() < 0.3:
                path.rename(folder / f"{chance.choice('efg')}.jsonl")
            path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        found = []
        for place, how in (("ahead", settle), ("behind", always)):
            monkeypatch.setattr(Uncommitted, "_settle", how)
            index, report = indexed(tmp_path / place, folder, 1)
            told_in_any_order = [sorted(map(repr, of)) for of in (report.renamed, report.replaced, report.rejected)]
            found.append((exported(index), told_in_any_order, replace(report, renamed=(), replaced=(), rejected=())))
        assert found[0] == found[1]


# --- How it ends ---

PROGRAM = """
import sys, time
import index.workers, index.batches, cli
index.workers.WORTH_IT = 0
index.batches.BATCH = 100
cli.main()
"""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(json.dumps({"_id": f"n{n}", "text": told(n) * 8}) for n in range(40_000)), "utf-8")
    return path


@pytest.fixture
def running(tmp_path: Path, many: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run over a large file, of which something is committed, with two workers at work."""
    command = [sys.executable, "-c", PROGRAM, "index", str(many), "--index", str(tmp_path / "index"), "--workers", "3"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    waited = time.monotonic() + 120
    while time.monotonic() < waited and not (len(children(process.pid)) == 2 and stored(tmp_path / "index")):
        time.sleep(0.02)
    yield process
    process.kill()
    process.wait()


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def stored(folder: Path) -> int:
    return Index.open(folder).counts()["articles"] if (folder / "articles.db").exists() else 0


def are_gone(pids: list[int]) -> bool:
    waited = time.monotonic() + 60
    while any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_text() for pid in pids):
        if time.monotonic() > waited:
            return False
        time.sleep(0.05)
    return True


linux = pytest.mark.skipif(not os.path.exists(f"/proc/self/task/{os.getpid()}/children"), reason="needs /proc")


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_with_workers_ends_at_once_and_leaves_none(
    running: subprocess.Popen[bytes], tmp_path: Path, number: signal.Signals
) -> None:
    workers = children(running.pid)
    assert len(workers) == 2
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    assert running.returncode == (-number if number == signal.SIGKILL else 128 + number)
    assert b"Traceback" not in said
    assert are_gone(workers)
    if number != signal.SIGKILL:
        assert f"keeps {stored(tmp_path / 'index')} articles".encode() in said
    assert 0 < stored(tmp_path / "index") < 40_000
    assert Index.open(tmp_path / "index").verify() == []


def test_the_command_takes_a_number_of_workers(khabar: Khabar, tmp_path: Path, messy: Path) -> None:
    done = khabar("index", messy, "--workers", "2", "--index", tmp_path / "index", "--json")
    assert done.code == 3
    assert khabar("index", messy, "--workers", "0", "--index", tmp_path / "index").code == 2
