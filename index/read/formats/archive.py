"""Archives of files -> their members, one after the other; nothing is written to the disk."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..input import Refused
from ..packages import zipped

# What programs put into archives beside the files that they were given.
_OTHERS = ("__MACOSX/", "._")

_UNIX, _LINK = 3, 0o120000


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name, how it is opened, and why it cannot be, where it cannot."""

    name: str
    open: Callable[[], object]
    problem: str | None = None


def zip_members(file: BinaryIO) -> Iterator[Member]:
    """The files of a zip. Raises Refused for one that is damaged."""
    archive = zipped(file)
    for info in archive.infolist():
        link = info.create_system == _UNIX and (info.external_attr >> 16) & 0o170000 == _LINK
        if info.is_dir() or link or _is_other(info.filename):
            continue
        locked = "has a password; unpack it and give the unpacked file" if info.flag_bits & 1 else None
        yield Member(info.filename, lambda info=info: archive.open(info), locked)  # type: ignore[misc]


def tar_members(file: BinaryIO) -> Iterator[Member]:
    """The files of a tar. Raises Refused where it is damaged."""
    try:
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for info in archive:
                if info.isreg() and not _is_other(info.name):
                    yield Member(info.name, lambda info=info: archive.extractfile(info))  # type: ignore[misc]
    except tarfile.TarError as error:
        raise Refused(f"is a tar that is damaged or cut short ({error}); what stands before was read") from None


def _is_other(name: str) -> bool:
    base = name.rpartition("/")[2]
    return name.startswith(_OTHERS) or base.startswith(_OTHERS) or base.startswith(".")
