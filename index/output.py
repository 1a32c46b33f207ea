"""Files that the user asked for, written: whole or not at all, and never over an index."""

from __future__ import annotations

import gzip
import io
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from .errors import InputError

_DATABASE = "articles.db"  # a folder that holds one is an index


@contextmanager
def writing_file(path: Path) -> Iterator[TextIO]:
    """A block that writes a text file, which is replaced only when all is written and on the disk.

    Where its name ends in .gz it is compressed. A link is followed, and what is no regular file (a device, a pipe) is
    written to as it stands. Raises InputError for a file of an index, and where the file cannot be written.
    """
    try:
        target = Path(os.path.realpath(path))
        _require_outside_indexes(path, target)
        about = target.stat() if target.exists() else None
        if about is not None and not stat.S_ISREG(about.st_mode):
            with _text(target, path.suffix) as out:
                yield out
            return
        mode = stat.S_IMODE(about.st_mode) if about is not None else 0o666 & ~_mask()
        unfinished = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}")
        with replacing(target, unfinished, mode) as new, _text(new, path.suffix) as out:
            yield out
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror or error}). Name a file that can be written."
        ) from None


@contextmanager
def replacing(target: Path, unfinished: Path, mode: int) -> Iterator[Path]:
    """A new file `unfinished` for the block to write, which takes the place of `target` when all of it is on the disk.

    The file is private until then, never one that was there before, and deleted when the block fails; `target` is then
    as it was. Raises OSError.
    """
    unfinished.unlink(missing_ok=True)
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield unfinished
        os.chmod(unfinished, mode)
        force(unfinished)
        unfinished.replace(target)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
    with suppress(PermissionError):  # of a folder that may be written to, but not read
        force(target.parent)


def force(path: Path) -> None:
    """Wait until a file or the entries of a folder are on the disk. Raises OSError.

    Windows opens no folders, keeps their entries by itself, and forces only files that are open for writing.
    """
    windows = os.name == "nt"
    if windows and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if windows else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _text(path: Path, suffix: str) -> Iterator[TextIO]:
    """A file opened to be written as UTF-8, each line ended by LF on every system."""
    with path.open("wb") as raw:
        if suffix.lower() != ".gz":
            with io.TextIOWrapper(raw, "utf-8", newline="\n") as out:
                yield out
            return
        with (
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
            io.TextIOWrapper(packed, "utf-8", newline="\n") as out,
        ):
            yield out


def _require_outside_indexes(path: Path, target: Path) -> None:
    for folder in target.parents[:3]:  # segments/00000001/rows.npy
        if (folder / _DATABASE).exists():
            raise InputError(f"{path} is in the index {folder}, which it would damage. Name a file elsewhere.")


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
