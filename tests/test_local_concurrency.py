"""One writer and many readers: nobody sees half a commit, nobody waits for long, nobody corrupts anything."""

import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from crashing import entries, state
from read_at_once import (
    folder_fixture,  # noqa: F401 - fixtures
    look,
    start,
    twins,
)

from index import Index
from index.errors import IndexLocked
from index.local import lock, writer
from index.local.segments import Segment
from index.local.writer import writing
from index.open import verify
from search import Engine

COMMITS = 30


READER = """
import sys
from read_at_once import look
from index import Index
from search import Engine

index = Index.open(sys.argv[1])
engine = Engine(index)
print("ready", flush=True)
looks = 0
import select
while not select.select([sys.stdin], [], [], 0.01)[0]:  # a pause, so that the writer is not starved
    wrong = look(index, engine)
    if wrong:
        print(wrong, flush=True)
        sys.exit(1)
    looks += 1
    if looks % 7 == 0:
        index = Index.open(sys.argv[1])
        engine = Engine(index)
print(looks, flush=True)
"""


def test_readers_see_every_commit_whole_while_a_writer_adds_removes_purges_and_compacts(folder: Path) -> None:
    readers = [start(READER, folder) for _ in range(3)]
    for reader in readers:
        assert reader.stdout
        assert reader.stdout.readline() == "ready\n"
    index = Index.open(folder)
    for edition in range(1, COMMITS + 1):
        with writing(index) as changes:
            changes.add(entries(twins(edition) | {f"passing{edition}": "Here today, gone tomorrow."}))
            if edition % 5 == 0:
                changes.remove([f"passing{n}" for n in range(edition - 4, edition + 1)], purge=edition % 15 == 0)
            if edition % 10 == 0:
                changes.compact()
    for reader in readers:
        out, err = reader.communicate("stop\n")
        assert (reader.returncode, err) == (0, ""), out + err
        assert int(out) > 0
    assert verify(folder) == []
    assert state(folder) == {"constant": "The lighthouse of Sarmin stands.", **twins(COMMITS)}


def test_threads_of_one_process_share_an_index(folder: Path) -> None:
    index = Index.open(folder)
    engine = Engine(index)
    wrong: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                wrong.extend(filter(None, [look(index, engine)]))
            except Exception as error:
                wrong.append(repr(error))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for edition in range(1, 12):
        with writing(index) as changes:
            changes.add(entries(twins(edition)))
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_threads_open_the_same_files_at_once(folder: Path) -> None:
    # Two threads may not parse Python literals at once in CPython 3.11, as numpy does for each file: whoever is
    # interrupted by the collection of garbage in between fails, here within a second.
    (segment,) = (folder / "segments").iterdir()
    wrong: list[str] = []

    def open_often() -> None:
        for _ in range(60):
            try:
                Segment.open(segment, {})
            except SystemError as error:
                wrong.append(repr(error))

    def interrupt(phase: str, info: dict[str, int]) -> None:
        time.sleep(0)

    before = gc.get_threshold(), sys.getswitchinterval()
    gc.callbacks.append(interrupt)
    gc.set_threshold(5)
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=open_often) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.callbacks.remove(interrupt)
        gc.set_threshold(*before[0])
        sys.setswitchinterval(before[1])
    assert wrong == []


def test_a_reading_block_inside_another_sees_the_same(folder: Path) -> None:
    index = Index.open(folder)
    with index.reading() as outer:
        with writing(index) as changes:
            changes.add(entries(twins(1)))
        with index.reading() as inner:
            assert inner.generation == outer.generation
    with index.reading() as later:
        assert later.generation != outer.generation


HOLDER = """
import os, sys
from index import Index
from index.local.writer import writing

with writing(Index.open(sys.argv[1])):
    print(os.getpid(), flush=True)
    sys.stdin.readline()
"""


def test_a_second_writer_is_told_who_writes_and_since_when(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "SHORTLY", 0.2)
    holder = start(HOLDER, folder)
    assert holder.stdout
    process = holder.stdout.readline().strip()
    told = rf"by process {process} since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d"
    with pytest.raises(IndexLocked, match=told), writing(Index.open(folder)):
        pass
    with Index.open(folder).reading() as view:  # searching goes on
        assert view.snapshot.alive.any()
    holder.communicate("done\n")
    with writing(Index.open(folder)) as changes:
        changes.add(entries({"next": "Now it is our turn."}))


def test_a_second_writer_waits_for_a_first_that_is_soon_done(folder: Path) -> None:
    holder = start(HOLDER, folder)
    assert holder.stdout
    assert holder.stdout.readline()
    timer = threading.Timer(0.5, lambda: holder.communicate("done\n"))
    timer.start()
    with writing(Index.open(folder)) as changes:
        changes.add(entries({"next": "Now it is our turn."}))
    timer.join()
    assert "next" in state(folder)


def test_the_lock_of_a_process_that_died_is_taken_over(folder: Path) -> None:
    holder = start(HOLDER, folder)
    assert holder.stdout
    process = int(holder.stdout.readline())
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert json.loads((folder / "lock.owner").read_text("utf-8"))["process"] == process  # it could not tidy up
    with writing(Index.open(folder)) as changes:
        assert json.loads((folder / "lock.owner").read_text("utf-8"))["process"] == os.getpid()
        changes.add(entries({"next": "Now it is our turn."}))
    assert verify(folder) == []


ADDER = """
import sys
from crashing import entries
from index import Index
from index.local import lock
from index.local.writer import writing

lock.SHORTLY = 60  # a busy machine is no failure
for number in range(6):
    with writing(Index.open(sys.argv[1])) as changes:
        changes.add(entries({f"{sys.argv[2]}{number}": f"Written by {sys.argv[2]}."}))
"""


def test_writers_in_turn_lose_nothing(folder: Path) -> None:
    writers = [start(ADDER, folder, name) for name in ("ahmad", "bella", "chadi")]
    failed: Sequence[str] = [w.communicate()[1] for w in writers]
    assert list(failed) == ["", "", ""]
    assert verify(folder) == []
    added = {id for id in state(folder) if id[:-1] in ("ahmad", "bella", "chadi")}
    assert len(added) == 18


def test_a_purge_that_a_reader_prevents_says_so_and_can_be_given_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PATIENCE", 0.1)
    index = Index.open(folder)
    with (
        Index.open(folder).reading(),
        writing(index) as first,
        pytest.raises(IndexLocked, match="Give the same command"),
    ):
        first.remove(["constant"], purge=True)
    with writing(index) as second:
        assert second.remove(["constant"], purge=True) == 0
    assert b"lighthouse" not in b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
