"""An index on a cluster that cannot be used, or whose engine fails: what is said, and that nothing is lost."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS, Khabar
from engines import Engine as Milvus
from engines import engine, free_port
from test_milvus_store import entries

from index import load_encoder
from index.errors import StorageError
from index.milvus import Address
from index.milvus.cluster import Cluster
from index.milvus.collections import make_ledger
from index.open import create_store, open_store, verify

pytestmark = pytest.mark.xdist_group("milvus")  # one engine serves them all


def test_an_address_is_read_and_shown_without_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    address = Address.parse("milvus://s3cret@[::1]:1/n_1?database=d&tls=yes")
    assert (address.uri, address.token) == ("https://[::1]:1", "s3cret")
    assert str(address) == "milvus://[::1]:1/n_1?database=d&tls=yes"
    assert "s3cret" not in repr(address)
    monkeypatch.setenv("KHABAR_MILVUS_TOKEN", "user:word")
    assert Address.parse("milvus://host/news").token == "user:word"
    assert str(Address.parse("milvus://host/news")) == "milvus://host:19530/news"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("milvus://s3cret@host", "names no index"),
        ("milvus://s3cret@host/1news", "names no index"),
        ("milvus://s3cret@host:0x/news", "has no port"),
        ("milvus://s3cret@host/news?port=3", "has port=3"),
        ("milvus:///news", "names no host"),
        ("redis://host/news", "is no folder, and no index on a cluster"),
    ],
)
def test_an_address_that_leads_nowhere_is_named(khabar: Khabar, address: str, said: str) -> None:
    done = khabar("search", "ferry", "--index", address)
    assert done.code == 1
    assert said in done.err
    assert "s3cret" not in done.err
    assert len(done.err.splitlines()) == 1


def test_an_engine_that_does_not_answer_is_named(khabar: Khabar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHABAR_MILVUS_TOKEN", "s3cret")
    port = free_port()
    done = khabar("info", "--index", f"milvus://127.0.0.1:{port}/news")
    assert done.code == 1
    assert f"No Milvus engine answers at http://127.0.0.1:{port}" in done.err
    assert "s3cret" not in done.err


@pytest.mark.skipif("KHABAR_TEST_CORE" in os.environ, reason="the core has one database")
def test_databases_are_apart_and_one_that_is_not_there_is_named(khabar: Khabar, milvus: Milvus, tmp_path: Path) -> None:
    from pymilvus import MilvusClient

    address = milvus.fresh()
    MilvusClient(uri=Address.parse(address).uri).create_database("other")
    for where, text in ((address, "The heron flew."), (f"{address}?database=other", "The wheat fell.")):
        (tmp_path / "a.txt").write_text(text)
        assert khabar("index", tmp_path / "a.txt", "--index", where).code == 0
        assert [one.text for _, one in open_store(where).articles()] == [text]
    done = khabar("search", "heron", "--index", f"{address}?database=nobody")
    assert done.code == 1
    assert "The engine has no database for" in done.err
    assert "leave ?database= out of the address" in done.err


def test_what_is_no_index_of_khabar_is_left_alone(khabar: Khabar, milvus: Milvus, tmp_path: Path) -> None:
    address = milvus.fresh()
    done = khabar("search", "ferry", "--index", address)
    assert done.code == 1
    assert f"is not a Khabar index. Make one with: khabar index FOLDER --index '{address}'" in done.err
    from pymilvus import MilvusClient

    client = MilvusClient(uri=Address.parse(address).uri)
    client.create_collection(f"{Address.parse(address).name}_ledger", dimension=4)
    (tmp_path / "a.txt").write_text("The ferry burnt.")
    done = khabar("index", tmp_path / "a.txt", "--index", address)
    assert done.code == 1
    assert "which is not from Khabar" in done.err


def test_another_model_or_version_is_refused_by_name(khabar: Khabar, milvus: Milvus, tmp_path: Path) -> None:
    address, file = milvus.fresh(), tmp_path / "a.txt"
    file.write_text("The ferry burnt in the harbour.")
    assert khabar("index", file, "--index", address).code == 0
    store = open_store(address)
    ledger = store._ledger  # type: ignore[attr-defined]
    made = json.loads(ledger.get(["manifest"], "Strong")["manifest"])
    for name, said in (("format", "has format other"), ("analyser", "was analysed by another version")):
        ledger.put("manifest", {"manifest": json.dumps(made | {name: "other"})})
        done = khabar("search", "ferry", "--index", address)
        assert done.code == 1
        assert said in done.err
    assert khabar("verify", "--index", address).code == 1
    assert khabar("verify", "--repair", "--index", address).code == 0
    assert khabar("search", "ferry", "--index", address).code == 0
    encoder = load_encoder()
    other = type("Other", (), {"name": "other", "dim": 320, "hash": "0", "prompts": {}})()
    with pytest.raises(Exception, match=r"was made with the model khabar-static-ar-en .*khabar reindex --model other"):
        store.require(other)
    store.require(encoder)


@pytest.mark.parametrize("kind", ["ledger", "passages", "articles"])
def test_a_collection_that_somebody_dropped_is_named(khabar: Khabar, milvus: Milvus, tmp_path: Path, kind: str) -> None:
    address, file = milvus.fresh(), tmp_path / "a.txt"
    file.write_text("The ferry burnt in the harbour.")
    assert khabar("index", file, "--index", address).code == 0
    cluster = Cluster(Address.parse(address))
    names = [name for name in cluster.call("list_collections") if name.startswith(Address.parse(address).name + "_")]
    (gone,) = (name for name in names if f"_{kind}" in name)
    cluster.call("drop_collection", gone)
    for command in (("search", "ferry"), ("index", file), ("verify",), ("verify", "--repair"), ("export", "-")):
        done = khabar(*command, "--index", address)
        assert done.code == 1
        assert gone in done.out + done.err
        assert "from a backup, or index the sources under another name" in done.out + done.err
    assert sorted({*names} - {gone}) == sorted(
        name for name in cluster.call("list_collections") if name.startswith(Address.parse(address).name + "_")
    )


def test_a_disk_that_is_full_is_named_and_nothing_is_lost(
    khabar: Khabar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine(tmp_path) as running:
        address, file = running.fresh(), tmp_path / "first.txt"
        file.write_text("The heron of Kasrun flew.")
        assert khabar("index", file, "--index", address).code == 0
        running.end()
        running.begin(largest=100_000)
        with monkeypatch.context() as patched:
            patched.setattr("index.milvus.cluster.ANSWERED", 3)  # so long the core is asked again and again
            done = khabar("index", CORPUS / "corpus.jsonl", "--index", address)
        assert done.code == 1
        why = "has no room left" if "KHABAR_TEST_CORE" not in os.environ else "cannot be used"  # it does not say why
        assert why in done.err
        assert "give the same command again" in done.err
        running.end()
        running.begin()
        hits = khabar("search", "heron", "--json", "--index", address).json["hits"]
        assert "heron of Kasrun" in hits[0]["passage"]["text"]
        assert khabar("index", CORPUS / "corpus.jsonl", "--index", address).code == 0
        assert verify(address) == []
        assert open_store(address).counts()["articles"] == 97


@pytest.mark.skipif("KHABAR_TEST_OLD_ENGINE" not in os.environ, reason="no engine runs here that asks for a token")
def test_a_wrong_token_is_named(khabar: Khabar, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"milvus://127.0.0.1:{os.environ['KHABAR_TEST_OLD_ENGINE']}/news"
    for token in ("root:wrong-s3cret", ""):
        monkeypatch.setenv("KHABAR_MILVUS_TOKEN", token)
        done = khabar("info", "--index", address)
        assert done.code == 1
        assert "KHABAR_MILVUS_TOKEN" in done.err
        assert "s3cret" not in done.err


@pytest.mark.skipif("KHABAR_TEST_OLD_ENGINE" not in os.environ, reason="no engine of an old version runs here")
def test_an_engine_that_is_too_old_is_named(khabar: Khabar, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KHABAR_MILVUS_TOKEN", "root:Milvus")  # what every new server has
    (tmp_path / "a.txt").write_text("The ferry burnt.")
    address = f"milvus://127.0.0.1:{os.environ['KHABAR_TEST_OLD_ENGINE']}/news"
    assert "is not a Khabar index" in khabar("search", "ferry", "--index", address).err
    done = khabar("index", tmp_path / "a.txt", "--index", address)
    assert done.code == 1
    assert "runs Milvus v2.3.5-lite, which has no sparse vectors. Khabar needs 2.4 or later" in done.err


def test_the_client_that_is_missing_is_named(khabar: Khabar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    done = khabar("info", "--index", "milvus://127.0.0.1/news")
    assert done.code == 1
    assert "pip install 'khabar[milvus]'" in done.err


def test_what_is_no_engine_is_named(khabar: Khabar, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setattr("index.milvus.cluster.CONNECTED", 0.5)
        done = khabar("info", "--index", f"milvus://127.0.0.1:{silent.getsockname()[1]}/news")
    assert done.code == 1
    assert "is no Milvus engine that lets Khabar in" in done.err


def failing(monkeypatch: pytest.MonkeyPatch, process: int, how: signal.Signals) -> None:
    """From now on the engine gets a signal just before articles are written, and is waited for a second."""
    call = Cluster.call

    def signalled(self: Cluster, name: str, *given: Any, **named: Any) -> Any:
        if name == "insert" and "_articles_" in given[0]:
            os.kill(process, how)
        return call(self, name, *given, **named)

    monkeypatch.setattr(Cluster, "call", signalled)
    monkeypatch.setattr("index.milvus.cluster.ANSWERED", 1)


def test_an_engine_that_ends_in_the_middle_is_named_and_the_same_command_goes_on(
    khabar: Khabar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine(tmp_path) as running:
        address = running.fresh()
        with monkeypatch.context() as patched:
            failing(patched, running.process, signal.SIGKILL)
            done = khabar("index", CORPUS / "corpus.jsonl", "--index", address)
        assert done.code == 1
        assert "No Milvus engine answers" in done.err or "gave no answer in 1 seconds" in done.err
        assert len(done.err.splitlines()) == 1
        running.end()
        running.begin()
        while "cannot be" in (error := khabar("info", "--index", address).err) or "is no Milvus engine" in error:
            time.sleep(0.2)  # the client tries again after a second
        assert_unfinished_then_mended(khabar, address)


def test_an_engine_that_does_not_answer_in_time_is_named_and_the_same_command_goes_on(
    khabar: Khabar, milvus: Milvus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine is stopped, and does later what it was told: the client has given up by then."""
    address = milvus.fresh()
    try:
        with monkeypatch.context() as patched:
            failing(patched, milvus.process, signal.SIGSTOP)
            done = khabar("index", CORPUS / "corpus.jsonl", "--index", address)
    finally:
        os.kill(milvus.process, signal.SIGCONT)
    assert done.code == 1
    assert f"{address} gave no answer in 1 seconds" in done.err
    assert "the same command goes on from there" in done.err
    assert len(done.err.splitlines()) == 1
    assert_unfinished_then_mended(khabar, address)


