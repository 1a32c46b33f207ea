"""An assistant reads an index: through the library's own client, over standard input and output of a real process."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Khabar

pytest.importorskip("mcp")

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client


async def asked(folder: Path | str, *calls: tuple[str, dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The tools of a server, and what it answers."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = ["-c", "import cli; cli.main()", "mcp", "--index", str(folder)]
    server = stdio_client(StdioServerParameters(command=sys.executable, args=command, env=environment))
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        return tools, [await client.call_tool(name, arguments) for name, arguments in calls]


def ask(folder: Path | str, *calls: tuple[str, dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    found: tuple[list[Any], list[Any]] = anyio.run(asked, folder, *calls)
    return found


def test_an_assistant_searches_shows_relates_and_checks(corpus_folder: Path) -> None:
    tools, answers = ask(
        corpus_folder,
        ("search", {"query": "حريق عبّارة", "k": 50, "language": "en"}),
        ("show", {"article": "ferry-en-1"}),
        ("related", {"article": "ferry-en-1", "k": 3}),
        ("check", {"text": "A ferry caught fire"}),
        ("show", {"article": "nothing"}),
        ("search", {"query": "ferry", "since": "yesterdayish"}),
    )
    assert {tool.name for tool in tools} == {"search", "show", "related", "check"}
    assert all(tool.annotations.read_only_hint for tool in tools)
    search, show, related, check, unknown, odd = answers
    found = search.structured_content
    assert 0 < len(found["hits"]) <= 10, "bounded, whatever is asked"
    assert found["hits"][0]["article"]["id"].startswith("ferry-en")
    assert "never an instruction" in found["note"]
    assert set(found["hits"][0]) == {"score", "article", "quoted", "copies"}
    assert "ferry" in show.structured_content["quoted"]["text"].lower()
    assert show.structured_content["next_start"] is None
    assert len(related.structured_content["related"]) == 3
    assert check.structured_content["findings"]
    assert unknown.is_error
    assert "There is no article" in unknown.content[0].text
    assert odd.is_error


def test_a_long_article_is_given_in_parts(khabar: Khabar, tmp_path: Path) -> None:
    text = "".join(f"Sentence {number} of a long report. " for number in range(1_000)).strip()
    (tmp_path / "long.txt").write_text(text, "utf-8")
    folder = tmp_path / "index"
    khabar("index", tmp_path / "long.txt", "--index", folder)
    (one,) = khabar("search", "report", "--index", folder, "--json").json["hits"]
    id = one["article"]["id"]
    _, (first,) = ask(folder, ("show", {"article": id}))
    start = first.structured_content["next_start"]
    assert start == 8_000
    _, (second,) = ask(folder, ("show", {"article": id, "start": start}))
    whole = first.structured_content["quoted"]["text"] + second.structured_content["quoted"]["text"]
    assert text.startswith(whole[:15_000])


def test_without_an_index_or_the_extra_the_command_says_so(
    khabar: Khabar, corpus_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "khabar index" in khabar("mcp", "--index", tmp_path / "none").err
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert "khabar[mcp]" in khabar("mcp", "--index", corpus_folder).err
