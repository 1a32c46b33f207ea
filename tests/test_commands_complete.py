"""A shell is offered what may stand at the cursor: names that never change, and what the index holds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Khabar

Complete = Callable[..., list[str]]


@pytest.fixture
def complete(khabar: Khabar, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """What bash is offered for the last of some words, as typer's completion asks."""

    def command(*words: object) -> list[str]:
        monkeypatch.setenv("_KHABAR_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", " ".join(map(str, ("khabar", *words))))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        done = khabar()
        assert (done.code, done.err) == (0, "")
        return done.out.split("\n")[:-1] if done.out.endswith("\n") else done.out.split("\n")

    return command


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("search", "--mode", "s"), ["semantic"]),
        (("search", "--sort", "o"), ["oldest"]),
        (("search", "--lang", ""), ["ar", "en"]),
        (("search", "--facet", "source,d"), ["source,day"]),
        (("duplicates", "--tier", "a"), ["altered"]),
        (("index", "--skip-duplicates", "ne"), ["near"]),
        (("stories", "--order", "r"), ["recent"]),
        (("export", "--format", "c"), ["csv", "csl"]),
        (("rel",), ["related"]),
        (("search", "--quie",), ["--quiet"]),
    ],
)  # fmt: skip
def test_names_are_completed(complete: Complete, words: tuple[str, ...], offered: list[str]) -> None:
    assert complete(*words) == offered


def test_articles_and_sources_are_those_of_the_index(
    complete: Complete, khabar: Khabar, corpus_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHABAR_INDEX", str(corpus_folder))
    assert complete("show", "ferry-ar") == ["ferry-ar-1", "ferry-ar-2", "ferry-ar-3", "ferry-ar-4"]
    assert complete("stories", "--of", "telegram-ar-1") == ["telegram-ar-1"]
    (offered,) = complete("search", "--source", "The-Kas")
    monkeypatch.delenv("_KHABAR_COMPLETE")
    hits = khabar("search", "minister", "--source", offered, "--json").json["hits"]
    assert {hit["article"]["source"] for hit in hits} == {"The Kasrun Courier"}


def test_a_file_of_settings_names_the_index_and_a_broken_one_is_no_hindrance(
    complete: Complete, corpus_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "khabar.toml").write_text(f"index = {json.dumps(str(corpus_folder))}", "utf-8")
    assert complete("show", "telegram-ar-1") == ["telegram-ar-1"]
    (tmp_path / "khabar.toml").write_text("broken", "utf-8")
    assert complete("search", "--mode", "l") == ["lexical"]


def test_without_an_index_nothing_is_offered(
    complete: Complete, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHABAR_INDEX", str(tmp_path))
    assert complete("show", "ferry") == [""]
    assert complete("search", "--source", "b") == [""]
