"""A writer waits for another as long as it is told to, and says that it does."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Khabar

from index import Index, load_encoder
from index.local import lock
from search.commands import options
from search.console import remark


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


@pytest.fixture
def busy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Another writer, which is done as soon as it is said that somebody waits, or when the event is set."""
    held, done = threading.Event(), threading.Event()

    def write() -> None:
        with lock.locked(folder):
            held.set()
            assert done.wait(60)

    def told(text: object) -> None:
        remark(text)
        done.set()

    monkeypatch.setattr(options, "remark", told)
    thread = threading.Thread(target=write)
    thread.start()
    assert held.wait(60)
    yield done
    done.set()
    thread.join()


@pytest.mark.parametrize("wait", [("--wait",), ("--wait", "60"), ("--wait=60",)])
@pytest.mark.parametrize("command", ["index", "remove", "verify", "reindex"])
def test_every_command_that_writes_can_wait(
    khabar: Khabar, folder: Path, source: Path, busy: threading.Event, command: str, wait: tuple[str, ...]
) -> None:
    what = {"index": [source], "remove": ["a"]}.get(command, [])
    done = khabar(command, *wait, *what, "--index", folder)
    assert done.code == (1 if command == "remove" else 0)  # which finds no such article
    assert "Waiting until it has finished." in done.err


@pytest.mark.parametrize("wait", [(), ("--wait", "0.05")])
def test_waiting_ends(khabar: Khabar, folder: Path, source: Path, busy: object, wait: tuple[str, ...]) -> None:
    done = khabar("index", source, "--index", folder, *wait)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "Try again when it has finished." in done.err


def test_quiet_waits_without_a_word(khabar: Khabar, folder: Path, source: Path, busy: object) -> None:
    assert khabar("index", source, "--index", folder, "--wait", "--quiet") == (0, "", "")


def test_a_file_of_settings_can_say_it(
    khabar: Khabar, folder: Path, source: Path, busy: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "khabar.toml").write_text('wait = "forever"\nquiet = true', "utf-8")
    assert khabar("index", source, "--index", folder) == (0, "", "")


def test_what_is_no_number_of_seconds_is_wrong_usage(khabar: Khabar, folder: Path) -> None:
    for seconds in ("-1", "soon", "nan"):
        done = khabar("verify", f"--wait={seconds}", "--index", folder)
        assert (done.code, "is no number of seconds" in done.err) == (2, True)