def assert_unfinished_then_mended(khabar: Khabar, address: str) -> None:
    problems = verify(address)
    assert any("was left unfinished" in problem.what for problem in problems)
    assert all(problem.mendable for problem in problems)
    report = khabar("index", CORPUS / "corpus.jsonl", "--index", address, "--json").json
    assert report["added"] + report["unchanged"] == 96
    assert open_store(address).counts()["articles"] == 96
    assert verify(address) == []


def test_rows_that_are_too_many_for_a_call_are_sent_in_halves(milvus: Milvus, monkeypatch: pytest.MonkeyPatch) -> None:
    call, sizes = Cluster.call, []

    def limited(self: Cluster, name: str, *given: Any, **named: Any) -> Any:
        rows = given[1] if name == "insert" else named.get("ids", [])
        if len(rows) > 7:
            raise StorageError("RESOURCE_EXHAUSTED: message larger than max")
        sizes.append(len(rows))
        return call(self, name, *given, **named)

    monkeypatch.setattr(Cluster, "call", limited)
    store = create_store(milvus.fresh(), load_encoder())
    with store.writing() as sink:
        sink.add(entries({f"n{n}": f"Bulletin {n} of Kasrun. " * 40 for n in range(20)}))
    assert len([article for _, article in store.articles()]) == 20
    assert max(sizes) <= 7


