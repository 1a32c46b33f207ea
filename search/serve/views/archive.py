"""The pages of the archive: what is in it, and what a saved search found."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from ..rendering import render
from ..shown import figure, hit_shown
from .asking import Asked, Speaking

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

SAVED = 100
"""Hits of a saved search on its page."""


@router.get("/archive")
def archive_page(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """What is in the archive, and how it was made."""
    days = {day: count for (day,), count in archive.counts(["day"]).items()}
    sources, info = archive.sources(), archive.info()
    articles = sum(days.values())
    undated = days.get(None, 0)
    named = [source for source in sources if source.name]
    totals = [
        ("articles", t.number(articles)),
        ("outlets", t.number(len(named))),
        ("undated_share", f"{t.number(undated)} ({t.percent(undated / articles if articles else 0)})"),
        *((f"in_{code}", t.number(n)) for code, n in info["languages"].items() if t.has(f"in_{code}")),
    ]
    return render(
        request,
        "archive.html",
        here="archive",
        title=t.plain("nav_archive"),
        totals=totals,
        days=figure(days, lambda bar: f"/stories?since={bar.first}&until={bar.last}", t),
        sources=sources,
        run=archive.last_run(),
        saved=archive.saved(),
        made=[(f"made_{key}", t.number(info[key])) for key in ("path", "model", "dimension", "passages", "format")],
    )


@router.get("/saved")
def saved_page(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """The latest hits of a saved search."""
    name = request.query_params.get("name", "")
    found = archive.hits(name, SAVED)
    return render(
        request,
        "saved.html",
        here="archive",
        title=name,
        name=name,
        found=[{"one": hit_shown(one.hit, t), "found": one.found, "told": one.told} for one in found],
    )
