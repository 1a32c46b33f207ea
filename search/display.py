"""Text that is safe to print beside other text, in a terminal that shows Arabic and English together."""

from __future__ import annotations

import re

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_EMBEDDINGS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile("[\t\n\v\f\r\u0085\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def isolate(text: str) -> str:
    """The text on one line, set apart from its surroundings: its direction is its own and does not move its neighbours.

    It is wrapped in FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9); inside it is `harmless`.
    """
    return _FIRST_STRONG_ISOLATE + harmless(text) + _POP_ISOLATE


def harmless(text: str) -> str:
    """The text on one line, without what a terminal might obey.

    Line breaks become spaces; overrides, embeddings and isolates are dropped, since one left open would turn what
    follows; other control characters are shown as their pictures (␛) or as �.
    """
    return _CONTROLS.sub(_picture, _SPACES.sub(" ", _EMBEDDINGS.sub("", text)))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"
