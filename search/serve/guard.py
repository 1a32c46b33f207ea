"""Who may ask: the Host and the origin of a request are checked, and its token where the server has one."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import time
from base64 import b64decode
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .problems import FOR_PROGRAMS, Problem, told

COOKIE = "khabar_session"
SIGN_IN = "/sign-in"
SIGNED_IN_FOR = 30 * 24 * 3600  # seconds

OPEN = ("/healthz", SIGN_IN, "/static/")
"""Beginnings of the paths that are answered without a token: they tell nothing of the index."""

_READING = ("GET", "HEAD")


class Guard:
    """Refuses what does not come from who may ask.

    Without a `token` only this machine can connect, and the Host must be one of its own names: otherwise any website
    could lead a browser here under a name of its own (DNS rebinding). With a token, every request must show it.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app, self.token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            request = Request(scope)
            refusal = self._refusal(request)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        host = hostname(request.headers.get("host", ""))
        if host is None or (self.token is None and not is_loopback(host)):
            return told(
                request,
                Problem(
                    421,
                    "This server is for its own machine, under the name localhost. To reach it under another name, "
                    "start it with a token: khabar serve --token",
                ),
            )
        if crosses_sites(request):
            return told(request, Problem(403, "Another website asked for this. Open this server in a tab of its own."))
        if self.token is None or request.url.path.startswith(OPEN) or shows(request, self.token):
            return None
        return _unauthorised(request)


def _unauthorised(request: Request) -> Response:
    if request.method in _READING and not request.url.path.startswith(FOR_PROGRAMS):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?back={quote(asked, safe='/')}", 303)
    # Browsers ask for a password where Basic is offered, which only readers of feeds need.
    challenge = "Basic" if request.url.path.endswith(".atom") else "Bearer"
    return told(
        request,
        Problem(
            401,
            "This server answers who shows its token: Authorization: Bearer TOKEN, or Basic with it as the password.",
            headers={"WWW-Authenticate": f'{challenge} realm="khabar"'},
        ),
    )


def hostname(host: str) -> str | None:
    """The name in a Host header, without port and brackets; None where it is no name."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 - raises ValueError for a port that is none
    except ValueError:
        return None
    plain = not (parts.path or parts.query or parts.fragment or "@" in host)
    return parts.hostname if plain else None


def is_loopback(host: str) -> bool:
    """Whether a name or address always means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def crosses_sites(request: Request) -> bool:
    """Whether another website makes a browser ask this. Following a link to a page is not meant."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        led_here = request.method in _READING and request.headers.get("sec-fetch-mode") == "navigate"
        return site not in ("same-origin", "none") and not led_here
    origin = request.headers.get("origin")
    if origin is None or request.method in _READING:
        return False  # a program, or an older browser that reads
    parts = urlsplit(origin)
    return (parts.scheme, parts.netloc) != (request.url.scheme, request.headers.get("host"))


def shows(request: Request, token: str) -> bool:
    """Whether a request shows the token, in a header or by the cookie of who signed in; compared in constant time."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return same(given.strip(), token)
    if scheme.lower() == "basic":
        try:
            return same(b64decode(given.strip(), validate=True).decode().partition(":")[2], token)
        except (binascii.Error, ValueError):
            return False
    return is_session(request.cookies.get(COOKIE, ""), token)


def same(given: str, token: str) -> bool:
    """Whether two texts are the same, compared in a time that tells nothing of the second one."""
    return hmac.compare_digest(*(hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (given, token)))


def new_session(token: str) -> str:
    """What the cookie of who signed in holds: when it ends, signed with the token, so that nothing need be stored."""
    ends = str(int(time.time()) + SIGNED_IN_FOR)
    return f"{ends}.{_signature(ends, token)}"


def is_session(cookie: str, token: str) -> bool:
    """Whether a cookie was made with this token and has not ended."""
    ends, _, signature = cookie.partition(".")
    return same(signature, _signature(ends, token)) and int(ends) > time.time()


def _signature(ends: str, token: str) -> str:
    return hmac.new(token.encode(), f"khabar session until {ends}".encode(), hashlib.sha256).hexdigest()
