"""Whatever ends a process while it saves, matches or tells, no hit is lost and none is found twice."""

from pathlib import Path

import pytest
from crashing import Nursery

from index import Index, load_encoder
from index.open import verify
from search.watch import hits, match, news, saved


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    Index.create(folder, load_encoder()).close()
    return folder


def story(number: int) -> str:
    return f"The council of Kasrun met again about item{number}. Its decision{number} was read out at night."


def test_a_match_that_is_killed_is_done_by_the_next_and_finds_each_article_once(nursery: Nursery, folder: Path) -> None:
    assert nursery.run(folder, [("save", "council"), ("save", "night")]) == ["done", "done"]
    killed = 0
    for number, calls in enumerate(range(200, 9_000, 600)):
        ended = nursery.run(folder, [("add", {f"n{number}": story(number)})])
        assert ended == ["done"]
        killed += nursery.run(folder, [("match", None)], calls=calls) == []
        assert verify(folder) == []
        index = Index.open(folder)
        match(index)
        for name in ("council", "night"):
            found = [one.hit.article.id for one in hits(index, name)]
            assert sorted(found) == sorted(f"n{n}" for n in range(number + 1)), "each once"
    assert killed > 5


def test_a_hit_that_is_told_in_a_process_that_is_killed_is_told_again_or_was_not_lost(
    nursery: Nursery, folder: Path
) -> None:
    assert nursery.run(folder, [("save", "council")]) == ["done"]
    expected = set()
    for number, calls in enumerate(range(50, 2_000, 250)):
        nursery.run(folder, [("add", {f"n{number}": story(number)}), ("match", None)])
        expected.add(f"council n{number}")
        nursery.run(folder, [("tell", None)], calls=calls)
        assert verify(folder) == []
    assert nursery.run(folder, [("tell", None)]) == ["done"]
    assert news(Index.open(folder)) == []
    assert set((folder.parent / "told").read_text().splitlines()) == expected


def test_a_search_that_is_saved_in_a_process_that_is_killed_is_there_or_can_be_saved_again(
    nursery: Nursery, folder: Path
) -> None:
    assert nursery.run(folder, [("add", {"n1": story(1)})]) == ["done"]
    for number, calls in enumerate(range(100, 6_000, 500)):
        name = f"council{number}"
        ended = nursery.run(folder, [("save", name)], calls=calls)
        assert verify(folder) == []
        there = name in [one.name for one in saved(Index.open(folder))]
        assert there or not ended
        if not there:
            assert nursery.run(folder, [("save", name)]) == ["done"]
        if number % 2:  # so that the making of the file is killed too
            for path in folder.glob("searches.db*"):
                path.unlink()
