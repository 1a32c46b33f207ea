"""Files, folders, patterns and standard input -> documents, and a reason for everything that could not be used."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from ..types import Document, Rejected
from .encodings import SAMPLE, decode, detect, lines, not_text
from .fields import known
from .formats import from_feed, from_html, from_json, from_json_lines, from_markdown, from_table, from_text
from .sources import find, kind, reason, shown

MAX_PAGE = 1 << 24
"""Bytes of the largest text, Markdown or HTML file, 16 MiB: beyond that it is no page of an article."""

MAX_WHOLE = 1 << 28
"""Bytes of the largest JSON file, 256 MiB: it is read whole. JSON lines and CSV may have any size."""

MAX_FEED = 1 << 26
"""Bytes of the largest feed, 64 MiB; its parser needs many times as much memory."""

MAX_UNPACKED = 1 << 34
"""Bytes that one .gz file may unpack to, 16 GiB."""

MAX_RATIO = 200
"""How many times its size a .gz file may unpack to beyond 64 MiB. News unpacks to 3-6 times, a gzip bomb to 1,000."""

_RATIO_FREE = 1 << 26

# Whole files: text of the file -> records, and how large it may be.
_WHOLE: dict[str, tuple[Callable[[str, str], Iterator[Document | Rejected]], int]] = {
    "text": (from_text, MAX_PAGE),
    "markdown": (from_markdown, MAX_PAGE),
    "html": (from_html, MAX_PAGE),
    "json": (from_json, MAX_WHOLE),
    "feed": (from_feed, MAX_FEED),
}
# Files read line by line.
_LINES: dict[str, Callable[[Iterable[str], str], Iterator[Document | Rejected]]] = {
    "jsonl": from_json_lines,
    "csv": from_table,
    "tsv": lambda table, path: from_table(table, path, "\t,;|"),
}


class _Refused(Exception):
    """Why a file is not read on."""


def read(
    sources: Sequence[str],
    *,
    progress: Callable[[int, int], None] | None = None,
    unchanged: Callable[[str], bool] | None = None,
) -> Iterator[Document | Rejected]:
    """Every document of the sources in order, and a Rejected for each file or row that could not be used.

    A source is a file, a folder (with the folders in it; hidden files and files of unknown kinds are passed over), a
    pattern (`news/**/*.jsonl`), or "-" for standard input. Kinds, each also as .gz: .txt .md .html .json .jsonl .ndjson
    .csv .tsv .xml .rss .atom; a file of another kind that is named itself, and standard input, are recognised by their
    first bytes.

    JSON lines and CSV are read row by row in bounded memory; MAX_PAGE, MAX_FEED and MAX_WHOLE limit the other kinds. A
    .gz that unpacks to more than MAX_UNPACKED bytes, or to MAX_RATIO times its size, is refused there; the rows before
    are kept. Nothing in a file makes this raise. `progress` is called with (bytes read, bytes in all) of the files as
    they are stored. `unchanged` is asked about each file before it is read, and those it knows are passed over.
    """
    found = list(find(sources))
    total = sum(file.size for file in found)
    before = 0
    for file in found:
        if file.problem:
            yield Rejected(shown(file.path), file.problem)
            continue
        if unchanged is None or not unchanged(file.path):
            with _Input(file.path) as source:
                reported = 0
                for record in _records(source):
                    yield record
                    if progress and source.stored - reported >= SAMPLE:
                        reported = source.stored
                        progress(before + min(reported, file.size), total)
        before += file.size
        if progress:
            progress(before, total)


class _Counted(io.RawIOBase):
    """A stream that counts what is read from it; a pipe cannot tell."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self.stream.readinto(buffer)  # type: ignore[attr-defined]
        self.count += count
        return count


