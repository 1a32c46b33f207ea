"""A real Milvus engine for the tests, on a port of loopback that is free: milvus-lite, started once in a session."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

STARTED = 30.0  # seconds


class Engine:
    """A running engine. `fresh` gives an address under which there is no index yet."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._numbers = count()

    def fresh(self) -> str:
        return f"milvus://127.0.0.1:{self.port}/index{os.getpid()}_{next(self._numbers)}"


@contextmanager
def engine() -> Iterator[Engine]:
    """A running engine, which ends with the block; or the one that KHABAR_TEST_ENGINE names by its port."""
    if given := os.environ.get("KHABAR_TEST_ENGINE"):
        yield Engine(int(given))
        return
    command = Path(sys.executable).with_name("milvus-lite")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [command, "server", "--data-dir", folder, "--host", "127.0.0.1", "--port", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            began = time.monotonic()
            while not answers(port):
                assert process.poll() is None, "the engine ended"
                assert time.monotonic() - began < STARTED, "the engine does not answer"
                time.sleep(0.05)
            yield Engine(port)
        finally:
            process.kill()
            process.wait()


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
