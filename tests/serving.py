"""A server for tests: in this process, or a real one that listens on this machine."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from conftest import ROOT
from starlette.testclient import TestClient

from search.serve import Limits, Settings, create_app

TOKEN = "a-token-of-enough-letters"


def client(
    folder: Path | str, token: str | None = None, limits: Limits | None = None, *, raises: bool = True
) -> TestClient:
    """A client of a server over an index, which runs in this process."""
    settings = Settings(str(folder), token=token, limits=limits or Limits())
    return TestClient(create_app(settings), "http://localhost", raise_server_exceptions=raises, follow_redirects=False)


@contextmanager
def listening(folder: Path, limits: Limits) -> Iterator[tuple[str, int]]:
    """A server in this process that really listens: its address."""
    app = create_app(Settings(str(folder), limits=limits))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as place:
        thread = threading.Thread(target=server.run, args=([place],))
        thread.start()
        yield place.getsockname()
        server.should_exit = True
        thread.join()


@contextmanager
def server(folder: Path, *options: str, **environment: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """`khabar serve` over an index folder at a free port: its address, and the process."""
    code = "import cli, sys; sys.argv[0] = 'khabar'; cli.main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "serve", "--index", str(folder), "--port", "0", "--workers", "1", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        yield said.rpartition(" at ")[2].strip(), process
    finally:
        process.kill()
        process.communicate()


def children_of(process: int) -> list[int]:
    """The processes that one has started, as Linux tells."""
    return list(map(int, Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()))


def is_running(process: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text("ascii")
    except OSError:
        return False
