"""A server tells only who may ask, obeys no other website, and takes on no more than it can."""

import base64
import json
import os
import re
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from conftest import Khabar
from crashing import entries
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("fastapi")
from serving import TOKEN, children_of, client, listening, server
from starlette.testclient import TestClient

from index import Index, load_encoder
from index.errors import InputError
from index.local import writing
from search.serve import Limits, listen
from search.serve.guard import hostname, is_session, new_session, same
from search.serve.signing import local

SEARCH = "/api/v1/search?q=ferry"


@pytest.fixture(scope="module")
def free(corpus_folder: Path) -> Iterator[TestClient]:
    with client(corpus_folder) as one:
        yield one


@pytest.fixture
def guarded(corpus_folder: Path) -> Iterator[TestClient]:
    with client(corpus_folder, TOKEN) as one:
        yield one


def basic(password: str, name: str = "reader") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


# ---------------------------------------------------------------- the token


@pytest.mark.parametrize("path", [SEARCH, "/api/v1/export", "/api/v1/info", "/feed.atom?q=ferry", "/openapi.json"])
def test_nothing_is_told_without_the_token(path: str, guarded: TestClient) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Token {TOKEN}"},
        {"Authorization": "Basic !!!"},
        basic("wrong"),
        {"Cookie": "khabar_session=9999999999.00"},
        {"Cookie": f"khabar_session={TOKEN}"},
    ):
        refused = guarded.get(path, headers=headers)
        assert refused.status_code == 401, headers
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["www-authenticate"].startswith(("Bearer", "Basic"))
    assert guarded.get(f"{path}{'&' if '?' in path else '?'}token={TOKEN}").status_code == 401
    for headers in ({"Authorization": f"Bearer {TOKEN}"}, basic(TOKEN)):
        assert guarded.get(path, headers=headers).status_code == 200


def test_whether_it_is_well_needs_no_token(guarded: TestClient) -> None:
    assert guarded.get("/healthz").json() == {"status": "ok"}


def test_people_sign_in_on_a_form_and_out_again(guarded: TestClient) -> None:
    sent_on = guarded.get("/stories?q=a b")
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, "/sign-in?back=/stories%3Fq%3Da%2520b")
    assert 'name="back"' in re.sub(r"name=(\w+)", r'name="\1"', guarded.get(sent_on.headers["location"]).text)
    wrong = guarded.post("/sign-in", data={"token": "wrong", "back": "/stories"})
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    signed_in = guarded.post("/sign-in", data={"token": TOKEN, "back": "/stories?q=a b"})
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/stories?q=a%20b")
    cookie = signed_in.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert guarded.get(SEARCH).status_code == 200
    guarded.post("/sign-out")
    assert guarded.get(SEARCH).status_code == 401


def test_a_cookie_over_https_stays_there(corpus_folder: Path) -> None:
    with client(corpus_folder, TOKEN) as one:
        secure = one.post("https://localhost/sign-in", data={"token": TOKEN})
    assert "; Secure" in secure.headers["set-cookie"]


@given(st.text())
def test_only_the_token_is_the_token(given: str) -> None:
    assert same(given, TOKEN) == (given == TOKEN)
    assert not is_session(given, TOKEN)


def test_a_session_is_of_one_token_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    session = new_session(TOKEN)
    assert is_session(session, TOKEN)
    assert not is_session(session, TOKEN + "x")
    ends, _, signature = session.partition(".")
    assert not is_session(f"{int(ends) + 1}.{signature}", TOKEN)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 31 * 24 * 3600)
    assert not is_session(session, TOKEN)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "", "/\n/evil", "\\"],
)
def test_nobody_is_sent_on_to_another_website(address: str, guarded: TestClient) -> None:
    assert local(address) == "/"
    assert guarded.post("/sign-in", data={"token": TOKEN, "back": address}).headers["location"] == "/"


def test_the_sign_in_form_writes_an_address_as_text(guarded: TestClient) -> None:
    form = guarded.get("/sign-in", params={"back": '/"><script>alert(1)</script>'})
    assert "<script>alert" not in form.text


