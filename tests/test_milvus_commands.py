"""Every command on an index on a cluster, as it is typed; and what is said where it cannot be used."""

import json
import os
import shutil
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS, ROOT, Khabar, run
from engines import Engine as Milvus
from engines import engine, free_port
from test_milvus_store import entries

from index import load_encoder
from index.errors import StorageError
from index.milvus import Address
from index.milvus.cluster import Cluster
from index.open import create_store, open_store, verify

COMMAND = [sys.executable, "-c", "from cli import main; main()"]

pytestmark = pytest.mark.xdist_group("milvus")  # one engine serves them all


@pytest.fixture(scope="module")
def corpus(milvus: Milvus) -> str:
    """The address of an index of the sample corpus; tests must not change it."""
    address = milvus.fresh()
    assert run("index", CORPUS / "corpus.jsonl", CORPUS / "pages", "--index", address, "--quiet") == 0
    return address


@pytest.mark.parametrize(
    "command",
    [
        ("search", "ferry fire", "-k", "5"),
        ("search", "سعر القمح", "--lang", "ar", "--since", "2025-02"),
        ("search", '"coast guard" -inquiry', "--sort", "newest"),
        ("show", "ferry-en-1"),
        ("related", "ferry-en-1"),
        ("duplicates",),
        ("sources",),
        ("verify",),
        ("check", "All 214 passengers rescued after ferry fire."),
    ],
    ids=lambda command: " ".join(command),
)
def test_a_command_says_what_it_says_of_a_folder(
    khabar: Khabar, corpus: str, corpus_folder: Path, command: tuple[str, ...]
) -> None:
    one, other = (khabar(*command, "--json", "--index", where) for where in (corpus_folder, corpus))
    assert one.code == other.code == 0, other.err
    a, b = ([json.loads(line) for line in done.out.splitlines() if line.strip()] for done in (one, other))
    assert without(a) == without(b)


def without(value: object) -> object:
    """What was printed, but for times and the last digits of scores."""
    if isinstance(value, dict):
        return {k: without(v) for k, v in value.items() if k not in ("seconds", "score", "weight", "path")}
    if isinstance(value, list):
        return [without(one) for one in value]
    return round(value, 1) if isinstance(value, float) else value


def test_stories_are_those_of_a_folder(khabar: Khabar, corpus: str, corpus_folder: Path) -> None:
    told = []
    for where in (corpus_folder, corpus):
        lines = khabar("stories", "--json", "--index", where).out.splitlines()
        told.append({frozenset(article["id"] for article in json.loads(line)["articles"]) for line in lines})
    assert len(told[0] & told[1]) >= 0.9 * len(told[0] | told[1])


def test_quality_is_that_of_a_folder(khabar: Khabar, corpus: str, corpus_folder: Path, tmp_path: Path) -> None:
    shutil.copy(CORPUS / "corpus.jsonl", tmp_path)
    queries = (CORPUS / "queries.jsonl").read_text("utf-8").splitlines()[::12]
    (tmp_path / "queries.jsonl").write_text("\n".join(queries), "utf-8")
    asked = {json.loads(line)["_id"] for line in queries}
    head, *judged = (CORPUS / "qrels.tsv").read_text("utf-8").splitlines()
    (tmp_path / "qrels.tsv").write_text("\n".join([head, *(j for j in judged if j.split("\t")[0] in asked)]), "utf-8")
    facts = []
    for where in (corpus_folder, corpus):
        facts.append(khabar("evaluate", tmp_path, "--index", where, "--json").json)
        assert facts[-1]["configurations"][0].pop("milliseconds") > 0
    assert facts[0] == facts[1]


