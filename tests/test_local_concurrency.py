"""One writer and many readers: nobody sees half a commit, nobody waits for long, nobody corrupts anything."""

import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from crashing import MEMORY, entries, state

from index import Index, load_encoder
from index.errors import IndexLocked, StorageError
from index.local import database, lock, writer
from index.local.manifest import Manifest
from index.local.segments import Segment
from index.local.writer import writing
from index.open import verify
from search import Engine
from search.types import Mode

ROOT = Path(__file__).resolve().parents[1]

COMMITS = 40


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        folder = Path(place) / "index"
        with writing(Index.create(folder, load_encoder())) as changes:
            changes.add(entries({"constant": "The lighthouse of Sarmin stands.", **twins(0)}))
        yield folder


def twins(edition: int) -> dict[str, str]:
    """Two articles that always change together."""
    return {name: f"The {name} bank of the river, edition{edition}." for name in ("left", "right")}


def look(index: Index, engine: Engine) -> str:
    """What a reader sees is wrong, or nothing."""
    with index.reading() as view:
        alive = view.snapshot.alive
        found = view.articles(np.unique(view.snapshot.articles[alive]))
        if index.counts()["passages"] != alive.sum():
            return f"{alive.sum()} rows are alive, and {index.counts()['passages']} passages stored"
        texts = {article.id: article.text for article in found}
        if texts != {article.id: article.text for _, article in index.articles()}:
            return "the segments hold other articles than the database"
        editions = {re.findall(r"edition\d+", texts[name])[0] for name in ("left", "right")}
        if len(editions) != 1:
            return f"half a commit: {editions}"
    for query in ("lighthouse Sarmin", "منارة"):  # a lighthouse
        hits = engine.search(query, k=10).hits
        if "constant" not in {hit.article.id for hit in hits}:
            return f"the constant article is not found by {query}"
    for hit in engine.search("the left bank of the river", k=10).hits:
        if hit.article.text[hit.passage.start : hit.passage.end] != hit.passage.text:
            return "a passage is not in its article"
    return ""


READER = """
import sys
from test_local_concurrency import look
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


def start(code: str, *args: object) -> "subprocess.Popen[str]":
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
    )


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
    for edition in range(1, 20):
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


# ---------------------------------------------------------------- readers without rights

FOREIGNER = """
import os, sys, tempfile
from pathlib import Path
from crashing import change
from test_local_concurrency import look
from index import Index
from index.errors import KhabarError
from search import Engine

with tempfile.TemporaryDirectory() as place:  # whatever is loaded late is loaded now
    warm = Path(place) / "index"
    text = "Rain fell on the lighthouse of Sarmin from the morning on, and the keeper counted twelve boats in the bay."
    for step in (("create", None), ("add", {"a": text, "b": text})):  # copies, so that what folds them is loaded
        change(warm, step)
    assert Engine(Index.open(warm)).search("rain").hits[0].copies
os.setuid(65534)
print("ready", flush=True)
looks, editions = 0, set()
import select
while True:
    try:
        index = Index.open(sys.argv[1])
        wrong = look(index, Engine(index))
        editions.add(index.article("left").text)
        index.close()
    except KhabarError as error:
        wrong = str(error)
    if wrong:
        print(wrong, flush=True)
        sys.exit(1)
    looks += 1
    if select.select([sys.stdin], [], [], 0)[0]:
        break
print(looks, len(editions), flush=True)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.slow
def test_a_reader_without_rights_sees_whole_commits_and_the_newest(folder: Path) -> None:
    folder.parent.chmod(0o755)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    reader = start(FOREIGNER, folder)
    assert reader.stdout
    assert reader.stdout.readline() == "ready\n"
    for edition in range(1, 40):
        with writing(Index.open(folder)) as changes:  # opened and closed each time, as by the command line
            changes.add(entries(twins(edition)))
        time.sleep(0.02)
    said, _ = reader.communicate("done\n")
    assert said.replace(" ", "").strip().isdigit(), said
    looks, editions = map(int, said.split())
    assert looks > 3
    assert editions > 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_reader_without_rights_is_told_why_not_where_there_is_no_log(folder: Path) -> None:
    folder.parent.chmod(0o755)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for end in ("-wal", "-shm"):  # as in an index of an older Khabar
        (folder / f"articles.db{end}").unlink()
    reader = start(FOREIGNER, folder)
    said, _ = reader.communicate()
    assert f"Its owner makes it with: khabar info --index {folder}" in said
    Index.open(folder).close()
    reader = start(FOREIGNER, folder)
    said, _ = reader.communicate("done\n")
    assert reader.returncode == 0


# ---------------------------------------------------------------- an index that is replaced


def test_an_engine_notices_that_its_index_was_replaced(folder: Path, tmp_path: Path) -> None:
    """Also by one with the same generation, and in every thread."""
    other = folder.with_name("other")
    with writing(Index.create(other, load_encoder())) as changes:
        changes.add(entries({"replaced": "The lighthouse of Nadwan fell into the sea."}))
    index = Index.open(folder)
    engine = Engine(index)
    with index.reading() as before:
        pass
    commits = dict(before.generation)["generation"]
    answered = [hit.article.id for hit in engine.search("lighthouse").hits]
    folder.rename(folder.with_name("away"))
    other.rename(folder)
    with index.reading() as after:
        assert dict(after.generation)["generation"] == commits
        assert after.generation != before.generation
        assert [article.id for _, article in index.articles()] == ["replaced"]
    assert "constant" in answered
    assert [hit.article.id for hit in engine.search("lighthouse").hits] == ["replaced"]
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.extend(h.article.id for h in engine.search("lighthouse").hits))
    thread.start()
    thread.join()
    assert found == ["replaced"]


