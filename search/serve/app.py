"""The server as an ASGI application: the archive, the API, the pages, and what guards them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI

from .archive import Archive
from .limits import Limits

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Settings:
    """What is served and to whom.

    `index` is the folder of the index, `model` and `device` as for `encoder_of`. Where there is a `token`, nothing is
    answered without it. Queries are only in the log with `log_queries`.
    """

    index: Path
    model: str | None = None
    device: str | None = None
    token: str | None = None
    log_queries: bool = False
    limits: Limits = DEFAULT_LIMITS


def create_app(settings: Settings) -> FastAPI:
    """The application. Its archive is `app.state.archive`."""
    app = FastAPI(title="Khabar", docs_url=None, redoc_url=None)
    app.state.archive = Archive(settings.index, settings.model, settings.device, settings.limits)
    if find_spec("search.serve.pages") is not None:
        from . import pages  # type: ignore[attr-defined, unused-ignore]

        app.include_router(pages.router)
    return app
