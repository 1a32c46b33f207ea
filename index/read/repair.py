"""Letters that were damaged before they reached us -> the letters that were written.

Four kinds of damage are common in collections of Arabic news, and each can be undone without a guess: text that was
decoded by a wrong encoding and stored again ("Ø§Ù„" for "ال"), escapes of JSON or Python that were stored as letters
("\\u0627"), the same for line ends ("\\n"), and lines of a PDF in the order in which they are drawn.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable

_ARABIC = re.compile("[\u0621-\u064a]")
_HIGH = re.compile("[\u00c0-\u00ff]")
_LETTER = re.compile(r"[^\W\d_]")

# UTF-8 read as windows-1252 or Latin-1: each letter beyond ASCII is a lead byte and one to three that continue it.
_LATIN_PAIR = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122\u20ac]")
# UTF-8 read as windows-1256: Arabic letters begin with D8 or D9, which are ط and ظ there (DA and DB are ع and غ).
_ARABIC_PAIR = re.compile("[طظ][^\\s\u0621-\u064a]|[طظ][طظ][^\\s]|[طظ][\u0621-\u064a][طظ]")

# windows-1252 and windows-1256 leave five bytes, or none, undefined; browsers read them as control characters.
_UNDEFINED = {n: n for n in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}

_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_ARABIC_ESCAPES = re.compile(r"(?:\\u06[0-9a-fA-F]{2}){3,}")
_PRESENTATION = re.compile("[\ufe80-\ufefc]{2,}")
_LEFT_TO_RIGHT = re.compile("[A-Za-z0-9٠-٩](?:[A-Za-z0-9٠-٩.,:/%-]*[A-Za-z0-9٠-٩%])?")
_MIRRORED = str.maketrans("()[]{}«»", ")(][}{»«")
_LITERAL_ENDS = re.compile(r"(?:\\r)?\\n")
_LITERAL_END_OF_SENTENCE = re.compile(r"[.!?؟…»”\"')\]](?:\\r)?\\n|(?:\\r)?\\n(?:\\r)?\\n")

# The letters without which a text needs none of the repairs but those of Arabic.
_SUSPECT = re.compile("[\u00c0-\u00ff\ufe80-\ufefc]")

_MOST = 1 << 22
"""Letters of a text that is looked at, 4 million: a longer one is left as it is."""


def repaired(text: str) -> tuple[str, str | None]:
    """The text as it was written, and what was done to it; unchanged and None where nothing is damaged."""
    if len(text) > _MOST:
        return text, None
    done: list[str] = []
    if "\\" in text:
        new = _unescaped(text)
        if new != text:
            text = new
            done.append("escape sequences such as \\u0645 or \\n were read as the letters they stand for")
    for name, repair in _REPAIRS if _SUSPECT.search(text) else _REPAIRS_OF_ARABIC:
        new = repair(text)
        if new != text:
            text = new
            done.append(f"letters were repaired: it was {name}")
            break
    return text, "; ".join(done) or None


def _utf8_as_latin(text: str) -> str:
    if not _LATIN_PAIR.search(text):
        return text
    import ftfy

    return ftfy.fix_encoding(text)


def _utf8_as_arabic(text: str) -> str:
    leads = text.count("ط") + text.count("ظ")
    if leads < 0.1 * len(text):  # there are two or three in a hundred of the letters of a text
        return text
    if leads < 0.25 * len(_ARABIC.findall(text)) or len(_ARABIC_PAIR.findall(text)) < 3:
        return text
    return _by_line(text, lambda line: _bytes(line, "cp1256").decode("utf-8"))


def _arabic_as_latin(text: str) -> str:
    """windows-1256 read as windows-1252: nearly every letter is one of "À" to "ÿ", which no language writes."""
    high = len(_HIGH.findall(text[:4000]))
    if high < 8 or high < 0.6 * len(_LETTER.findall(text[:4000])):
        return text
    found = _by_line(text, lambda line: _bytes(line, "cp1252").decode("cp1256"))
    return found if 2 * len(_ARABIC.findall(found)) > len(_LETTER.findall(found)) else text


def _visual_order(text: str) -> str:
    """Lines of Arabic that a PDF gave as they are drawn, from left to right, in presentation forms.

    In order, a word begins with an initial form and ends with a final one; where most do the reverse, the line is
    turned, but for its numbers and Latin words, which were in order.
    """
    if not _PRESENTATION.search(text[:20_000]):
        return text
    return "\n".join(map(_turned, text.split("\n")))


def _turned(line: str) -> str:
    ends = [(_form(word[0]), _form(word[-1])) for word in _PRESENTATION.findall(line)]
    in_order = sum((first == "<initial>") + (last == "<final>") for first, last in ends)
    reverse = sum((first == "<final>") + (last == "<initial>") for first, last in ends)
    if reverse <= in_order:
        return line
    turned = line[::-1].translate(_MIRRORED)
    return _LEFT_TO_RIGHT.sub(lambda run: run[0][::-1], turned)


def _form(letter: str) -> str:
    return unicodedata.decomposition(letter).split(" ")[0]


_REPAIRS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("Arabic in the order in which it is drawn", _visual_order),
    ("UTF-8 read as windows-1252", _utf8_as_latin),
    ("UTF-8 read as windows-1256", _utf8_as_arabic),
    ("windows-1256 read as windows-1252", _arabic_as_latin),
)
_REPAIRS_OF_ARABIC = _REPAIRS[2:3]


def _by_line(text: str, repair: Callable[[str], str]) -> str:
    """Each line repaired on its own; one that was not damaged in this way stays as it is."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if line and not line.isascii():
            try:
                lines[i] = repair(line)
            except UnicodeError:
                continue
    return "\n".join(lines)


def _bytes(line: str, encoding: str) -> bytes:
    """The bytes that a line was decoded from. Raises UnicodeError where it was not decoded from this encoding."""
    try:
        return line.encode(encoding)
    except UnicodeEncodeError:
        return b"".join(bytes([ord(c)]) if 0x80 <= ord(c) < 0xA0 else c.encode(encoding) for c in line)


def _unescaped(text: str) -> str:
    """Escapes that were stored as letters, where they are no part of what was written (a path, a lesson in code)."""
    escaped = sum(len(run) for run in _ESCAPE.findall(text))
    if escaped >= 30 and escaped > 0.3 * len(text):
        text = _ESCAPE.sub(_letters, text)
        text = text.replace('\\"', '"').replace("\\/", "/")
        return _LITERAL_ENDS.sub("\n", text)
    text = _ARABIC_ESCAPES.sub(_letters, text)
    if "\n" not in text and _LITERAL_END_OF_SENTENCE.search(text):
        return _LITERAL_ENDS.sub("\n", text)
    return text


def _letters(run: re.Match[str]) -> str:
    try:
        return str(json.loads(f'"{run[0]}"'))
    except ValueError:
        return run[0]
