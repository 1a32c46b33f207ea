"""What is written about Khabar is true: examples run, every command is described."""

import re
from pathlib import Path

import pytest
import tiny
import typer.main
from conftest import ROOT

import cli

PYTHON = ROOT / "docs" / "python.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    text = COMMANDS[name].help or ""
    assert re.search(rf"^ *(.* \| )?khabar {name}\b", text, re.MULTILINE), "an example that can be typed"
    for parameter in COMMANDS[name].params:
        assert parameter.name == "help" or parameter.help, f"--{parameter.name} is not described"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_described_in_the_readme_or_docs(name: str) -> None:
    assert any(f"khabar {name}" in page.read_text("utf-8") for page in PAGES)


def test_no_page_speaks_of_a_command_that_does_not_exist() -> None:
    for page in PAGES:
        named = set(re.findall(r"^(?:\$ )?khabar ([a-z]+)|`khabar ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))
        assert {one or other for one, other in named} <= set(COMMANDS), page


def test_every_wing_is_on_the_map() -> None:
    shown = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for package in ("index", "search"):
        block = shown.partition(f"    {package}/\n")[2]
        for door in (ROOT / package).glob("*/__init__.py"):
            assert f"      {door.parent.name}/ " in block, f"{package}/{door.parent.name}"


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_python_examples_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.save_benchmark(tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", PYTHON.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    known: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PYTHON), "exec"), known)
    assert "96 articles" in capsys.readouterr().out


def test_every_test_that_a_promise_names_exists() -> None:
    named = re.findall(r"`(test_\w+)(…?)`", (ROOT / "docs" / "promises.md").read_text("utf-8"))
    tests = {
        name
        for path in (ROOT / "tests").glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M)
    }
    assert len(named) > 20
    for name, more in named:
        assert any(test.startswith(name) if more else test == name for test in tests), name
