"""Bytes of unknown encoding -> text. Which encoding it is is measured, never asked, and no bytes make it fail."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

SAMPLE = 1 << 16
"""Bytes from the start of a file that decide its encoding."""

MAX_LINE = 1 << 25
"""Bytes (characters in UTF-16) of the longest line that is read, 32 MiB; the rest of a longer one is dropped."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Formats that are no articles although their bytes look like text, at least at the beginning.
_LIKE_TEXT = ((b"%!PS", "PostScript"), (b"{\\rtf", "an RTF document"))

# Beside tab, line ends and form feed, text has no control characters; scrapers leave a stray one now and then.
_CONTROLS = bytes([*range(9), 11, *range(14, 27), *range(28, 32), 127])
_CONTROLS_IN_TEXT = 0.02

# What a page or feed may declare: names of eight-bit and East Asian encodings. Python knows other codecs by name
# ("idna", "unicode_escape") that a hostile file must not choose; and a declaration that can be read is not UTF-16.
_DECLARABLE = re.compile(
    r"(?:x-)?(?:windows|cp|iso|latin|mac|koi8|gb|big5|euc|shift|tis|us-ascii|utf-?8)[\w:-]*", re.IGNORECASE
)
_DECLARATION = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([\w:-]+)|<meta[^>]{0,500}?charset\s*+=\s*+["']?+\s*+([\w:-]+)""",
    re.IGNORECASE,
)
_BROWSERS_READ_AS = {"iso8859-1": "cp1252", "ascii": "cp1252"}  # as the WHATWG encoding standard has it

# Old Arabic and English files are in one of these. Told so, charset-normalizer was right for every news text of 100
# characters and more; asked about all encodings it mistook one English text of 100 in twelve (benchmarks/encodings.py).
# A choice of our own by letter frequencies was no better.
LEGACY = ("cp1256", "iso8859_6", "cp1252")


def not_text(sample: bytes) -> str | None:
    """What a file is, from its first bytes, when it is not text ("a PDF", "binary data"); None when it may be text."""
    for mark, name in _LIKE_TEXT:
        if sample.startswith(mark):
            return name
    if sample.startswith(tuple(bom for bom, _ in _BOMS)) or _wide(sample):
        return None
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    packed = sample.startswith(b"\x1f\x8b")
    return _binary(sample) if packed or controls > max(3, _CONTROLS_IN_TEXT * len(sample)) else None


def _binary(sample: bytes) -> str:
    """What bytes that are no text probably are. Only they are asked about: to some signatures "BM" is a picture."""
    import puremagic

    try:
        found = puremagic.magic_string(sample)
    except (puremagic.PureError, ValueError):
        return "binary data"
    # Equal signatures are listed by name only; of two kinds of file with one of them neither is named.
    best = [one for one in found if one.confidence == found[0].confidence]
    suffixes = sorted({one.extension for one in best if one.extension})[:4]
    if not sample.strip(b"\0") or not best or not best[0].name:
        return "binary data"
    return f"binary data: {best[0].name}" if len(best) == 1 else f"binary data, such as {', '.join(suffixes)}"


def detect(sample: bytes) -> str:
    """The encoding of a text, from its first bytes: its mark, UTF-16, UTF-8, what it declares, what fits best."""
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    if wide := _wide(sample):
        return wide
    if _utf8(sample):
        return "utf-8"
    if (found := _DECLARATION.search(sample[:4096])) and (declared := _known((found[1] or found[2]).decode("ascii"))):
        return declared
    return _legacy(sample)


def decode(data: bytes, encoding: str | None = None) -> str:
    """The text of some bytes, line ends as "\\n", without byte order mark; what cannot be read becomes U+FFFD.

    Bytes that are valid UTF-8 are read as such even when `encoding` (default: what `detect` finds) is an eight-bit one:
    no Arabic text of more than a few letters is both. Bytes that should be UTF-8 and are not may be one bad line of a
    good file: damaged UTF-8 keeps what is whole, anything else is measured on its own.
    """
    encoding = encoding or detect(data[:SAMPLE])
    if encoding.startswith(("utf-16", "utf-32")):
        text = data.decode(encoding, "replace")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            if encoding == "utf-8" and not _utf8(data):
                encoding = _legacy(data)
            text = data.decode(encoding, "replace")
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def lines(stream: io.BufferedReader, encoding: str) -> Iterator[str]:
    """The lines of a stream, each decoded on its own and ending in "\\n", never more than one in memory.

    Empty lines that follow each other may come as one string: a file of nothing else is read at once.
    """
    head = stream.peek(SAMPLE)
    if encoding.startswith(("utf-16", "utf-32")) or (b"\r" in head and b"\n" not in head):
        # Lines of wide characters, and of old Macintosh files, do not end in the byte "\n".
        with io.TextIOWrapper(stream, encoding, "replace") as text:
            while line := text.readline(MAX_LINE):
                more = line if len(line) == MAX_LINE else ""
                while more and not more.endswith("\n"):
                    more = text.readline(MAX_LINE)
                yield line.removeprefix("\ufeff")
        return
    while data := stream.readline(MAX_LINE):
        if data in (b"\n", b"\r\n"):
            yield "\n" * (1 + _blank_lines(stream))
            continue
        rest = data if len(data) == MAX_LINE else b""
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE)
        yield decode(data, encoding)


def _blank_lines(stream: io.BufferedReader) -> int:
    """Read the empty lines that come next, at most a million; returns how many."""
    count = 0
    while count < 1 << 20:
        ahead = stream.peek(SAMPLE)
        blank = len(ahead) - len(ahead.lstrip(b"\r\n"))
        count += stream.read(blank).count(b"\n")
        if not blank or blank < len(ahead):
            break
    return count


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a byte order mark: of two bytes one is nearly always 0 (Latin), 6 (Arabic), 32 (punctuation)."""
    if len(sample) < 4:
        return None
    for name, high, low in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        pages = sum(high.count(page) for page in (b"\0", b"\x06", b"\x20"))
        marks = high.count(b"\0") + high.count(b"\x06")
        if (
            pages > 0.9 * len(high)
            and marks > 0.5 * len(high)
            and low.count(b"\0") + low.count(b"\x06") < 0.1 * len(low)
        ):
            return name
    return None


def _utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8, perhaps cut inside a character, or UTF-8 with little damage: more whole than broken."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        whole = sum(not character.isascii() for character in text) - broken
        return whole > 2 * broken
    return True


def _known(declared: str) -> str | None:
    try:
        name = codecs.lookup(declared).name if _DECLARABLE.fullmatch(declared) else None
    except LookupError:
        return None
    return None if name in (None, "utf-8") else _BROWSERS_READ_AS.get(name, name)


def _legacy(data: bytes) -> str:
    """The eight-bit encoding that fits best; the first of LEGACY, which can read anything, when none does."""
    from charset_normalizer import from_bytes

    best = from_bytes(data[:SAMPLE], cp_isolation=list(LEGACY), preemptive_behaviour=False).best()
    return best.encoding if best and best.encoding in LEGACY else LEGACY[0]
