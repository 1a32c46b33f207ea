"""Serving assistants."""

from __future__ import annotations

from functools import partial

from .options import DEFAULT_INDEX, DeviceOption, IndexOption, ReadingModelOption


def mcp_command(
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Serve the index to an assistant through the Model Context Protocol, on standard input and output.

    The assistant may search, show an article, find related coverage and check a claim; it changes nothing. It needs:
    pip install 'khabar[mcp]'

    Example:

        khabar mcp --index news
    """
    from index.encoders import encoder_of
    from index.open import open_store

    from ..assistant import assistant_server

    opened = open_store(index)
    assistant_server(opened, partial(encoder_of, opened.manifest, device, model)).run()
