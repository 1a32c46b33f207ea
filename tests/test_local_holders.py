"""Who shares a fingerprint with a text is found without looking at every article, and is the same as if one did."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Index, load_encoder
from index.ingest import ingest
from index.local import holders
from index.ports import View
from index.text import Sketch, Sketches, sketch
from index.types import Filters

FIRE = "Crews rescued 300 passengers of the ferry after a fire broke out in its engine room early on Sunday."
RAIN = "Heavy rain closed three roads near the old harbour of the town, the police said on Monday evening."


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    monkeypatch.setattr(holders, "TAIL", 2)
    made = Index.create(tmp_path / "index", load_encoder())
    add(made, {f"fire-{n}": f"{FIRE} Report {n}." for n in range(20)} | {f"rain-{n}": RAIN for n in range(20)})
    return made


def add(index: Index, texts: dict[str, str]) -> None:
    rows = [
        {"_id": name, "title": name, "text": text, "source": name[:4], "date": "2025-03-01"}
        for name, text in texts.items()
    ]
    source = index.path.with_name("news.jsonl")
    source.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    ingest(index, [str(source)], load_encoder())


def sharing(view: View, text: str, least: int = 1, where: Filters | None = None) -> set[str]:
    found = view.sharing([sketch(text)], least, where or Filters())
    assert found.tolist() == sorted(found.tolist())
    return set(view.ids(found))


def test_what_was_read_once_is_asked_and_new_articles_beside_it(index: Index) -> None:
    for _ in range(3):  # the first time every article is looked at
        with index.reading() as view:
            assert sharing(view, FIRE) == {f"fire-{n}" for n in range(20)}
            assert sharing(view, RAIN, 2) == {f"rain-{n}" for n in range(20)}
            assert sharing(view, FIRE, where=Filters(source="rain")) == set()
            assert sharing(view, "Nothing of this was ever printed by anyone") == set()
            assert sharing(view, "") == set()
    add(index, {"fire-20": FIRE, "fire-3": "Quite another story now stands where one of a fire stood before."})
    with index.writing() as writer:
        writer.remove(["fire-5"])
    with index.reading() as view:
        assert sharing(view, FIRE) == {f"fire-{n}" for n in range(21)} - {"fire-3", "fire-5"}
    add(index, {f"fire-{n}": FIRE for n in range(21, 30)})
    with index.reading() as view:
        assert sharing(view, FIRE) == {f"fire-{n}" for n in range(30)} - {"fire-3", "fire-5"}


def test_not_every_sketch_is_read_again(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    real = holders._shared
    monkeypatch.setattr(holders, "_shared", lambda asked, stored: (read.append(len(stored)), real(asked, stored))[1])
    with index.reading() as view:
        sharing(view, FIRE)
        every = sum(read)
        sharing(view, FIRE)
        read.clear()
        assert sharing(view, "after a fire broke out in its engine room") == {f"fire-{n}" for n in range(20)}
    assert sum(read) < every


def test_an_older_view_still_finds_what_was_removed_since(index: Index) -> None:
    other = Index.open(index.path)
    with index.reading() as old:
        with other.writing() as writer:
            writer.remove(["fire-7"])
        other._holders = index._holders  # as if another thread of this process had opened a newer view
        with other.reading() as new:
            for _ in range(2):
                assert "fire-7" not in sharing(new, FIRE)
        assert "fire-7" in sharing(old, FIRE)


@given(st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=6, unique=True), max_size=8))
def test_packed_sketches_are_the_same_sketches(numbers: list[list[int]]) -> None:
    sketches: list[Sketch] = [np.array(sorted(one), np.uint64) for one in numbers]
    packed = Sketches.of(iter(sketches))
    assert [one.tolist() for one in packed] == [one.tolist() for one in sketches]
    order = list(range(len(sketches)))[::-1]
    assert [one.tolist() for one in packed.take(np.array(order, np.int64))] == [sketches[i].tolist() for i in order]
    assert [one.tolist() for one in packed + packed] == [one.tolist() for one in (*sketches, *sketches)]
    assert all(one.dtype == np.uint64 for one in packed[:])
