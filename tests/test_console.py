"""However a command ends, it ends in one sentence or none, with an exit code that says what happened, and tidies up."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import CORPUS, Khabar

from index import Index, load_encoder
from index.open import verify
from search import console

ROOT = Path(__file__).resolve().parents[1]
KHABAR = [sys.executable, "-c", "import cli; cli.main()"]
QUIET = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}


def start(args: Sequence[object], **how: object) -> "subprocess.Popen[bytes]":
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": QUIET}
    return subprocess.Popen([*KHABAR, *map(str, args)], **(pipes | how))  # type: ignore[call-overload,no-any-return]


def one_sentence(err: bytes) -> str:
    said = err.decode("utf-8", "replace")
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert said.count("\n") <= 1, said
    return said


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many articles that indexing them takes a second or two."""
    path = tmp_path_factory.mktemp("source") / "news.jsonl"
    rows = ({"_id": str(n), "text": f"Bulletin {n} of Kasrun. " + "The river rose again. " * 40} for n in range(6_000))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


COMMANDS = [("export",), ("search", "ferry"), ("info", "--json"), ("--help",)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", COMMANDS)
def test_output_that_cannot_be_written_is_said(corpus_folder: Path, command: tuple[str, ...]) -> None:
    where = () if command == ("--help",) else ("--index", corpus_folder)
    with open("/dev/full", "wb") as full:
        done = start([*command, *where], stdout=full)
        _, err = done.communicate()
    assert done.returncode == 1
    assert os.strerror(errno.ENOSPC) in one_sentence(err)


@pytest.mark.parametrize("command", [("export",), ("search", "ferry", "--json")])
def test_a_reader_that_closes_the_pipe_ends_the_command_without_a_word(
    corpus_folder: Path, command: tuple[str, ...]
) -> None:
    done = start([*command, "--index", corpus_folder])
    assert done.stdout
    done.stdout.close()
    assert done.stderr
    assert one_sentence(done.stderr.read()) == ""
    assert done.wait() == 141


@pytest.mark.parametrize(("encoding", "command"), [("latin-1", ("search", "عبّارة")), ("cp1256", ("stories",))])
def test_a_terminal_of_another_alphabet_is_no_reason_to_fail(
    corpus_folder: Path, encoding: str, command: tuple[str, ...]
) -> None:
    env = QUIET | {"PYTHONIOENCODING": encoding}
    for more in ((), ("--json",)):
        done = start([*command, *more, "--index", corpus_folder], env=env)
        out, err = done.communicate()
        assert done.returncode == 0, err
        for line in out.decode(encoding).splitlines() if more else ():
            json.loads(line)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
def test_a_signal_tidies_up_and_says_what_was_kept(source: Path, tmp_path: Path, number: int) -> None:
    folder = tmp_path / "index"
    running = start(["index", source, "--index", folder])
    while not list(folder.glob("segments/*/*")):
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(number)
    _, err = running.communicate()
    assert running.returncode == 128 + number
    kept = Index.open(folder).counts()["articles"]
    assert f"keeps {kept} articles; the same command goes on from there" in one_sentence(err)
    assert not [path for path in folder.rglob("*") if ".new" in path.name or path.name == "lock.owner"]
    assert verify(folder) == []


@pytest.mark.slow
def test_a_signal_leaves_no_unfinished_export_and_no_temporary_index(
    corpus_folder: Path, source: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (tmp_path / "beir").mkdir()
    (tmp_path / "beir" / "corpus.jsonl").symlink_to(source)
    (tmp_path / "beir" / "queries.jsonl").write_text('{"_id": "q", "text": "river"}', "utf-8")
    (tmp_path / "beir" / "qrels.tsv").write_text("q\t1\t1\n", "utf-8")
    running = start(["evaluate", tmp_path / "beir"], env=QUIET | {"TMPDIR": str(temporary)})
    while not list(temporary.rglob("*.npy")):
        assert running.poll() is None
        time.sleep(0.01)
    running.terminate()
    _, err = running.communicate()
    assert running.returncode == 128 + signal.SIGTERM
    assert "Stopped" in one_sentence(err)
    assert list(temporary.iterdir()) == []


LOST = """
import signal
from search.console import run_app

def command():
    try:
        signal.raise_signal(signal.SIGTERM)
    except BaseException:
        raise SystemError("a function returned with an exception set") from None

run_app(command)
"""


def test_a_signal_of_which_a_library_makes_its_own_error_ends_a_command_as_any_does() -> None:
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, env=QUIET)
    assert done.returncode == 128 + signal.SIGTERM
    assert "Stopped" in one_sentence(done.stderr)


LIMITED = """
import resource, sys
limit, *command = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
import cli
sys.argv = ["khabar", *command]
cli.main()
"""

LITTLE = """
import resource, sys
import cli
from conftest import run
from search import console

console.require_memory = lambda: None  # which would refuse at once
extra, *command = sys.argv[1:]
run(*command)  # whatever is loaded late is loaded now
with open("/proc/self/statm") as sizes:
    limit = int(sizes.read().split()[0]) * resource.getpagesize() + int(extra)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.argv = ["khabar", *command]
cli.main()
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs to know how much memory a process has")
@pytest.mark.parametrize(
    ("command", "extra"),
    [
        *((("search", "ferry"), extra) for extra in (0, 1 << 20, 16 << 20)),
        *((("stories",), 1 << 20), (("verify",), 0), (("export",), 0)),
    ],
)
@pytest.mark.slow
def test_too_little_memory_is_called_memory(corpus_folder: Path, command: tuple[str, ...], extra: int) -> None:
    env = QUIET | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    args = [sys.executable, "-c", LITTLE, str(extra), *command, "--index", str(corpus_folder)]
    done = subprocess.run(args, env=env, capture_output=True, check=False)
    if done.returncode in (-signal.SIGABRT, -signal.SIGSEGV):
        return  # a library in C++ or Rust ended the process: nothing in Python can prevent it
    assert done.returncode in (0, 1), done.stderr
    if done.returncode:
        assert "memory" in one_sentence(done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of the address space")
@pytest.mark.parametrize("command", [("search", "ferry"), ("index", CORPUS)])
@pytest.mark.slow
def test_a_limit_that_libraries_would_not_survive_is_refused_in_one_sentence(
    corpus_folder: Path, tmp_path: Path, command: tuple[object, ...]
) -> None:
    """From where Python begins to run to where everything runs, whichever library would be the one to fail."""
    index = ("--index", tmp_path / "new" if command[0] == "index" else corpus_folder)
    needed = console.LEAST_MEMORY + (os.cpu_count() or 1) * console.MEMORY_OF_A_CORE
    for limit in (40 << 20, 80 << 20, 260 << 20, 500 << 20, needed - 1, needed):
        limited = [sys.executable, "-c", LIMITED, str(limit), *map(str, [*command, *index])]
        done = subprocess.run(limited, env=QUIET, capture_output=True, check=False)
        said = one_sentence(done.stderr)
        if limit < needed:
            assert done.returncode == 1
            assert f"may use {limit >> 20:,} MiB" in said
            assert f"ulimit -v {needed >> 10}" in said
        else:
            assert done.returncode == 0, said


def test_help_is_shown_however_little_memory_there_is(tmp_path: Path) -> None:
    for args in ([], ["--help"], ["search", "--help"]):
        done = subprocess.run([sys.executable, "-c", LIMITED, str(100 << 20), *args], env=QUIET, capture_output=True)
        assert b"Usage" in done.stdout + done.stderr


# ---------------------------------------------------------------- files that are written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Index.create(tmp_path / "index", load_encoder()).close()
    return tmp_path / "index"


def queries(tmp_path: Path) -> Path:
    path = tmp_path / "queries.jsonl"
    path.write_text('{"_id": "q", "text": "river"}', "utf-8")
    return path


def test_no_command_writes_over_a_file_of_an_index(khabar: Khabar, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    Index.create(other, load_encoder()).close()
    (tmp_path / "link").symlink_to(folder / "articles.db")
    (tmp_path / "folder").symlink_to(folder)
    for target in (
        *(folder / name for name in ("articles.db", "manifest.json", "lock", "new", "segments/00000001/rows.npy")),
        *(tmp_path / "link", tmp_path / "folder" / "articles.db", other / "articles.db"),
    ):
        refused = khabar("export", target, "--index", folder)
        assert (refused.code, "would damage" in refused.err) == (1, True), target
        refused = khabar("search", "--queries", queries(tmp_path), "--run", target, "--index", folder)
        assert (refused.code, "would damage" in refused.err) == (1, True), target
    assert verify(folder) == verify(other) == []
    assert not (folder / "new").exists()


def test_a_link_is_followed_and_a_device_or_pipe_is_written_to(
    khabar: Khabar, corpus_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "real").write_text("old", "utf-8")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert khabar("export", tmp_path / "link", "--index", corpus_folder).code == 0
    assert (tmp_path / "link").is_symlink()
    assert '"khabar"' in (tmp_path / "real").read_text("utf-8")
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640
    assert khabar("export", os.devnull, "--index", corpus_folder).code == 0
    assert Path(os.devnull).is_char_device()
    os.mkfifo(tmp_path / "pipe")
    running = start(["export", tmp_path / "pipe", "--index", corpus_folder])
    assert (tmp_path / "pipe").read_text("utf-8") == (tmp_path / "real").read_text("utf-8")
    assert running.wait() == 0
    assert (tmp_path / "pipe").is_fifo()
    running.communicate()


def test_what_stood_beside_the_file_stays(khabar: Khabar, corpus_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "backup.jsonl.new").write_text("precious", "utf-8")
    assert khabar("export", tmp_path / "backup.jsonl", "--index", corpus_folder).code == 0
    assert (tmp_path / "backup.jsonl.new").read_text("utf-8") == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.jsonl", "backup.jsonl.new"]


def test_queries_nested_without_end_and_odd_grades_are_named(
    khabar: Khabar, corpus_folder: Path, tmp_path: Path
) -> None:
    path = queries(tmp_path)
    path.write_text("[" * 100_000, "utf-8")
    done = khabar("search", "--queries", path, "--run", tmp_path / "run", "--index", corpus_folder)
    assert (done.code, "queries.jsonl:1" in done.err) == (1, True)
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a", "text": "The river rose."}', "utf-8")
    queries(tmp_path)
    for grade in ("²", "", "--1", "1.5", "x", "9" * 5_000):
        (tmp_path / "qrels.tsv").write_text(f"q\ta\t{grade}\n", "utf-8")
        done = khabar("evaluate", tmp_path)
        assert (done.code, "qrels.tsv:1" in done.err) == (1, True), grade


def test_an_index_folder_whose_name_is_no_text_is_refused(khabar: Khabar, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"bad\xff")
    for command in (("index", queries(tmp_path)), ("search", "x"), ("info",), ("verify",), ("export",)):
        done = khabar(*command, "--index", folder)
        assert (done.code, "no UTF-8" in done.err) == (1, True)
