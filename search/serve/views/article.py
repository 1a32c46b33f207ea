"""The page of an article: its text, what is known of it, and what is related to it."""

from __future__ import annotations

from itertools import groupby
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.requests import Request

from index.errors import InputError
from index.types import Article

from ...coverage import genre_of, in_time
from ...ranking import Explanation
from ..archive import Archive
from ..marked import marked, paragraphs
from ..questions import Question
from ..rendering import render, safe_link
from ..translations import INTERFACES, Interface, interface
from .asking import Asked, Speaking

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

RELATED = 20
"""Related articles beside one."""


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


def _citation(article: Article, t: Interface) -> Markup:
    """The article as it is cited: source, title, day, address or id, in the order of its language."""
    own = interface(article.language if article.language in INTERFACES else t.language)
    quoted = own("quoted", title=article.title or own.plain("untitled"))
    known = [article.source, quoted, own.day(article.published), safe_link(article.url) or article.id]
    parts = [part if isinstance(part, Markup) else Markup("<bdi>{}</bdi>").format(part) for part in known if part]
    return Markup(str(own("comma")) + " ").join(parts)
