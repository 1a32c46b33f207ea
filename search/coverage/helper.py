"""A second process for long work on many articles. It does every other task, this process those between.

It is a Python that reads tasks from its standard input and writes what came of them, until the input ends: when this
process dies, however it does, it ends as well. It opens no index; the articles come with the tasks.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TypeVar

from index.cores import GARBAGE, ONE_THREAD, cores

from .texts import Texts

WORTH_IT = 8_192
"""Articles or pairs from which a second process is started, which takes it a second or two."""

_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from search.coverage.helper import serve; serve()"

K = TypeVar("K")
R = TypeVar("R")


def in_turn(
    function: Callable[..., R], tasks: Iterable[tuple[K, tuple[Any, ...]]], texts: Texts, size: int
) -> Iterator[tuple[K, R]]:
    """What a function of a module returns for each task, in their order: with `texts`, then what the task has.

    Each task has a name, which comes with the result. `size` says how many articles or pairs they hold in all.
    """
    tasks = iter(tasks)
    with ExitStack() as stack:
        ask = None
        if size >= WORTH_IT and cores() > 1 and sys.executable:
            threads = stack.enter_context(ThreadPoolExecutor(1))
            ask = stack.enter_context(_helper())  # is gone before its thread is waited for
            stack.callback(gc.set_threshold, *gc.get_threshold())
            gc.set_threshold(GARBAGE)
        for name, given in tasks:
            if ask:
                waiting = threads.submit(ask, (function, given))
                mine = [(other, function(texts, *more)) for other, more in _next(tasks)]
                try:
                    result: R = waiting.result()
                except _Failed:
                    ask, result = None, function(texts, *given)
                yield name, result
                yield from mine
            else:
                yield name, function(texts, *given)


def _next(tasks: Iterator[tuple[K, tuple[Any, ...]]]) -> Iterator[tuple[K, tuple[Any, ...]]]:
    """The next task, if there is one."""
    for task in tasks:
        yield task
        return


class _Failed(Exception):
    """The other process did not do what it was asked."""


@contextmanager
def _helper() -> Iterator[Callable[[object], Any]]:
    """What has a second process do a task, a function with what it is given. Raises _Failed."""
    command = [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD, bufsize=1 << 20
    )
    assert process.stdin
    assert process.stdout
    asked, answers = process.stdin, process.stdout

    def ask(task: object) -> Any:
        try:
            pickle.dump(task, asked, pickle.HIGHEST_PROTOCOL)
            asked.flush()
            done, result = pickle.load(answers)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            raise _Failed from error  # it is gone
        if not done:
            raise _Failed
        return result

    try:
        yield ask
    finally:
        process.kill()
        process.wait()
        for pipe in (asked, answers):
            with suppress(OSError):  # what was still to be sent to it
                pipe.close()


def serve() -> None:
    """Do the tasks that come on standard input, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks decides what Ctrl-C ends
    answers = os.fdopen(os.dup(1), "wb", 1 << 20)
    gc.freeze()
    gc.set_threshold(GARBAGE)
    os.dup2(2, 1)  # whatever a library prints does not belong among the answers
    texts = Texts()
    with suppress(EOFError, BrokenPipeError):
        while True:
            function, given = pickle.load(sys.stdin.buffer)
            try:
                found = True, function(texts, *given)
            except Exception:
                found = False, None  # it will happen again where it can be told
            pickle.dump(found, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    os._exit(0)  # nothing is left to be tidied up, and the pipes may be broken
