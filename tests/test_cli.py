"""The command line does what its help says, in text and in JSON, and says so by its exit code."""

import io
import json
import re
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from conftest import CORPUS, Khabar
from memory_store import MemoryStore

from index.errors import InputError
from index.lookup import id_of
from index.ports import Entry
from index.types import Article
from search.show.reports import size_of

ARTICLE = {
    "_id": "a1",
    "title": "Wheat prices",
    "text": "Wheat prices rose in Kasrun.",
    "date": "2024-05-01",
    "lang": "en",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def rows(path: Path, *articles: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(a, ensure_ascii=False) + "\n" for a in articles), "utf-8")
    return path


def test_indexing_reports_what_it_did_and_a_second_run_changes_nothing(
    khabar: Khabar, tmp_path: Path, folder: Path
) -> None:
    source = rows(tmp_path / "news.jsonl", ARTICLE)
    first = khabar("index", source, "--index", folder, "--json")
    assert first.code == 0
    assert (first.json["added"], first.json["updated"], first.json["unchanged"]) == (1, 0, 0)
    second = khabar("index", source, "--index", folder, "--json").json
    assert (second["added"], second["updated"], second["unchanged"]) == (0, 0, 1)
    rows(source, ARTICLE | {"text": "Wheat prices fell in Kasrun."})
    third = khabar("index", source, "--index", folder, "--json").json
    assert (third["added"], third["updated"], third["unchanged"]) == (0, 1, 0)
    assert "fell" in khabar("show", "a1", "--index", folder).out


