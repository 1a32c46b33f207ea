"""Folders are watched: what arrives in them is indexed.

An event only says that there is something to look for. What is indexed is found by an ordinary run, which skips all
that is as it was; and since events get lost (a file in a folder made the same moment, a network drive), there is a run
now and then without one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from index.errors import IndexLocked, InputError
from index.ingest import ingest
from index.local import Index
from index.types import Encoder, Report

EVERY = 300.0
"""Seconds after which folders are looked at without an event."""

AGAIN = 10.0
"""Seconds until the next try where another process is writing to the index."""


def watch_folder(
    index: Index, folders: Sequence[str], encoder: Encoder, every: float = EVERY
) -> Iterator[Report | IndexLocked]:
    """Index what is in the folders, and from then on what arrives; gives the report of each run. It has no end.

    Where another process was writing to the index, its error is given instead, and the run is tried again. Raises
    InputError for what is no folder, and without the extra; as `ingest` otherwise.
    """
    if find_spec("watchfiles") is None:
        raise InputError("Watching a folder needs an extra. Install it with: pip install 'khabar[watch]'")
    for folder in folders:
        if not os.path.isdir(folder):
            raise InputError(f"{folder} is no folder. Only folders can be watched.")
    inside = Path(os.path.realpath(index.path))
    changes = _changes(folders, inside, every)
    while True:
        try:
            yield ingest(index, folders, encoder)
        except IndexLocked as error:
            yield error
            time.sleep(AGAIN)
        else:
            next(changes)


def _changes(folders: Sequence[str], index: Path, every: float) -> Iterator[object]:
    """Gives something whenever a file outside the index has changed, or after so many seconds."""
    from watchfiles import watch

    def is_outside(_: object, path: str) -> bool:
        return index not in (Path(path), *Path(os.path.realpath(path)).parents)

    yield from watch(
        *folders, watch_filter=is_outside, rust_timeout=int(every * 1000), yield_on_timeout=True, raise_interrupt=True
    )
