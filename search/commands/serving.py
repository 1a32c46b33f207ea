"""Serving an index to browsers and programs."""

from __future__ import annotations

from typing import Annotated

import typer

from index.errors import KhabarError
from index.extras import require_extra

from ..console import Ended, say, show_json
from .options import DEFAULT_INDEX, DeviceOption, IndexOption, JsonOption, ReadingModelOption

MOST = 8
"""Processes that are started where no number is given: each has some 300 MB of its own for 100,000 passages."""


def serve_command(
    host: Annotated[str, typer.Option(help="The address to listen at; one of other machines needs a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")] = 8080,
    token: Annotated[
        str | None, typer.Option(envvar="KHABAR_TOKEN", metavar="TOKEN", help="Answer only who shows this token.")
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Processes that answer; by default one a core, up to 8.",
            show_default=False,
        ),
    ] = None,
    log_queries: Annotated[bool, typer.Option("--log-queries", help="Also log what was searched for.")] = False,
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Serve the index to browsers and programs: pages at /, an API at /api/v1, described at /openapi.json.

    Nothing is written, and every commit to the index is seen at once. Needs: pip install 'khabar[serve]'

    Examples:

        khabar serve --open

        KHABAR_TOKEN=$(cat token) khabar serve --host 0.0.0.0 --index news

        curl 'http://127.0.0.1:8080/api/v1/search?q=ferry'
    """
    require_extra("A server", "serve", "fastapi", "uvicorn", "jinja2")
    from ..serve import Settings, create_app, listen, serve

    def ready(address: str) -> None:
        if as_json:
            show_json({"index": str(index), "address": address})
        else:
            say(f"Serving {index} at {address}")
        if open_browser:
            import webbrowser

            webbrowser.open(address)

    listening = listen(host, port, token)
    app = create_app(Settings(index, model, device, token, log_queries, _processes(index, workers)))
    try:
        serve(app, listening, ready)
    except Ended:
        say("Stopped.", err=True)


def _processes(index: str, workers: int | None) -> int:
    """How many processes answer, 0 for the threads of this one. Of a model from a hub, one in memory is enough."""
    from index.cores import cores
    from index.open import open_store

    if workers is None:
        try:
            workers = min(cores(), MOST) if open_store(index).embedded else 1
        except KhabarError:  # said to whoever asks
            workers = 1
    return workers if workers > 1 else 0
