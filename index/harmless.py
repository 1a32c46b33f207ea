"""Text that is safe to show: what a terminal might obey is taken out of it, or escaped where it must be kept.

All that Khabar prints goes through here, for titles, ids, file names and messages may come from strangers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

LONG = 1_000
"""Entries of a list from which it is written in pieces."""

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_DIRECTIONS = "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates: one left open turns what follows
_EMBEDDINGS = re.compile(f"[{_DIRECTIONS}]")
_SPACES = re.compile("[\t\n\v\f\r\u0085\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ESCAPED_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{_DIRECTIONS}\ud800-\udfff]")  # JSON itself escapes the others


def harmless(text: object) -> str:
    """A value as text on one line, without what a terminal might obey.

    Line breaks become spaces; overrides, embeddings and isolates are dropped, since one left open would turn what
    follows; other control characters are shown as their pictures (␛) or as �.
    """
    return _CONTROLS.sub(_picture, _SPACES.sub(" ", _EMBEDDINGS.sub("", str(text))))


def isolate(text: object) -> str:
    """The text on one line, set apart from its surroundings: its direction is its own and does not move its neighbours.

    It is wrapped in FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9); inside it is `harmless`.
    """
    return isolated(harmless(text))


def isolated(shown: str) -> str:
    """Text that is harmless already, set apart as `isolate` does."""
    return _FIRST_STRONG_ISOLATE + shown + _POP_ISOLATE


def unmarked(text: str) -> str:
    """The text without marks of direction, as it is written to files and other programs, and taken from a terminal."""
    return _EMBEDDINGS.sub("", text)


def json_line(value: Any, *, ascii_only: bool = False) -> str:
    """A value as one line of JSON that is safe to print: it reads back as it was, with control characters escaped."""
    written = json.dumps(value, ensure_ascii=ascii_only, default=str)
    return _ESCAPED_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def json_pieces(value: Any, *, ascii_only: bool = False) -> Iterator[str]:
    """The same in pieces, where it is an object with long lists: one may hold hundreds of megabytes."""
    if isinstance(value, dict) and any(isinstance(held, list) and len(held) > LONG for held in value.values()):
        for n, (name, held) in enumerate(value.items()):
            yield f"{', ' if n else '{'}{json_line(name, ascii_only=ascii_only)}: "
            yield from json_pieces(held, ascii_only=ascii_only)
        yield "}"
    elif isinstance(value, list) and len(value) > LONG:
        for n, one in enumerate(value):
            yield f"{', ' if n else '['}{json_line(one, ascii_only=ascii_only)}"
        yield "]"
    else:
        yield json_line(value, ascii_only=ascii_only)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"
