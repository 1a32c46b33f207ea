"""One writer at a time: a lock that the operating system releases when its process dies."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from .types import IndexLocked

PATIENCE = 5.0  # seconds to wait for another writer: longer than a commit of a few articles takes


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the writer's lock of an index folder. Raises IndexLocked, naming the holder, after PATIENCE seconds."""
    from filelock import FileLock, Timeout

    owner = folder / "lock.owner"
    lock = FileLock(folder / "lock", timeout=PATIENCE)
    try:
        lock.acquire()
    except Timeout:
        try:
            held = json.loads(owner.read_text("utf-8"))
            who = f"process {held['process']} since {held['since']}"
        except (OSError, ValueError, KeyError):
            who = "another process"
        raise IndexLocked(f"{folder} is being written to by {who}. Try again when it has finished.") from None
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        owner.write_text(json.dumps({"process": os.getpid(), "since": now}), "utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()
