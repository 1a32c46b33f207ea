"""An engine in a process of its own, so that questions are answered by several cores."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import traceback
import weakref
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, TypeVar

from index.cores import ONE_THREAD
from index.errors import KhabarError, StorageError

from .limits import too_slow
from .memory import give_memory_back

if TYPE_CHECKING:
    from .opening import Opened, Opening

T = TypeVar("T")

_SPAWNING = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang

IDLE = 0.5
"""Seconds without a question after which a new process loads what only searches need."""


class EngineProcess:
    """Asked by one thread, it answers one question after the other, each in `seconds` at most.

    It ends with this process, however that ends. One that died, or took too long, is replaced.
    """

    def __init__(self, opening: Opening, seconds: float) -> None:
        self._opening, self._seconds = opening, seconds
        self._start()

    def __call__(self, work: Callable[..., T], *given: Any) -> T:
        """What `work` returns or raises when it is given the engine and the rest, all of which are pickled.

        Raises TooSlow, and StorageError where the process dies of it.
        """
        if not self._process.is_alive():
            self._restart()
        try:
            self._pipe.send((work, given))
            if not self._pipe.poll(self._seconds):
                self._restart()
                raise too_slow(self._seconds)
            found, error = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(1)  # it is dying
            raise StorageError(
                f"A process that answers ended with exit code {self._restart()}. One below 0 mostly says that "
                "there was too little memory for it: ask for less, or start the server with fewer --workers."
            ) from None
        if error is not None:
            raise error
        answer: T = found
        return answer

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._end()

    def _start(self) -> None:
        self._pipe, other = _SPAWNING.Pipe()
        process = _SPAWNING.Process(target=_answer, args=(other, self._opening), name="answers", daemon=True)
        process.start()
        other.close()
        self._process = process
        # Otherwise a process that ends waits for those it has started, whatever they are doing.
        self._end = weakref.finalize(self, _kill, process)

    def _restart(self) -> int | None:
        """Put a new process in the place of this one, whose exit code is returned."""
        self._end()
        self._pipe.close()
        code = self._process.exitcode
        self._start()
        return code


def _kill(process: Any) -> None:
    process.kill()
    process.join()


def _answer(pipe: Connection, opening: Opening) -> None:
    """In the new process: answer until nobody can ask any more."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they are for the server, which ends this process when all is answered
    os.environ.update(ONE_THREAD)
    from .opening import Opened

    give_memory_back()
    engine = Opened(opening.engine)
    with suppress(KhabarError):  # said to whoever asks
        engine(_open)
        if not pipe.poll(IDLE):
            engine(_load)
    gc.freeze()  # what is loaded now stays: it need not be looked through for what nobody uses any more
    while True:
        try:
            work, given = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_answered(engine, work, given))


def _open(engine: Any) -> None:
    with engine.index.reading():
        pass


def _load(engine: Any) -> None:
    """What searches in both languages need is in memory then."""
    engine.search("khabar خبر", 1)


def _answered(engine: Opened[Any], work: Callable[..., T], given: tuple[Any, ...]) -> tuple[T | None, Exception | None]:
    try:
        return engine(work, *given), None
    except KhabarError as error:
        return None, error
    except Exception as error:  # a fault of ours, which the server logs
        return None, RuntimeError(f"{error!r} in a process that answers:\n{traceback.format_exc()}")
