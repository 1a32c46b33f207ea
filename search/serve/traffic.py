"""Requests one by one: how many at once, how large and how slow, what every response says, and a line in the log."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .limits import Limits
from .problems import Problem, told

CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect", "manifest")),
        *(f"{kind} 'self'" for kind in ("form-action",)),
        *(f"{kind} 'none'" for kind in ("base-uri", "frame-ancestors")),
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "no-referrer" would take the Origin from our own forms as well.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_log = logging.getLogger("khabar.serve")


class Traffic:
    """Takes on so many requests at once, lets go of clients that stand still, and logs what was answered."""

    def __init__(self, app: ASGIApp, limits: Limits, log_queries: bool) -> None:
        self.app, self.limits, self.log_queries = app, limits, log_queries
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within the limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        exchange = _Exchange(scope, receive, send, self.limits)
        self._running += 1
        try:
            refusal = self._refusal(Request(scope))
            if refusal is not None:
                await told(Request(scope), refusal)(scope, receive, exchange.send)
            else:
                await self.app(scope, exchange.receive, exchange.send)
        except (OSError, ClientDisconnect):
            exchange.left = True  # the client went away, or stood still
        finally:
            self._running -= 1
            _log.info("answered", extra={"facts": dict(self._facts(exchange, time.perf_counter() - began))})

    def _refusal(self, request: Request) -> Problem | None:
        if self._running > self.limits.requests:
            return Problem(503, "The server has too much to do. Ask again in a moment.", headers={"Retry-After": "5"})
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self.limits.body:
            return _too_large(self.limits)
        return None

    def _facts(self, exchange: _Exchange, seconds: float) -> Iterator[tuple[str, Any]]:
        scope = exchange.scope
        yield "method", scope["method"]
        yield "path", scope["path"]
        if self.log_queries:
            yield "query", scope["query_string"].decode("ascii", "replace")
        yield "status", exchange.status
        yield "seconds", round(seconds, 4)
        yield "bytes", exchange.sent
        yield "client", scope["client"][0] if scope.get("client") else None
        if exchange.left:
            yield "left", True


@dataclass(slots=True)
class _Exchange:
    """One request and its response."""

    scope: Scope
    _receive: Receive
    _send: Send
    limits: Limits
    status: int = 0
    sent: int = 0
    left: bool = False
    received: int = 0
    whole: bool = False

    async def receive(self) -> Message:
        """The next part of the body, if it comes in time and is not too large; then what becomes of the client."""
        if self.whole:
            return await self._receive()
        try:
            async with asyncio.timeout(self.limits.idle_seconds):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "The request did not arrive in time.") from None
        self.received += len(message.get("body", b""))
        if self.received > self.limits.body:
            raise HTTPException(413, _too_large(self.limits).detail)
        self.whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the response. Raises OSError where the client takes nothing any more."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if not self.scope["path"].startswith("/static/"):
                headers.setdefault("Cache-Control", "private, no-cache")
            etag = self.scope.get("state", {}).get("etag")
            if etag and self.status in (200, 304):
                headers["ETag"] = etag
        self.sent += len(message.get("body", b""))
        try:
            async with asyncio.timeout(self.limits.idle_seconds):
                await self._send(message)
        except TimeoutError:
            raise OSError("the client takes nothing any more") from None


def _too_large(limits: Limits) -> Problem:
    return Problem(413, f"A request may have {limits.body} bytes at most. Send less text.")


class Lines(logging.Formatter):
    """A line of JSON for each record: when, how serious, what, and its facts."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"time": when, "level": record.levelname.lower(), "event": record.getMessage()}
        said |= getattr(record, "facts", {})
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)
