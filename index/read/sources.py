"""Files, folders and patterns -> the files to read, and why some cannot be read."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from .formats import format_of


class Found(NamedTuple):
    """A file, its size in bytes, and why it cannot be read, if it cannot.

    `unknown` is set for a file in a folder whose kind is not read: it is counted, and its content never looked at.
    """

    path: str
    size: int = 0
    problem: str | None = None
    unknown: bool = False


def find(sources: Sequence[str], exclude: Sequence[str] = ()) -> Iterator[Found]:
    """Every file of the sources, each once; "-" stands for standard input.

    Patterns of `exclude` leave out files and folders: one without a slash by their names, one with a slash by their
    path below the source, or as the source names them.
    """
    seen: set[str] = set()
    for source in sources:
        for file in _source(source):
            if exclude and _is_excluded(file.path, source, exclude):
                continue
            key = file.path if file.path == "-" else os.path.abspath(file.path)
            if key not in seen:
                seen.add(key)
                yield file


def _is_excluded(path: str, source: str, patterns: Sequence[str]) -> bool:
    parts = (os.path.relpath(path, source) if os.path.isdir(source) else path).split(os.sep)
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    return any(fnmatchcase(one, p.rstrip("/")) for p in patterns for one in (above if "/" in p.rstrip("/") else parts))


def is_missing(source: str) -> bool:
    """Whether a source does not exist, or holds no file that can be read: an emptied folder, an unmounted disk."""
    return not any(file.problem is None and not file.unknown for file in _source(source))


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
            else:
                yield _file(path) if wanted or format_of(path) else Found(path, unknown=True)


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
    """The files in a folder and those below it, sorted; hidden ones are left out.

    A folder that cannot be opened is a problem, and so is a link back to a folder above.
    """
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[str, tuple[tuple[int, int], ...]]] = [(top, ())]  # paths, and the folders above them
    while waiting:
        path, above = waiting.pop()
        try:
            found = os.stat(path)
            if not stat.S_ISDIR(found.st_mode):
                yield _file(path) if format_of(path) else Found(path, unknown=True)
                continue
            with os.scandir(path) as entries:
                inner = [entry.name for entry in entries]
        except OSError as error:
            if os.path.lexists(path) and not os.path.isdir(path):
                yield _file(path) if format_of(path) else Found(path, unknown=True)
            else:
                yield Found(path, problem=f"cannot be opened: {reason(error)}")
            continue
        identity = (found.st_dev, found.st_ino)
        if identity in above:
            yield Found(path, problem="is a link back to a folder that it is in")
        if identity in seen:
            continue
        seen.add(identity)
        names = [name for name in _articles(sorted(inner, reverse=True)) if not name.startswith(".")]
        waiting += [(os.path.join(path, name), (*above, identity)) for name in names]


def _articles(names: list[str]) -> list[str]:
    """The names in a folder that may hold articles.

    In a test collection in the layout of BEIR these are its corpus and its folders: queries and judgements are none.
    """
    stems = {name.removesuffix(".gz"): name for name in names}
    if not {"corpus.jsonl", "queries.jsonl"} <= stems.keys():
        return names
    return [name for name in names if name == stems["corpus.jsonl"] or format_of(name) is None]


def shown(path: str) -> str:
    """A path that can be printed and stored: bytes in it that are no UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def reason(error: Exception) -> str:
    """What an error says, without the file's name and the error's number."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
