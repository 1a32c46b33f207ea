"""The server as an ASGI application: the archive, the API, the pages, and what stands before them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import Depends, FastAPI, Security
from fastapi.openapi.utils import get_openapi
from fastapi.security import HTTPBasic, HTTPBearer
from fastapi.staticfiles import StaticFiles

from . import api, pages, schema, signing
from .archive import Archive
from .freshness import unchanged
from .guard import Guard
from .limits import DEFAULT_LIMITS, Limits
from .problems import handle_errors
from .traffic import Traffic

API = "/api/v1"
PAGE = Path(__file__).with_name("page")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is served and to whom.

    `index` is the address of the index, `model` and `device` as for `encoder_of`. Where there is a `token`, nothing of
    the index is told without it. Queries are only in the log with `log_queries`. Where there are
    `processes`, these answer; else threads of this one do.
    """

    index: str
    model: str | None = None
    device: str | None = None
    token: str | None = None
    log_queries: bool = False
    processes: int = 0
    limits: Limits = DEFAULT_LIMITS


def create_app(settings: Settings) -> FastAPI:
    """The application; its archive is `app.state.archive`."""
    app = FastAPI(
        title="Khabar",
        summary="Search of Arabic and English news, copies, stories and related coverage.",
        version=version("khabar"),
        docs_url=None,  # it loads from another server
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.archive = Archive(settings.index, settings.model, settings.device, settings.limits, settings.processes)
    # These only describe who may ask: the Guard decides.
    shown = [Security(way(auto_error=False)) for way in (HTTPBearer, HTTPBasic)] if settings.token else []
    for router, prefix in ((api.reading, API), (api.asking, API), (api.searches, API), (api.feeds, "")):
        app.include_router(router, prefix=prefix, dependencies=shown)
    app.include_router(api.health)
    app.include_router(signing.router)
    app.include_router(pages.router, dependencies=[Depends(unchanged)])
    app.mount("/static", StaticFiles(directory=PAGE / "static"), name="static")
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    handle_errors(app)
    app.add_middleware(Guard, token=settings.token)
    app.add_middleware(Traffic, limits=settings.limits, log_queries=settings.log_queries)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Each request may wait in a thread of its own for one of the few that answer.
    to_thread.current_default_thread_limiter().total_tokens = app.state.settings.limits.requests
    yield
    app.state.archive.close()


def _described(app: FastAPI) -> dict[str, Any]:
    """The description of the API (OpenAPI 3.1), with the form of every problem."""
    if app.openapi_schema is None:
        described = get_openapi(
            title=app.title, summary=app.summary, version=app.version, openapi_version="3.1.0", routes=app.routes
        )
        described["components"]["schemas"] |= schema.problem()
        app.openapi_schema = described
    return app.openapi_schema
