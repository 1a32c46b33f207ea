"""The API for programs: each address makes one call of the archive and answers with the JSON of `--json`."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi import Path as InPath
from starlette.responses import JSONResponse, Response, StreamingResponse

from index.harmless import json_line

from ..coverage import affairs, in_time
from ..listing import in_order
from ..show import (
    affair_json,
    answer_json,
    answers_json,
    checked_json,
    group_json,
    news_json,
    related_json,
    saved_json,
    story_json,
)
from ..types import DUPLICATES, Order
from . import schema
from .archive import Archive
from .feed import ATOM, answer_feed
from .freshness import unchanged
from .problems import PROBLEM
from .streams import NDJSON, streamed


class Json(JSONResponse):
    """A value as one line of JSON, as commands print it."""

    def render(self, content: Any) -> bytes:
        """The line."""
        return json_line(content).encode("utf-8", "replace")


async def _archive(request: Request) -> Archive:
    archive: Archive = request.app.state.archive
    return archive


Asking = Annotated[Archive, Depends(_archive)]
ArticleId = Annotated[str, InPath(max_length=schema.QUERY, description="The id of an article.")]

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, said in {
        "400": "What was asked cannot be answered.",
        "401": "The token is missing.",
        "403": "Another website asked.",
        "404": "There is no such article.",
        "408": "The request took too long to arrive.",
        "413": "The request is too large.",
        "421": "The Host is not one of this server.",
        "422": "A parameter is not as it must be.",
        "503": "Too busy, or the index cannot be read.",
        "504": "The answer took too long.",
    }.items()
}
_SAME: dict[int | str, dict[str, Any]] = {"304": {"description": "The answer is the one that is known (ETag)."}}


def _said(model: Any) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model}}


def _lines(what: str) -> dict[int | str, dict[str, Any]]:
    said = {"type": "string", "description": f"A line of JSON for each {what}."}
    return {200: {"description": f"Each {what} on a line of its own.", "content": {NDJSON: {"schema": said}}}}


asking = APIRouter(default_response_class=Json, responses=_PROBLEMS)
reading = APIRouter(dependencies=[Depends(unchanged)], default_response_class=Json, responses=_PROBLEMS | _SAME)


@reading.get("/search", responses=_said(schema.Answer | schema.Answers))
def search(asked: Annotated[schema.OneSearch, Query()], archive: Asking, request: Request) -> Json:
    """The best articles for a query, each with its best passage; the next page is in the header Link."""
    if asked.both:
        return Json(answers_json(archive.both(asked.asked())))
    answer = archive.search(asked.asked())
    response = Json(answer_json(answer))
    following = asked.offset + asked.k
    if len(answer.hits) == asked.k and following + asked.k <= 10_000:
        response.headers["Link"] = f'<{request.url.include_query_params(offset=following)}>; rel="next"'
    return response


@reading.get("/articles/{article:path}/related", responses=_said(schema.Related))
def related(article: ArticleId, asked: Annotated[schema.Near, Query()], archive: Asking) -> Json:
    """Related coverage of an article: the same event, follow-ups and background, each with its reasons."""
    about, found = archive.related(article, asked.k)
    return Json(related_json(about, in_time(found) if asked.timeline else found))


@reading.get("/articles/{article:path}", responses=_said(schema.Whole))
def article(article: ArticleId, archive: Asking) -> Json:
    """A whole article."""
    return Json(asdict(archive.article(article)))


@asking.post("/related", responses=_said(schema.Related))
def related_to_text(asked: Annotated[schema.NearText, Body()], archive: Asking) -> Json:
    """Related coverage of a text that is not in the archive."""
    about, found = archive.related_to_text(asked.text, asked.title, asked.k)
    return Json(related_json(about, in_time(found) if asked.timeline else found))


@asking.post("/check", responses=_said(schema.Checked))
def check(asked: Annotated[schema.TextToCheck, Body()], archive: Asking) -> Json:
    """What the archive knows of a text: who printed it, altered it, tells or covers it."""
    return Json(checked_json(archive.check(asked.text, asked.narrowing(), asked.k)))


@reading.get("/duplicates", responses=_lines("group"), response_class=StreamingResponse)
def duplicates(asked: Annotated[schema.Repeated, Query()], archive: Asking) -> StreamingResponse:
    """Articles that repeat others, with what they share and where they differ."""
    found = asked.of(archive.duplicates(asked.tier or DUPLICATES, asked.since or None))
    return streamed(json_line(group_json(story)) for story in found)


@reading.get("/stories", responses=_lines("story"), response_class=StreamingResponse)
def stories(asked: Annotated[schema.Told, Query()], archive: Asking) -> StreamingResponse:
    """The stories that several articles cover, in both languages."""
    own = archive.story(asked.of_article) if asked.of_article else None
    if own and not asked.affairs:
        own = own[:1]
    found = archive.stories(asked.narrowing(), asked.order, own)
    if asked.affairs:
        return streamed(json_line(affair_json(events)) for events in asked.of(affairs(found)))
    return streamed(json_line(story_json(story)) for story in asked.of(found))


@reading.get("/coverage", responses=_said(schema.Coverage))
def coverage(asked: Annotated[schema.Counted, Query()], archive: Asking) -> Json:
    """How many articles there are of each day, source or language."""
    counts = in_order(
        asked.by, {value: count for (value,), count in archive.counts([asked.by], asked.narrowing()).items()}
    )
    listed = [{"value": value, "articles": count} for value, count in counts.items()]
    return Json({"by": asked.by, "articles": sum(counts.values()), "coverage": listed})


@reading.get("/sources", responses=_said(schema.Sources))
def sources(archive: Asking) -> Json:
    """The sources of all articles with their counts, languages, first and last day, the largest first."""
    return Json({"sources": [asdict(source) for source in archive.sources()]})


@reading.get("/info", responses=_said(schema.Info))
def info(archive: Asking) -> Json:
    """What the archive holds and how its index was made."""
    return Json(archive.info())


@reading.get("/export", responses=_lines("article"), response_class=StreamingResponse)
def export(archive: Asking) -> StreamingResponse:
    """All articles, a backup that `khabar index` reads back."""
    return streamed(archive.export())


# Hits may be told without a commit to the index: these are always answered anew.
searches = APIRouter(prefix="/searches", default_response_class=Json, responses=_PROBLEMS)
_FEED: dict[int | str, dict[str, Any]] = {200: {"description": "A feed.", "content": {ATOM: {}}}}
SearchName = Annotated[str, InPath(max_length=schema.NAME, description="The name of a saved search.")]


@searches.get("", responses=_said(schema.SavedSearches))
def saved(archive: Asking) -> Json:
    """The saved searches, which `khabar save` makes."""
    return Json({"saved": [saved_json(one) for one in archive.saved()]})


@searches.get("/hits", responses=_said(schema.Hits))
def all_hits(asked: Annotated[schema.Latest, Query()], archive: Asking) -> Json:
    """The latest hits of all saved searches."""
    return Json({"hits": [news_json(one) for one in archive.hits(None, asked.k)]})


@searches.get("/feed.atom", responses=_FEED, response_class=Response)
def all_hits_feed(archive: Asking) -> Response:
    """The latest hits of all saved searches as an Atom feed."""
    return Response(archive.hits_feed(None), media_type=ATOM)


@searches.get("/{name}/hits", responses=_said(schema.Hits))
def hits(name: SearchName, asked: Annotated[schema.Latest, Query()], archive: Asking) -> Json:
    """The latest hits of a saved search."""
    return Json({"hits": [news_json(one) for one in archive.hits(name, asked.k)]})


@searches.get("/{name}/feed.atom", responses=_FEED, response_class=Response)
def hits_feed(name: SearchName, archive: Asking) -> Response:
    """The latest hits of a saved search as an Atom feed."""
    return Response(archive.hits_feed(name), media_type=ATOM)


feeds = APIRouter(dependencies=[Depends(unchanged)], responses=_PROBLEMS | _SAME)


@feeds.get("/feed.atom", response_class=Response, responses=_FEED)
def feed(asked: Annotated[schema.Search, Query()], archive: Asking, request: Request) -> Response:
    """What a search finds as an Atom feed; newest first unless sorted otherwise."""
    wanted = asked.asked()
    if "sort" not in asked.model_fields_set:
        wanted = replace(wanted, listing=replace(wanted.listing, order=Order.NEWEST))
    base = str(request.base_url).rstrip("/")
    return Response(answer_feed(archive.search(wanted), base, request.url.query), media_type=ATOM)


health = APIRouter(default_response_class=Json)


@health.get("/healthz", responses={503: _PROBLEMS["503"]})
def healthz(archive: Asking) -> Json:
    """Whether the index can be read; it needs no token."""
    archive.state()
    return Json({"status": "ok"})
