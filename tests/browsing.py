"""A browser and a server for the tests of the page: one of each, over the sample corpus and some hostile articles."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import run

pytest.importorskip("fastapi")
from serving import listening

from index import Index, load_encoder
from index.local import writing
from index.passages import split
from index.ports import Entry
from index.types import Article
from search.serve import Limits

HARM = "<script>window.harmed = 1</script>"
HOSTILE = [
    Article(
        "<b>id</b>&amp;\"'",
        f"{HARM} Zarqulon <img src=x onerror='window.harmed=1'>",
        f"Zarqulon rose.\n\n</p></article>{HARM} Zarqulon {{{{ 7 * 7 }}}} fell.",
        "en",
        source=f'">{HARM}',
        url="javascript:window.harmed=1",
        keywords=(HARM,),
        agency=HARM,
    ),
    Article(
        "turned",
        "\u202ezarqulon \u2067turned",
        "Zarqulon turned \u202eback\u202c and \u2066forth.",
        "en",
        source="\u202eecruos",
    ),
]
"""What a stranger may write: markup, a link that is a script, signs that turn the direction of what follows."""


def chromium() -> str:
    """The browser of this machine. Without one the test is skipped, or fails where KHABAR_BROWSER is set."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("KHABAR_BROWSER"):
        pytest.fail("There is no chromium, and KHABAR_BROWSER is set: apt-get install chromium")
    pytest.skip("there is no chromium here")


@pytest.fixture(scope="session")
def address(corpus_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page over corpus/ and the hostile articles."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(corpus_folder, folder / "index")
    saved = ["save", "strange", "Zarqulon", "--min-score", "0.1", "--index", folder / "index"]
    assert run(*saved) == 0
    with writing(Index.open(folder / "index")) as changes:
        for article in HOSTILE:
            passages = tuple(split(article))
            vectors = load_encoder().encode_passages([passage.text for passage in passages])
            changes.add([Entry(article, passages, vectors, article.id)])
    assert run("news", "--index", folder / "index") == 0
    with listening(folder / "index", Limits()) as (host, port):
        yield f"http://{host}:{port}"


@pytest.fixture(scope="module")  # while it runs, nothing else in its process can run a loop of asyncio
def browser() -> Iterator[Any]:
    """One browser for all tests of a module."""
    executable = chromium()
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield opened
        opened.close()
