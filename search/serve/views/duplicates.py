"""The pages of duplicates: groups of them, and two articles side by side."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from index.publication import first_published

from ...coverage import genre_of
from ...types import DUPLICATES, Tier
from ..marked import compared
from ..questions import page_of
from ..rendering import evidence, render
from ..shown import body, members
from .asking import Asked, Speaking
from .lists import around, on_page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/duplicates")
def duplicates_page(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """Groups of articles that repeat others, or pairs of altered copies."""
    given = request.query_params
    tier = Tier(given["tier"]) if given.get("tier") else None
    found = archive.duplicates([tier] if tier else DUPLICATES)
    page = page_of(given)
    return render(
        request,
        "duplicates.html",
        here="duplicates",
        title=t.plain("nav_duplicates"),
        altered=tier is Tier.ALTERED,
        total=len(found),
        groups=[
            {"story": story, "first": first_published(story.articles), "members": members(story, t)}
            for story in on_page(found, page)
        ],
        tiers=[(t("all_tiers"), "/duplicates", tier is None)]
        + [(t(f"tier_{one}"), f"/duplicates?tier={one}", one is tier) for one in Tier],
        **around(f"/duplicates?tier={tier or ''}&", page, len(found)),
    )


@router.get("/compare")
def compare_page(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """Two articles side by side, with what differs."""
    a, b, found = archive.side_by_side(request.query_params.get("a", ""), request.query_params.get("b", ""))
    sides = [
        {
            "article": article,
            "kind": genre_of(article),
            "paragraphs": compared(t, body(article), found.differences or (), side),
        }
        for side, article in enumerate((a, b))
    ]
    tier = Tier.ALTERED if found.alterations else found.link.tier if found.link else None
    return render(
        request,
        "compare.html",
        here="duplicates",
        title=t.plain("compared"),
        tier=tier,
        first=first_published((a, b)) if a.published and b.published else None,
        loud=found.alterations,
        differing=None if found.differences is None else len(found.differences),
        evidence=evidence(t, found.link) if found.link else [],
        sides=sides,
    )
