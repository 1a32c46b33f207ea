"""What several test files use: the command line run in this process, and an index over the sample corpus."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import settings

# Before any library reads it: pytest-xdist already uses all cores, and idle OpenMP threads would only spin.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import cli
from index import Index

if TYPE_CHECKING:
    from crashing import Nursery
    from engines import Engine

# Compiled bytecode is kept. The tests start hundreds of processes, and each would compile every module again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Temporary folders of tests are kept in memory if there is room. No test needs a real disk, and writing to one is slow.
if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 3 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "corpus"

settings.register_profile("khabar", deadline=None)  # what is loaded at first use takes its time
settings.load_profile("khabar")


class Done(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Khabar = Callable[..., Done]


def run(*args: object) -> int:
    """Run the command line in this process; returns its exit code."""
    before = sys.argv
    sys.argv = ["khabar", *map(str, args)]
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = before
    return 0


@pytest.fixture
def khabar(capsys: pytest.CaptureFixture[str]) -> Khabar:
    def command(*args: object) -> Done:
        capsys.readouterr()
        return Done(run(*args), *capsys.readouterr())

    return command


@pytest.fixture
def terminal(khabar: Khabar, monkeypatch: pytest.MonkeyPatch) -> Khabar:
    """The command line as it prints to a terminal of 60 columns."""

    def command(*args: object) -> Done:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        return khabar(*args)

    monkeypatch.setenv("COLUMNS", "60")
    return command


@pytest.fixture(autouse=True)
def settings_of_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads the settings of the user who runs it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "nobody"))
    monkeypatch.setenv("KHABAR_STATE", str(tmp_path_factory.getbasetemp() / "state"))
    for name in ("KHABAR_INDEX", "KHABAR_QUIET", "KHABAR_WAIT", "KHABAR_MILVUS_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def corpus_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index folder over corpus/; tests must not change it."""
    folder = tmp_path_factory.mktemp("corpus") / "index"
    assert run("index", CORPUS / "corpus.jsonl", CORPUS / "pages", "--index", folder) == 0
    return folder


@pytest.fixture
def corpus_index(corpus_folder: Path) -> Index:
    return Index.open(corpus_folder)


@pytest.fixture(scope="module")
def nursery() -> Iterator["Nursery"]:
    """A process whose children may be killed while they change an index."""
    from crashing import Nursery

    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Engine"]:
    """A Milvus engine."""
    from engines import engine

    with engine(tmp_path_factory.mktemp("milvus")) as running:
        yield running


@pytest.fixture(scope="session")
def corpus_on_cluster(milvus: "Engine") -> str:
    """The address of an index of the sample corpus on a Milvus engine; tests must not change it."""
    address = milvus.fresh()
    assert run("index", CORPUS / "corpus.jsonl", CORPUS / "pages", "--index", address, "--quiet") == 0
    return address
