"""The tables of cleaning: rules that tell the lines around an article (rules.tsv) and names (phrases.tsv).

The header of each table says what its rows mean. Patterns and names are written in ordinary spelling and folded when
they are read; a pattern is matched against a whole folded line, so a sentence that merely contains such words is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from ..tables import read_table
from ..text import ALEFS, HIDDEN, SIGN

_RULES = Path(__file__).with_name("rules.tsv")
_PHRASES = Path(__file__).with_name("phrases.tsv")

MARKS = SIGN + HIDDEN
_MARKS = re.compile(f"[{MARKS}]+")
_SAME = {"ا": ALEFS, "ي": "ى", "ه": "ة", '"': "“”«»", "'": "‘’"}
_FOLDS = [(letter, folded) for folded, letters in _SAME.items() for letter in letters]
_SPELLINGS = {letter: f"[{folded}{letters}]" for folded, letters in _SAME.items() for letter in folded + letters}


def key(text: str) -> str:
    """Folds a line: lines that differ only in hamzas, diacritics, capitals or quotation marks are one.

    Lighter than `text.fold`, because every line passes here, and patterns must survive it: ASCII signs stay.
    """
    text = text.lower()
    if not text.isascii():
        text = _MARKS.sub("", text)
        for letter, folded in _FOLDS:
            text = text.replace(letter, folded)
    return text


Effect = Literal["line", "page", "edge", "tail", "end"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Lines of at most `words` words that are no part of an article; rules.tsv says what each `effect` means."""

    name: str
    effect: Effect
    words: int
    reason: str
    patterns: tuple[str, ...]


@cache
def _table() -> dict[str, list[list[str]]]:
    """The rows of rules.tsv by their kind, with each <NAME> of a set replaced by its words."""
    table: dict[str, list[list[str]]] = {}
    sets: dict[str, str] = {}
    for kind, name, *cells in read_table(_RULES):
        cells[-1] = re.sub("<([A-Z_]+)>", lambda match: sets[match[1]], cells[-1])
        if kind == "set":
            sets[name] = f"(?>{cells[0]})"
        else:
            table.setdefault(kind, []).append([name, *cells])
    return table


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order of the table."""
    patterns: dict[str, list[str]] = {}
    for name, pattern in _table()["pattern"]:
        patterns.setdefault(name, []).append(pattern)
    return tuple(
        Rule(name, effect, int(words), reason, tuple(patterns[name]))  # type: ignore[arg-type]
        for name, effect, words, reason in _table()["rule"]
    )


@cache
def patterns(kind: str) -> dict[str, str]:
    """The patterns of a kind ("label", "lead", "fact" or "notice") by their names."""
    return dict(_table()[kind])


def folded(pattern: str) -> str:
    """A pattern with its Arabic letters folded as `key` folds the lines it will meet."""
    pattern = _MARKS.sub("", pattern)
    for letter, replacement in _FOLDS:
        pattern = pattern.replace(letter, replacement)
    return pattern


def compiled(patterns: Iterable[str]) -> re.Pattern[str]:
    """One expression for a whole folded line, in any case."""
    return re.compile(folded("|".join(f"(?:{p})" for p in patterns)), re.IGNORECASE)


def loose(pattern: str) -> str:
    """A pattern that finds its words in text as written, whatever the hamzas and diacritics, so that offsets hold.

    The pattern must not name Arabic letters in a set: "(?:ي|ت)", not "[يت]".
    """
    return re.sub("[ء-ي]", lambda m: f"(?:{_SPELLINGS.get(m[0], m[0])}[{MARKS}]*+)", pattern)


@cache
def phrases(kind: str) -> frozenset[str]:
    """The folded names of one kind in phrases.tsv."""
    return frozenset(key(name) for row_kind, name in read_table(_PHRASES) if row_kind == kind)
