"""Questions answered by several processes: the same answers, none lost with a process, none left behind."""

import json
import os
import shutil
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
from serving import children_of, client, is_running, server
from starlette.testclient import TestClient

from index.errors import IndexMissing, StorageError
from search.engine import Engine
from search.serve import Limits, NoArticle, Settings, TooSlow, answering, create_app
from search.serve.opening import Opening
from search.serve.processes import EngineProcess

API = "/api/v1"
PATIENT = 300.0  # seconds for an answer, where a machine has much else to do


@pytest.fixture(scope="module")
def several(corpus_folder: Path) -> Iterator[TestClient]:
    with TestClient(
        create_app(Settings(str(corpus_folder), processes=1, limits=Limits(seconds=PATIENT))), "http://localhost"
    ) as one:
        yield one


@pytest.fixture(scope="module")
def single(corpus_folder: Path) -> Iterator[TestClient]:
    with client(corpus_folder) as one:
        yield one


def untimed(said: Any) -> Any:
    return {name: value for name, value in said.items() if name != "seconds"} if isinstance(said, dict) else said


@pytest.mark.parametrize(
    "path",
    [
        *("/search?q=ferry fire&facet=source", "/search?q=حريق العبارة&sort=newest", "/articles/ferry-ar-1"),
        *("/articles/ferry-ar-1/related", "/sources", "/info", "/coverage?by=day&lang=ar", "/searches"),
        *("/articles/nobody", "/searches/nobody/hits", "/search?q=ferry&source=Sadof", "/search?q=!"),
    ],
)
def test_they_answer_as_one_does(path: str, several: TestClient, single: TestClient) -> None:
    answers = [one.get(API + path) for one in (several, single)]
    assert answers[0].status_code == answers[1].status_code
    assert untimed(answers[0].json()) == untimed(answers[1].json())


def test_they_answer_pages_and_texts_as_one_does(several: TestClient, single: TestClient) -> None:
    for path in ("/", "/?q=ferry&both=1", "/article?id=ferry-ar-1&q=fire", "/compare?a=hold-en-1&b=hold-en-2"):
        assert several.get(path).text == single.get(path).text
    for path in ("/check", "/related"):
        text = {"text": "Coast guard crews rescued all 300 passengers of the ferry Nawras 3"}
        answers = [one.post(API + path, json=text).json() for one in (several, single)]
        assert answers[0] == answers[1]


def slow(engine: Engine) -> None:
    time.sleep(60)


def deadly(engine: Engine) -> None:
    os._exit(7)


def faulty(engine: Engine) -> None:
    raise ZeroDivisionError("one by nothing")


def pid(engine: Engine) -> int:
    return os.getpid()


@pytest.fixture(scope="module")
def process(corpus_folder: Path) -> Iterator[EngineProcess]:
    one = EngineProcess(Opening(str(corpus_folder)), PATIENT)
    yield one
    one.end()


def test_one_that_was_killed_is_replaced_and_its_question_answered(process: EngineProcess) -> None:
    first = process(pid)
    assert first != os.getpid()
    os.kill(first, signal.SIGKILL)
    while is_running(first):
        time.sleep(0.01)
    assert process(pid) != first


def test_a_question_that_kills_is_given_up_and_others_are_answered(process: EngineProcess) -> None:
    with pytest.raises(StorageError, match="exit code 7"):
        process(deadly)
    assert process(Engine.search, "ferry", 1).hits


def test_a_question_that_takes_too_long_ends_with_its_process(
    process: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = process(pid)
    with monkeypatch.context() as hurry:
        hurry.setattr(process, "_seconds", 0.1)
        with pytest.raises(TooSlow, match=r"longer than 0\.1 seconds"):
            process(slow)
    assert process(pid) != first


def test_what_goes_wrong_there_is_told_here(process: EngineProcess) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)ZeroDivisionError.*one by nothing.*Traceback.*in faulty"):
        process(faulty)
    with pytest.raises(NoArticle, match="nobody"):
        process(answering.article, "nobody")


def test_an_index_that_is_not_there_yet_is_found_when_it_is(tmp_path: Path, corpus_folder: Path) -> None:
    process = EngineProcess(Opening(str(tmp_path / "index")), PATIENT)
    with pytest.raises(IndexMissing, match="khabar index"):
        process(answering.sources)
    shutil.copytree(corpus_folder, tmp_path / "index")
    assert process(answering.sources)
    process.end()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells of children so")
def test_none_stays_when_the_server_is_killed(corpus_folder: Path) -> None:
    with server(corpus_folder, "--workers", "2") as (address, process):
        assert json.load(urllib.request.urlopen(f"{address}api/v1/search?q=ferry"))["hits"]
        children = children_of(process.pid)
        assert len(children) >= 2
        process.kill()
        process.wait()
        for _ in range(1200):
            if not any(map(is_running, children)):
                return
            time.sleep(0.05)
    pytest.fail("they are still there")
