"""What others derived from the articles and want to find again: a file for each, which may be lost at any time.

A file begins with the checksum of what follows. It may quote articles, so a purge deletes it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from ..output import replacing
from .layout import KEPT, file_mode

_SUM = sha256().digest_size


def read(folder: Path, name: str) -> bytes | None:
    """What was kept under a name; None where nothing was, or where it is not as it was written."""
    try:
        return _whole(_file(folder, name))
    except OSError:
        return None


def write(folder: Path, name: str, data: bytes) -> None:
    """Keep something under a name, whole or not at all. Raises OSError."""
    path = _file(folder, name)
    with replacing(path, path.with_name(f"{path.name}.new"), file_mode(folder)) as new, new.open("wb") as file:
        file.write(sha256(data).digest())  # by itself: what follows may be large
        file.write(data)


def delete(folder: Path) -> None:
    """Delete all that is kept. Raises OSError."""
    for name in KEPT:
        with suppress(FileNotFoundError):
            os.unlink(folder / name)


def damaged(folder: Path) -> Iterator[str]:
    """The names of files that are not as they were written. Raises OSError."""
    for name in KEPT:
        with suppress(FileNotFoundError):
            if _whole(folder / name) is None:
                yield name


def _file(folder: Path, name: str) -> Path:
    if name not in KEPT:
        raise ValueError(f"nothing is kept under the name {name!r}")
    return folder / name


def _whole(path: Path) -> bytes | None:
    """What a file holds; None where it is not as it was written. Raises OSError."""
    with path.open("rb") as file:
        checksum, data = file.read(_SUM), file.read()
    return data if sha256(data).digest() == checksum else None
