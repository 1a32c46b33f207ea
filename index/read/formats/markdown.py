"""Markdown, with its front matter -> one document."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ...types import Records
from ..fields import records
from ..names import known
from ..prose import clean, plain

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|$)", re.DOTALL)


def from_markdown(text: str, path: str) -> Records:
    """One document, a page too; what stands in its front matter (`key: value`, lists too) are its fields."""
    row: dict[str, object] = {}
    if front := _FRONT_MATTER.match(text):
        row = _properties(front[2])
        text = text[front.end() :]
    for name in [name for name in row if known(name) in ("text", "summary")]:  # not the text of this page
        del row[name]
    if body := clean(_plain(text)):
        yield from records({**row, "text": body.split("\n")}, path, file=path, page=True)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Indented lines are paragraphs of an article far more often than code.
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("code")


def _plain(text: str) -> str:
    """The text of some Markdown, a line for each line of a block; without pictures, addresses and comments."""
    lines: list[str] = []
    cells: list[str] = []
    for token in _parser().parse(text):
        if token.type == "inline":
            said = _inline(token.children or [])
            cells.append(said)
        elif token.type in ("fence", "code_block"):
            cells.append(token.content.rstrip("\n"))
        elif token.type == "html_block":
            cells.append(plain(token.content))
        if cells and token.type not in ("inline", "th_close", "td_close", "th_open", "td_open"):
            lines.append("\t".join(cells))
            cells = []
    return "\n".join([*lines, *cells])


def _inline(tokens: list[Token]) -> str:
    said: list[str] = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            said.append("\n")
        elif token.type in ("text", "code_inline", "text_special"):
            said.append(token.content)
    return "".join(said)


def _properties(front: str) -> dict[str, object]:
    row: dict[str, object] = {}
    items: list[object] = []
    for line in front.split("\n"):
        if item := re.fullmatch(r"\s*-\s+(.*)", line):
            items.append(_unquoted(item[1]))
        elif not line.startswith("#") and len(parts := re.split("[:=]", line, maxsplit=1)) == 2:
            items = []
            row[parts[0].strip(" \t\"'")] = _unquoted(parts[1]) or items
    return row


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