def test_shards_of_one_file_are_indexed_by_processes_at_once(milvus: Milvus, tmp_path: Path) -> None:
    address = milvus.fresh()
    command = [*COMMAND, "index", str(CORPUS / "corpus.jsonl"), "--index", address, "--json", "--shard"]
    runs = [subprocess.Popen([*command, f"{n}/2"], cwd=ROOT, stdout=subprocess.PIPE, text=True) for n in (1, 2)]
    added = [json.loads(run.communicate()[0])["added"] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sum(added) == open_store(address).counts()["articles"] == 96
    assert min(added) > 30
    assert verify(address) == []  # and no collection is left of two first runs at once


def test_an_export_is_that_of_a_folder(khabar: Khabar, corpus: str, corpus_folder: Path, tmp_path: Path) -> None:
    for place, file in ((corpus, "cluster.jsonl"), (corpus_folder, "folder.jsonl")):
        assert khabar("export", tmp_path / file, "--index", place).code == 0
    assert (tmp_path / "cluster.jsonl").read_text() == (tmp_path / "folder.jsonl").read_text()
    facts = khabar("info", "--json", "--index", corpus).json
    assert facts["path"] == corpus
    assert facts["articles"] == len((tmp_path / "folder.jsonl").read_text().splitlines())


def test_files_that_are_as_they_were_moved_changed_and_gone_are_told_apart(
    khabar: Khabar, milvus: Milvus, tmp_path: Path
) -> None:
    address, folder = milvus.fresh(), tmp_path / "pages"
    shutil.copytree(CORPUS / "pages", folder)

    def indexed(*more: str) -> dict[str, int]:
        report = khabar("index", folder, "--index", address, "--json", *more).json
        return {name: report[name] for name in ("added", "updated", "unchanged", "removed") if report[name]}

    pages = sorted(folder.rglob("*.html"))
    first = indexed()
    assert indexed() == {"unchanged": first["added"]}
    moved = folder / "moved.html"
    pages[0].rename(moved)
    assert indexed() == {"unchanged": first["added"]}
    assert any(str(article.path).endswith("moved.html") for _, article in open_store(address).articles())
    pages[1].write_text(pages[1].read_text("utf-8").replace("<p>", "<p>Corrected. ", 1), "utf-8")
    assert indexed()["updated"] == 1
    moved.unlink()
    assert indexed("--prune")["removed"] == 1
    assert khabar("verify", "--index", address).code == 0


def test_an_article_is_removed_and_everything_is_encoded_again(khabar: Khabar, milvus: Milvus, tmp_path: Path) -> None:
    address, file = milvus.fresh(), tmp_path / "news.jsonl"
    file.write_text(
        "".join(json.dumps({"_id": f"n{n}", "text": f"The heron of harbour {n} flew."}) + "\n" for n in range(3))
    )
    assert khabar("index", file, "--index", address).code == 0
    removed = khabar("remove", "n1", "--purge", "--index", address)
    assert removed.out == "1 removed.\n"
    assert "The old files are deleted by its garbage collection" in removed.err
    assert khabar("show", "n1", "--index", address).code == 1
    assert khabar("reindex", "--dimensions", "320", "--index", address).code == 0
    assert khabar("verify", "--repair", "--index", address).code == 0
    hits = khabar("search", "heron", "--json", "--index", address).json["hits"]
    assert sorted(hit["article"]["id"] for hit in hits) == ["n0", "n2"]
    names = open_store(address)._cluster.call("list_collections")  # type: ignore[attr-defined]
    assert len([name for name in names if name.startswith(Address.parse(address).name + "_")]) == 3


def test_saved_searches_tell_of_what_is_new(khabar: Khabar, milvus: Milvus, tmp_path: Path) -> None:
    address, file = milvus.fresh(), tmp_path / "a.jsonl"
    rows = [json.loads(line) for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows[:40]), "utf-8")
    assert khabar("index", file, "--index", address).code == 0
    assert khabar("save", "ferry", "ferry fire", "--index", address).code == 0
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    told = khabar("index", file, "--index", address, "--json").json["news"]
    assert told.get("ferry", 0) >= 0
    late = tmp_path / "b.jsonl"
    late.write_text(
        json.dumps({"_id": "late", "title": "Ferry fire", "text": "A ferry fire broke out in Marsa al-Sadaf."})
    )
    assert khabar("index", late, "--index", address).code == 0
    assert "Ferry fire" in khabar("news", "--index", address).out


# ---------------------------------------------------------------- what cannot be used


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


def test_a_disk_that_is_full_is_named_and_nothing_is_lost(khabar: Khabar, tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        address, file = running.fresh(), tmp_path / "first.txt"
        file.write_text("The heron of Kasrun flew.")
        assert khabar("index", file, "--index", address).code == 0
        running.end()
        running.begin(largest=100_000)
        done = khabar("index", CORPUS / "corpus.jsonl", "--index", address)
        assert done.code == 1
        assert "has no room left" in done.err
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


ENDING = """
    import os, signal, sys
    from index.milvus import cluster

    call, engine = cluster.Cluster.call, int(sys.argv.pop(1))

    def ending(self, name, *given, **named):
        if name == "insert" and "_articles_" in given[0]:
            os.kill(engine, signal.SIGKILL)
        return call(self, name, *given, **named)

    cluster.Cluster.call, cluster.ANSWERED = ending, 2.0
    from cli import main
    main()
"""


@pytest.mark.slow
@pytest.mark.skipif("KHABAR_TEST_ENGINE" in os.environ, reason="it starts and ends the engine of the tests")
def test_an_engine_that_ends_in_the_middle_is_named_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        address, corpus = running.fresh(), str(CORPUS / "corpus.jsonl")
        command = ["index", corpus, "--index", address]
        typed = [sys.executable, "-c", textwrap.dedent(ENDING), str(running.process), *command]
        done = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "No Milvus engine answers" in done.stderr or "gave no answer in 2 seconds" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        running.end()
        running.begin()
        problems = verify(address)
        assert any("was left unfinished" in problem.what for problem in problems)
        assert any("belong to no article" in problem.what for problem in problems)
        again = subprocess.run([*COMMAND, *command, "--json"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
        assert json.loads(again.stdout)["added"] == 96
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
