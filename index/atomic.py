"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file beside `path`, for the block to write; it takes the place of `path` when the block ends.

    By then its content is on the disk. When the block fails, `path` is as it was and the new file is deleted. What
    an earlier process left under the new file's name is deleted first, never followed or written to. Raises OSError.
    """
    new = path.with_name(f"{path.name}.new")
    _delete(new)
    try:
        yield new
        force(new)
        new.replace(path)
    except BaseException:
        _delete(new)
        raise
    force(path.parent)


def force(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete(new: Path) -> None:
    """Delete an unfinished file, with those that SQLite makes beside a database."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        new.with_name(new.name + suffix).unlink(missing_ok=True)
