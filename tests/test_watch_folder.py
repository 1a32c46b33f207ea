"""A folder is watched: what arrives is indexed and told, by the real command in a process of its own."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Khabar

pytest.importorskip("watchfiles")

FERRY = "The ferry Amal caught fire near Port Sarma on Sunday, and the rescue of 212 passengers took all night."


class Watching:
    """`khabar watch`, running; `next` is a line that it prints."""

    def __init__(self, *arguments: object) -> None:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", "import cli; cli.main()", "watch", *map(str, arguments)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)

    def next(self) -> str:
        return self._lines.get(timeout=60)

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "old.txt").write_text("The council of Kasrun voted on the budget of the harbour.", "utf-8")
    return folder


@pytest.fixture
def watching(khabar: Khabar, incoming: Path) -> Iterator[Watching]:
    index = incoming / ".index"  # inside, so that its own changes are seen if they are not left out
    assert khabar("index", incoming, "--index", index).code == 0
    assert khabar("save", "ferry", "ferry fire rescue", "--min-score", "0.3", "--index", index).code == 0
    running = Watching(incoming, "--index", index, "--json", "--every", 2)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def test_what_arrives_is_indexed_and_told_and_a_signal_ends_it(watching: Watching, incoming: Path) -> None:
    (incoming / "fire.txt").write_text(FERRY, "utf-8")
    told = json.loads(watching.next())
    assert (told["search"], told["passage"]["text"]) == ("ferry", FERRY)
    new = incoming / "later"
    new.mkdir()
    (new / "again.txt").write_text("Days later the captain of another ferry spoke of the fire and the rescue.", "utf-8")
    assert json.loads(watching.next())["article"]["path"].endswith("again.txt")
    code, said = watching.stop()
    assert code == 128 + signal.SIGTERM
    assert "Traceback" not in said


def test_a_folder_that_is_none_and_a_missing_extra_are_said(
    khabar: Khabar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = khabar("watch", tmp_path / "nowhere", "--index", tmp_path / "index")
    assert (done.code, "is no folder" in done.err) == (1, True)
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert "khabar[watch]" in khabar("watch", tmp_path, "--index", tmp_path / "index").err


def test_an_index_that_another_process_writes_to_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from index import Index, load_encoder
    from index.errors import IndexLocked
    from index.local import lock, writing
    from index.types import Report
    from search.watch import watch_folder

    monkeypatch.setattr(lock, "SHORTLY", 0.1)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    (tmp_path / "in").mkdir()
    index = Index.create(tmp_path / "index", load_encoder())
    runs = watch_folder(index, [str(tmp_path / "in")], load_encoder())
    with writing(Index.open(index.path)):
        assert isinstance(next(runs), IndexLocked)
    assert isinstance(next(runs), Report)
