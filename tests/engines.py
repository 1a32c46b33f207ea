"""A real Milvus engine for the tests, on a port of loopback that is free: milvus-lite, started once in a session."""

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

STARTED = 30.0  # seconds


class Engine:
    """An engine, which is told to begin. `fresh` gives an address under which there is no index yet."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port, self._folder = port, folder
        self._numbers = count()
        self._process: subprocess.Popen[bytes] | None = None

    def fresh(self) -> str:
        return f"milvus://127.0.0.1:{self.port}/index{os.getpid()}_{next(self._numbers)}"

    @property
    def process(self) -> int:
        assert self._process
        return self._process.pid

    def begin(self, largest: int | None = None) -> None:
        """Start it; `largest` is how many bytes a file of it may have: beyond, its disk is full for it."""
        command = [str(Path(sys.executable).with_name("milvus-lite")), "server", "--host", "127.0.0.1"]
        self._process = subprocess.Popen(
            [*command, "--data-dir", str(self._folder), "--port", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=largest and partial(resource.setrlimit, resource.RLIMIT_FSIZE, (largest, largest)),
        )  # fmt: skip
        began = time.monotonic()
        while not answers(self.port):
            assert self._process.poll() is None, "the engine ended"
            assert time.monotonic() - began < STARTED, "the engine does not answer"
            time.sleep(0.05)

    def end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """A running engine with its data in a folder, which ends with the block."""
    running = Engine(folder / "engine", free_port())
    try:
        running.begin()
        yield running
    finally:
        running.end()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
