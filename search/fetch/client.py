"""One way out to the network: bounded in time, size and redirects, and not into private networks.

Whether an address is public is decided where a connection is made, on what its name was resolved to: a name that
resolves to something else a moment later leads nowhere either.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index.extras import require_extra

if TYPE_CHECKING:
    import httpx

TIMEOUT = 20.0
"""Seconds to connect, and between two pieces of an answer."""

LONGEST = 120.0
"""Seconds that one answer may take in all."""

MOST_BYTES = 1 << 24
"""Bytes of the longest answer that is read, unpacked: as for a page in a file."""

REDIRECTS = 5
"""The most redirects that are followed."""


class Unreachable(Exception):
    """Why an address gave no answer, in a few words."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: `url` is where after redirects; header names are in small letters."""

    url: str
    status: int
    headers: Mapping[str, str]
    data: bytes


class Client:
    """Asks servers. Threads share it. `own` are addresses the user named, which may be in a private network."""

    def __init__(self, own: Iterable[str] = (), *, private: bool = False) -> None:
        """Raises InputError when the extra is not installed."""
        require_extra("Reaching servers", "fetch", "httpx", "protego")
        import httpx

        self._own = None if private else {_place(address) for address in own}
        self._client = httpx.Client(
            transport=_transport(self._own),
            timeout=httpx.Timeout(TIMEOUT),
            follow_redirects=False,
            headers={"user-agent": agent()},
            trust_env=False,
        )

    def once(self, url: str, headers: Mapping[str, str]) -> Reply:
        """Fetch an address; no redirect is followed. Raises Unreachable."""
        return self._ask("GET", url, headers, None)

    def post(self, url: str, data: bytes, headers: Mapping[str, str]) -> Reply:
        """Send data to an address; no redirect is followed. Raises Unreachable."""
        return self._ask("POST", url, headers, data)

    def close(self) -> None:
        """Let go of all connections."""
        self._client.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, method: str, url: str, headers: Mapping[str, str], data: bytes | None) -> Reply:
        import httpcore
        import httpx

        require_http(url)
        try:
            with self._client.stream(method, url, headers=dict(headers), content=data) as response:
                return Reply(url, response.status_code, dict(response.headers), _read(response))
        except (httpx.TimeoutException, httpcore.TimeoutException):
            raise Unreachable(f"did not answer within {TIMEOUT:.0f} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unreachable(f"cannot be reached ({error or type(error).__name__})") from None
        except (UnicodeError, ValueError) as error:
            raise Unreachable(f"is no address that can be asked for ({error})") from None


def agent() -> str:
    """Who asks, as servers are told."""
    try:
        number = version("khabar")
    except PackageNotFoundError:
        number = "0"
    return f"Khabar/{number} (news search; fetches feeds that its user reads)"


def require_http(url: str) -> None:
    """Raises Unreachable for what is no address of the web."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        _ = parts.port
    except ValueError:
        fine = False
    if not fine:
        raise Unreachable("is no http or https address without a password in it")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How many seconds a server asks to wait, at most a day; None where it does not say."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), 86_400.0)
    try:
        return min(max(parsedate_to_datetime(said).timestamp() - time.time(), 0.0), 86_400.0)
    except (ValueError, TypeError, OverflowError):
        return None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network, also as it is wrapped in another."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _place(url: str) -> tuple[str, int]:
    """The host and port of an address."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "", 0


def _transport(own: Collection[tuple[str, int]] | None) -> httpx.BaseTransport:
    """Connections that lead to public addresses, and to the places in `own`; anywhere where that is None."""
    import httpcore
    import httpx

    class PublicOnly(httpcore.SyncBackend):
        def connect_tcp(self, host: str, port: int, *args: Any, **more: Any) -> httpcore.NetworkStream:
            try:
                found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
            except (OSError, UnicodeError) as error:
                raise httpcore.ConnectError(f"{host} is unknown: {error}") from None
            if own is not None and (host.lower(), port) not in own and not all(map(is_public, map(str, found))):
                raise httpcore.ConnectError(f"{host} is in a private network, which no feed may name")
            failure: Exception | None = None
            for address in dict.fromkeys(map(str, found)):
                try:
                    return super().connect_tcp(address, port, *args, **more)
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    failure = error
            raise failure or httpcore.ConnectError(f"{host} is unknown")

    class Transport(httpx.BaseTransport):
        def __init__(self) -> None:
            self._pool = httpcore.ConnectionPool(
                ssl_context=httpx.create_ssl_context(), network_backend=PublicOnly(), max_connections=20
            )

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            url = httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            )
            asked = httpcore.Request(
                request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
            )
            answer = self._pool.handle_request(asked)
            return httpx.Response(
                answer.status, headers=answer.headers, stream=_Stream(answer), extensions=answer.extensions
            )

        def close(self) -> None:
            self._pool.close()

    class _Stream(httpx.SyncByteStream):
        def __init__(self, answer: httpcore.Response) -> None:
            self._answer = answer

        def __iter__(self) -> Any:
            yield from self._answer.iter_stream()

        def close(self) -> None:
            self._answer.close()

    return Transport()


def _read(response: httpx.Response) -> bytes:
    """The whole of an answer, unpacked. Raises Unreachable beyond the limits."""
    began, parts, size = time.monotonic(), [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise Unreachable(f"is larger than {MOST_BYTES >> 20} MiB")
        if time.monotonic() - began > LONGEST:
            raise Unreachable(f"took more than {LONGEST:.0f} seconds")
        parts.append(part)
    return b"".join(parts)
