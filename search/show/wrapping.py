"""Lines wrapped at words for a terminal of some width, in both directions of writing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len

_FSI, _PDI = "\u2068", "\u2069"
_ISOLATES = {False: "\u2066", True: "\u2067"}  # left to right, right to left
_UNSEEN = re.compile(r"\x1b\[[0-9;]*m|[\u2066-\u2069]")
_HANG = re.compile(
    r" *(?:[^\s\u2068]+(?: [^\s\u2068]+)?  |[0-9]+\. )?"
)  # what stands before the text of a line: a rank, the name of a field
_NARROWEST = 20
"""Cells of text that a line has at least, whatever stands before it."""


def wrapped(line: str, width: int) -> Iterator[str]:
    """The line as lines of at most `width` cells, broken at spaces; all but the first are indented as its text is.

    A text that is set apart by isolates stays so in each of them, in the direction of its first letters; one that is
    written from right to left and fills a line by itself ends at the right margin. Longer words, as addresses, are
    left whole. Letters take the cells that a terminal gives them: combining marks none, wide letters two.
    """
    if _cells(line) <= width:
        yield line
        return
    hang = _HANG.match(line)
    start = hang.end() if hang and width - hang.end() >= _NARROWEST else 0
    rows = _rows(line[start:], width - start)
    alone = line.startswith(_FSI, start) and line.find(_PDI) == len(line) - 1
    rightward = alone and _is_rightward(line[start:])
    for n, row in enumerate(rows):
        margin = " " * max(0, width - start - _cells(row)) if rightward else ""
        yield (" " * start if n else line[:start]) + margin + row


def _rows(text: str, room: int) -> Iterator[str]:
    """The text in rows of at most `room` cells; an isolate that is open where one ends is opened again in the next."""
    row, used = "", 0
    opened = ""
    for word in re.finditer(r"( *)([^ ]+)", text):
        cells = _cells(word[2])
        if used and used + len(word[1]) + cells > room:
            yield row + (_PDI if opened else "")
            row, used = opened, 0
        elif word[1]:
            row, used = row + word[1], used + len(word[1])
        for mark in re.finditer(f"[{_FSI}{_PDI}]", word[2]):
            inside = text[word.start(2) + mark.end() :].partition(_PDI)[0]
            opened = _ISOLATES[_is_rightward(inside)] if mark[0] == _FSI else ""
        row, used = row + word[2], used + cells
    yield row


def _cells(text: str) -> int:
    return cell_len(_UNSEEN.sub("", text))


def _is_rightward(text: str) -> bool:
    """Whether the first letter with a direction is written from right to left, as rule P2 of UAX #9 has it."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
