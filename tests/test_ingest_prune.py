"""Pruning removes what is gone, and nothing that may only be out of sight."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Khabar

from index import Index


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def rows(path: Path, first: int, count: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [{"id": f"n{n}", "text": f"The council of Kasrun decided matter {n}."} for n in range(first, first + count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in texts), "utf-8")
    return path


def articles(folder: Path) -> int:
    return Index.open(folder).counts()["articles"]


@pytest.mark.parametrize("how", ["emptied", "missing", "unmounted"])
def test_a_source_that_is_missing_or_empty_prunes_nothing(
    khabar: Khabar, tmp_path: Path, folder: Path, how: str
) -> None:
    news, other = tmp_path / "news", tmp_path / "other"
    rows(news / "a.jsonl", 0, 3)
    rows(other / "b.jsonl", 3, 3)
    khabar("index", news, other, "--index", folder)
    if how == "missing":
        shutil.rmtree(news)
    else:
        (news / "a.jsonl").unlink()
    if how == "unmounted":  # what lies in the folder below the disk
        (news / "readme.doc").write_bytes(b"%PDF-1.7")
    rows(other / "b.jsonl", 3, 2)
    done = khabar("index", news, other, "--prune", "--index", folder)
    assert done.code == 3
    assert "nothing was pruned" in done.err
    assert "--prune-all" in done.err
    assert articles(folder) == 6
    done = khabar("index", news, other, "--prune-all", "--index", folder, "--json")
    assert (done.json["removed"], articles(folder)) == (4, 2)


def test_an_empty_source_that_lost_nothing_does_not_matter(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    rows(tmp_path / "news" / "a.jsonl", 0, 2)
    (tmp_path / "empty").mkdir()
    sources = tmp_path / "news", tmp_path / "empty"
    khabar("index", *sources, "--index", folder)
    assert khabar("index", *sources, "--prune", "--index", folder).code == 0


@pytest.mark.parametrize(("gone", "refused"), [(21, True), (20, False)])
def test_more_than_twenty_and_a_third_are_not_pruned_unasked(
    khabar: Khabar, tmp_path: Path, folder: Path, gone: int, refused: bool
) -> None:
    rows(tmp_path / "news" / "a.jsonl", 0, 60)
    khabar("index", tmp_path / "news", "--index", folder)
    rows(tmp_path / "news" / "a.jsonl", 0, 60 - gone)
    done = khabar("index", tmp_path / "news", "--prune", "--index", folder)
    assert done.code == (3 if refused else 0)
    assert ("more than a third" in done.err) == refused
    assert articles(folder) == (60 if refused else 40)
    khabar("index", tmp_path / "news", "--prune-all", "--index", folder)
    assert articles(folder) == 60 - gone


def test_twenty_one_of_many_are_pruned(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    rows(tmp_path / "news" / "a.jsonl", 0, 64)
    khabar("index", tmp_path / "news", "--index", folder)
    rows(tmp_path / "news" / "a.jsonl", 21, 43)
    assert khabar("index", tmp_path / "news", "--prune", "--index", folder, "--json").json["removed"] == 21


ROOT_IS_BARRED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]  # root may open any folder otherwise


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may read everything")
def test_what_cannot_be_looked_at_is_kept(tmp_path: Path) -> None:
    news, shut = tmp_path / "news", tmp_path / "news" / "shut"
    rows(news / "a.jsonl", 0, 2)
    rows(shut / "b.jsonl", 2, 2)
    rows(shut / "deep" / "c.jsonl", 4, 2)

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "import cli; cli.main()", *args, "--index", str(tmp_path / "index")]
        barred = [*(ROOT_IS_BARRED if os.geteuid() == 0 else []), *command]
        return subprocess.run(barred, cwd=ROOT, capture_output=True, text=True, check=False)

    assert "6 added" in run("index", str(news)).stdout
    shut.chmod(0)
    rows(news / "a.jsonl", 0, 1)
    done = run("index", str(news), "--prune")
    assert f"{shut}: cannot be opened: Permission denied" in done.stderr
    assert "1 removed" in done.stdout
    shut.chmod(0o755)
    (shut / "b.jsonl").unlink()
    assert "2 removed" in run("index", str(news), "--prune").stdout


def test_folders_deeper_than_a_path_may_be_are_named(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    top = os.getcwd()
    try:
        os.chdir(tmp_path)
        os.mkdir("news")
        os.chdir("news")
        rows(Path("a.jsonl"), 0, 1)
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
        rows(Path("b.jsonl"), 1, 1)
    finally:
        os.chdir(top)
    try:
        done = khabar("index", tmp_path / "news", "--index", folder)
        assert done.code == 3
        assert "cannot be opened: File name too long" in done.err
        assert articles(folder) == 1
    finally:
        subprocess.run(["rm", "-r", str(tmp_path / "news")], check=True)


def test_files_of_unknown_kinds_are_counted_and_named(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    news = tmp_path / "news"
    rows(news / "a.jsonl", 0, 1)
    for name in ("photo.jpg", "photo2.JPG", "all.rar", "mail.msg", "README", ".hidden.jpg"):
        (news / name).write_bytes(b"x")
    done = khabar("index", news, "--index", folder)
    assert done.code == 0
    assert f"{news / 'photo.jpg'} and 1 more: not read, since .jpg is no kind that is (2 in all)" in done.err
    assert all(str(news / name) in done.err for name in ("all.rar", "mail.msg", "README"))
    assert "hidden" not in done.err
    listed = khabar("index", news, "--index", folder, "--json").json["unknown"]
    assert sorted(Path(path).name for path in listed) == ["README", "all.rar", "mail.msg", "photo.jpg", "photo2.JPG"]
    (news / "a.jsonl").unlink()
    assert khabar("index", news, "--index", folder).code == 1  # nothing at all could be done
