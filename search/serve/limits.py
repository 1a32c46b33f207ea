"""How much a server takes on: a few threads answer, what waits too long is refused, what takes too long is given up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from index.errors import KhabarError

T = TypeVar("T")


class Busy(KhabarError):
    """The server has too much to do."""


class TooSlow(KhabarError):
    """An answer took too long."""


def busy() -> Busy:
    """What is said where no thread is free."""
    return Busy("The server has too much to do. Ask again in a moment.")


def too_slow(seconds: float) -> TooSlow:
    """What is said where an answer took so long."""
    return TooSlow(f"This took longer than {seconds:g} seconds. Ask for less: fewer articles, fewer words.")


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


class Answerer(Protocol):
    """What gives questions an engine: `work` gets one, and what else is `given`."""

    def __call__(self, work: Callable[..., Any], *given: Any) -> Any:
        """What `work` returns or raises."""


class Workers:
    """Threads that have questions answered, one for each answerer, in the order in which they came.

    They end with the process, whatever they are doing: nothing they do must be finished.
    """

    def __init__(self, answerers: Sequence[Answerer], seconds: float) -> None:
        self._seconds = seconds
        self._queue: SimpleQueue[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = SimpleQueue()
        self._long = threading.BoundedSemaphore(max(len(answerers) // 2, 1))
        for n, answerer in enumerate(answerers):
            threading.Thread(target=self._work, args=(answerer,), name=f"answers-{n}", daemon=True).start()

    def run(self, work: Callable[..., T], *given: Any) -> T:
        """What an answerer returns or raises. Raises Busy when none was free in time, TooSlow when it took too long.

        A thread that is too slow goes on, and takes no other work until it is done.
        """
        return self._result(self._begun(work, given))

    def run_long(self, work: Callable[..., T], *given: Any) -> T:
        """The same for what may take seconds: half of the threads at most do that, so that no other waits for it."""
        if not self._long.acquire(timeout=self._seconds):
            raise busy()
        future = self._begun(work, given)
        future.add_done_callback(lambda _: self._long.release())
        return self._result(future)

    def _begun(self, work: Callable[..., T], given: tuple[Any, ...]) -> Future[T]:
        future: Future[T] = Future()
        self._queue.put((future, work, given))
        return future

    def _result(self, future: Future[T]) -> T:
        try:
            return future.result(self._seconds)
        except TimeoutError:
            if future.cancel():
                raise busy() from None
            if not future.done():
                raise too_slow(self._seconds) from None
            return future.result()

    def _work(self, answerer: Answerer) -> None:
        while True:
            future, work, given = self._queue.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(answerer(work, *given))
            except BaseException as error:
                future.set_exception(error)
            del future, work, given  # a waiting thread keeps no answer in memory