def put_in_place(other: Path, folder: Path) -> None:
    """Replace an index by another, whose database gets the number of the old one's file, as file systems reuse them."""
    number = (folder / "articles.db").stat().st_ino
    for end in ("-wal", "-shm"):
        (folder / f"articles.db{end}").unlink(missing_ok=True)
    (folder / "articles.db").write_bytes((other / "articles.db").read_bytes())
    shutil.rmtree(folder / "segments")
    shutil.copytree(other / "segments", folder / "segments")
    assert (folder / "articles.db").stat().st_ino == number


def test_an_index_that_gets_the_file_numbers_of_the_old_one_is_another(folder: Path) -> None:
    """Its database says so itself, even where it is a copy that had as many commits of its own since."""
    other, copy = folder.with_name("other"), folder.with_name("copy")
    with writing(Index.create(other, load_encoder())) as changes:
        changes.add(entries({"one": "Here is one.", "two": "Here are two."}))
    shutil.copytree(folder, copy)
    names = {folder: "Sarmin", copy: "Kasrun", other: "Nadwan"}
    for place, name in names.items():
        with writing(Index.open(place)) as changes:
            changes.add(entries({name: f"The ferry to {name} sank."}))
    index = Index.open(folder)
    engine = Engine(index)
    for place, name in names.items():
        if place != folder:
            index.close()  # while it is open, no other file gets its number
            put_in_place(place, folder)
        assert [hit.article.id for hit in engine.search(f'"ferry to {name}"', mode=Mode.LEXICAL).hits] == [name]
        with index.reading() as view:
            assert len(view.snapshot.positions) == index.counts()["passages"]


def test_a_writer_notices_that_its_database_became_another(folder: Path) -> None:
    with writing(Index.open(folder)) as changes:
        changes._db.execute("UPDATE meta SET value = 'of another' WHERE key = 'identity'")
        with pytest.raises(StorageError, match="replaced by another index"):
            changes.add(entries({"lost": "Nobody will read this."}))
    assert "lost" not in {article.id for _, article in Index.open(folder, outdated=True).articles()}


def test_a_reading_block_keeps_the_index_that_it_began_with(folder: Path, tmp_path: Path) -> None:
    other = folder.with_name("other")
    Index.create(other, load_encoder()).close()
    index = Index.open(folder)
    with index.reading() as view:
        folder.rename(folder.with_name("away"))
        other.rename(folder)
        assert "constant" in {article.id for _, article in index.articles()}
        numbers = view.snapshot.positions
        assert len(view.passages(numbers)) == len(numbers)
    with index.reading() as later:
        assert len(later.snapshot.positions) == 0


def test_a_writer_stores_nothing_in_an_index_that_was_put_in_the_place_of_its_own(folder: Path, tmp_path: Path) -> None:
    other = folder.with_name("other")
    Index.create(other, load_encoder()).close()
    with writing(Index.open(other)) as changes:
        changes.add(entries({"theirs": "The index of somebody else."}))
    with writing(Index.open(folder)) as changes:
        folder.rename(folder.with_name("away"))
        other.rename(folder)
        with pytest.raises(StorageError, match="replaced by another index"):
            changes.add(entries({"lost": "Nobody will read this."}))
    assert verify(folder.with_name("away")) == verify(folder) == []
    assert state(folder) == {"theirs": "The index of somebody else."}


# ---------------------------------------------------------------- two first runs


def test_two_first_runs_at_once_make_one_index(tmp_path: Path) -> None:
    sources = []
    for name in ("ahmad", "bella"):
        source = tmp_path / f"{name}.jsonl"
        source.write_text(json.dumps({"_id": name, "text": f"Written by {name} in Kasrun."}), "utf-8")
        sources.append(source)
    code = "import cli, sys; sys.argv = ['khabar', 'index', *sys.argv[1:]]; cli.main()"
    for trial in range(3):
        place = tmp_path / str(trial)
        runs = [start(code, source, "--index", place) for source in sources]
        said = [run.communicate() for run in runs]
        assert [run.returncode for run in runs] == [0, 0], said
        assert set(state(place)) == {"ahmad", "bella"}


def test_a_first_run_waits_for_another_that_has_just_begun(tmp_path: Path) -> None:
    """Between the lock and the database."""
    place = tmp_path / "index"
    place.mkdir()
    held = threading.Event()

    def first() -> None:
        with lock.locked(place):
            held.set()
            time.sleep(0.3)
            database.create(place / "articles.db", Manifest.of(load_encoder(), load_encoder().hash))

    thread = threading.Thread(target=first)
    thread.start()
    held.wait()
    assert Index.create(place, load_encoder()).counts()["articles"] == 0
    thread.join()


def test_an_index_that_another_process_made_a_moment_ago_is_opened(tmp_path: Path) -> None:
    first = Index.create(tmp_path / "index", load_encoder())
    with writing(first) as changes:
        changes.add(entries({"theirs": "Already there."}))
    assert Index.create(tmp_path / "index", load_encoder()).counts()["articles"] == 1