@pytest.mark.skipif("KHABAR_TEST_CORE" not in os.environ, reason="milvus-lite gives answers of any size")
def test_rows_that_are_too_many_for_an_answer_of_the_engine_come_in_halves(milvus: Milvus) -> None:
    texts = {f"n{number}": f"{number} " + "x" * 60_000 for number in range(1_200)}
    store = create_store(milvus.fresh(), load_encoder())
    with store.writing() as sink:
        sink.add(entries(texts))
    rows = store._rows()  # type: ignore[attr-defined]
    assert {article.text for article in rows.articles(rows.everything())} == set(texts.values())


@pytest.mark.skipif("KHABAR_TEST_OLD_ENGINE" not in os.environ, reason="milvus-lite takes calls of any size")
def test_rows_that_are_too_large_for_a_call_of_a_server_are_sent_in_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHABAR_MILVUS_TOKEN", "root:Milvus")
    monkeypatch.setattr("index.milvus.cluster.SENT", 1 << 30)
    monkeypatch.setattr("index.milvus.cluster.ASKED", 1 << 20)
    cluster = Cluster(Address.parse(f"milvus://127.0.0.1:{os.environ['KHABAR_TEST_OLD_ENGINE']}/large"))
    make_ledger(cluster, "large_ledger")
    row = {"kind": "", "name": "", "version": 0, "piece": 0, "pieces": 1, "body": "x" * 60_000, "vector": [0.0, 0.0]}
    rows = [row | {"key": str(number)} for number in range(1_200)]
    with pytest.raises(StorageError, match=r"too large \(.* Raise its limit"):
        cluster.call("insert", "large_ledger", rows)
    cluster.insert("large_ledger", rows)
    cluster.call("flush", "large_ledger")
    assert cluster.call("get_collection_stats", "large_ledger")["row_count"] == 1_200
    cluster.call("drop_collection", "large_ledger")
