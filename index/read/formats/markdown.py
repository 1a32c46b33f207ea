"""Markdown, with its front matter -> one document."""

from __future__ import annotations

import re

from ...types import Records
from ..fields import clean, document, known

_FRONT_MATTER = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|$)", re.DOTALL)


_MARKDOWN = (  # in this order; each runs in time linear in the text, whatever is in it
    (re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE), ""),  # fences of code
    (re.compile(r"^[ \t]*(?:=+|(?:[-*_][ \t]?){3,})[ \t]*$", re.MULTILINE), ""),  # rules, underlined headings
    (re.compile(r"^[ \t]*\[[^\]\n]+\]:[ \t]*\S+.*$", re.MULTILINE), ""),  # addresses of links
    (re.compile(r"!\[[^\[\]\n]*\](?:\([^()\n]*\)|\[[^\[\]\n]*\])"), ""),  # images
    (re.compile(r"\[([^\[\]\n]*)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])"), r"\1"),  # links
    (re.compile(r"<(https?://[^\s<>]+)>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>\n]*>"), ""),
    (re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE), ""),  # quotations
    (re.compile(r"^[ \t]*#{1,6}[ \t]+|[ \t]#{1,6}[ \t]*$", re.MULTILINE), ""),  # headings
    (re.compile(r"^[ \t]*[-*+][ \t]+", re.MULTILINE), ""),  # bullets
    (re.compile(r"\*{1,3}([^*\n]+)\*{1,3}"), r"\1"),  # emphasis
    (re.compile(r"(?<!\w)_{1,3}([^_\n]+)_{1,3}(?!\w)"), r"\1"),
    (re.compile(r"`{1,3}([^`\n]+)`{1,3}"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>|-])"), r"\1"),
)


def from_markdown(text: str, path: str) -> Records:
    """One document, a page too; what stands in its front matter (`key: value`, lists too) are its fields."""
    row: dict[str, object] = {}
    if front := _FRONT_MATTER.match(text):
        row = _properties(front[2])
        text = text[front.end() :]
    for pattern, plain_text in _MARKDOWN:
        text = pattern.sub(plain_text, text)
    for name in [name for name in row if known(name) == "text"]:  # a "description" is not the text of this page
        del row[name]
    if body := clean(text):
        yield document({**row, "text": body.split("\n")}, path, file=path, page=True)


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
