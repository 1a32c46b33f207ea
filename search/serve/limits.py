"""How much a server takes on: a few threads answer, what waits too long is refused, what takes too long is given up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from index.errors import KhabarError

T = TypeVar("T")


class Busy(KhabarError):
    """The server has too much to do."""


class TooSlow(KhabarError):
    """An answer took too long."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one server. `threads` answer at once, each for at most `seconds`; `requests` are taken on at once.

    A request for duplicates or stories waits `comparing_seconds` for articles to be compared. `body` is the largest
    body of a request in bytes, `idle_seconds` how long a client may stand still while it sends or receives.
    """

    threads: int = 8
    seconds: float = 20.0
    comparing_seconds: float = 60.0
    requests: int = 64
    body: int = 1_000_000
    idle_seconds: float = 30.0


DEFAULT_LIMITS = Limits()


class Workers:
    """Threads that answer. They end with the process, whatever they are doing: nothing they do must be finished."""

    def __init__(self, threads: int, seconds: float) -> None:
        self._seconds = seconds
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        for n in range(threads):
            threading.Thread(target=self._work, name=f"answers-{n}", daemon=True).start()

    def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Raises Busy when no thread was free in time, TooSlow when it took too long.

        A thread that is too slow goes on, and takes no other work until it is done.
        """
        future: Future[T] = Future()
        self._queue.put((future, work))
        try:
            return future.result(self._seconds)
        except TimeoutError:
            if future.cancel():
                raise Busy("The server has too much to do. Ask again in a moment.") from None
            if not future.done():
                raise TooSlow(
                    f"This took longer than {self._seconds:g} seconds. Ask for less: fewer articles, fewer words."
                ) from None
            return future.result()

    def _work(self) -> None:
        while True:
            future, work = self._queue.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
            del future, work  # a waiting thread keeps no answer in memory
