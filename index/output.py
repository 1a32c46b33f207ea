"""Files that the user asked for, written: whole or not at all, and never over an index."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from .errors import InputError

_DATABASE = "articles.db"  # a folder that holds one is an index


@contextmanager
def writing_file(path: Path) -> Iterator[TextIO]:
    """A block that writes a text file, which is replaced only when all is written and on the disk.

    A link is followed, and what is no regular file (a device, a pipe) is written to as it stands. Raises InputError for
    a file of an index, and where the file cannot be written.
    """
    try:
        target = Path(os.path.realpath(path))
        _require_outside_indexes(path, target)
        about = target.stat() if target.exists() else None
        if about is not None and not stat.S_ISREG(about.st_mode):
            with target.open("w", encoding="utf-8") as out:
                yield out
            return
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
        unfinished = Path(name)
        try:
            with open(handle, "w", encoding="utf-8") as out:
                os.chmod(unfinished, stat.S_IMODE(about.st_mode) if about is not None else 0o666 & ~_mask())
                yield out
                out.flush()
                os.fsync(out.fileno())
            unfinished.replace(target)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink()
            raise
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror or error}). Name a file that can be written."
        ) from None


def _require_outside_indexes(path: Path, target: Path) -> None:
    for folder in target.parents[:3]:  # segments/00000001/rows.npy
        if (folder / _DATABASE).exists():
            raise InputError(f"{path} is in the index {folder}, which it would damage. Name a file elsewhere.")


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
