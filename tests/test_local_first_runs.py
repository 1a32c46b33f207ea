"""Two first runs at once make one index."""

import json
import threading
import time
from pathlib import Path

import pytest
from crashing import entries, state
from read_at_once import start

from index import Index, load_encoder
from index.local import database, layout, lock
from index.local.manifest import Manifest
from index.local.writer import writing

RACE = """
import os, sys, tempfile
from conftest import run

one, other, *places = sys.argv[1:]
with tempfile.TemporaryDirectory() as warm:
    run("index", one, "--index", warm + "/index")  # whatever is loaded late is loaded now
failed = 0
for place in places:
    ready, go = os.pipe()
    runs = []
    for source in (one, other):
        if not (child := os.fork()):
            os.close(go)
            os.read(ready, 1)  # until both have begun
            os._exit(run("index", source, "--index", place))
        runs.append(child)
    os.close(go)
    failed += sum(os.waitpid(child, 0)[1] != 0 for child in runs)
    os.close(ready)
sys.exit(failed)
"""


def test_two_first_runs_at_once_make_one_index(tmp_path: Path) -> None:
    sources = []
    for name in ("ahmad", "bella"):
        source = tmp_path / f"{name}.jsonl"
        source.write_text(json.dumps({"_id": name, "text": f"Written by {name} in Kasrun."}), "utf-8")
        sources.append(source)
    places = [tmp_path / str(trial) for trial in range(6)]
    race = start(RACE, *sources, *places)
    said = race.communicate()
    assert race.returncode == 0, said
    assert [set(state(place)) for place in places] == [{"ahmad", "bella"}] * len(places), said


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


def test_an_index_that_appears_while_its_folder_is_looked_at_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = layout.require_fresh

    def look_too_late(path: Path) -> None:
        monkeypatch.setattr("index.local.index.require_fresh", look)
        Index.create(path, load_encoder())
        look(path)

    monkeypatch.setattr("index.local.index.require_fresh", look_too_late)
    assert Index.create(tmp_path / "index", load_encoder()).counts()["articles"] == 0
