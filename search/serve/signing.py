"""People sign in on a form and out again; the token is never part of an address."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from .guard import COOKIE, SIGN_IN, SIGNED_IN_FOR, new_session, same
from .pages import sign_in_page

router = APIRouter(include_in_schema=False)


@router.get(SIGN_IN)
def form(request: Request, back: str = "/") -> Response:
    """The form."""
    return _form(request, local(back))


@router.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Signs in who knows the token, and goes on to where they came from."""
    fields = parse_qs((await request.body()).decode("utf-8", "replace"))
    given, back = fields.get("token", [""])[0], local(fields.get("back", ["/"])[0])
    token: str | None = request.app.state.settings.token
    if token is None:
        return RedirectResponse(back, 303)
    if not same(given.strip(), token):
        return _form(request, back, failed=True)
    response = RedirectResponse(back, 303)
    https = request.url.scheme == "https"
    response.set_cookie(
        COOKIE, new_session(token), max_age=SIGNED_IN_FOR, httponly=True, samesite="strict", secure=https
    )
    return response


@router.post("/sign-out")
def sign_out() -> Response:
    """Signs out."""
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def local(address: str) -> str:
    """The address if it is a path of this server, else the first page: nobody is sent on to another website."""
    parts = urlsplit(address) if address.isprintable() else None
    inside = parts is not None and not parts.scheme and not parts.netloc
    return address if inside and address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


def _form(request: Request, back: str, *, failed: bool = False) -> Response:
    response = sign_in_page(request, back, failed)
    response.status_code = 401 if failed else 200
    return response
