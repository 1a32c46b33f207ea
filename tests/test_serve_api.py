"""The API answers as the command line does, names its answers, and says what is wrong with a request."""

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import feedparser
import pytest
from conftest import CORPUS, Khabar
from crashing import entries

pytest.importorskip("fastapi")
from serving import client
from starlette.testclient import TestClient

from index import Index, load_encoder
from index.local import writing
from search.engine import Engine
from search.serve import Limits

API = "/api/v1"


@pytest.fixture(scope="module")
def corpus(corpus_folder: Path) -> Iterator[TestClient]:
    with client(corpus_folder) as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small index that may be changed."""
    add(tmp_path / "index", {"first": "The lighthouse of Sarmin stands."})
    return tmp_path / "index"


def add(folder: Path, texts: dict[str, str]) -> None:
    with writing(Index.create(folder, load_encoder())) as changes:
        changes.add(entries(texts))


def without_seconds(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: without_seconds(value) for name, value in answer.items() if name != "seconds"}
    return [without_seconds(one) for one in answer] if isinstance(answer, list) else answer


SAME = [
    ("/search?q=ferry fire&k=3", ["search", "ferry fire", "-k", "3"]),
    ("/search?q=حريق&lang=en&facet=source&facet=day", ["search", "حريق", "--lang", "en", "--facet", "source,day"]),
    ("/search?q=ferry&sort=newest&offset=2&k=2", ["search", "ferry", "--sort", "newest", "--offset", "2", "-k", "2"]),
    ("/search?q=ferry&both=true", ["search", "ferry", "--both"]),
    (
        "/search?q=ferry&mode=lexical&all=true&since=2025-03",
        ["search", "ferry", "--mode", "lexical", "--all", "--since", "2025-03"],
    ),
    ("/articles/ferry-en-1", ["show", "ferry-en-1"]),
    ("/articles/ferry-en-1/related?k=5&timeline=true", ["related", "ferry-en-1", "-k", "5", "--timeline"]),
    ("/sources", ["sources"]),
    ("/info", ["info"]),
]


@pytest.mark.parametrize(("address", "command"), SAME, ids=[address for address, _ in SAME])
def test_an_answer_is_what_the_command_prints(
    address: str, command: list[str], corpus: TestClient, corpus_folder: Path, khabar: Khabar
) -> None:
    answered = corpus.get(API + address)
    assert answered.status_code == 200
    assert answered.headers["content-type"] == "application/json"
    assert without_seconds(answered.json()) == without_seconds(
        khabar(*command, "--json", "--index", corpus_folder).json
    )


LINES = [
    ("/duplicates?tier=exact&tier=altered", ["duplicates", "--tier", "exact", "--tier", "altered"]),
    ("/duplicates?since=2025-03-12", ["duplicates", "--since", "2025-03-12"]),
    ("/stories?order=size&k=3", ["stories", "--order", "size", "-k", "3"]),
    ("/stories?affairs=true&lang=ar", ["stories", "--affairs", "--lang", "ar"]),
    ("/stories?of=ferry-en-1", ["stories", "--of", "ferry-en-1"]),
    ("/export", ["export"]),
]


@pytest.mark.parametrize(("address", "command"), LINES, ids=[address for address, _ in LINES])
def test_what_is_long_comes_as_the_lines_that_the_command_prints(
    address: str, command: list[str], corpus: TestClient, corpus_folder: Path, khabar: Khabar
) -> None:
    answered = corpus.get(API + address)
    assert answered.status_code == 200
    assert answered.headers["content-type"] == "application/x-ndjson"
    options = [] if command == ["export"] else ["--json"]
    printed = khabar(*command, *options, "--index", corpus_folder).out
    assert answered.text == printed
    assert printed


def test_a_text_is_checked_and_related_to_as_by_the_commands(
    corpus: TestClient, corpus_folder: Path, khabar: Khabar, tmp_path: Path
) -> None:
    claim = "Coast guard crews rescued all 300 passengers of the ferry Nawras 3 before dawn on Wednesday"
    checked = corpus.post(f"{API}/check", json={"text": claim, "lang": ["en"]})
    assert checked.json() == khabar("check", claim, "--lang", "en", "--json", "--index", corpus_folder).json
    assert checked.json()["findings"][0]["kind"] == "altered"
    found = corpus.post(f"{API}/related", json={"text": claim, "k": 3}).json()
    assert found["article"]["id"] == ""
    assert len(found["related"]) == 3
    assert found["related"][0]["article"]["id"].startswith("ferry")


def test_a_text_that_names_a_file_is_a_text(corpus: TestClient) -> None:
    for path in ("/etc/passwd", str(CORPUS / "corpus.jsonl")):
        assert corpus.post(f"{API}/check", json={"text": path}).json()["text"] == path


@pytest.mark.parametrize("by", ["day", "source", "language"])
def test_coverage_counts_every_article_once(by: str, corpus: TestClient, corpus_index: Index) -> None:
    counted = corpus.get(f"{API}/coverage?by={by}").json()
    assert counted["articles"] == corpus_index.counts()["articles"]
    assert sum(one["articles"] for one in counted["coverage"]) == counted["articles"]
    fewer = corpus.get(f"{API}/coverage?by={by}&lang=ar").json()
    assert 0 < fewer["articles"] < counted["articles"]


def test_pages_follow_each_other_by_their_links(corpus: TestClient) -> None:
    whole = [hit["article"]["id"] for hit in corpus.get(f"{API}/search?q=ferry&k=9").json()["hits"]]
    found, address = [], f"{API}/search?q=ferry&k=3"
    for _ in range(3):
        answered = corpus.get(address)
        found += [hit["article"]["id"] for hit in answered.json()["hits"]]
        address = answered.headers["link"].partition(">")[0].removeprefix("<")
    assert found == whole


def test_an_answer_is_not_sent_again_until_the_index_changes(folder: Path) -> None:
    with client(folder) as one:
        first = one.get(f"{API}/search?q=lighthouse")
        assert first.headers["cache-control"] == "private, no-cache"
        known = {"If-None-Match": first.headers["etag"]}
        again = one.get(f"{API}/search?q=lighthouse", headers=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert one.get(f"{API}/search?q=tower", headers=known).status_code == 200
        add(folder, {"second": "Another lighthouse."})
        changed = one.get(f"{API}/search?q=lighthouse", headers=known)
        assert changed.status_code == 200
        assert changed.headers["etag"] != first.headers["etag"]


def test_each_commit_is_seen_and_an_index_that_takes_the_place_of_another(folder: Path, tmp_path: Path) -> None:
    def found(one: TestClient) -> list[str]:
        return sorted(hit["article"]["id"] for hit in one.get(f"{API}/search?q=lighthouse").json()["hits"])

    with client(folder) as one:
        assert found(one) == ["first"]
        add(folder, {"second": "Another lighthouse, of Nadwan."})
        assert found(one) == ["first", "second"]
        other = tmp_path / "other"
        add(other, {"replaced": "The lighthouse fell."})
        add(other, {"more": "One more lighthouse."})  # as many commits as the one before it
        etag = one.get(f"{API}/sources").headers["etag"]
        folder.rename(tmp_path / "away")
        other.rename(folder)
        assert found(one) == ["more", "replaced"]
        assert one.get(f"{API}/sources").headers["etag"] != etag
        assert one.get(f"{API}/articles/first").status_code == 404


def test_an_engine_forgets_the_words_of_an_index_that_was_replaced(folder: Path, tmp_path: Path) -> None:
    """Both have one commit: their number alone does not tell them apart."""
    engine = Engine(Index.open(folder))
    assert not engine.search("zorblax").relevant
    add(tmp_path / "other", {"new": "Zorblaxes were seen."})
    folder.rename(tmp_path / "away")
    (tmp_path / "other").rename(folder)
    assert [hit.article.id for hit in engine.search("zorblax").hits] == ["new"]


def test_an_index_that_comes_later_is_found(tmp_path: Path) -> None:
    with client(tmp_path / "index") as one:
        missing = one.get(f"{API}/search?q=lighthouse")
        assert missing.status_code == 503
        assert missing.json()["error"] == "IndexMissing"
        assert "khabar index FOLDER" in missing.json()["detail"]
        assert one.get("/healthz").status_code == 503
        add(tmp_path / "index", {"first": "A lighthouse."})
        assert one.get(f"{API}/search?q=lighthouse").status_code == 200
        assert one.get("/healthz").json() == {"status": "ok"}


def test_a_damaged_index_and_one_of_another_model_say_what_to_type(folder: Path) -> None:
    with client(folder) as one:
        assert one.get(f"{API}/info").status_code == 200
        for segment in (folder / "segments").rglob("*"):
            if segment.is_file():
                os.truncate(segment, 3)
        with client(folder) as other:
            damaged = other.get(f"{API}/search?q=lighthouse")
        assert (damaged.status_code, damaged.json()["error"]) == (503, "IndexDamaged")
        assert "khabar verify --repair" in damaged.json()["detail"]
    import sqlite3

    with sqlite3.connect(folder / "articles.db") as db:
        db.execute("UPDATE meta SET value = 'somebody/another-model' WHERE key = 'model'")
    with client(folder) as other:
        unknown = other.get(f"{API}/search?q=lighthouse")
    assert unknown.status_code == 503
    assert "khabar" in unknown.json()["detail"]


PROBLEMS = [
    ("/search", 422, "q"),
    ("/search?q=", 422, "q"),
    ("/search?q=" + "x" * 1001, 422, "q"),
    ("/search?q=...", 400, "no words"),
    ("/search?q=ferry&k=0", 422, "k"),
    ("/search?q=ferry&since=0", 400, "is not a date"),
    ("/search?q=ferry&lang=klingonish", 400, "is not a language"),
    ("/search?q=ferry&source=nobody", 400, "No article comes from 'nobody'"),
    ("/search?q=ferry&mode=magic", 400, "hybrid, semantic or lexical"),
    ("/search?q=ferry&languages=ar", 422, "languages"),
    ("/coverage?by=month", 422, "by"),
    ("/articles/nobody", 404, "There is no article 'nobody'"),
    ("/stories?of=nobody", 404, "There is no article 'nobody'"),
    ("/nothing", 404, "/openapi.json"),
]


@pytest.mark.parametrize(("address", "status", "said"), PROBLEMS, ids=[address[:40] for address, _, _ in PROBLEMS])
def test_what_is_wrong_is_said_as_a_problem(address: str, status: int, said: str, corpus: TestClient) -> None:
    problem = corpus.get(API + address)
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.status_code == problem.json()["status"] == status
    assert said in problem.json()["detail"]


def test_an_error_in_khabar_itself_tells_strangers_nothing(
    corpus_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.serve.api.answer_json", lambda answer: {}["a secret place"])
    with client(corpus_folder, raises=False) as one:
        failed = one.get(f"{API}/search?q=ferry")
    assert failed.status_code == 500
    assert failed.headers["content-type"] == "application/problem+json"
    assert "secret" not in failed.text


def test_the_feed_of_a_search_is_read_by_a_reader_and_its_texts_are_no_markup(tmp_path: Path) -> None:
    hostile = '<script>alert("&")</script> \x0b lighthouse'
    folder = tmp_path / "index"
    (tmp_path / "a.jsonl").write_text(
        "".join(
            json.dumps({"id": name, "title": hostile, "text": "The lighthouse of Sarmin stands.", "date": date}) + "\n"
            for name, date in (("old", "2024-01-01"), ("new", "2025-01-01T10:00:00+03:00"), ("undated", ""))
        )
    )
    from conftest import run

    assert run("index", tmp_path / "a.jsonl", "--index", folder) == 0
    with client(folder) as one:
        answered = one.get("/feed.atom?q=lighthouse&all=true")
    assert answered.headers["content-type"] == "application/atom+xml"
    assert b"<script" not in answered.content
    feed = feedparser.parse(answered.content)
    assert not feed.bozo
    assert [entry.link for entry in feed.entries] == [
        "http://localhost/article?id=new",
        "http://localhost/article?id=old",
    ]
    assert feed.entries[0].title_detail.type == "text/plain"
    assert "1 articles without a date" in feed.feed.subtitle


def test_saved_searches_their_hits_and_feeds_are_read(tmp_path: Path, khabar: Khabar) -> None:
    folder, new = tmp_path / "index", tmp_path / "new.jsonl"
    assert khabar("index", CORPUS / "corpus.jsonl", "--index", folder).code == 0
    assert khabar("save", "ferries", "ferry fire", "--min-score", "0.4", "--index", folder).code == 0
    new.write_text(json.dumps({"id": "new", "title": "A ferry on fire", "text": "A ferry fire off Sarmin killed two."}))
    with client(folder) as one:
        assert one.get(f"{API}/searches/ferries/hits").json() == {"hits": []}
        assert khabar("index", new, "--index", folder).code == 0
        assert one.get(f"{API}/searches").json()["saved"] == khabar("saved", "--json", "--index", folder).json["saved"]
        (hit,) = one.get(f"{API}/searches/ferries/hits").json()["hits"]
        assert (hit["search"], hit["article"]["id"]) == ("ferries", "new")
        assert one.get(f"{API}/searches/hits").json()["hits"] == [hit]
        for feed in ("ferries/feed.atom", "feed.atom"):
            (entry,) = feedparser.parse(one.get(f"{API}/searches/{feed}").content).entries
            assert entry.id == hit["id"]
        assert one.get(f"{API}/searches/nobody/hits").status_code == 404


def test_a_slow_question_blocks_no_other_and_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    real = Engine.search

    def search(self: Engine, query: str, *rest: Any) -> Any:
        if query == "slow":
            release.wait(30)
        return real(self, query, *rest)

    monkeypatch.setattr(Engine, "search", search)
    with client(folder, limits=Limits(threads=2, seconds=0.5)) as one, ThreadPoolExecutor(4) as threads:
        slow = threads.submit(one.get, f"{API}/search?q=slow")
        assert all(one.get(f"{API}/search?q=lighthouse").status_code == 200 for _ in range(5))
        assert slow.result().status_code == 504
        assert "longer than 0.5 seconds" in slow.result().json()["detail"]
        both = [threads.submit(one.get, f"{API}/search?q=slow") for _ in range(2)]
        answers = [answer.result() for answer in both]
        # The threads are held by what was given up: nobody waits for them longer than for an answer.
        assert sorted({answer.status_code for answer in answers}) in ([503, 504], [503], [504])
        refused = one.get(f"{API}/search?q=sarmin")  # the other one is remembered
        assert (refused.status_code, refused.json()["error"]) == (503, "Busy")
        assert int(refused.headers["retry-after"]) > 0
        release.set()
        assert one.get(f"{API}/search?q=lighthouse").status_code == 200


def test_the_description_names_every_address_of_the_api(corpus: TestClient) -> None:
    described = corpus.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    named = {path.removeprefix(API) for path in described["paths"]}
    assert named == {
        *("/search", "/articles/{article}", "/articles/{article}/related", "/related", "/check", "/duplicates"),
        *("/searches", "/searches/hits", "/searches/feed.atom", "/searches/{name}/hits", "/searches/{name}/feed.atom"),
        *("/stories", "/coverage", "/sources", "/info", "/export", "/healthz", "/feed.atom"),
    }
    for path in ("/docs", "/redoc"):
        assert corpus.get(path).status_code == 404  # they load scripts from elsewhere
