"""Readers without rights, and an index that another takes the place of: nobody sees a mixture, nothing is lost."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from crashing import entries, state
from read_at_once import (
    folder_fixture,  # noqa: F401 - fixtures
    start,
    twins,
)

from index import Index, load_encoder
from index.errors import StorageError
from index.local.writer import writing
from index.open import verify
from search import Engine
from search.types import Mode

# ---------------------------------------------------------------- readers without rights

FOREIGNER = """
import os, sys, tempfile
from pathlib import Path
from crashing import change
from read_at_once import look
from index import Index
from index.errors import KhabarError
from search import Engine

with tempfile.TemporaryDirectory() as place:  # whatever is loaded late is loaded now
    warm = Path(place) / "index"
    text = "Rain fell on the lighthouse of Sarmin from the morning on, and the keeper counted twelve boats in the bay."
    for step in (("create", None), ("add", {"a": text, "b": text})):  # copies, so that what folds them is loaded
        change(warm, step)
    assert Engine(Index.open(warm)).search("rain").hits[0].copies
os.setuid(65534)
print("ready", flush=True)
looks, editions = 0, set()
import select
while True:
    try:
        index = Index.open(sys.argv[1])
        wrong = look(index, Engine(index))
        editions.add(index.article("left").text)
        index.close()
    except KhabarError as error:
        wrong = str(error)
    if wrong:
        print(wrong, flush=True)
        sys.exit(1)
    looks += 1
    if select.select([sys.stdin], [], [], 0)[0]:
        break
print(looks, len(editions), flush=True)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.slow
def test_a_reader_without_rights_sees_whole_commits_and_the_newest(folder: Path) -> None:
    folder.parent.chmod(0o755)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    reader = start(FOREIGNER, folder)
    assert reader.stdout
    assert reader.stdout.readline() == "ready\n"
    for edition in range(1, 40):
        with writing(Index.open(folder)) as changes:  # opened and closed each time, as by the command line
            changes.add(entries(twins(edition)))
        time.sleep(0.02)
    said, _ = reader.communicate("done\n")
    assert said.replace(" ", "").strip().isdigit(), said
    looks, editions = map(int, said.split())
    assert looks > 3
    assert editions > 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_reader_without_rights_is_told_why_not_where_there_is_no_log(folder: Path) -> None:
    folder.parent.chmod(0o755)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for end in ("-wal", "-shm"):  # as in an index of an older Khabar
        (folder / f"articles.db{end}").unlink()
    reader = start(FOREIGNER, folder)
    said, _ = reader.communicate()
    assert f"Its owner makes it with: khabar info --index {folder}" in said
    Index.open(folder).close()
    reader = start(FOREIGNER, folder)
    said, _ = reader.communicate("done\n")
    assert reader.returncode == 0


# ---------------------------------------------------------------- an index that is replaced


def test_an_engine_notices_that_its_index_was_replaced(folder: Path, tmp_path: Path) -> None:
    """Also by one with the same generation, and in every thread."""
    other = folder.with_name("other")
    with writing(Index.create(other, load_encoder())) as changes:
        changes.add(entries({"replaced": "The lighthouse of Nadwan fell into the sea."}))
    index = Index.open(folder)
    engine = Engine(index)
    with index.reading() as before:
        pass
    commits = dict(before.generation)["generation"]
    answered = [hit.article.id for hit in engine.search("lighthouse").hits]
    folder.rename(folder.with_name("away"))
    other.rename(folder)
    with index.reading() as after:
        assert dict(after.generation)["generation"] == commits
        assert after.generation != before.generation
        assert [article.id for _, article in index.articles()] == ["replaced"]
    assert "constant" in answered
    assert [hit.article.id for hit in engine.search("lighthouse").hits] == ["replaced"]
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.extend(h.article.id for h in engine.search("lighthouse").hits))
    thread.start()
    thread.join()
    assert found == ["replaced"]


def put_in_place(other: Path, folder: Path) -> None:
    """Replace an index by another, whose database gets the number of the old one's file, as file systems reuse them."""
    number = (folder / "articles.db").stat().st_ino
    for end in ("-wal", "-shm"):
        (folder / f"articles.db{end}").unlink(missing_ok=True)
    (folder / "articles.db").write_bytes((other / "articles.db").read_bytes())
    shutil.rmtree(folder / "segments")
    shutil.copytree(other / "segments", folder / "segments")
    assert (folder / "articles.db").stat().st_ino == number


def test_an_index_that_gets_the_file_numbers_of_the_old_one_is_another(folder: Path) -> None:
    """Its database says so itself, even where it is a copy that had as many commits of its own since."""
    other, copy = folder.with_name("other"), folder.with_name("copy")
    with writing(Index.create(other, load_encoder())) as changes:
        changes.add(entries({"one": "Here is one.", "two": "Here are two."}))
    shutil.copytree(folder, copy)
    names = {folder: "Sarmin", copy: "Kasrun", other: "Nadwan"}
    for place, name in names.items():
        with writing(Index.open(place)) as changes:
            changes.add(entries({name: f"The ferry to {name} sank."}))
    index = Index.open(folder)
    engine = Engine(index)
    for place, name in names.items():
        if place != folder:
            index.close()  # while it is open, no other file gets its number
            put_in_place(place, folder)
        assert [hit.article.id for hit in engine.search(f'"ferry to {name}"', mode=Mode.LEXICAL).hits] == [name]
        with index.reading() as view:
            assert len(view.snapshot.positions) == index.counts()["passages"]


def test_a_writer_notices_that_its_database_became_another(folder: Path) -> None:
    with writing(Index.open(folder)) as changes:
        changes._db.execute("UPDATE meta SET value = 'of another' WHERE key = 'identity'")
        with pytest.raises(StorageError, match="replaced by another index"):
            changes.add(entries({"lost": "Nobody will read this."}))
    assert "lost" not in {article.id for _, article in Index.open(folder, outdated=True).articles()}


def test_a_reading_block_keeps_the_index_that_it_began_with(folder: Path, tmp_path: Path) -> None:
    other = folder.with_name("other")
    Index.create(other, load_encoder()).close()
    index = Index.open(folder)
    with index.reading() as view:
        folder.rename(folder.with_name("away"))
        other.rename(folder)
        assert "constant" in {article.id for _, article in index.articles()}
        numbers = view.snapshot.positions
        assert len(view.passages(numbers)) == len(numbers)
    with index.reading() as later:
        assert len(later.snapshot.positions) == 0


def test_a_writer_stores_nothing_in_an_index_that_was_put_in_the_place_of_its_own(folder: Path, tmp_path: Path) -> None:
    other = folder.with_name("other")
    Index.create(other, load_encoder()).close()
    with writing(Index.open(other)) as changes:
        changes.add(entries({"theirs": "The index of somebody else."}))
    with writing(Index.open(folder)) as changes:
        folder.rename(folder.with_name("away"))
        other.rename(folder)
        with pytest.raises(StorageError, match="replaced by another index"):
            changes.add(entries({"lost": "Nobody will read this."}))
    assert verify(folder.with_name("away")) == verify(folder) == []
    assert state(folder) == {"theirs": "The index of somebody else."}
