"""Two first runs at once make one index."""

import json
import threading
import time
from pathlib import Path

from crashing import entries, state
from read_at_once import start

from index import Index, load_encoder
from index.local import database, lock
from index.local.manifest import Manifest
from index.local.writer import writing


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