class _Input(io.RawIOBase):
    """The bytes of a file or of standard input, unpacked, within the limits."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._stored: _Counted | None = None
        self._bytes: io.BufferedReader | gzip.GzipFile
        self._count = 0
        self._failure: Exception | None = None

    def open(self) -> io.BufferedReader:
        """Raises OSError."""
        self._stored = _Counted(sys.stdin.buffer if self.path == "-" else open(self.path, "rb"))  # noqa: SIM115
        self._bytes = io.BufferedReader(self._stored)
        if self._bytes.peek(2).startswith(b"\x1f\x8b"):  # by its first bytes, since many are named without .gz
            self._bytes = gzip.GzipFile(fileobj=self._bytes)
        return io.BufferedReader(self, SAMPLE)

    @property
    def stored(self) -> int:
        """Bytes read so far of the file as it is stored."""
        return self._stored.count if self._stored else 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer. Raises _Refused beyond the limits, else what the file or gzip raises."""
        if self._failure:
            raise self._failure
        view, filled = memoryview(buffer), 0
        while filled < len(view):
            try:
                data = self._bytes.read1(len(view) - filled)
            except (OSError, EOFError, zlib.error) as error:
                if not filled:
                    raise
                self._failure = error  # next time: what was unpacked before the damage is still good
                break
            if not data:
                break
            view[filled : filled + len(data)] = data
            filled += len(data)
        self._count += filled
        if isinstance(self._bytes, gzip.GzipFile):
            self._check_unpacked()
        return filled

    def _check_unpacked(self) -> None:
        if self._count > _RATIO_FREE and self._count > MAX_RATIO * self.stored:
            raise _Refused(
                f"unpacks to more than {MAX_RATIO} times its size, as gzip bombs do; nothing further was read"
            )
        if self._count > MAX_UNPACKED:
            raise _Refused(f"unpacks to more than {MAX_UNPACKED:,} bytes; unpack it first and give the unpacked file")

    def close(self) -> None:
        if self._stored and self.path != "-":
            self._stored.stream.close()
        super().close()


def _records(source: _Input) -> Iterator[Document | Rejected]:
    """The documents of one file; whatever stops the reading becomes the last Rejected."""
    path = shown(source.path)
    record: Document | Rejected | None = None
    try:
        for record in _parsed(source.open(), path):
            yield record
        if record is None:
            yield Rejected(path, "is empty: it holds no article")
    except _Refused as error:
        yield Rejected(path, str(error))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        cut = "ends too early" if isinstance(error, EOFError) else "is damaged"
        yield Rejected(path, f"the gzip data {cut}; only what stands before the damage was read")
    except OSError as error:
        yield Rejected(path, f"cannot be read: {reason(error)}")
    except Exception as error:  # parsers of others meet anybody's files here: one file must not end a run over many
        yield Rejected(path, f"cannot be read: {type(error).__name__}: {error}")


def _parsed(stream: io.BufferedReader, path: str) -> Iterator[Document | Rejected]:
    head = stream.peek(SAMPLE)[:SAMPLE]
    if what := not_text(head):
        raise _Refused(f"is not text but {what}")
    encoding = detect(head)
    form = _recognised(decode(head, encoding).lstrip(), kind(path))
    if form in _LINES:
        yield from _LINES[form](lines(stream, encoding), path)
        return
    parse, limit = _WHOLE[form]
    data = stream.read(limit + 1)
    if len(data) > limit:
        advice = "save it as JSON lines (.jsonl)" if limit == MAX_WHOLE else "split it into articles"
        raise _Refused(f"is larger than {limit >> 20} MiB, too large to be read whole; {advice}")
    yield from parse(decode(data, encoding), path)


_PAGE = re.compile(r"(?:(?><\?xml[^>]*>|<!--.*?-->)\s*+)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_FEED = re.compile(r"(?:<\?xml|<rss|<feed|<rdf)\b", re.IGNORECASE)


def _recognised(head: str, suffix: str | None) -> str:
    """The kind of a file: by its suffix, but by its first characters where suffixes are often wrong or missing."""
    first, _, rest = head.partition("\n")
    if suffix in (None, "text", "feed") and _PAGE.match(head[:2000]):
        return "html"
    if suffix in (None, "json") and first.startswith("{") and rest.lstrip().startswith("{") and _is_json(first):
        return "jsonl"
    if suffix == "jsonl" and (first.strip() in ("[", "{") or re.match(r"\[\s*\{", head)):
        return "json"
    if suffix:
        return suffix
    if head.startswith(("{", "[")):
        return "json"
    if _FEED.match(head):
        return "feed"
    if re.match(r"<[A-Za-z!]", head):
        return "html"
    columns = max((first.split(mark) for mark in ",;\t|"), key=len)
    names = {known(column.strip('" \r')) for column in columns} - {None}
    return "csv" if len(names) > 1 and names & {"title", "text"} else "text"


def _is_json(line: str) -> bool:
    try:
        json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return False
    return True
