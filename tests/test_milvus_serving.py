"""An index on a cluster behind a server and an assistant, and fed by a watched folder and from the network."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Khabar
from engines import Engine as Milvus
from loopback import Page, serving
from serving import client
from starlette.testclient import TestClient
from test_assistant import ask
from test_milvus_commands import without
from test_watch_folder import FERRY, Watching

pytestmark = pytest.mark.xdist_group("milvus")  # one engine serves them all


@pytest.fixture(scope="module")
def served(corpus_on_cluster: str) -> Iterator[TestClient]:
    with client(corpus_on_cluster) as one:
        yield one


@pytest.mark.parametrize(
    "page", ["/?q=ferry+fire", "/stories", "/duplicates", "/archive", "/article?id=ferry-en-1", "/check"]
)
def test_the_page_shows_a_cluster(served: TestClient, page: str) -> None:
    assert served.get(page).status_code == 200


def test_the_api_answers_as_for_a_folder(served: TestClient, corpus_folder: Path) -> None:
    with client(corpus_folder) as one:
        for asked in ("search?q=ferry&facet=day", "articles/ferry-en-1/related", "coverage?by=day", "sources"):
            a, b = (each.get(f"/api/v1/{asked}").json() for each in (one, served))
            assert without(a) == without(b), asked
    assert served.get("/healthz").status_code == 200


def test_a_server_shows_what_others_index_meanwhile(khabar: Khabar, milvus: Milvus, tmp_path: Path) -> None:
    address = milvus.fresh()
    for number, shown in enumerate((["a0"], ["a0", "a1"])):
        (tmp_path / "a.jsonl").write_text(json.dumps({"_id": f"a{number}", "text": f"The lighthouse {number}."}))
        assert khabar("index", tmp_path / "a.jsonl", "--index", address).code == 0
        if not number:
            one = client(address)
        found = one.get("/api/v1/search?q=lighthouse")
        assert sorted(hit["article"]["id"] for hit in found.json()["hits"]) == shown
        known = {"If-None-Match": found.headers["etag"]}
        assert one.get("/api/v1/search?q=lighthouse", headers=known).status_code == 304


def test_what_arrives_in_a_watched_folder_is_told(khabar: Khabar, milvus: Milvus, tmp_path: Path) -> None:
    address = milvus.fresh()
    (tmp_path / "old.txt").write_text("The council of Kasrun voted on the budget of the harbour.", "utf-8")
    assert khabar("index", tmp_path, "--index", address).code == 0
    assert khabar("save", "ferry", "ferry fire rescue", "--min-score", "0.3", "--index", address).code == 0
    watching = Watching(tmp_path, "--index", address, "--json", "--every", 1)
    try:
        (tmp_path / "fire.txt").write_text(FERRY, "utf-8")
        assert json.loads(watching.next())["passage"]["text"] == FERRY
        assert watching.stop()[0] == 128 + signal.SIGTERM
    finally:
        watching.process.kill()
        watching.process.wait()


def test_an_assistant_reads_a_cluster(corpus_on_cluster: str) -> None:
    _, (found, shown) = ask(
        corpus_on_cluster, ("search", {"query": "حريق عبّارة", "k": 3}), ("show", {"article": "ferry-en-1"})
    )
    assert found.structured_content["hits"][0]["article"]["id"].startswith("ferry-")
    assert "ferry" in shown.structured_content["quoted"]["text"].lower()


def test_what_is_fetched_is_asked_for_again_only_if_it_changed(khabar: Khabar, milvus: Milvus) -> None:
    address = milvus.fresh()
    with serving() as site:
        text = "The heron of Kasrun flew over the harbour. " * 9
        site.pages["/1"] = Page(
            f"<html><title>Heron</title><article><p>{text}</p></article></html>".encode(), etag='"1"'
        )
        command = ("fetch", f"{site.url}/1", "--pause", 0, "--index", address, "--json")
        assert khabar(*command).json["added"] == 1
        assert khabar(*command).json["added"] == 0
        assert site.asked[-1].headers["if-none-match"] == '"1"'
    assert khabar("search", "heron", "--json", "--index", address).json["hits"]
