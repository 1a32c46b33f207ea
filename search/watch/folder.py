"""Folders are watched: what arrives in them is indexed.

An event only says that there is something to look for. What is indexed is found by an ordinary run, which skips all
that is as it was; and since events get lost (a file in a folder made the same moment, a network drive), there is a run
now and then without one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Thread

from index.errors import IndexLocked, InputError
from index.extras import require_extra
from index.ingest import ingest
from index.ports import Store
from index.types import Encoder, Report

EVERY = 300.0
"""Seconds after which folders are looked at without an event."""

AGAIN = 10.0
"""Seconds until the next try where another process is writing to the index."""


def watch_folder(
    index: Store, folders: Sequence[str], encoder: Encoder, every: float = EVERY
) -> Iterator[Report | IndexLocked]:
    """Index what is in the folders, and from then on what arrives; gives the report of each run. It has no end.

    Where another process was writing to the index, its error is given instead, and the run is tried again. Raises
    InputError for what is no folder, and without the extra; as `ingest` otherwise.
    """
    require_extra("Watching a folder", "watch", "watchfiles")
    for folder in folders:
        if not os.path.isdir(folder):
            raise InputError(f"{folder} is no folder. Only folders can be watched.")
    inside = Path(os.path.realpath(index.address))
    changes = _changes(folders, inside, every)
    while True:
        try:
            yield ingest(index, folders, encoder)
        except IndexLocked as error:
            yield error
            time.sleep(AGAIN)
        else:
            next(changes)


def _changes(folders: Sequence[str], index: Path, every: float) -> Iterator[None]:
    """Gives something whenever a file outside the index has changed, or after so many seconds.

    The events come in a thread of their own: the library would take a signal for another one. Raises InputError where
    the system gives none.
    """
    from watchfiles import watch

    changed, stopped, failed = Event(), Event(), list[Exception]()

    def is_outside(_: object, path: str) -> bool:
        return index not in (Path(path), *Path(os.path.realpath(path)).parents)

    def listen() -> None:
        try:
            for _ in watch(*folders, watch_filter=is_outside, stop_event=stopped):
                changed.set()
        except Exception as error:  # whatever it is, it must not end with the thread
            failed.append(error)
            changed.set()

    thread = Thread(target=listen, daemon=True)
    thread.start()
    try:
        while True:
            changed.wait(every)
            changed.clear()
            if failed:
                raise InputError(f"{', '.join(folders)} cannot be watched ({failed[0]}).")
            yield
    finally:
        stopped.set()
        thread.join()
