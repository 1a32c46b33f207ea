"""The page on which a text is checked."""

from __future__ import annotations

from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from index.errors import InputError

from ...types import Checked, Kind
from ..rendering import render
from ..shown import body
from ..translations import Interface
from .asking import Asked, Form, Speaking

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

TEXT = 20_000
"""The most characters of a text that is checked."""

PRINTED = (Kind.EXACT, Kind.NEAR, Kind.CONTAINED)


@router.get("/check")
def check_form(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """The form for a text that is to be checked; with `of`, the text of an article stands in it."""
    name = request.query_params.get("of")
    text = body(archive.article(name)) if name else ""
    return _check(request, t, text, None)


@router.post("/check")
def check_page(request: Request, archive: Asked, t: Speaking, form: Form) -> HTMLResponse:
    """What the archive knows of a text."""
    text = form.get("text", "").replace("\r\n", "\n")[:TEXT]
    try:
        return _check(request, t, text, archive.check(text))
    except InputError as error:
        return _check(request, t, text, None, str(error))


def _check(request: Request, t: Interface, text: str, checked: Checked | None, problem: str = "") -> HTMLResponse:
    findings = checked.findings if checked else ()
    return render(
        request,
        "check.html",
        400 if problem else 200,
        here="check",
        title=t.plain("nav_check"),
        text=text,
        most=TEXT,
        problem=problem,
        checked=checked,
        printed=any(one.kind in PRINTED for one in findings),
        groups=[(kind, list(found)) for kind, found in groupby(findings, key=lambda one: one.kind)],
    )
