"""Progress bars on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from index.types import Encoder


@contextmanager
def progress_bars(encoder: Encoder, first: str = "reading") -> Iterator[Callable[[int, int], None] | None]:
    """Two progress bars: the one yielded, labelled `first`, and one for the passages that `encoder` encodes.

    Yields what advances the first, called with (done, in all), or None when standard error is not a terminal. The
    second is shown for sentence-transformers models only; the embedded model is too fast to need one.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        reading = bar.add_task(first, total=None)
        encoding = bar.add_task("encoding", total=None, visible=False)
        encoder.progress = lambda done, total: bar.update(encoding, completed=done, total=total, visible=True)
        yield lambda done, total: bar.update(reading, completed=done, total=total or None)
