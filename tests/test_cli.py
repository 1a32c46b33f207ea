"""The command line does what its help says, in text and in JSON, and says so by its exit code."""

import io
import json
import sys
from pathlib import Path

import pytest
from conftest import CORPUS, Khabar

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


def test_arabic_fields_are_isolated_in_the_terminal_and_plain_in_json(khabar: Khabar, corpus_folder: Path) -> None:
    text = khabar("search", "حريق العبارة", "-k", "1", "--index", corpus_folder).out
    assert text.count("\u2068") == text.count("\u2069") > 0
    assert "\u2068" not in khabar("search", "حريق العبارة", "-k", "1", "--index", corpus_folder, "--json").out
