"""Every command on an index on a cluster, as it is typed; and what is said where it cannot be used."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CORPUS, ROOT, Khabar
from engines import Engine as Milvus

from index.milvus import Address
from index.open import open_store, verify

COMMAND = [sys.executable, "-c", "from cli import main; main()"]

pytestmark = pytest.mark.xdist_group("milvus")  # one engine serves them all


@pytest.mark.parametrize(
    "command",
    [
        ("search", "ferry fire", "-k", "5"),
        ("search", "سعر القمح", "--lang", "ar", "--since", "2025-02"),
        ("search", '"coast guard" -inquiry', "--sort", "newest"),
        ("search", "wheat price", "--mode", "semantic", "--source", "Sadaf Herald", "-k", "30"),
        ("search", "vaccine", "--mode", "lexical", "--facet", "source,language,day", "--offset", "2"),
        ("search", "ferry fire", "--both", "--all", "--diversity", "0.3"),
        ("show", "ferry-en-1"),
        ("related", "ferry-en-1"),
        ("duplicates",),
        ("duplicates", "--tier", "altered"),
        ("stories", "--affairs"),
        ("sources",),
        ("verify",),
        ("check", "All 214 passengers rescued after ferry fire."),
    ],
    ids=lambda command: " ".join(command),
)
def test_a_command_says_what_it_says_of_a_folder(
    khabar: Khabar, corpus_on_cluster: str, corpus_folder: Path, command: tuple[str, ...]
) -> None:
    one, other = (khabar(*command, "--json", "--index", where) for where in (corpus_folder, corpus_on_cluster))
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


def test_quality_is_that_of_a_folder(
    khabar: Khabar, corpus_on_cluster: str, corpus_folder: Path, tmp_path: Path
) -> None:
    shutil.copy(CORPUS / "corpus.jsonl", tmp_path)
    queries = (CORPUS / "queries.jsonl").read_text("utf-8").splitlines()[::12]
    (tmp_path / "queries.jsonl").write_text("\n".join(queries), "utf-8")
    asked = {json.loads(line)["_id"] for line in queries}
    head, *judged = (CORPUS / "qrels.tsv").read_text("utf-8").splitlines()
    (tmp_path / "qrels.tsv").write_text("\n".join([head, *(j for j in judged if j.split("\t")[0] in asked)]), "utf-8")
    facts = []
    for where in (corpus_folder, corpus_on_cluster):
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


def test_an_export_is_that_of_a_folder(
    khabar: Khabar, corpus_on_cluster: str, corpus_folder: Path, tmp_path: Path
) -> None:
    for place, file in ((corpus_on_cluster, "cluster.jsonl"), (corpus_folder, "folder.jsonl")):
        assert khabar("export", tmp_path / file, "--index", place).code == 0
    assert (tmp_path / "cluster.jsonl").read_text() == (tmp_path / "folder.jsonl").read_text()
    facts = khabar("info", "--json", "--index", corpus_on_cluster).json
    assert facts["path"] == corpus_on_cluster
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
