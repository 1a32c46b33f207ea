"""Progress bars on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from index.types import Encoder


class Told(Protocol):
    """Advances a progress bar."""

    def __call__(self, done: int, total: int, articles: int = 0) -> None:
        """So much is done, of so much in all; with so many articles, where that is another count."""
        ...


@contextmanager
def progress_bars(encoder: Encoder, first: str = "reading") -> Iterator[Told | None]:
    """Two progress bars: the one yielded, labelled `first` and with articles a second, and one for the passages that
    `encoder` encodes.

    Yields what advances the first; None when standard error is not a terminal. The second is shown for
    sentence-transformers models only; the embedded model is too fast to need one.
    """
    with _bars() as bars:
        if bars is None:
            yield None
            return
        reading = bars.add_task(first, total=None)
        encoding = bars.add_task("encoding", total=None, visible=False)
        encoder.progress = lambda done, total: bars.update(encoding, completed=done, total=total, visible=True)
        began = time.monotonic()

        def told(done: int, total: int, articles: int = 0) -> None:
            speed = f"{first}, {articles / max(time.monotonic() - began, 0.001):,.0f} articles/s" if articles else first
            bars.update(reading, completed=done, total=total or None, description=speed)

        yield told


@contextmanager
def progress_steps() -> Iterator[Callable[[str, int, int], None] | None]:
    """A progress bar for each step of some work.

    Yields what advances one, called with (the step, done, in all); None when standard error is not a terminal.
    """
    with _bars() as bars:
        if bars is None:
            yield None
            return
        steps: dict[str, TaskID] = {}

        def told(step: str, done: int, total: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=None)
            bars.update(steps[step], completed=done, total=total)

        yield told


@contextmanager
def _bars() -> Iterator[Progress | None]:
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield bars
