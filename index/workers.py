"""Processes that prepare documents beside this one, for inputs that are large enough to be worth it.

Each is a Python that reads jobs from its standard input and writes what became of them, until the input ends: when this
process dies, however it does, they end as well. They open no index and hold no lock.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue

from .cores import GARBAGE, ONE_THREAD
from .encoders import embedded
from .preparing import Job, Outcome, prepare
from .types import Encoder

WORTH_IT = 3_000_000
"""Characters of a batch, some 1,000 articles, from which workers are started. Each takes a second to start."""

_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from index.workers import serve; serve()"


@dataclass(frozen=True, slots=True)
class Task:
    """Jobs that are prepared together, by a worker or here. `given` is None where no worker has been asked."""

    jobs: Sequence[Job]
    given: Future[list[Outcome]] | None = None


class Workers:
    """Prepares jobs in `count` processes, this one included. Used as a context, at whose end the others are gone."""

    def __init__(self, count: int, encoder: Encoder) -> None:
        """Starts nothing yet. Only the embedded model is loaded by workers; vectors of others are made in this process,
        one model in memory being enough."""
        self._others = count - 1
        self._encoder = encoder if encoder.hash == embedded().hash else None
        self._processes: list[subprocess.Popen[bytes]] = []
        self._idle: SimpleQueue[subprocess.Popen[bytes] | None] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None
        self._begun: list[Task] = []  # those that may be waiting still
        self._helped: dict[
            int, list[Outcome]
        ] = {}  # what became of tasks that were done here while others were awaited

    def __enter__(self) -> Workers:
        self._collected = gc.get_threshold()
        gc.set_threshold(GARBAGE)
        return self

    def __exit__(self, *_: object) -> None:
        gc.set_threshold(*self._collected)
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
        if self._threads:
            self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was still to be sent to it
                    pipe and pipe.close()

    def begin(self, jobs: Sequence[Job], at_once: int) -> list[Task]:
        """Have jobs prepared, `at_once` in a task; `done` gives what became of each."""
        parts = [jobs[start : start + at_once] for start in range(0, len(jobs), at_once)]
        if self._threads is None and sum(len(job.document.text) for job in jobs) >= WORTH_IT:
            self._start()
        if self._threads is None:
            return [Task(part) for part in parts]
        tasks = [Task(part, self._threads.submit(self._ask, part)) for part in parts]
        self._begun = [one for one in self._begun if one.given and not one.given.done()] + tasks
        return tasks

    def done(self, task: Task) -> list[Outcome]:
        """What became of the jobs of a task. One that no worker has begun, or that killed its worker, is done here.

        While a worker is at it, the last of the other tasks that no worker has begun are done here.
        """
        if task.given is None:
            return prepare(task.jobs, self._encoder)
        while self._begun and not task.given.done():
            last = self._begun.pop()
            if last.given and last.given.cancel():
                self._helped[id(last)] = prepare(last.jobs, self._encoder)
        if task.given.cancelled():
            return self._helped.pop(id(task))
        with suppress(_Failed):
            return task.given.result()
        return prepare(task.jobs, self._encoder)

    def _start(self) -> None:
        if self._others < 1 or not sys.executable:
            return
        command = [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path)]
        for _ in range(self._others):
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD, bufsize=1 << 20
            )
            self._processes.append(process)
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(self._others)

    def _ask(self, jobs: Sequence[Job]) -> list[Outcome]:
        """In a thread: one worker does these jobs."""
        process = self._idle.get()
        kept = None
        try:
            if process is None:
                raise _Failed
            assert process.stdin
            assert process.stdout
            pickle.dump((jobs, self._encoder is not None), process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            found: list[Outcome] | None = pickle.load(process.stdout)
            kept = process
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            raise _Failed from error  # it is gone
        finally:
            self._idle.put(kept)
        if found is None:
            raise _Failed
        return found


class _Failed(Exception):
    """A worker did not do what it was asked."""


def serve() -> None:
    """Do the jobs that come on standard input, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks decides what Ctrl-C ends
    answers = os.fdopen(os.dup(1), "wb", 1 << 20)
    gc.freeze()
    gc.set_threshold(GARBAGE)
    os.dup2(2, 1)  # whatever a library prints does not belong among the answers
    with suppress(EOFError, BrokenPipeError):
        while True:
            jobs, encoding = pickle.load(sys.stdin.buffer)
            try:
                found: list[Outcome] | None = prepare(jobs, embedded() if encoding else None)
            except Exception:
                found = None  # it will happen again where it can be told
            pickle.dump(found, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    os._exit(0)  # nothing is left to be tidied up, and the pipes may be broken