# ---------------------------------------------------------------- other websites


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost.evil.example", "10.0.0.1", "a@b", ""])
def test_a_name_that_a_website_gave_this_machine_is_refused(host: str, free: TestClient) -> None:
    refused = free.get(SEARCH, headers={"Host": host})
    assert refused.status_code == 421
    assert "khabar serve --token" in refused.json()["detail"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "127.9.9.9"])
def test_its_own_names_are_answered(host: str, free: TestClient) -> None:
    assert free.get(SEARCH, headers={"Host": host}).status_code == 200


def test_with_a_token_any_name_will_do(guarded: TestClient) -> None:
    known = {"Host": "news.example.org", "Authorization": f"Bearer {TOKEN}"}
    assert guarded.get(SEARCH, headers=known).status_code == 200


@given(st.text(max_size=40))
def test_a_host_is_a_name_or_none(written: str) -> None:
    name = hostname(written)
    assert name is None or not set(name) & set("/?#@")


CROSSING = [
    ("POST", {"Sec-Fetch-Site": "cross-site"}),
    ("POST", {"Sec-Fetch-Site": "same-site"}),
    ("POST", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
    ("POST", {"Origin": "https://evil.example"}),
    ("POST", {"Origin": "null"}),
    ("POST", {"Origin": "http://localhost:9999"}),
    ("POST", {"Origin": "https://localhost"}),
    ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}),
]


@pytest.mark.parametrize(("method", "headers"), CROSSING)
def test_what_another_website_makes_a_browser_ask_is_refused(
    method: str, headers: dict[str, str], free: TestClient, guarded: TestClient
) -> None:
    path = "/api/v1/check" if method == "POST" else SEARCH
    for one in (free, guarded):
        body = {"json": {"text": "ferry"}} if method == "POST" else {}
        refused = one.request(method, path, headers=headers, **body)
        assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
        assert "access-control-allow-origin" not in refused.headers
    assert guarded.post("/sign-in", data={"token": TOKEN}, headers=CROSSING[0][1]).status_code == 403


def test_its_own_forms_programs_and_links_are_answered(free: TestClient) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}):
        assert free.post("/api/v1/check", json={"text": "ferry"}, headers=headers).status_code == 200
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert free.get(SEARCH, headers=link).status_code == 200


@pytest.mark.parametrize("path", [SEARCH, "/healthz", "/nothing", "/api/v1/search", "/sign-in", "/feed.atom?q=ferry"])
def test_every_response_forbids_scripts_frames_and_guesses(path: str, free: TestClient) -> None:
    headers = free.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-cache"
    assert "server" not in headers


# ---------------------------------------------------------------- limits


def test_a_body_is_no_larger_than_the_limit_whatever_it_says_of_itself(corpus_folder: Path) -> None:
    with client(corpus_folder, limits=Limits(body=1_000)) as one:
        large = json.dumps({"text": "x" * 2_000}).encode()
        headers = {"Content-Type": "application/json"}
        declared = one.post("/api/v1/check", content=large, headers=headers)
        streamed = one.post("/api/v1/check", content=iter([large[:900], large[900:]]), headers=headers)
        for refused in (declared, streamed):
            assert refused.status_code == 413
            assert refused.headers["content-type"] == "application/problem+json"
            assert "1000 bytes" in refused.json()["detail"]


HALF_A_REQUEST = (
    b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)


def test_only_so_many_requests_are_taken_on(corpus_folder: Path) -> None:
    with listening(corpus_folder, Limits(requests=3)) as (host, port):
        waiting = [socket.create_connection((host, port)) for _ in range(3)]
        for held in waiting:
            held.sendall(HALF_A_REQUEST)
        assert _answered(host, port, 503)["detail"] == "The server has too much to do. Ask again in a moment."
        for held in waiting:
            held.close()
        assert _answered(host, port, 200) == {"status": "ok"}


