"""An index folder from a stranger: nothing outside it is read, changed or deleted, and nothing in it blocks."""

import json
import os
import shutil
import socket
import sqlite3
import stat
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Khabar
from crashing import entries

from index import Index, load_encoder
from index.errors import IndexDamaged, KhabarError
from index.local import layout
from index.local.writer import writing
from index.open import repair, verify
from search import Engine


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "index"
    with writing(Index.create(folder, load_encoder())) as writer:
        writer.add(entries({"flood": "The river Sarma rose by two metres.", "vote": "The council of Kasrun voted."}))
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "index"))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What the user holds dear, in folders that may have any names."""
    documents = tmp_path / "Documents"
    for name in ("thesis", "00000001", "00000009"):
        (documents / name).mkdir(parents=True)
        (documents / name / "rows.npy").write_text(f"years of work on {name}")
    (documents / "letter.txt").write_text("years of letters")
    return documents


def snapshot(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}


def link(name: str, target: str) -> Callable[[Path, Path], None]:
    def make(folder: Path, outside: Path) -> None:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.symlink_to(outside / target)

    return make


def second_name(name: str) -> Callable[[Path, Path], None]:
    def make(folder: Path, outside: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.link(outside / "letter.txt", folder / name)

    return make


def pipe(name: str) -> Callable[[Path, Path], None]:
    def make(folder: Path, _: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return make


def listening(name: str) -> Callable[[Path, Path], None]:
    def make(folder: Path, _: Path) -> None:
        here = os.getcwd()
        os.chdir(folder)  # the name of a socket may be 100 bytes long
        with closing(socket.socket(socket.AF_UNIX)) as made:
            made.bind(name)
        os.chdir(here)

    return make


def other(name: str) -> Callable[[Path, Path], None]:
    def make(folder: Path, _: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("print('owned')")

    return make


TRICKS = {
    **{
        f"link {name}": link(name, target)
        for name, target in [
            ("segments", "."),
            ("segments/00000001", "thesis"),
            ("segments/00000002", "thesis"),
            ("segments/00000001/rows.npy", "letter.txt"),
            *((name, "letter.txt") for name in ("lock", "lock.owner", "manifest.json", "manifest.json.new")),
            *((f"articles.db{end}", "letter.txt") for end in ("-wal", "-shm", ".new", "-journal")),
            *((f"searches.db{end}", "letter.txt") for end in ("", "-wal", "-shm")),
            ("articles.db", "letter.txt"),
            ("notes", "."),
        ]
    },
    **{
        f"pipe {name}": pipe(name)
        for name in ("lock", "lock.owner", "manifest.json", "articles.db-wal", "searches.db", "x")
    },
    **{f"pipe {name}": pipe(name) for name in ("segments/00000001/rows.npy", "segments/x", "articles.db")},
    "socket": listening("lock.owner"),
    **{f"file {name}": other(name) for name in ("evil.py", "segments/evil.py", "segments/00000001/x.py", "more/x")},
    **{
        f"file {name}": other(name)
        for name in (
            "articles.db-journal",
            "searches.db-journal",
            "Searches.db",
            "segments/00000001",
            "segments/../segments2/x",
        )
    },
}
READING = (
    ("search", "river"),
    ("info",),
    ("saved",),
    ("news",),
    ("show", "flood"),
    ("export",),
    ("stories",),
    ("verify",),
)
CHANGING = (("remove", "vote", "--purge"), ("verify", "--repair"), ("reindex",), ("index", "news.jsonl"))


@pytest.mark.parametrize("trick", TRICKS)
def test_what_khabar_did_not_write_is_refused_by_name_and_nothing_outside_changes(
    khabar: Khabar, folder: Path, outside: Path, trick: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news.jsonl").write_text(json.dumps({"_id": "n", "text": "Snow fell in Kasrun."}), "utf-8")
    if "00000001/x" not in trick and "segments/00000001" in trick and trick.startswith("file"):
        shutil.rmtree(folder / "segments" / "00000001")
    TRICKS[trick](folder, outside)
    before = snapshot(outside)
    for command in (*READING, *CHANGING):
        done = khabar(*command, "--index", folder)
        assert done.code == 1, command
        assert "did not write itself" in done.out + done.err, (command, done.out, done.err)
    assert snapshot(outside) == before


@pytest.mark.parametrize("name", ["lock", "articles.db-wal", "articles.db-shm", "searches.db-shm"])
def test_a_file_with_a_second_name_is_not_written_to(folder: Path, outside: Path, name: str) -> None:
    before = snapshot(outside)
    second_name(name)(folder, outside)
    with pytest.raises(KhabarError), writing(Index.open(folder)) as writer:
        writer.remove(["vote"])
    assert snapshot(outside) == before


NAMES = ["../../Documents/thesis", "..", ".", "/etc", "", "00000001/..", "0000000a", "1", None, b"00000001", 7]


@pytest.mark.parametrize("name", NAMES)
def test_a_database_cannot_name_a_segment_elsewhere(folder: Path, outside: Path, name: object) -> None:
    with closing(sqlite3.connect(folder / "articles.db")) as db, db:
        db.execute("UPDATE segments SET name = ?", (name,))
    before = snapshot(outside)
    with pytest.raises(IndexDamaged):
        Engine(Index.open(folder)).search("river")
    assert verify(folder)
    assert repair(folder) == []
    assert Engine(Index.open(folder)).search("river").hits
    assert snapshot(outside) == before


@pytest.mark.parametrize("name", ["../../../Documents/letter.txt", "/etc/passwd", "rows.py", "", "./rows.npy"])
def test_a_database_cannot_name_a_file_elsewhere(folder: Path, name: str) -> None:
    with closing(sqlite3.connect(folder / "articles.db")) as db, db:
        db.execute("UPDATE segments SET files = ?", (json.dumps({name: [1, "x"]}),))
    with pytest.raises(IndexDamaged, match="no file of a segment"):
        Engine(Index.open(folder)).search("river")


def test_only_folders_of_segments_are_swept_away(folder: Path, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when something is put into the folder after it was looked at."""
    monkeypatch.setattr("index.local.lock.inspect", lambda *_, **__: None)
    index = Index.open(folder)
    (folder / "segments" / "00000077").mkdir()
    (folder / "segments" / "00000077" / "rows.npy").write_bytes(b"left behind")
    (folder / "segments" / "00000078").mkdir()
    (folder / "segments" / "00000078" / "thesis.txt").write_text("years of work")
    (folder / "segments" / "00000079").symlink_to(outside / "thesis")
    (folder / "segments" / "thesis").mkdir()
    before = snapshot(outside)
    with writing(index):
        pass
    left = {path.name for path in (folder / "segments").iterdir()}
    assert left == {"00000001", "00000078", "00000079", "thesis"}
    assert (folder / "segments" / "00000078" / "thesis.txt").exists()
    assert snapshot(outside) == before


