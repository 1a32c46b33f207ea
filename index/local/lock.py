"""One writer at a time: a lock that the operating system releases when its process dies."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ..errors import IndexLocked
from ..ports import PATIENCE, Patience
from .database import explained
from .layout import LOCK, OWNER, file_mode, inspect, write_whole

SHORTLY = 5.0  # seconds in which a commit of a few articles is done


@contextmanager
def locked(folder: Path, patience: Patience = PATIENCE) -> Iterator[None]:
    """Hold the writer's lock of an index folder, in which nothing stands that is not from Khabar.

    Raises IndexLocked, naming the holder, when `patience` ends; IndexDamaged where the folder holds anything else;
    StorageError where it cannot be written to.
    """
    from filelock import FileLock, Timeout

    owner = folder / OWNER
    with explained(folder):
        inspect(folder, writing=True)
        mode = file_mode(folder)
        lock = FileLock(folder / LOCK, mode=mode)
        seconds = SHORTLY if patience.seconds is None else patience.seconds
        try:
            try:
                lock.acquire(timeout=min(seconds, SHORTLY))
            except Timeout:
                if seconds <= SHORTLY:
                    raise
                if patience.told:
                    patience.told(f"{folder} is being written to by {_holder(owner)}. Waiting until it has finished.")
                lock.acquire(timeout=-1 if seconds == math.inf else seconds - SHORTLY)
        except Timeout:
            raise IndexLocked(
                f"{folder} is being written to by {_holder(owner)}. Try again when it has finished."
            ) from None
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


def _holder(owner: Path) -> str:
    try:
        held = json.loads(owner.read_text("utf-8"))
        return f"process {int(held['process'])} since {held['since']}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another process"  # it has the lock, and has not yet written down its name
