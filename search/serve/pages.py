"""The pages for people: each reads its address, asks the archive once or twice, and fills a template."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.requests import Request

from index.errors import InputError
from index.publication import first_published
from index.types import Article

from ..coverage import StoryOrder, genre_of, in_time
from ..ranking import Explanation
from ..show import story_json
from ..types import DUPLICATES, Checked, Kind, Story, Tier
from . import charts
from .archive import Archive, Narrowing
from .marked import compared, marked, paragraphs
from .questions import PAGE, Question, page_of
from .rendering import evidence, interface_for, render, safe_link
from .shown import (
    answer_shown,
    counts_of,
    facets_shown,
    figure,
    hit_shown,
    languages_shown,
    members,
    story_line,
)
from .translations import INTERFACES, Interface, interface

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

RELATED = 20
"""Related articles beside one."""

SAVED = 100
"""Hits of a saved search on its page."""

TEXT = 20_000
"""The most characters of a text that is checked."""

PRINTED = (Kind.EXACT, Kind.NEAR, Kind.CONTAINED)


async def _archive(request: Request) -> Archive:
    found = request.app.state.archive
    assert isinstance(found, Archive)
    return found


Asked = Annotated[Archive, Depends(_archive)]
Speaking = Annotated[Interface, Depends(interface_for)]


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent."""
    sent = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[-1] for name, values in sent.items()}


Form = Annotated[dict[str, str], Depends(_form)]


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


@router.get("/article")
def article_page(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """One whole article, with the words of the query that led to it, and what is related to it."""
    given = request.query_params
    q, by_time = given.get("q", "").strip(), given.get("order") == "time"
    article, related = archive.related(given.get("id", ""), RELATED)
    at = int(given["at"]) if given.get("at", "").isdecimal() else None
    why = _explained(archive, q, article)
    spans, reasons = (why.highlights, why.reasons) if why else ((), ())
    title = (why.title_highlights, why.title_reasons) if why else ((), ())
    if by_time:
        days = groupby(in_time(related), key=lambda one: (one.article.published or "")[:10])
        grouped = [(t.day(day or None), list(found)) for day, found in days]
    else:
        grouped = [
            (t(f"relation_{relation.name.lower()}"), list(found))
            for relation, found in groupby(related, key=lambda one: one.relation)
        ]
    here = {"id": article.id, "q": q}
    return render(
        request,
        "article.html",
        title=article.title,
        article=article,
        q=q,
        back=Question(q).but() if q else "",
        shown_title=marked(t, article.title, *title),
        paragraphs=list(paragraphs(t, article.text, spans, reasons, at)),
        kind=genre_of(article),
        related=grouped,
        by_time=by_time,
        orders=[
            (t("by_relation"), f"/article?{urlencode(here)}#related", not by_time),
            (t("by_time"), f"/article?{urlencode(here | {'order': 'time'})}#related", by_time),
        ],
        link=safe_link(article.url),
        host=_host(archive, article),
        citation=_citation(article, t),
    )


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
        stories=[story_line(story, t) for story in _on_page(found, page)],
        total=len(found),
        days=(since, until),
        orders=[(t(f"stories_{one}"), f"/stories?order={one}&{kept}", one is order) for one in StoryOrder],
        **_around(f"/stories?order={order}&{kept}&", page, len(found)),
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
            for story in _on_page(found, page)
        ],
        tiers=[(t("all_tiers"), "/duplicates", tier is None)]
        + [(t(f"tier_{one}"), f"/duplicates?tier={one}", one is tier) for one in Tier],
        **_around(f"/duplicates?tier={tier or ''}&", page, len(found)),
    )


@router.get("/compare")
def compare_page(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """Two articles side by side, with what differs."""
    a, b, found = archive.side_by_side(request.query_params.get("a", ""), request.query_params.get("b", ""))
    sides = [
        {
            "article": article,
            "kind": genre_of(article),
            "paragraphs": compared(t, _body(article), found.differences or (), side),
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


@router.get("/check")
def check_form(request: Request, archive: Asked, t: Speaking) -> HTMLResponse:
    """The form for a text that is to be checked; with `of`, the text of an article stands in it."""
    name = request.query_params.get("of")
    text = _body(archive.article(name)) if name else ""
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


def sign_in_page(request: Request, back: str, failed: bool) -> HTMLResponse:
    """The form for the token, which leads on to `back`; `failed` says that what was sent is not the token."""
    t = interface_for(request)
    return render(request, "sign_in.html", title=t.plain("sign_in"), bare=True, wrong=failed, back=back)


def error_page(request: Request, status: int, title: str, text: str) -> HTMLResponse:
    """What went wrong, under a heading in the language of the interface where it has one for this status."""
    t = interface_for(request)
    heading = t.plain(f"error_{status}") if t.has(f"error_{status}") else title
    return render(request, "error.html", status, title=heading, heading=heading, text=text)


def _body(article: Article) -> str:
    """The text of an article; its title where it has no other."""
    return article.text if article.text.strip() else article.title


def _explained(archive: Archive, q: str, article: Article) -> Explanation | None:
    """Why an article matches a query; None where there is none, or one that cannot be read."""
    try:
        return archive.explain(q, article) if q else None
    except InputError:
        return None


def _host(archive: Archive, article: Article) -> Article | None:
    """The article in whose page this one stood, where it is still there."""
    try:
        return archive.article(article.host) if article.host else None
    except InputError:
        return None


def _held(archive: Archive, t: Interface) -> Markup:
    """How much there is to search."""
    sources = archive.sources()
    first = min((source.first_date for source in sources if source.first_date), default=None)
    last = max((source.last_date for source in sources if source.last_date), default=None)
    outlets = t("n_outlets", n=sum(1 for source in sources if source.name))
    held = t("n_articles", n=sum(source.articles for source in sources))
    return Markup(" · ").join([held, outlets, t.span(first, last)])


def _citation(article: Article, t: Interface) -> Markup:
    """The article as it is cited: source, title, day, address or id, in the order of its language."""
    own = interface(article.language if article.language in INTERFACES else t.language)
    quoted = own("quoted", title=article.title or own.plain("untitled"))
    known = [article.source, quoted, own.day(article.published), safe_link(article.url) or article.id]
    parts = [part if isinstance(part, Markup) else Markup("<bdi>{}</bdi>").format(part) for part in known if part]
    return Markup(str(own("comma")) + " ").join(parts)


def _on_page(found: Sequence[Story], page: int) -> Sequence[Story]:
    return found[(page - 1) * PAGE : page * PAGE]


def _around(address: str, page: int, total: int) -> dict[str, Any]:
    """The addresses of the pages before and after one of a list, "" where there is none."""
    return {
        "before": f"{address}page={page - 1}" if page > 1 else "",
        "after": f"{address}page={page + 1}" if page * PAGE < total else "",
    }
