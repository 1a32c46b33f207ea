"""Servers are asked as their owners wish: as robots.txt says, one request a host at a time, with pauses, never again
before they ask to wait."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from .client import REDIRECTS, Client, Reply, Unreachable, agent, retry_after

if TYPE_CHECKING:
    from protego import Protego

PAUSE = 1.0
"""Seconds between two requests to one host, unless its robots.txt asks for more; chance adds up to half as much."""

LONGEST_PAUSE = 30.0
"""The longest pause that is waited in a run."""

ROBOTS = 512 * 1024
"""Bytes of a robots.txt that are read, as RFC 9309 has it."""


class Refused(Unreachable):
    """An address was not asked for: its owner does not want it, or not now. `wait` is for how many seconds, 0 if for
    good."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(slots=True)
class _Host:
    """What is known of a host in this run. Who holds the lock may ask it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: float = 0.0  # when, by time.monotonic
    rules: Protego | None = None
    until: float = 0.0  # by time.time: it asked to be left alone


class Polite:
    """Fetches addresses politely; threads share it."""

    def __init__(self, client: Client, pause: float = PAUSE) -> None:
        self._client, self._pause = client, pause
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def get(self, url: str, headers: Mapping[str, str]) -> Reply:
        """What an address answers, also where it was moved to; each step asks the host it leads to.

        Raises Refused where the owner does not want it, Unreachable where there is no answer.
        """
        place = url
        for _ in range(REDIRECTS + 1):
            reply = self._ask(place, headers)
            target = reply.headers.get("location")
            if reply.status not in (301, 302, 303, 307, 308) or not target:
                return reply
            place = urljoin(place, target)
        raise Unreachable(f"redirects more than {REDIRECTS} times")

    def _ask(self, url: str, headers: Mapping[str, str]) -> Reply:
        host = self._host(url)
        with host.lock:
            if (wait := host.until - time.time()) > 0:
                raise Refused("is on a server that asked to wait", wait)
            if host.rules is None:
                host.rules = self._rules(url, host)
            if not host.rules.can_fetch(url, agent()):
                raise Refused("is not to be fetched by programs, says its robots.txt")
            reply = self._paced(url, headers, host)
            if reply.status in (429, 503):
                host.until = time.time() + (retry_after(reply.headers) or 0.0)
            return reply

    def _paced(self, url: str, headers: Mapping[str, str], host: _Host) -> Reply:
        asked = float(host.rules.crawl_delay(agent()) or 0) if host.rules else 0.0
        pause = max(self._pause, min(asked, LONGEST_PAUSE)) * (1 + random.random() / 2)
        time.sleep(max(0.0, host.asked + pause - time.monotonic()) if host.asked else 0.0)
        try:
            return self._client.once(url, headers)
        finally:
            host.asked = time.monotonic()

    def _rules(self, url: str, host: _Host) -> Protego:
        """The rules of a host. Without a robots.txt all is allowed; where it cannot be read, nothing is (RFC 9309)."""
        from protego import Protego

        place = urljoin(url, "/robots.txt")
        for _ in range(REDIRECTS + 1):
            reply = self._paced(place, {}, host)
            target = reply.headers.get("location")
            if reply.status not in (301, 302, 303, 307, 308) or not target:
                break
            place = urljoin(place, target)
        if reply.status >= 500 or reply.status == 429:
            host.until = time.time() + (retry_after(reply.headers) or 0.0)
            raise Unreachable(f"has a robots.txt that cannot be read (its server answered {reply.status})")
        said = reply.data[:ROBOTS].decode("utf-8", "replace") if 200 <= reply.status < 300 else ""
        return Protego.parse(said)

    def _host(self, url: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(urlsplit(url).netloc.lower(), _Host())
