"""An index on a cluster is written whole, read whole, and looked after: with a real engine."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from conftest import ROOT
from engines import Engine as Milvus

from index import load_encoder
from index.milvus import Address
from index.milvus.cluster import Cluster
from index.milvus.collections import make_collections
from index.milvus.store import MilvusStore
from index.open import create_store, open_store, repair, verify
from index.passages import encoded_text, split
from index.ports import Entry
from index.types import Article
from search import Engine

pytestmark = pytest.mark.xdist_group("milvus")  # one engine serves them all

ENCODER = load_encoder()


def entries(texts: Mapping[str, str], host: str | None = None) -> list[Entry]:
    made = []
    for id, text in texts.items():
        article = Article(id, f"Bulletin {id}", text, "en", "2025-03-01", "Kasrun Post", host=host)
        passages = split(article)
        read = [encoded_text(article.title, passage.text) for passage in passages]
        made.append(Entry(article, tuple(passages), ENCODER.encode_passages(read), text))
    return made


def made(milvus: Milvus) -> MilvusStore:
    store = create_store(milvus.fresh(), ENCODER)
    assert isinstance(store, MilvusStore)
    return store


def held(store: MilvusStore) -> dict[str, str]:
    return {article.id: article.text for _, article in open_store(store.address).articles()}


def test_articles_are_stored_replaced_and_removed_whole(milvus: Milvus) -> None:
    store = made(milvus)
    long = " ".join(f"The council of Kasrun met for the {n} time and spoke of the harbour." for n in range(60))
    with store.writing() as sink:
        sink.add(
            entries({"a": long, "b": 'Quotes " and \\ and % stay.', "": "An empty id.", "ü" * 1_500: "A long id."})
        )
        sink.add(entries({"a#2": "Snow fell in Ostreva."}, host="a"))
        sink.add(entries({"e": "", "f": "x" * 200_000, "g": " ".join(f"w{n}" for n in range(12_000))}))
    assert held(store)["f"] == "x" * 200_000
    with store.reading() as view:
        assert view.ids(view.named(["ü" * 1_500, "nobody", "a"])) == ["a", "ü" * 1_500]
        assert [passage.text for _, passage in view.passages(view.named(["f"]))] == ["x" * 200_000]
    assert store.ids_beginning("ü", 5) == ["ü" * 1_500]
    assert store.ids_beginning("%", 5) == []
    before = store.counts()["passages"]
    with store.writing() as sink:
        sink.add(entries({"a": "The harbour of Kasrun opens."}))  # and its guest is gone with the old version
    assert held(store).keys() == {"a", "b", "", "ü" * 1_500, "e", "f", "g"}
    assert store.counts()["passages"] == before - len(entries({"a": long})[0].passages)
    with store.writing() as sink:
        assert sink.remove(["b", "nobody"], purge=True) == 1
        assert sink.remove(["b"]) == 0
    assert store.verify() == []
    for query, id in (("harbour", "a"), ("w11999", "g")):
        assert [hit.article.id for hit in Engine(store, ENCODER).search(query, k=1).hits] == [id]


def test_a_writer_reads_what_it_wrote_and_others_soon_after(milvus: Milvus) -> None:
    store, other = made(milvus), None
    for number in range(6):
        with store.writing() as sink:
            sink.add(entries({f"n{number}": f"A heron named Zolfaqua{number} landed in the harbour."}))
        other = other or open_store(store.address)
        for one in (store, other):
            answer = Engine(one, ENCODER).search(f"Zolfaqua{number}", k=1)
            assert [hit.article.id for hit in answer.hits] == [f"n{number}"]


def test_two_writers_lose_nothing_and_of_one_article_the_last_stays_whole(milvus: Milvus) -> None:
    store = made(milvus)
    one, other = open_store(store.address), open_store(store.address)
    with one.writing() as first, other.writing() as second:
        for number in range(4):
            first.add(
                entries({f"a{number}": f"The river rose by {number} metres.", "shared": f"First says {number}. " * 30})
            )
            second.add(
                entries({f"b{number}": f"The wheat fell by {number} coins.", "shared": f"Second says {number}. " * 9})
            )
    expected = {f"a{n}" for n in range(4)} | {f"b{n}" for n in range(4)} | {"shared"}
    assert held(store).keys() == expected
    assert held(store)["shared"] == "Second says 3. " * 9
    assert store.verify() == []
    with store.reading() as view:
        assert {"river", "wheat"} <= view.vocabulary.holds(["river", "wheat", "snow"])


def test_readers_see_each_article_whole_and_once_while_it_is_replaced(milvus: Milvus) -> None:
    store, reader = made(milvus), None

    def edition(number: int) -> dict[str, str]:
        return {f"n{n}": f"Edition {number} of bulletin {n}. " * (200 + n) for n in range(3)}

    def write() -> None:
        with store.writing() as sink:
            for number in range(1, 9):
                sink.add(entries(edition(number)))

    with store.writing() as sink:
        sink.add(entries(edition(0)))
    reader = open_store(store.address)
    writer = threading.Thread(target=write)
    writer.start()
    looks = 0
    while writer.is_alive() or not looks:
        seen = [(article.id, article.text) for _, article in reader.articles()]
        assert len({id for id, _ in seen}) == len(seen)
        assert all(text in {edition(number)[id] for number in range(9)} for id, text in seen)
        looks += 1
    writer.join()
    assert looks > 2
    assert held(store) == edition(8)


def test_a_block_inside_a_block_sees_what_the_outer_one_sees(milvus: Milvus) -> None:
    store, other = made(milvus), None
    with store.writing() as sink:
        sink.add(entries({"a": "The river rose."}))
    other = open_store(store.address)
    with other.reading() as outer:
        with store.writing() as sink:
            sink.add(entries({"b": "The wheat fell."}))
        with other.reading() as inner:
            assert inner.generation == outer.generation
            assert inner.ids(inner.newer(0, 9)[0]) == ["a"]
        other.keep("links", b"of before", outer.generation)
        assert other.kept("links") is None
    with other.reading() as later:
        assert later.ids(later.newer(0, 9)[0]) == ["a", "b"]
        other.keep("links", b"of now", later.generation)
    assert store.kept("links") == b"of now"


NURSERY = """
    import os, signal, sys, tempfile
    import pymilvus  # once, before the forks
    sys.path.insert(0, "tests")
    from index.milvus import cluster
    from index.open import create_store, open_store
    from test_milvus_store import ENCODER, NEW, entries

    made, call, left = entries(NEW), cluster.Cluster.call, None
    with tempfile.TemporaryDirectory() as place, create_store(f"{place}/index", ENCODER).writing() as sink:
        sink.add(made)  # whatever is loaded late is loaded now

    def counted(self, name, *given, **named):
        global left
        if left is not None and name in ("insert", "delete"):
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
        return call(self, name, *given, **named)

    cluster.Cluster.call = counted
    for line in sys.stdin:
        address, calls = line.split()
        if not (child := os.fork()):
            with open_store(address).writing() as sink:
                left = int(calls)
                sink.add(made)
                sink.remove(["d"])
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
OLD = {"a": "The old river " * 300, "b": "Old wheat.", "d": "Old dates of Marsa."}
NEW = {"a": "The new river " * 200, "b": "New wheat.", "c": "New snow in Ostreva."}


