"""The bytes of a file, of what an address gave or of a member of an archive -> records."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from ..types import Document, Noted, Records, Rejected
from .encodings import SAMPLE, decode, detect, lines, not_text
from .formats import Format, binary_format, format_of, recognised
from .input import Budget, Refused
from .sources import reason, shown

MAX_NESTED = 2
"""Archives that may be one in the other: what holds more of them is made to be unpacked for ever."""

MAX_IN_MEMORY = 1 << 28
"""Bytes of the largest file that is read whole because its bytes are no file of the disk, 256 MiB."""


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes to be read once: `path` says where they stand, `name` what they are called, whose end may tell the format.

    `size` is their number where it is known; `reopened` opens them again as a file in which one can seek, where they
    are one on the disk.
    """

    stream: io.BufferedReader[Any]
    path: str
    name: str
    size: int | None = None
    reopened: Callable[[], BinaryIO] | None = None


def records_of(content: Callable[[], Content], path: str, inside: int = 0) -> Records:
    """The records of some content; whatever stops the reading becomes the last Rejected, for `path`.

    `inside` is the number of archives around it. Nothing in the content makes this raise.
    """
    record: Document | Rejected | Noted | None = None
    try:
        for record in _parsed(content(), inside):
            yield record
        if record is None:
            yield Rejected(path, "is empty: it holds no article")
    except Refused as error:
        yield Rejected(path, str(error))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        cut = "ends too early" if isinstance(error, EOFError) else "is damaged"
        yield Rejected(path, f"the gzip data {cut}; only what stands before the damage was read")
    except OSError as error:
        yield Rejected(path, f"cannot be read: {reason(error)}")
    except Exception as error:  # parsers of others meet anybody's files here: one file must not end a run over many
        yield Rejected(path, f"cannot be read: {type(error).__name__}: {error}")


def _parsed(content: Content, inside: int) -> Records:
    stream, path = content.stream, content.path
    head = stream.peek(SAMPLE)[:SAMPLE]
    form = binary_format(head, content.name)
    if form is None:
        if what := not_text(head):
            raise Refused(f"is not text but {what}")
        encoding = detect(head)
        form = recognised(decode(head, encoding).lstrip(), content.name)
        if form.by_line is not None:
            yield from form.by_line(lines(stream, encoding), path)
        else:
            assert form.whole is not None
            yield from form.whole(decode(_whole(content, form.limit, form), encoding), path)
    elif form.members is not None:
        if inside == MAX_NESTED:
            raise Refused("is an archive in an archive in an archive; unpack the outer ones and give the files")
        yield from _members(content, form, inside)
    else:
        assert form.binary is not None
        with _seekable(content, form) as file:
            yield from form.binary(file, path)


def _members(archive: Content, form: Format, inside: int) -> Records:
    """The records of the files in an archive, read one after the other and never written to the disk."""
    assert form.members is not None
    passed = 0
    with _seekable(archive, form) as file:
        budget = Budget(archive.size or _size(file))
        for member in form.members(file):
            path = f"{archive.path}/{shown(member.name)}"
            if format_of(member.name) is None:
                passed += 1
            elif member.problem:
                yield Rejected(path, member.problem)
            else:

                def opened(member: Any = member, path: str = path) -> Content:
                    stream = io.BufferedReader(budget.spent_by(member.open()), SAMPLE)
                    if stream.peek(2).startswith(b"\x1f\x8b"):
                        stream = io.BufferedReader(budget.spent_by(gzip.GzipFile(fileobj=stream)), SAMPLE)
                    return Content(stream, path, member.name)

                yield from records_of(opened, path, inside + 1)
                if budget.exhausted:
                    return
    if passed:
        files = "file of a kind that is not read was" if passed == 1 else "files of kinds that are not read were"
        yield Noted(archive.path, f"{passed:,} {files} passed over in it")


def _whole(content: Content, limit: int, form: Format) -> bytes:
    too_large = content.size is not None and content.size > limit
    data = b"" if too_large else content.stream.read(limit + 1)
    if too_large or len(data) > limit:
        raise Refused(f"is larger than {limit >> 20} MiB, too large to be read whole; {form.advice}")
    return data


def _seekable(content: Content, form: Format) -> BinaryIO:
    """The bytes as a file in which a format can go back, where it has to."""
    if not form.seeks:
        return content.stream
    if content.reopened is not None:
        if (content.size or 0) > form.limit:
            raise Refused(f"is larger than {form.limit >> 20:,} MiB; {form.advice}")
        return content.reopened()
    return io.BytesIO(_whole(content, min(form.limit, MAX_IN_MEMORY), form))


def _size(file: BinaryIO) -> int | None:
    if not file.seekable():
        return None
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