def test_a_trigger_in_the_database_of_a_stranger_never_runs(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "articles.db")) as db, db:
        db.execute("CREATE TRIGGER t AFTER DELETE ON articles BEGIN DELETE FROM passages; END")
    with pytest.raises(IndexDamaged, match="'t'"):
        Index.open(folder)


@pytest.mark.parametrize("database", ["articles.db", "searches.db"])
def test_a_journal_cannot_have_a_file_elsewhere_deleted(
    khabar: Khabar, folder: Path, outside: Path, database: str
) -> None:
    """SQLite would finish the transaction in a journal that was left, and then delete the file that its end names."""
    assert khabar("save", "rising", "river", "--min-score", "0.1", "--index", folder).code == 0
    target = str(outside / "letter.txt").encode()
    head = bytes.fromhex("d9d505f920a163d7") + struct.pack(">5I", 0, 1, 1, 512, 4096)
    end = target + struct.pack(">2I", len(target), sum(target)) + head[:8]
    (folder / f"{database}-journal").write_bytes(
        head.ljust(512, b"\0") + struct.pack(">I", (1 << 30) // 4096 + 1) + end
    )
    before = snapshot(outside)
    for command in (("saved",), ("save", "again", "river", "--min-score", "0.1"), ("news",), ("index", folder.parent)):
        assert khabar(*command, "--index", folder).code == 1
    assert snapshot(outside) == before


def test_an_index_that_the_user_reaches_by_a_link_is_opened(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert Engine(Index.open(tmp_path / "link")).search("river").hits
    with writing(Index.open(tmp_path / "link")) as writer:
        writer.remove(["vote"])
    assert verify(tmp_path / "link") == []


def test_what_file_managers_leave_is_no_reason_to_refuse(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "segments" / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    assert verify(folder) == []


def test_a_folder_that_holds_something_else_is_left_as_it_is(khabar: Khabar, outside: Path, tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text(json.dumps({"_id": "n", "text": "Snow fell in Kasrun."}), "utf-8")
    before = snapshot(outside)
    assert khabar("index", tmp_path / "news.jsonl", "--index", outside).code == 1
    assert snapshot(outside) == before


# ---------------------------------------------------------------- rights


def modes(folder: Path) -> set[str]:
    paths = [folder, *folder.rglob("*")]
    return {f"{'d' if path.is_dir() else 'f'}{stat.S_IMODE(path.stat().st_mode):o}" for path in paths}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_an_index_is_for_its_owner_alone(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with writing(Index.create(tmp_path / "index", load_encoder())) as writer:
            writer.add(entries({"flood": "The river Sarma rose."}))
            assert modes(tmp_path / "index") == {"d700", "f600"}
        assert modes(tmp_path / "index") == {"d700", "f600"}
    finally:
        os.umask(before)


@pytest.mark.parametrize(("files", "folders"), [(0o644, 0o755), (0o660, 0o770), (0o640, 0o750)])
def test_a_wider_mode_that_the_owner_gave_is_kept(folder: Path, files: int, folders: int) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(folders if path.is_dir() else files)
    with writing(Index.open(folder)) as writer:
        writer.add(entries({"late": "Rain is expected on Sunday."}))
        writer.remove(["vote"], purge=True)
        writer.compact()
    assert modes(folder) == {f"d{folders:o}", f"f{files:o}"}


def test_names_of_new_segments_are_those_that_are_let_in() -> None:
    assert layout.segment_folder(Path("x"), f"{1:08d}").name == "00000001"
    assert layout.segment_folder(Path("x"), f"{10**9:08d}").name == "1000000000"
