"""A writer waits for another as long as it is told to, and says that it does."""

import json
import threading
import time
from pathlib import Path

import pytest
from conftest import Khabar

from index import Index, load_encoder
from index.local import lock


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lock, "SHORTLY", 0.1)
    Index.create(tmp_path / "index", load_encoder()).close()
    return tmp_path / "index"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"_id": "a", "text": "The river rose in Kasrun."}), "utf-8")
    return path


def busy(folder: Path, seconds: float) -> threading.Thread:
    """Another writer, which has the lock when this returns and keeps it for so long."""
    held = threading.Event()

    def write() -> None:
        with lock.locked(folder):
            held.set()
            time.sleep(seconds)

    thread = threading.Thread(target=write)
    thread.start()
    assert held.wait(10)
    return thread


@pytest.mark.parametrize("wait", [("--wait",), ("--wait", "60"), ("--wait=60",)])
@pytest.mark.parametrize("command", ["index", "remove", "verify", "reindex"])
def test_every_command_that_writes_can_wait(
    khabar: Khabar, folder: Path, source: Path, command: str, wait: tuple[str, ...]
) -> None:
    what = {"index": [source], "remove": ["a"]}.get(command, [])
    writer = busy(folder, 0.3)
    done = khabar(command, *wait, *what, "--index", folder)
    writer.join()
    assert done.code == (1 if command == "remove" else 0)  # which finds no such article
    assert "Waiting until it has finished." in done.err


def test_waiting_ends_and_quiet_waits_without_a_word(khabar: Khabar, folder: Path, source: Path) -> None:
    writer = busy(folder, 1.0)
    done = khabar("index", source, "--index", folder, "--wait", "0.2", "--quiet")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "Try again when it has finished." in done.err
    assert khabar("index", source, "--index", folder, "--wait", "--quiet") == (0, "", "")
    writer.join()


def test_a_file_of_settings_can_say_it(
    khabar: Khabar, folder: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "khabar.toml").write_text('wait = "forever"\nquiet = true', "utf-8")
    writer = busy(folder, 0.3)
    assert khabar("index", source, "--index", folder) == (0, "", "")
    writer.join()


def test_what_is_no_number_of_seconds_is_wrong_usage(khabar: Khabar, folder: Path) -> None:
    for seconds in ("-1", "soon", "nan"):
        done = khabar("verify", f"--wait={seconds}", "--index", folder)
        assert (done.code, "is no number of seconds" in done.err) == (2, True)
