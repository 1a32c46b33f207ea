"""Files, folders and patterns -> the files to read, and why some cannot be read."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_SUFFIXES = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".xml": "feed",
    ".rss": "feed",
    ".atom": "feed",
}


class Found(NamedTuple):
    """A file, its bytes as they are stored, and why it cannot be read, if it cannot."""

    path: str
    size: int = 0
    problem: str | None = None


def find(sources: Sequence[str]) -> Iterator[Found]:
    """Every file of the sources, each once; "-" stands for standard input."""
    seen: set[str] = set()
    for source in sources:
        for file in _source(source):
            key = file.path if file.path == "-" else os.path.abspath(file.path)
            if key not in seen:
                seen.add(key)
                yield file


def _source(source: str) -> Iterator[Found]:
    if source == "-":
        yield Found(source)
    elif not source or "\0" in source:
        yield Found(source, problem="is not the name of a file")
    elif os.path.isdir(source):
        yield from _folder(source)
    elif os.path.lexists(source) or not glob.has_magic(source):
        yield _file(source)
    else:
        wanted = not glob.has_magic(os.path.splitext(source)[1] or "*")
        matches = sorted(glob.iglob(source, recursive=True))
        if not matches:
            yield Found(source, problem="matches no file")
        for path in matches:
            if os.path.isdir(path):
                if "**" not in source:
                    yield from _folder(path)
            elif wanted or kind(path):
                yield _file(path)


def _file(path: str) -> Found:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        if os.path.islink(path):
            return Found(path, problem=f"is a link to {shown(os.readlink(path))}, which does not exist")
        if "://" in path:
            return Found(path, problem="is an address; save the page and give its file")
        return Found(path, problem="there is no such file or folder")
    except (OSError, ValueError) as error:
        return Found(path, problem=f"cannot be read: {reason(error)}")
    if not stat.S_ISREG(found.st_mode):
        return Found(
            path, problem="is a pipe, socket or device, not a file; pipe its content to khabar and give - as the source"
        )
    return Found(path, found.st_size)


def _folder(top: str) -> Iterator[Found]:
    """The files of known kinds in a folder and those below it, sorted; a link back to a folder above is a problem."""
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[str, tuple[tuple[int, int], ...]]] = [(top, ())]  # paths, and the folders above them
    while waiting:
        path, above = waiting.pop()
        if not os.path.isdir(path):
            yield _file(path)
            continue
        try:
            found = os.stat(path)
            names = sorted(os.listdir(path), reverse=True)
        except OSError as error:
            yield Found(path, problem=f"cannot be opened: {reason(error)}")
            continue
        identity = (found.st_dev, found.st_ino)
        if identity in above:
            yield Found(path, problem="is a link back to a folder that it is in")
        if identity in seen:
            continue
        seen.add(identity)
        for name in _articles(names):
            inner = os.path.join(path, name)
            if not name.startswith(".") and (kind(name) or os.path.isdir(inner)):
                waiting.append((inner, (*above, identity)))


def _articles(names: list[str]) -> list[str]:
    """The names in a folder that may hold articles.

    In a test collection in the layout of BEIR these are its corpus and its folders: queries and judgements are none.
    """
    stems = {name.removesuffix(".gz"): name for name in names}
    if not {"corpus.jsonl", "queries.jsonl"} <= stems.keys():
        return names
    return [name for name in names if name == stems["corpus.jsonl"] or kind(name) is None]


def kind(path: str) -> str | None:
    """The kind of a file by its suffix, .gz apart; None when it is none of those that are read."""
    return _SUFFIXES.get(os.path.splitext(path.lower().removesuffix(".gz"))[1])


def shown(path: str) -> str:
    """A path that can be printed and stored: bytes in it that are no UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def reason(error: Exception) -> str:
    """What an error says, without the file's name and the error's number."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