@pytest.fixture(scope="module")
def killed() -> Iterator[Callable[[str, int], int]]:
    """Changes an index in a process that is killed after so many calls that write; gives its exit code."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(NURSERY)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin and process.stdout  # noqa: PT018

    def change(address: str, calls: int) -> int:
        print(address, calls, file=process.stdin, flush=True)
        return int(process.stdout.readline())

    yield change
    process.stdin.close()
    process.wait()


@pytest.mark.parametrize("first", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3, 4))])
def test_a_writer_killed_between_two_calls_leaves_what_verify_names_and_the_next_run_mends(
    milvus: Milvus, killed: Callable[[str, int], int], first: int
) -> None:
    named, store = 0, made(milvus)
    for calls in range(first, 60, 5):
        with store.writing() as sink:
            sink.add(entries(OLD))
            sink.remove(["c"])
        code = killed(store.address, calls)
        seen = held(store)
        assert all(text in (OLD.get(id), NEW.get(id)) for id, text in seen.items()), "readers see whole articles only"
        problems = verify(store.address)
        assert all(problem.mendable for problem in problems)
        named += bool(problems)
        if calls % 2:
            assert repair(store.address) == []
        else:
            with open_store(store.address).writing():
                pass
        assert verify(store.address) == []
        after = held(store)
        assert after in (seen, {id: text for id, text in seen.items() if id != "d"})  # a removal that had begun is done
        if code == 0:
            assert seen == after == NEW
            assert named > 1
            return
        assert code == -signal.SIGKILL
    pytest.fail("the writer never ended")


def _rows(store: MilvusStore, collection: str) -> tuple[Cluster, str, list[dict[str, Any]]]:
    rows = store._rows()
    name = getattr(rows.state, collection)
    keys = [row["number"] for row in rows.cluster.scan(name, "number > 0", ("number",), "Strong")]
    return rows.cluster, name, rows.cluster.get(name, keys, ["*"], "Strong")


def orphan(store: MilvusStore) -> None:
    cluster, name, rows = _rows(store, "passages")
    cluster.insert(name, [rows[0] | {"number": rows[0]["number"] + 99, "article": 5}])


def lose_a_passage(store: MilvusStore) -> None:
    cluster, name, rows = _rows(store, "passages")
    cluster.delete(name, [min(row["number"] for row in rows)])


def alter_an_article(store: MilvusStore) -> None:
    cluster, name, rows = _rows(store, "articles")
    cluster.delete(name, [rows[0]["number"]])
    cluster.insert(name, [rows[0] | {"facts": rows[0]["facts"].replace("Kasrun Post", "Kasrun Mail")}])


def leave_an_old_version(store: MilvusStore) -> None:
    for collection in ("passages", "articles"):
        cluster, name, rows = _rows(store, collection)
        moved = {"number": -(10**6)} | ({"article": -(10**6)} if collection == "passages" else {})
        cluster.insert(name, [row | {key: row[key] + by for key, by in moved.items()} for row in rows])


def forget_the_statistics(store: MilvusStore) -> None:
    ledger = store._rows().ledger
    ledger.delete(ledger.names("part", "Strong"))


def spoil_the_statistics(store: MilvusStore) -> None:
    ledger = store._rows().ledger
    ledger.put("part", dict.fromkeys(ledger.names("part", "Strong"), "AAAA"))


def leave_collections(store: MilvusStore) -> None:
    name = Address.parse(store.address).name
    make_collections(store._cluster, f"{name}_passages_00000000", f"{name}_articles_00000000", 320)


@pytest.mark.parametrize(
    ("damage", "said", "lost"),
    [
        (orphan, "1 passages belong to no article", False),
        (lose_a_passage, "is not whole: it has", True),
        (alter_an_article, "is not whole: it does not match its checksum", True),
        (leave_an_old_version, "has a newer version beside it", False),
        (forget_the_statistics, "count 0 passages, and there are", False),
        (spoil_the_statistics, "cannot be read", False),
        (leave_collections, "is a collection that an interrupted reindex left", False),
    ],
)
def test_what_is_not_as_it_was_written_is_named_and_mended(
    milvus: Milvus, damage: Callable[[MilvusStore], None], said: str, lost: bool
) -> None:
    store = made(milvus)
    texts = {"a": "The old river rose. " * 300, "b": "The wheat fell."}
    with store.writing() as sink:
        sink.add(entries(texts))
    damage(store)
    assert any(said in problem.what for problem in verify(store.address))
    told = repair(store.address)
    assert ["it was taken out. Index its source again" in problem.what for problem in told] == [True] * lost
    assert verify(store.address) == []
    after = held(store)
    assert after.items() <= texts.items()
    assert len(after) == len(texts) - lost
    with store.writing() as sink:
        sink.add(entries(texts))
    assert held(store) == texts
    assert store.verify() == []