def test_a_bad_row_is_named_and_the_good_ones_are_stored(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "news.jsonl"
    source.write_text(json.dumps(ARTICLE) + "\n{broken\n" + json.dumps({"_id": "empty"}) + "\n", "utf-8")
    done = khabar("index", source, "--index", folder)
    assert done.code == 3
    assert "1 added" in done.out
    assert f"{source}:2: " in done.err
    assert f"{source}:3: " in done.err
    assert khabar("search", "wheat", "--index", folder, "--json").json["hits"][0]["article"]["id"] == "a1"


def test_a_missing_source_is_an_error_and_nothing_else(khabar: Khabar, folder: Path) -> None:
    done = khabar("index", "no/such/folder", "--index", folder)
    assert done.code == 1
    assert "no/such/folder" in done.err


def test_articles_come_from_standard_input(khabar: Khabar, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.TextIOWrapper(io.BytesIO(json.dumps(ARTICLE).encode()))
    monkeypatch.setattr(sys, "stdin", text)
    assert khabar("index", "-", "--index", folder, "--json").json["added"] == 1


def test_search_json_is_what_scripts_rely_on(khabar: Khabar, corpus_folder: Path) -> None:
    answer = khabar("search", "حريق عبّارة نورس", "-k", "3", "--index", corpus_folder, "--json").json  # the ferry fire
    assert list(answer) == ["query", "language", "mode", "seconds", "hits", "cut", "relevant", "notes"]
    assert (answer["query"], answer["language"], answer["mode"]) == ("حريق عبّارة نورس", "ar", "hybrid")
    assert [hit["rank"] for hit in answer["hits"]] == [1, 2, 3]
    hit = answer["hits"][0]
    assert list(hit) == ["rank", "score", "article", "passage", "highlights", "matched", "title_highlights", "copies"]
    assert "copies" not in answer["hits"][1]
    assert list(hit["article"]) == ["id", "title", "language", "published", "source", "url", "path"]
    assert list(hit["passage"]) == ["start", "end", "text"]
    assert hit["highlights"]
    for start, end in hit["highlights"]:
        assert hit["passage"]["text"][start:end].strip()
    assert set(hit["matched"][0]) == {"query", "term", "kind", "weight"}


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_an_english_question_finds_arabic_articles_and_the_reverse(
    khabar: Khabar, corpus_folder: Path, mode: str
) -> None:
    english = khabar(
        "search", "ferry fire", "--lang", "ar", "-k", "3", "--mode", mode, "--index", corpus_folder, "--json"
    ).json
    assert english["hits"][0]["article"]["id"].startswith("ferry-ar")
    arabic = khabar(
        "search", "حريق العبارة", "--lang", "en", "-k", "3", "--mode", mode, "--index", corpus_folder, "--json"
    ).json
    assert arabic["hits"][0]["article"]["id"].startswith("ferry-en")


def test_both_languages_come_in_one_ranked_list(khabar: Khabar, corpus_folder: Path) -> None:
    hits = khabar("search", "ferry fire", "-k", "5", "--index", corpus_folder, "--json").json["hits"]
    assert {hit["article"]["language"] for hit in hits} == {"ar", "en"}
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_filters_leave_only_what_was_asked_for_and_still_fill_k(khabar: Khabar, corpus_folder: Path) -> None:
    articles = [json.loads(line) for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()]
    day = sorted(a["date"][:10] for a in articles)[len(articles) // 2]
    common = ("--index", corpus_folder, "-k", "10", "--json")
    for option in (("--since", day), ("--until", day), ("--lang", "ar"), ("--source", articles[0]["source"])):
        hits = khabar("search", "minister", *option, *common).json["hits"]
        found = [hit["article"] for hit in hits]
        matching = {
            "--since": lambda a: a["published"] and a["published"][:10] >= day,
            "--until": lambda a: a["published"] and a["published"][:10] <= day,
            "--lang": lambda a: a["language"] == "ar",
            "--source": lambda a: a["source"] == articles[0]["source"],
        }[option[0]]
        assert all(matching(a) for a in found)
        available = [a for a in articles if option[0] == "--source" and a["source"] == articles[0]["source"]]
        assert len(found) == (min(len(available), 10) if available else 10)


def test_many_queries_make_a_trec_run(khabar: Khabar, corpus_folder: Path, tmp_path: Path) -> None:
    run, asked = tmp_path / "run.trec", tmp_path / "queries.jsonl"
    asked.write_text("".join((CORPUS / "queries.jsonl").read_text("utf-8").splitlines(keepends=True)[::6]), "utf-8")
    done = khabar("search", "--queries", asked, "--run", run, "-k", "5", "--index", corpus_folder)
    assert done.code == 0
    lines = [line.split() for line in run.read_text("utf-8").splitlines()]
    queries = [json.loads(line)["_id"] for line in asked.read_text("utf-8").splitlines()]
    assert [line[0] for line in lines[::5]] == queries
    assert all(len(line) == 6 and line[1] == "Q0" and line[5] == "khabar" for line in lines)
    assert [line[3] for line in lines[:5]] == ["1", "2", "3", "4", "5"]


def test_removing_says_what_was_not_there(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    khabar("index", rows(tmp_path / "news.jsonl", ARTICLE), "--index", folder)
    done = khabar("remove", "a1", "nobody", "--index", folder)
    assert done.code == 3
    assert "1 removed" in done.out
    assert "'nobody'" in done.err
    assert khabar("show", "a1", "--index", folder).code == 1


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_an_empty_index_answers_with_nothing(khabar: Khabar, tmp_path: Path, folder: Path, mode: str) -> None:
    khabar("index", rows(tmp_path / "news.jsonl", ARTICLE), "--index", folder)
    khabar("remove", "a1", "--purge", "--index", folder)
    done = khabar("search", "wheat", "--mode", mode, "--index", folder)
    assert done.code == 0
    assert "Nothing found" in done.out


def test_a_search_that_finds_only_what_is_nearest_says_so(khabar: Khabar, corpus_folder: Path) -> None:
    said = "Hardly anything fits"
    assert said in khabar("search", "penguin", "--index", corpus_folder).out
    assert said not in khabar("search", "olive harvest", "--index", corpus_folder).out


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["search"], 2, "QUERY"),
        (["search", "x", "--mode", "magic"], 2, "magic"),
        (["search", "x", "--since", "someday"], 2, "someday"),
        (["search", "؟!…"], 1, "no words"),
        (["show", "nobody"], 1, "nobody"),
    ],
)
def test_wrong_usage_is_one_clear_sentence(
    khabar: Khabar, corpus_folder: Path, args: list[str], code: int, message: str
) -> None:
    done = khabar(*args, "--index", corpus_folder)
    assert done.code == code
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_missing_index_says_how_to_make_one(khabar: Khabar, folder: Path) -> None:
    done = khabar("search", "wheat", "--index", folder)
    assert done.code == 1
    assert done.err.startswith("khabar: ")
    assert "khabar index" in done.err


def test_info_tells_what_the_index_holds(khabar: Khabar, corpus_folder: Path) -> None:
    facts = khabar("info", "--index", corpus_folder, "--json").json
    assert facts["articles"] == sum(facts["languages"].values())
    assert facts["model"] == "default" or facts["dimension"] > 0
    assert "articles" in khabar("info", "--index", corpus_folder).out


MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def test_fields_are_isolated_in_the_terminal_and_plain_in_a_pipe_and_in_json(
    khabar: Khabar, terminal: Khabar, corpus_folder: Path
) -> None:
    asked = ("search", "حريق العبارة", "-k", "1", "--index", corpus_folder)
    assert not MARKS.search(khabar(*asked).out)
    assert not MARKS.search(khabar(*asked, "--json").out)
    for line in terminal(*asked).out.splitlines():
        assert len(re.findall("[\u2066-\u2068]", line)) == line.count("\u2069")
        assert MARKS.search(line) or not re.search("[ء-ي]", line)


def test_an_id_copied_from_a_terminal_works_with_its_marks(khabar: Khabar, corpus_folder: Path) -> None:
    assert khabar("show", "\u2068telegram-ar-1\u2069 ", "--index", corpus_folder).code == 0
    assert khabar("related", "\u2068ferry-ar-1\u2069", "--index", corpus_folder).code == 0
    assert khabar("stories", "--of", "\u2068ferry-ar-1\u2069", "--index", corpus_folder).out.startswith("إنقاذ")


def test_several_articles_are_shown_at_once_and_a_missing_one_is_named(khabar: Khabar, corpus_folder: Path) -> None:
    done = khabar("show", "telegram-ar-1", "ferry-en-1", "nobody", "telegram-ar-1", "--index", corpus_folder, "--json")
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == ["telegram-ar-1", "ferry-en-1"]
    assert (done.code, "'nobody'" in done.err) == (3, True)


def test_made_ids_are_shown_short_and_are_whole_in_json(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    khabar("index", rows(tmp_path / "a.jsonl", {"title": "Wheat", "text": "Wheat prices rose."}), "--index", folder)
    asked = ("search", "wheat", "--index", folder)
    whole = khabar(*asked, "--json").json["hits"][0]["article"]["id"]
    assert len(whole) == 32
    (short,) = re.findall(r"\b[0-9a-f]{12,}\b", khabar(*asked).out)
    assert short == whole[:12]
    assert khabar("show", short, "--index", folder, "--json").json["id"] == whole
    assert khabar("remove", short, "--index", folder).out == "1 removed.\n"


def test_the_beginning_of_a_page_with_several_articles_is_the_page() -> None:
    store = MemoryStore()
    store.add(Entry(Article(name, "t", "x", "en"), (), np.zeros((0, 4), np.float32), "d") for name in ("ab1", "ab1#2"))
    assert id_of(store, "ab") == "ab1"
    assert id_of(store, "ab1#") == "ab1#2"
    assert id_of(store, "b") is None
    assert id_of(store, "\u2068") is None
    store.add([Entry(Article("ab2", "t", "x", "en"), (), np.zeros((0, 4), np.float32), "d")])
    with pytest.raises(InputError, match="Several ids begin with 'ab': 'ab1', 'ab1#2', 'ab2'"):
        id_of(store, "ab")


def test_the_version_is_that_of_the_installed_package(khabar: Khabar) -> None:
    assert khabar("--version").out == f"khabar {version('khabar')}\n"


@pytest.mark.parametrize("command", ["", "search", "index", "config"])
def test_help_is_also_given_by_one_letter(khabar: Khabar, command: str) -> None:
    short, long = (khabar(*filter(None, [command, flag])) for flag in ("-h", "--help"))
    assert (short.code, short.out) == (0, long.out)
    assert "--help" in short.out


def test_without_a_command_there_is_help(khabar: Khabar) -> None:
    assert "Commands:" in "".join(khabar()[1:])


def test_quiet_leaves_errors_and_results(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "news.jsonl"
    source.write_text(json.dumps(ARTICLE | {"title": "x" * 2000}) + "\n{broken\n", "utf-8")
    done = khabar("index", source, "--index", folder, "--quiet")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"{source}:2: ")
    assert done.err.count("\n") == 1
    assert "1 rejected" in khabar("index", source, "--index", folder).out  # the next command is as talkative as before
    assert khabar("search", "wheat", "-q", "--index", folder, "--json").json["hits"]
    assert khabar("verify", "-q", "--index", folder) == (0, "", "")
    assert khabar("remove", "a1", "-q", "--index", folder) == (0, "", "")


def test_excluded_files_are_neither_read_nor_pruned(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    for name in ("a.txt", "drafts/b.txt", "2019/c.txt", "2019/old/d.txt", "2020/e.tmp.txt"):
        (tmp_path / "news" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "news" / name).write_text(f"Report {name}\n\nThe river rose in Kasrun, said {name}.", "utf-8")
    asked = ("index", tmp_path / "news", "--index", folder, "--json")
    left_out = ("--exclude", "drafts", "--exclude", "2019/*", "--exclude", "*.tmp.txt")
    assert khabar(*asked, *left_out).json["added"] == 1
    assert khabar(*asked, "--exclude", "old/").json["added"] == 3
    done = khabar(*asked, *left_out, "--prune-all").json
    assert (done["removed"], done["unchanged"]) == (0, 1)
    assert khabar("info", "--index", folder, "--json").json["articles"] == 4


def test_counts_agree_between_runs_and_with_info(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    """Articles embedded in pages count, and one that stands in two files counts once."""
    shutil.copytree(CORPUS / "pages", tmp_path / "pages")
    for name in ("a.jsonl", "b.jsonl"):
        rows(tmp_path / name, ARTICLE, ARTICLE | {"_id": "a2"})
    asked = ("index", tmp_path / "pages", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--index", folder, "--json")
    held = [khabar(*asked).json["added"], khabar("info", "--index", folder, "--json").json["articles"]]
    held.append(khabar(*asked).json["unchanged"])
    rows(tmp_path / "b.jsonl", ARTICLE, ARTICLE | {"_id": "a2"}, ARTICLE | {"_id": "a3"})
    again = khabar(*asked).json
    assert (again["added"], again["updated"]) == (1, 0)
    held.append(again["unchanged"])
    assert len(set(held)) == 1
    files = len(list((tmp_path / "pages").iterdir()))
    assert held[0] > files + 2, "a page of the sample holds a second article"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (9_951, "10 kB"), (999_499, "999 kB"),
     (999_600, "1.0 MB"), (34_000_000_000, "34 GB")],
)  # fmt: skip
def test_sizes_have_units_also_in_info(khabar: Khabar, corpus_folder: Path, count: int, shown: str) -> None:
    assert size_of(count) == shown
    assert re.search(r"^ +size  [0-9.]+ [kM]B$", khabar("info", "--index", corpus_folder).out, re.MULTILINE)