def _answered(host: str, port: int, status: int) -> Any:
    """What the server says of its health once it answers with this status."""
    for _ in range(500):
        connection = HTTPConnection(host, port)
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        said = json.loads(response.read())
        if response.status == status:
            return said
        time.sleep(0.01)
    pytest.fail(f"never {status}")


def test_a_client_that_stands_still_is_let_go(corpus_folder: Path) -> None:
    with listening(corpus_folder, Limits(idle_seconds=0.2)) as address, socket.create_connection(address) as held:
        held.sendall(HALF_A_REQUEST)
        assert held.recv(1_000).startswith(b"HTTP/1.1 408")


# ---------------------------------------------------------------- a server that runs


def test_a_server_prints_its_address_logs_no_query_and_finishes_what_runs(corpus_folder: Path) -> None:
    with server(corpus_folder, "--workers", "2") as (address, process):
        assert address.startswith("http://127.0.0.1:")
        found = json.load(urllib.request.urlopen(f"{address}api/v1/search?q=secretword+ferry"))
        assert found["hits"]
        running = threading.Thread(
            target=lambda: done.append(urllib.request.urlopen(f"{address}api/v1/stories").read())
        )
        done: list[bytes] = []
        running.start()
        time.sleep(0.5)
        for one in (process.pid, *children_of(process.pid)):  # as systemd stops a service
            os.kill(one, signal.SIGTERM)
        running.join(60)
        out, err = process.communicate(timeout=60)
    assert done
    assert len(done[0].splitlines()) > 10
    *lines, last = err.splitlines()
    assert (process.returncode, out, last) == (0, "", "Stopped.")
    lines = [json.loads(line) for line in lines]
    answered = [line for line in lines if line["event"] == "answered"]
    assert [(line["path"], line["status"]) for line in answered] == [("/api/v1/search", 200), ("/api/v1/stories", 200)]
    assert "secretword" not in err


def test_a_server_logs_queries_where_it_is_asked_to_but_never_the_token(corpus_folder: Path) -> None:
    with server(corpus_folder, "--log-queries", KHABAR_TOKEN=TOKEN) as (address, process):
        request = urllib.request.Request(
            f"{address}api/v1/search?q=ferry", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        urllib.request.urlopen(request).read()
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert json.loads(err.splitlines()[0])["query"] == "q=ferry"
    assert TOKEN not in err


def test_a_server_never_changes_what_it_reads(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with writing(Index.create(folder, load_encoder())) as changes:
        changes.add(entries({"first": "The lighthouse of Sarmin stands."}))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "-shm" not in path.name}
    with client(folder) as one:
        for path in ("search?q=lighthouse", "info", "sources", "export", "articles/first", "articles/first/related"):
            assert one.get(f"/api/v1/{path}").status_code == 200
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            refused = one.request(method, "/api/v1/articles/first")
            assert refused.status_code == 405
            assert refused.headers["content-type"] == "application/problem+json"
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "-shm" not in path.name}
    assert after == before


def test_other_machines_are_only_answered_with_a_token(khabar: Khabar, corpus_folder: Path) -> None:
    refused = khabar("serve", "--host", "0.0.0.0", "--port", 0, "--index", corpus_folder)
    assert refused.code == 1
    assert "KHABAR_TOKEN" in refused.err
    with pytest.raises(InputError, match="16 letters"):
        listen("127.0.0.1", 0, "short")
    with listen("0.0.0.0", 0, TOKEN) as listening:
        assert listening.getsockname()[1]


def test_a_port_that_is_taken_is_said(khabar: Khabar, corpus_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = khabar("serve", "--port", taken.getsockname()[1], "--index", corpus_folder)
    assert refused.code == 1
    assert "--port" in refused.err


def test_a_server_without_its_extra_says_what_to_install(
    khabar: Khabar, corpus_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    refused = khabar("serve", "--index", corpus_folder)
    assert refused.code == 1
    assert "pip install 'khabar[serve]'" in refused.err
