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
from .layout import LOCK, OWNER, file_mode, inspect, write_whole

PATIENCE = 5.0  # seconds to wait for another writer: longer than a commit of a few articles takes


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the writer's lock of an index folder, in which nothing stands that is not from Khabar.

    Raises IndexLocked, naming the holder, after PATIENCE seconds; IndexDamaged where the folder holds anything else;
    StorageError where it cannot be written to.
    """
    from filelock import FileLock, Timeout

    owner = folder / OWNER
    with explained(folder):
        inspect(folder, writing=True)
        mode = file_mode(folder)
        lock = FileLock(folder / LOCK, timeout=PATIENCE, mode=mode)
        try:
            lock.acquire()
        except Timeout:
            try:
                held = json.loads(owner.read_text("utf-8"))
                who = f"process {int(held['process'])} since {held['since']}"
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                who = "another process"  # it has the lock, and has not yet written down its name
            raise IndexLocked(f"{folder} is being written to by {who}. Try again when it has finished.") from None
        try:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            write_whole(owner, json.dumps({"process": os.getpid(), "since": now}), mode)
        except BaseException:
            lock.release()
            raise
    try:
        yield
    finally:
        with suppress(OSError):  # the next writer replaces it
            owner.unlink()
        lock.release()
