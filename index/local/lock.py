"""One writer at a time: a lock that the operating system releases when its process dies."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ..errors import IndexLocked
from .database import explained

PATIENCE = 5.0  # seconds to wait for another writer: longer than a commit of a few articles takes

_LOCK, _OWNER = "lock", "lock.owner"
LOCK_FILES = (_LOCK, _OWNER)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the writer's lock of an index folder.

    Raises IndexLocked, naming the holder, after PATIENCE seconds; StorageError where the folder cannot be written to.
    """
    from filelock import FileLock, Timeout

    owner = folder / _OWNER
    lock = FileLock(folder / _LOCK, timeout=PATIENCE)
    with explained(folder):
        try:
            lock.acquire()
        except Timeout:
            try:
                held = json.loads(owner.read_text("utf-8"))
                who = f"process {held['process']} since {held['since']}"
            except (OSError, ValueError, KeyError, TypeError):
                who = "another process"  # it has the lock, and has not yet written down its name
            raise IndexLocked(f"{folder} is being written to by {who}. Try again when it has finished.") from None
        try:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            owner.write_text(json.dumps({"process": os.getpid(), "since": now}), "utf-8")
        except BaseException:
            lock.release()
            raise
    try:
        yield
    finally:
        with suppress(OSError):  # what it says is overwritten by the next one
            owner.unlink()
        lock.release()
