"""The search page: the box, and what was found."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.requests import Request

from index.errors import InputError

from ..archive import Archive
from ..questions import PAGE, Question
from ..rendering import render
from ..shown import answer_shown, counts_of, facets_shown, figure
from ..translations import Interface
from .asking import Asked, Speaking

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def search_page(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """The box, and what was found."""
    question = Question.read(request.query_params)
    context: dict[str, Any] = {"here": "search", "asked": question, "title": question.q, "problem": "", "answers": {}}
    if not question.q:
        return render(request, "search.html", **context | {"held": _held(archive, t)})
    try:
        asked = question.asked()
        answers = archive.both(asked) if question.both else {"all": archive.search(asked)}
        counts = counts_of(question, answers.values(), archive)
    except InputError as error:
        return render(request, "search.html", 400, **context | {"problem": str(error)})
    further = any(len(answer.hits) > PAGE for answer in answers.values())
    relevant = sum(counts["day"].values())
    context |= {
        "answers": {name: answer_shown(answer, t) for name, answer in answers.items()},
        "counted": t("counted", n=relevant),
        "facets": facets_shown(question, counts, t),
        "days": figure(counts["day"], lambda bar: question.but(since=bar.first, until=bar.last), t),
        "before": question.but(page=question.page - 1) if question.page > 1 else "",
        "after": question.but(page=question.page + 1) if further else "",
    }
    return render(request, "search.html", **context)


def _held(archive: Archive, t: Interface) -> Markup:
    """How much there is to search."""
    sources = archive.sources()
    first = min((source.first_date for source in sources if source.first_date), default=None)
    last = max((source.last_date for source in sources if source.last_date), default=None)
    outlets = t("n_outlets", n=sum(1 for source in sources if source.name))
    held = t("n_articles", n=sum(source.articles for source in sources))
    return Markup(" · ").join([held, outlets, t.span(first, last)])
