"""What went wrong, as programs (problem+json, RFC 9457) and people (a page) are told it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from index.errors import InputError, KhabarError
from index.harmless import json_line

from .answering import NoArticle, NoSearch
from .limits import Busy, TooSlow
from .pages import error_page

PROBLEM = "application/problem+json"

FOR_PROGRAMS = ("/api/", "/healthz", "/feed.atom", "/openapi.json")
"""Beginnings of the paths whose errors are for programs."""

_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NoArticle, 404),
    (NoSearch, 404),
    (InputError, 400),
    (TooSlow, 504),
    (Busy, 503),
    (KhabarError, 503),  # the index cannot be read
    (MemoryError, 503),
)

_log = logging.getLogger("khabar.serve")


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer that is none: its status, one or two sentences, and what else programs are told."""

    status: int
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def told(request: Request, problem: Problem) -> Response:
    """The response that says what went wrong: a page where people asked, else JSON."""
    phrase = HTTPStatus(problem.status).phrase
    if request.url.path.startswith(FOR_PROGRAMS):
        said = {"type": "about:blank", "title": phrase, "status": problem.status, "detail": problem.detail}
        response = Response(json_line({**said, **problem.members}), problem.status, media_type=PROBLEM)
    else:
        response = error_page(request, problem.status, phrase, problem.detail)
    response.headers.update(problem.headers)
    return response


def problem_of(error: Exception) -> Problem:
    """What is said of an error. What is not meant for users goes to the log alone."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if isinstance(error, KhabarError):
        later = {"Retry-After": "10"} if isinstance(error, Busy | TooSlow) else {}
        return Problem(status, str(error), {"error": type(error).__name__}, later)
    if status == 500:
        _log.error("error in Khabar itself", exc_info=error)
        return Problem(status, f"An error in Khabar itself ({type(error).__name__}). The log of the server has more.")
    return Problem(status, "There is not enough memory. Ask for less.", headers={"Retry-After": "10"})


def handle_errors(app: FastAPI) -> None:
    """Make an application answer every error with a problem."""

    async def khabar(request: Request, error: Exception) -> Response:
        return told(request, problem_of(error))

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 304:
            return Response(status_code=304)
        headers = error.headers or {}
        return told(request, Problem(error.status_code, _sentence(error), headers=headers))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return told(request, _invalid(error))

    app.add_exception_handler(KhabarError, khabar)
    app.add_exception_handler(MemoryError, khabar)
    app.add_exception_handler(Exception, khabar)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)


def _sentence(error: HTTPException) -> str:
    """What is said of a refusal; the words of HTTP alone tell nobody what to do."""
    if error.status_code == 404:
        return "There is nothing at this address. What there is: /openapi.json"
    if error.status_code == 405:
        return f"This address is asked with {(error.headers or {}).get('Allow', 'another method')}."
    return str(error.detail)


def _invalid(error: RequestValidationError) -> Problem:
    """All parameters that are not as they must be, each named."""
    errors = [
        {"parameter": ".".join(map(str, one["loc"][1:])) or str(one["loc"][0]), "detail": one["msg"]}
        for one in error.errors()
    ]
    detail = "; ".join(f"{one['parameter']}: {one['detail']}" for one in errors)
    return Problem(422, detail, {"errors": errors})
