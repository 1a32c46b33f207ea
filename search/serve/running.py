"""A server is started, says where it is, and ends when what it began is finished."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from index.errors import InputError, KhabarError

from .guard import is_loopback
from .memory import give_memory_back
from .traffic import Lines

LEAST_TOKEN = 16
"""Characters of the shortest token: nobody guesses one of so many letters and digits."""

FINISHING = 30  # seconds that what runs at the end may take


def listen(host: str, port: int, token: str | None) -> socket.socket:
    """A socket at an address. Raises InputError where it cannot be had, or must not be without a token."""
    if token is not None and (len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable()):
        raise InputError(
            f"The token has to have {LEAST_TOKEN} letters and digits or more. Make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(24))'"
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        if token is None and not is_loopback(str(address[0])):
            raise InputError(
                f"{host} can be reached from other machines, and so needs a token: put it into KHABAR_TOKEN."
            )
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except (OSError, UnicodeError, OverflowError) as error:
        said = getattr(error, "strerror", None) or error
        raise InputError(
            f"Nothing can listen at {host}, port {port} ({said}). Choose others with --host and --port."
        ) from None
    return listening


def serve(app: FastAPI, listening: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve an application until a signal ends it; `ready` is called with its address once it answers.

    After SIGTERM or SIGINT nothing new is taken on, and what runs has half a minute.
    """
    _log_lines()
    give_memory_back()
    sys.setswitchinterval(0.001)  # a thread that computes lets one that answers go first sooner than by default
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=FINISHING,
        timeout_keep_alive=30,
        backlog=512,
    )
    _Server(config, ready).run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and load what searches need."""
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            self._ready(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
            threading.Thread(target=self._load, daemon=True).start()

    def _load(self) -> None:
        app = self.config.app
        assert isinstance(app, FastAPI)
        with suppress(KhabarError):  # said to whoever asks
            app.state.archive.state()


def _log_lines() -> None:
    """Everything that the server and its libraries say goes to standard error, as lines of JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    for name, level in (("khabar", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
