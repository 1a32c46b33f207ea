"""What the commands print, exactly. After a wanted change: KHABAR_GOLDEN=write pytest tests/test_show_golden.py"""

import os
import re
from pathlib import Path

import pytest
from conftest import ROOT, Khabar

GOLDEN = Path(__file__).with_name("golden")
COMMANDS = {
    "search-arabic": ("search", "حريق العبارة", "-k", "3"),
    "search-english": ("search", "measles vaccination of children", "-k", "3"),
    "search-nothing": ("search", "wheat", "--until", "1990"),
    "search-irrelevant": ("search", "qwxzk", "-k", "1"),
    "search-operators": ("search", '"Nawras 3" -fuel since:2025-03 lang:english', "-k", "2"),
    "search-wish": ("search", '"fire aboard the ferry Nawras"', "-k", "1"),
    "search-both": ("search", "ferry", "fire", "--both", "-k", "1"),
    "search-newest": ("search", "ferry fire", "--sort", "newest", "-k", "2", "--facet", "language,source,day"),
    "sources": ("sources",),
    "search-json": ("search", "Petra Holm", "-k", "2", "--json"),
    "show": ("show", "telegram-ar-1"),
    "show-json": ("show", "telegram-ar-1", "--json"),
    "related": ("related", "ferry-ar-1"),
    "stories": ("stories", "--since", "2025-03-01", "--until", "2025-03-20"),
    "duplicates": ("duplicates", "--tier", "exact"),
    "duplicates-near": ("duplicates", "--tier", "near", "--tier", "exact", "--since", "2025-05-01"),
    "duplicates-altered": ("duplicates", "--tier", "altered"),
    "related-altered": ("related", "hold-en-1", "-k", "3"),
    "check-altered": (
        "check",
        "Coast guard crews rescued all 300 passengers of the ferry Nawras 3 on Wednesday",
        "-k",
        "1",
    ),
    "check-printed": ("check", "جميع ركاب العبّارة «نورس 3» وعددهم 214 راكباً", "-k", "1"),
    "check-covered": ("check", "At least 214 passengers were rescued from a burning ferry", "-k", "1"),
    "check-nothing": ("check", "qwxzk"),
    "check-json": ("check", "All 300 passengers rescued after ferry fire off Marsa al-Sadaf", "-k", "1", "--json"),
}


def steady(text: str) -> str:
    """The same without what differs from run to run, place to place or with the model: times, paths and scores."""
    text = text.replace(f"{ROOT}/", "")
    text = re.sub(r'("seconds": |in )[0-9.]+( ms)?', r"\g<1>N\g<2>", text)
    return re.sub(r"\b\d\.\d{2,}\b", "0.N", text)


# The same in a terminal of 60 columns, with the marks of direction in it shown as brackets.
IN_A_TERMINAL = ("search-arabic", "search-english", "show", "related", "sources")
BRACKETS = str.maketrans("\u2066\u2067\u2068\u2069", "<>⟨⟩")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_what_it_printed(khabar: Khabar, corpus_folder: Path, name: str) -> None:
    done = khabar(*COMMANDS[name], "--index", corpus_folder)
    assert (done.code, done.err) == (0, "")
    compare(GOLDEN / f"{name}.txt", steady(done.out))


@pytest.mark.parametrize("name", IN_A_TERMINAL)
def test_a_command_prints_what_it_printed_in_a_terminal(terminal: Khabar, corpus_folder: Path, name: str) -> None:
    done = terminal(*COMMANDS[name], "--index", corpus_folder)
    assert (done.code, done.err) == (0, "")
    compare(GOLDEN / f"terminal-{name}.txt", steady(done.out).translate(BRACKETS).replace("\x1b", "␛"))


def compare(path: Path, printed: str) -> None:
    if os.environ.get("KHABAR_GOLDEN") == "write":
        path.write_text(printed, "utf-8")
    assert printed == path.read_text("utf-8")
