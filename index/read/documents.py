"""Files, folders, patterns and standard input -> documents, and a reason for everything that could not be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..types import Document, Noted, Records, Rejected
from .content import Content, records_of
from .encodings import SAMPLE
from .input import Input
from .sources import find, reason, shown


@dataclass(frozen=True, slots=True)
class Began:
    """A file begins: the records that follow are its, until it has `Ended`. `path` is as the user and system wrote it.

    `opened` is False for a path that could not be looked at, a folder perhaps; its records say why.
    """

    path: str
    opened: bool = True


@dataclass(frozen=True, slots=True)
class Ended:
    """A file ends. `hash` is the SHA-256 of its bytes; None when not all of it could be used, and for "-"."""

    path: str
    hash: bytes | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A file in a folder whose kind is not read."""

    path: str


Event = Began | Document | Rejected | Noted | Ended | Unknown


def read(sources: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> Records:
    """Every document of the sources in order, a Rejected for each file or row that could not be used, and notes.

    A source is a file, a folder (with the folders in it, without hidden files), a pattern (`news/**/*.jsonl`), or "-"
    for standard input. The formats are those of `formats`, each also as .gz. A file in a folder is read when its name
    ends as one of them does; a file that is named itself, and standard input, are recognised by their first bytes.

    JSON lines and CSV are read row by row in bounded memory; the other formats have a largest size. A .gz that unpacks
    to more than MAX_UNPACKED bytes, or to MAX_RATIO times its size, is refused there; the rows before are kept.
    Nothing in a file makes this raise. `progress` is called with (bytes read, bytes in all) of the files as they are
    stored.
    """
    for event in events(sources, progress=progress):
        if isinstance(event, Document | Rejected | Noted):
            yield event


@dataclass(frozen=True, slots=True)
class Given:
    """What an address gave, read already: `records` are told as those of a file whose path is the address."""

    address: str
    records: Sequence[Document | Rejected | Noted]


Source = str | Given
"""What is read: a file, folder, pattern or "-"; or what was read already."""


def read_content(address: str, data: bytes, kind: str) -> Records:
    """The records of what an address gave; `kind` is a suffix as of a file's name, ".html", or "" to tell by its start.

    Nothing in the data makes this raise.
    """
    with Input(address, len(data), data) as source:
        yield from _records(source, kind)


def events(
    sources: Sequence[Source],
    *,
    progress: Callable[[int, int], None] | None = None,
    skip: Callable[[Input], bool] | None = None,
    exclude: Sequence[str] = (),
) -> Iterator[Event]:
    """What `read` gives, with the beginning and end of each file around its records, and the files of unknown kind.

    `skip` is asked about each file before its content is looked at; one for which it returns True gives no event. It
    may ask for the file's hash, and may raise OSError. `exclude` are patterns of files that are left out, see `find`.
    """
    for given in sources:
        if isinstance(given, Given):
            yield Began(given.address)
            yield from given.records
            yield Ended(given.address, None)
    found = list(find([source for source in sources if isinstance(source, str)], exclude))
    total = sum(file.size for file in found)
    before = 0
    for file in found:
        if file.unknown:
            yield Unknown(file.path)
            continue
        if file.problem:
            yield Began(file.path, opened=False)
            yield Rejected(shown(file.path), file.problem)
            yield Ended(file.path, None)
            continue
        with Input(file.path, file.size) as source:
            reported = 0
            for event in _events(source, skip):
                yield event
                if progress and source.stored - reported >= SAMPLE:
                    reported = source.stored
                    progress(before + min(reported, file.size), total)
        before += file.size
        if progress:
            progress(before, total)


def _events(source: Input, skip: Callable[[Input], bool] | None) -> Iterator[Event]:
    try:
        if skip is not None and skip(source):
            return
    except OSError:
        pass  # opening it again gives the reason
    yield Began(source.path)
    usable = True
    for record in _records(source):
        usable = usable and not isinstance(record, Rejected)
        yield record
    try:
        yield Ended(source.path, source.finish() if usable else None)
    except OSError as error:
        yield Rejected(shown(source.path), f"cannot be read: {reason(error)}")
        yield Ended(source.path, None)


def _records(source: Input, kind: str | None = None) -> Records:
    """The records of one file. `kind` stands for its name."""
    path = shown(source.path)

    def opened() -> Content:
        stream = source.open()
        packed = source.packed
        on_disk = not packed and not source.small and source.path != "-"
        return Content(
            stream,
            path,
            source.path if kind is None else kind,
            None if packed or source.path == "-" else source.size,
            (lambda: open(source.path, "rb")) if on_disk else None,
        )

    yield from records_of(opened, path)
