"""`khabar export` writes what was asked for, and what it writes as JSON lines reads back the same."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Khabar


def ids(path: Path) -> set[str]:
    return {json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()}


def test_json_lines_read_back_the_same_also_compressed(khabar: Khabar, corpus_folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl.gz", tmp_path / "second.jsonl"
    assert khabar("export", first, "--index", corpus_folder).out == f"102 articles written to {first}\n"
    assert khabar("index", first, "--index", tmp_path / "again", "--json").json["added"] == 102
    khabar("export", second, "--index", tmp_path / "again")
    assert sorted(gzip.decompress(first.read_bytes()).decode().splitlines()) == sorted(
        second.read_text("utf-8").splitlines()
    )


def test_a_query_chooses_what_is_relevant_and_nothing_else(khabar: Khabar, corpus_folder: Path, tmp_path: Path) -> None:
    khabar("export", tmp_path / "a.jsonl", "--query", "ferry fire", "--index", corpus_folder)
    found = ids(tmp_path / "a.jsonl")
    assert {"ferry-ar-1", "ferry-en-1"} <= found
    assert len(found) < 30
    strict = ("--query", "ferry fire", "--min-score", "0.65")
    khabar("export", tmp_path / "b.jsonl", *strict, "--index", corpus_folder)
    assert set() < ids(tmp_path / "b.jsonl") < found
    done = khabar("export", tmp_path / "c.jsonl", "--query", 'ferry lang:ar -"qwxzk"', "--index", corpus_folder)
    assert done.code == 0
    assert "Left out" in done.err
    assert all(name.startswith("ferry-ar") for name in sorted(ids(tmp_path / "c.jsonl"))[:3])


def test_filters_alone_choose_of_all_articles(khabar: Khabar, corpus_folder: Path, tmp_path: Path) -> None:
    everything = [json.loads(line) for line in khabar("export", "--index", corpus_folder).out.splitlines()]

    def exported(*how: str) -> list[dict[str, Any]]:
        khabar("export", tmp_path / "a.jsonl", *how, "--index", corpus_folder)
        return [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]

    assert exported("--lang", "arabic") == [one for one in everything if one["language"] == "ar"]
    assert exported("--source", "courier") == [one for one in everything if one.get("source") == "The Kasrun Courier"]
    march = [one for one in everything if one.get("published", "")[:7] == "2025-03"]
    assert exported("--since", "2025-03", "--until", "2025-03") == march != []


@pytest.mark.parametrize(
    ("ending", "first"),
    [(".csv", "\ufeffid,title"), (".bib", "@article{"), (".ris", "TY  - NEWS"), (".csl.json", '[{"id"')],
)
def test_the_ending_or_an_option_says_the_form(
    khabar: Khabar, corpus_folder: Path, tmp_path: Path, ending: str, first: str
) -> None:
    asked = ("--query", "ferry", "--index", corpus_folder)
    by_name = tmp_path / f"a{ending}"
    facts = khabar("export", by_name, *asked, "--json").json
    assert facts["file"] == str(by_name)
    assert by_name.read_text("utf-8").startswith(first)
    printed = khabar("export", "--format", facts["format"], *asked).out
    assert printed == by_name.read_text("utf-8").removeprefix("\ufeff")


def test_a_table_has_a_row_for_each_article(khabar: Khabar, corpus_folder: Path, tmp_path: Path) -> None:
    khabar("export", tmp_path / "a.csv", "--index", corpus_folder)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 102
    stored = khabar("show", "ferry-ar-1", "--index", corpus_folder, "--json").json
    (row,) = [row for row in table if row["id"] == "ferry-ar-1"]
    assert (row["title"], row["text"]) == (stored["title"], stored["text"])


@pytest.mark.parametrize(
    ("how", "said"), [(("--format", "pdf"), "'pdf' is not a format"), (("--min-score", "0.5"), "--min-score is of a")]
)
def test_what_cannot_be_is_wrong_usage(khabar: Khabar, corpus_folder: Path, how: tuple[str, ...], said: str) -> None:
    done = khabar("export", *how, "--index", corpus_folder)
    assert (done.code, said in done.err) == (2, True)
