"""Where documents come from: folders, patterns, pipes; each is named by its file and line."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from articles_in_files import ATOM, PAGE, ROW, RSS, TEXT, TITLE, documents, good_line, jsons, sha, split, table, write

from index.read.documents import read

# --- Where sources are ---


def test_a_folder_is_read_with_its_folders_sorted_without_hidden_and_foreign_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/.hidden.txt", ".git/c.txt", "photo.jpg", "notes.doc", "C.TXT", "d.txt.gz"):
        write(tmp_path, name, "خبر")
    found = [d.path for d in documents(str(tmp_path))]
    assert found == [str(tmp_path / name) for name in ("C.TXT", "a/z.txt", "b.txt", "d.txt.gz")]


def test_a_pattern_is_expanded_and_no_file_is_read_twice(tmp_path: Path) -> None:
    for name in ("a.txt", "sub/b.txt", "sub/c.jpg"):
        write(tmp_path, name, "خبر")
    found = documents(f"{tmp_path}/**/*", str(tmp_path), f"{tmp_path}/a.txt", f"{tmp_path}/*")
    assert [d.path for d in found] == [str(tmp_path / "a.txt"), str(tmp_path / "sub/b.txt")]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    (found,) = documents(write(tmp_path, "news[1].txt", "خبر"))
    assert found.text == "خبر"


@pytest.mark.parametrize("content", [jsons(ROW), json.dumps([ROW]), table(","), RSS, ATOM, PAGE])
def test_standard_input_is_recognised(monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    (found,) = documents("-")
    assert (found.title, found.text) == (TITLE, TEXT)
    assert found.path.startswith("-")


def test_standard_input_that_is_nothing_else_is_text_and_may_be_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT.encode()))))
    (found,) = documents("-")
    assert (found.text, found.page, found.id) == (TEXT, True, sha(TEXT))


def test_a_packed_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    packed = gzip.compress(jsons(*({"id": n, "text": TEXT} for n in range(3000))).encode())
    code = "from index.read.documents import read; print(sum(1 for _ in read(['-'])))"
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], input=packed, capture_output=True, cwd=root, check=True)
    assert (done.stdout.strip(), done.stderr) == (b"3000", b"")


def test_folders_may_be_nested_deeper_than_calls_may(tmp_path: Path) -> None:
    top = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
        Path("a.txt").write_text("خبر", encoding="utf-8")
    finally:
        os.chdir(top)
    try:
        assert len(documents(str(tmp_path))) == 1
    finally:
        subprocess.run(["rm", "-r", str(tmp_path / "d")], check=True)  # deeper than shutil can remove


def test_progress_ends_at_all_bytes_and_never_goes_back(tmp_path: Path) -> None:
    paths = [write(tmp_path, f"{i}.jsonl", jsons(*({"id": n, "text": TEXT} for n in range(900)))) for i in range(2)]
    total = sum(os.path.getsize(path) for path in paths)
    seen: list[tuple[int, int]] = []
    assert len(list(read(paths, progress=lambda done, all_: seen.append((done, all_))))) == 1800
    assert seen == sorted(seen)
    assert seen[-1] == (total, total)
    assert len(seen) > 4


# --- Lines ---


def test_rows_are_named_by_their_real_line_also_when_cells_hold_several_lines(tmp_path: Path) -> None:
    rows = [
        {"title": "أ", "text": "سطر\nسطر\nسطر"},
        {"title": "", "text": ""},
        {"title": "ب", "text": "نص"},
        {"title": " ", "text": " "},
    ]
    path = write(tmp_path, "a.csv", table(",", rows))  # type: ignore[arg-type]
    good, bad = split(path)
    assert [d.path for d in good] == [f"{path}:2", f"{path}:6"]
    assert bad == []  # rows of empty cells only are no rows
    path = write(tmp_path, "b.csv", 'id,title,text\n1,أ,"سطر\nسطر"\n2,,\n\n3,ب,نص\n')
    good, bad = split(path)
    assert [d.path for d in good] == [f"{path}:2", f"{path}:6"]
    assert [r.path for r in bad] == [f"{path}:4"]
    assert bad[0].reason.startswith("row without text")


def test_json_objects_are_named_by_the_line_they_begin_on(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", '{"articles": [\n{"text": "أ"},\n\n{"text":\n"ب"}\n, {"id": 1}]}')
    good, bad = split(path)
    assert [d.path for d in good] == [f"{path}:2", f"{path}:4"]
    assert [(r.path, r.reason) for r in bad] == [(f"{path}:6", "row without text: its fields are id")]


def test_feed_items_are_named_by_their_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a.rss", RSS)
    assert documents(path)[0].path == f"{path}:3"


# --- Sources that cannot be read ---


def unmade(folder: Path) -> str:
    return str(folder / "none.txt")


def dangling(folder: Path) -> str:
    (folder / "link.txt").symlink_to(folder / "gone.txt")
    return str(folder / "link.txt")


def circle(folder: Path) -> str:
    (folder / "a.txt").symlink_to(folder / "b.txt")
    (folder / "b.txt").symlink_to(folder / "a.txt")
    return str(folder / "a.txt")


def pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe.txt")
    return str(folder / "pipe.txt")


def plug(folder: Path) -> str:
    with socket.socket(socket.AF_UNIX) as open_socket:
        open_socket.bind(str(folder / "s.txt"))
    return str(folder / "s.txt")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (unmade, "there is no such file"),
        (dangling, "is a link to"),
        (circle, "cannot be read: Too many levels of symbolic links"),
        (pipe, "is a pipe, socket or device"),
        (plug, "is a pipe, socket or device"),
        (lambda folder: "/dev/zero", "is a pipe, socket or device"),
        (lambda folder: f"{folder}/*.none", "matches no file"),
        (lambda folder: "", "is not the name of a file"),
        (lambda folder: "a\0b", "is not the name of a file"),
        (lambda folder: "x" * 5000, "cannot be read: File name too long"),
        (lambda folder: "https://almiraa.example/news/17", "is an address"),
    ],
)
def test_a_source_that_cannot_be_read_is_named_and_the_next_is_read(
    tmp_path: Path, make: Callable[[Path], str], reason: str
) -> None:
    good, bad = split(make(tmp_path), write(tmp_path, "good/good.txt", "خبر"))
    assert [d.text for d in good] == ["خبر"]
    assert len(bad) == 1
    assert bad[0].reason.startswith(reason)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_and_folders_without_permission_are_named(tmp_path: Path) -> None:
    file, folder = Path(write(tmp_path, "a.txt", "خبر")), tmp_path / "shut"
    folder.mkdir()
    file.chmod(0)
    folder.chmod(0)
    try:
        assert {r.reason for r in split(str(tmp_path))[1]} == {
            "cannot be read: Permission denied",
            "cannot be opened: Permission denied",
        }
    finally:
        folder.chmod(0o700)


def test_a_folder_that_links_to_itself_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "a/b.txt", "خبر")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    good, bad = split(str(tmp_path))
    assert len(good) == 1
    assert [(r.path, r.reason) for r in bad] == [
        (str(tmp_path / "a" / "up"), "is a link back to a folder that it is in")
    ]


def test_a_name_that_is_not_utf8_can_still_be_stored(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xde\xc8\xd1.txt"
    with open(name, "wb") as file:
        file.write("خبر".encode())
    (found,) = documents(str(tmp_path))
    assert found.path.encode().decode().endswith("\ufffd\ufffd\ufffd.txt")


def test_an_interrupt_is_not_swallowed(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", good_line(1))

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(read([path], progress=interrupt))
