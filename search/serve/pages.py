"""The pages for people: those of the views, that on which one signs in, and that which says what went wrong."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from .rendering import interface_for, render
from .views import archive, article, check, duplicates, search, stories

router = APIRouter()
for view in (search, article, stories, duplicates, check, archive):
    router.include_router(view.router)


def sign_in_page(request: Request, back: str, failed: bool) -> HTMLResponse:
    """The form for the token, which leads on to `back`; `failed` says that what was sent is not the token."""
    t = interface_for(request)
    return render(request, "sign_in.html", title=t.plain("sign_in"), bare=True, wrong=failed, back=back)


def error_page(request: Request, status: int, title: str, text: str) -> HTMLResponse:
    """What went wrong, under a heading in the language of the interface where it has one for this status."""
    t = interface_for(request)
    heading = t.plain(f"error_{status}") if t.has(f"error_{status}") else title
    return render(request, "error.html", status, title=heading, heading=heading, text=text)
