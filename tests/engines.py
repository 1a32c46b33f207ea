"""A real Milvus engine for the tests, started once a session on a free loopback port.

It is milvus-lite, or the C++ core if KHABAR_TEST_CORE names its binary (tests/engines.sh).
"""

import asyncio
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
        if core := os.environ.get("KHABAR_TEST_CORE"):
            command = [core, f"{self._folder}.db", f"127.0.0.1:{self.port}", "ERROR"]
            environment = os.environ | {"LD_LIBRARY_PATH": str(Path(core).parent)}
        else:
            command = [str(Path(sys.executable).with_name("milvus-lite")), "server", "--host", "127.0.0.1"]
            command += ["--data-dir", str(self._folder), "--port", str(self.port)]
            environment = dict(os.environ)
        self._process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=largest and partial(_limit, largest),
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


def _limit(largest: int) -> None:
    """In a new process: no file grows beyond so many bytes, and to try that fails instead of killing the process."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """A running engine with its data in a folder, which ends with the block."""
    running = Engine(folder / "engine", free_port())
    try:
        running.begin()
        yield running
    finally:
        running.end()


@contextmanager
def encrypted(port: int, certificate: Path, key: Path) -> Iterator[int]:
    """The loopback port of a TLS-terminating proxy before `port`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    taken = free_port()

    async def pass_on(one: asyncio.StreamReader, other: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await one.read(1 << 16):
                other.write(some)
                await other.drain()
        other.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, asks = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, asks), pass_on(answers, writer))

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", taken, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield taken
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(task)
        loop.close()


def certified(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate of a host that it signed itself, and its key."""
    certificate, key = folder / f"{host}.pem", folder / f"{host}.key"
    kind = "IP" if host[0].isdigit() else "DNS"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}",
         "-addext", f"subjectAltName={kind}:{host}", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


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
