"""What was compared once is not compared again, and what is found is the same as if it were."""

import gzip
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import CORPUS, Khabar
from crashing import MEMORY

from index import Index, load_encoder
from index.ingest import ingest
from search.coverage import Collection, candidates, copies, judged, retellings, stories_since
from search.coverage.judged import NAME, RECENT, Judged
from search.types import Tier

ALL = frozenset(Tier)


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        yield Path(place)


def corpus() -> list[dict[str, str]]:
    return [json.loads(line) for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()]


def index_of(place: Path, name: str) -> Index:
    return Index.create(place / name, load_encoder())


def add(index: Index, rows: list[dict[str, str]]) -> None:
    source = index.path.with_name("news.jsonl")
    source.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    ingest(index, [str(source)], load_encoder(), prune_all=True)


def found(index: Index) -> tuple[object, ...]:
    collection = Collection.of(index)
    stories = [*collection.altered(), *collection.stories()]
    told = [(one.representative.id, [a.id for a in one.articles], one.links, one.affair) for one in stories]
    return collection.links(ALL), told


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The comparisons that are made from now on."""
    made: list[str] = []
    for module, name in ((copies, "judge"), (retellings, "_retold")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, real=real, name=name: (made.append(name), real(*given))[1])
    return made


def test_articles_added_changed_and_removed_in_any_order_give_what_a_new_index_gives(place: Path) -> None:
    """With fewer articles that may share a fingerprint, so that which pairs are compared depends on all."""
    chance = random.Random(3)
    rows = corpus()
    chance.shuffle(rows)
    grown = index_of(place, "grown")
    held: dict[str, dict[str, str]] = {}
    for turn in range(3):
        held |= {row["_id"]: row for row in rows[turn * 40 : turn * 40 + 40]}
        for name in chance.sample(sorted(held), 3):
            held[name] = held[name] | {"text": held[name]["text"].replace("2", "3")}
        for name in chance.sample(sorted(held), 2):
            del held[name]
        add(grown, list(held.values()))
        fresh = index_of(place, f"fresh{turn}")
        add(fresh, list(held.values()))
        assert found(grown) == found(fresh)


def test_a_second_run_compares_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of(place, "index")
    add(index, corpus())
    first = found(index)
    made = counted(monkeypatch)
    assert found(index) == first
    assert made == []
    collection, begins = Collection.of(index).since("2025-03-10")
    collection.links(ALL, begins)
    assert made == []


def test_one_more_article_is_compared_with_few(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of(place, "index")
    *rows, last = corpus()
    add(index, rows)
    found(index)
    add(index, [*rows, last])
    made = counted(monkeypatch)
    found(index)
    assert 0 < len(made) < 60


def test_what_was_compared_before_an_interruption_is_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for those of the pairs compared together that were not done."""
    for module in (copies, retellings):
        monkeypatch.setattr(module, "PAIRS_AT_ONCE", 1)
    index = index_of(place, "index")
    add(index, corpus())
    made = counted(monkeypatch)
    Collection.of(index).links()
    needed = len(made)
    (index.path / NAME).unlink()
    made.clear()

    def stop(what: str, done: int, total: int) -> None:
        if what == "retold" and done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Collection.of(index, watch=stop).links()
    again = len(made)
    Collection.of(index).links()
    assert len(made) == needed
    assert 0 < again < needed


def test_a_file_made_to_fill_the_memory_is_as_if_there_were_none(place: Path) -> None:
    index = index_of(place, "index")
    add(index, corpus())
    with index.reading() as view:
        index.keep(NAME, gzip.compress(b"[" * (1 << 24)), view.generation)
        assert Judged(index, view.generation)._keys["printed"].size == 0
    assert found(index)


@pytest.mark.parametrize("damage", ["gone", "cut", "changed", "of another version"])
def test_what_cannot_be_relied_on_is_found_again(
    place: Path, damage: str, khabar: Khabar, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = index_of(place, "index")
    add(index, corpus())
    first = found(index)
    kept = index.path / NAME
    whole = kept.read_bytes()
    match damage:
        case "gone":
            kept.unlink()
        case "cut":
            kept.write_bytes(whole[:-9])
        case "changed":
            kept.write_bytes(whole[:-9] + bytes(9))
        case _:
            monkeypatch.setattr(judged, "version", lambda: "other")
    told = index.verify()
    assert [(one.where, one.mendable) for one in told] == ([(NAME, True)] if damage in ("cut", "changed") else [])
    assert found(index) == first
    assert index.verify() == []
    if damage == "cut":
        kept.write_bytes(whole[:-9])
        assert khabar("verify", "--repair", "--index", index.path).code == 0
        assert not kept.exists()


def test_a_purge_deletes_what_quotes_the_articles(place: Path, khabar: Khabar) -> None:
    index = index_of(place, "index")
    add(index, corpus())
    found(index)
    quoted = Collection.of(index).links()[0].a
    assert (data := index.kept(NAME)) is not None
    assert quoted.encode() in gzip.decompress(data)
    with index.reading() as view:
        before = view.generation
    assert khabar("remove", quoted, "--purge", "--index", index.path).code == 0
    assert not (index.path / NAME).exists()
    index.keep(NAME, b"what quotes it", before)  # by a reader that began before
    assert index.kept(NAME) is None
    with index.reading() as view:
        add(Index.open(index.path), corpus()[:1])
        index.keep(NAME, b"what may quote it", view.generation)  # by one that is still reading what was there then
    assert index.kept(NAME) is None


def test_candidates_do_not_depend_on_how_many_fingerprints_are_sorted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(5)
    sketches = [np.unique(chance.integers(0, 150, 20).astype(np.uint64) * np.uint64(2**23)) for _ in range(60)]
    sketches += [np.zeros(0, np.uint64), sketches[0]]
    whole = candidates.candidate_pairs(sketches).tolist()
    assert whole
    for at_once in (1, 100, 499):
        monkeypatch.setattr(candidates, "AT_ONCE", at_once)
        assert candidates.candidate_pairs(sketches).tolist() == whole
        assert candidates.candidate_pairs(sketches, 45).tolist() == [pair for pair in whole if pair[1] >= 45]


def test_pairs_of_recent_articles_are_kept_by_themselves_and_forgotten_when_few_of_them_are_asked_for(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = index_of(place, "index")
    add(index, corpus())
    whole = stories_since(index, "2025-01-01")
    made = counted(monkeypatch)
    assert stories_since(index, "2025-01-01") == whole
    assert not made
    assert index.kept(NAME) is None
    size = len(index.kept(RECENT) or b"")
    stories_since(index, "2025-06-01")
    assert len(index.kept(RECENT) or b"") == size  # nothing new was compared
    monkeypatch.setattr(judged, "FORGOTTEN", 0)
    add(index, [*corpus(), {**corpus()[-1], "_id": "again", "date": "2025-06-02"}])
    stories_since(index, "2025-06-01")
    assert 0 < len(index.kept(RECENT) or b"") < size
