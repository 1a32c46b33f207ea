"""The pages of stories: all of them, and one."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from ...coverage import StoryOrder
from ...show import story_json
from .. import charts
from ..archive import Narrowing
from ..questions import page_of
from ..rendering import render
from ..shown import languages_shown, members, story_line
from .asking import Asked, Speaking
from .lists import around, on_page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/stories")
def stories_page(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """The stories that several articles cover."""
    given = request.query_params
    order = StoryOrder(given.get("order", StoryOrder.RECENT))
    since, until = given.get("since", ""), given.get("until", "")
    found = archive.stories(Narrowing(since=since or None, until=until or None), order)
    kept = urlencode([(name, day) for name, day in (("since", since), ("until", until)) if day])
    page = page_of(given)
    return render(
        request,
        "stories.html",
        here="stories",
        title=t.plain("nav_stories"),
        stories=[story_line(story, t) for story in on_page(found, page)],
        total=len(found),
        days=(since, until),
        orders=[(t(f"stories_{one}"), f"/stories?order={one}&{kept}", one is order) for one in StoryOrder],
        **around(f"/stories?order={order}&{kept}&", page, len(found)),
    )


@router.get("/story")
def story_page(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """One story: its coverage over days and outlets, who was first, what followed."""
    name = request.query_params.get("of", "")
    found = archive.story(name)
    if not found:
        article = archive.article(name)
        return render(request, "no_story.html", here="stories", title=t.plain("story"), article=article)
    story, *events = found
    facts = story_json(story)
    known = {article.id: article for article in story.articles}
    first = known.get(facts["first"] or "")
    return render(
        request,
        "story.html",
        here="stories",
        title=story.representative.title,
        story=story,
        days=t.span(facts["first_date"], facts["last_date"]),
        begin=facts["first_date"],
        end=facts["last_date"],
        outlets=len(facts["sources"]),
        languages=languages_shown(facts["languages"], t),
        first=first,
        rows=charts.timeline(story.articles, first, mirrored=t.direction == "rtl"),
        told=members(story, t),
        kinds=facts["kinds"],
        events=[story_line(event, t) for event in events],
    )
