"""Whatever ends a writer, the index holds exactly what was acknowledged, or one commit more, and is whole."""

import os
import random
import tempfile
from pathlib import Path

import pytest
from crashing import NOBODY, Nursery, State, Step, expected, state

from index import Index, load_encoder
from index.errors import IndexMissing
from index.open import verify

KILLS = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    Index.create(folder, load_encoder()).close()
    return folder


def story(number: int, edition: int) -> str:
    """Invented news, with words that only this edition of this story has."""
    return f"The council of Kasrun met again about item{number}. Its decision{number}x{edition} was read out at night."


def random_step(random: random.Random, kind: str) -> Step:
    ids = [f"n{random.randrange(12)}" for _ in range(3)]
    if kind == "add":
        return kind, {id: story(int(id[1:]), random.randrange(10**6)) for id in ids}
    return kind, ids if kind in ("remove", "purge") else None


def test_a_writer_killed_at_any_moment_leaves_what_it_acknowledged_or_one_commit_more(
    nursery: Nursery, folder: Path
) -> None:
    chance = random.Random(4)
    kinds = ["add", "add", "remove", "compact", "repair", "purge", "reindex"]
    held: State = {}
    kills, trial = 0, 0
    while kills < KILLS:
        trial += 1
        assert trial < 4 * KILLS
        turn = trial % len(kinds)  # every kind of change is often the first
        steps = [random_step(chance, kind) for kind in kinds[turn:] + kinds[:turn]]
        ended = nursery.run(folder, steps, seconds=chance.uniform(0.0, 0.15))
        assert set(ended) <= {"done"}
        kills += len(ended) < len(steps)
        assert verify(folder) == []
        held_now = state(folder)
        possible = [expected(held, steps[: len(ended) + more]) for more in (0, 1)]
        assert held_now in possible
        held = held_now


@pytest.mark.parametrize("kind", ["add", "remove", "purge", "compact", "repair", "reindex"])
def test_killed_at_evenly_spread_points_of_one_change_it_is_before_or_after(
    nursery: Nursery, folder: Path, kind: str
) -> None:
    chance = random.Random(5)
    start = {f"n{number}": story(number, 0) for number in range(6)}
    assert nursery.run(folder, [("add", start), ("remove", ["n5"])]) == ["done", "done"]
    held = expected(start, [("remove", ["n5"])])
    for calls in range(100, 16_000, 880):
        step = random_step(chance, kind)
        ended = nursery.run(folder, [step], calls=calls)
        assert verify(folder) == []
        possible = [expected(held, [step])] if ended else [held, expected(held, [step])]
        held_now = state(folder)
        assert held_now in possible
        held = held_now


def test_a_killed_creation_can_be_done_again(nursery: Nursery, tmp_path: Path) -> None:
    for calls in range(0, 3_000, 100):
        folder = tmp_path / str(calls)
        nursery.run(folder, [("create", None)], calls=calls)
        try:
            made = Index.open(folder)
        except IndexMissing:
            made = Index.create(folder, load_encoder())
        assert verify(folder) == []
        assert made.counts()["articles"] == 0


def test_a_creation_on_a_full_disk_leaves_nothing_or_a_whole_index(nursery: Nursery, tmp_path: Path) -> None:
    refused = 0
    for limit in (*range(0, 70_000, 4_096), 100_000, 200_000):
        folder = tmp_path / str(limit)
        (said,) = nursery.run(folder, [("create", None)], bytes=limit)
        refused += said != "done"
        assert (folder / "articles.db").exists() == (said == "done"), (limit, said)
        assert said == "done" or "Make room on the disk" in said
        assert {path.name for path in folder.iterdir()} <= {"lock", "articles.db", "articles.db-wal", "articles.db-shm"}
        if said != "done":
            Index.create(folder, load_encoder()).close()
        assert verify(folder) == []
        assert nursery.run(folder, [("add", {"after": "There is room again."})]) == ["done"]
    assert refused > 5


@pytest.mark.parametrize("kind", ["add", "purge", "compact", "repair", "reindex"])
def test_a_full_disk_is_said_and_changes_nothing(nursery: Nursery, folder: Path, kind: str) -> None:
    start = {f"n{number}": story(number, 0) for number in range(40)}
    assert nursery.run(folder, [("add", start), ("remove", ["n39"])]) == ["done", "done"]
    held = expected(start, [("remove", ["n39"])])
    refused = 0
    for limit in (0, 1_000, 20_000, 60_000, 100_000, 200_000):
        step = random_step(random.Random(limit), kind)
        (said,) = nursery.run(folder, [step], bytes=limit)
        assert verify(folder) == []
        if said == "done":
            held = expected(held, [step])
        else:
            refused += 1
            assert said.startswith("StorageError: ")
            assert "Make room on the disk" in said
        # A purge is two steps: the articles are gone before their words are.
        assert state(folder) in ([held, expected(held, [step])] if kind == "purge" else [held])
        held = state(folder)
    assert refused >= 2
    assert nursery.run(folder, [("add", {"after": "There is room again."})]) == ["done"]


def test_a_folder_without_rights_can_be_searched_and_says_that_it_cannot_be_changed(nursery: Nursery) -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to other users
        os.chmod(place, 0o755)
        folder = Path(place) / "index"
        Index.create(folder, load_encoder())
        assert nursery.run(folder, [("add", {"a": "Rain in Kasrun."})]) == ["done"]
        paths = [folder, *folder.rglob("*")]
        for path in paths:
            path.chmod(0o555 if path.is_dir() else 0o444)
        how = {"user": NOBODY} if os.getuid() == 0 else {}  # nothing is forbidden to root
        said = nursery.run(folder, [("check", None), ("add", {"b": "Hail."}), ("repair", None)], **how)
        for path in paths:
            path.chmod(0o755)
        assert said[0] == "done"
        assert all(s.startswith("StorageError: ") and "may be written to" in s for s in said[1:])
        assert verify(folder) == []
        assert state(folder) == {"a": "Rain in Kasrun."}
