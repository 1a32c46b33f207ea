"""Templates become pages: the environment they see, the language of the interface, what belongs to every page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from index.harmless import harmless
from index.types import Article

from ..show import told_reasons
from ..types import Link
from .translations import INTERFACES, Interface, direction, interface, interface_of

PAGE = Path(__file__).with_name("page")

SECTIONS = (
    ("search", "/"),
    ("stories", "/stories"),
    ("duplicates", "/duplicates"),
    ("check", "/check"),
    ("archive", "/archive"),
)

CHOICE = "ui"
"""The name of the parameter and the cookie that choose the language of the interface."""

_YEAR = 365 * 24 * 3600


def interface_for(request: Request) -> Interface:
    """The interface that a request asks for: by its address, else its cookie, else its browser."""
    chosen = request.query_params.get(CHOICE) or request.cookies.get(CHOICE)
    return interface(interface_of(chosen, request.headers.get("accept-language", "")))


def render(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    """A page. `context` holds what its template needs, beside the interface (`t`)."""
    t = interface_for(request)
    shared = {"t": t, "sections": SECTIONS, "switch": _switch(request, t), "here": "", "title": "", "bare": False}
    response = HTMLResponse(
        _environment().get_template(template).render(shared | context),
        status,
        {"Content-Language": t.language, "Vary": "Accept-Language, Cookie"},
    )
    if request.query_params.get(CHOICE) in INTERFACES:
        response.set_cookie(CHOICE, t.language, max_age=_YEAR, samesite="lax", httponly=True)
    return response


def safe_link(address: str | None) -> str | None:
    """An address that a page may link to: http or https, and no other."""
    try:
        parts = urlsplit((address or "").strip())
    except ValueError:
        return None
    return (address or "").strip() if parts.scheme in ("http", "https") and parts.netloc else None


def evidence(t: Interface, link: Link) -> list[Markup]:
    """What two articles share and where their numbers differ, in sentences."""
    held, said = link.evidence, []
    if "shared" in held:
        said.append(t("words_shared", n=held["shared"], a=held["words"][0], b=held["words"][1]))
    agencies = sorted({agency for agency in held.get("agency", ()) if agency})
    if agencies:
        said.append(t("agency_named", name=_listed(t, ((agency,) for agency in agencies))))
    written = held.get("written", {})
    for name, pairs in (("numbers", written.get("numbers", ())), ("names", held.get("names", ()))):
        if pairs:
            said.append(t(f"shared_{name}") + " " + _listed(t, pairs[:12]))
    apart = ((side, written.get(f"numbers_{side}")) for side in ("a", "b"))
    return said + [t(f"only_{side}") + " " + _listed(t, ((n,) for n in found[:12])) for side, found in apart if found]


def _listed(t: Interface, pairs: Iterable[Sequence[str]]) -> Markup:
    """Words as the articles write them, equal ones joined by a sign."""
    shown = (
        Markup(" = ").join(Markup("<bdi>{}</bdi>").format(harmless(word)) for word in dict.fromkeys(pair))
        for pair in pairs
    )
    return Markup(f"{t('comma')} ").join(shown)


def _switch(request: Request, t: Interface) -> str:
    """The address of the same page in the other language of the interface."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != CHOICE]
    return f"{request.url.path}?{urlencode([*kept, (CHOICE, t.other.language)])}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PAGE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    environment.globals["direction"] = direction
    environment.filters |= {
        "host": lambda address: urlsplit(address).netloc,
        "outlets": _outlets,
        "query": _query,
        "reason_pairs": told_reasons,
        "typed": Markup.escape,
    }
    return environment


def _shown(value: Any) -> Any:
    """A value as a template prints it: stored text without what could turn the direction of its surroundings."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _outlets(copies: Sequence[Article], article: Article, t: Interface) -> Markup:
    """How often a text was printed: outlets count, and articles that name none."""
    outlets = len({one.source or one.id for one in (article, *copies)})
    return t("printed_by", n=outlets) if outlets > 1 else t("printed_times", n=len(copies) + 1)


def _query(values: Mapping[str, object]) -> str:
    return urlencode([(name, value) for name, value in values.items() if value is not None and value != ""])
