"""Long answers are sent line by line, so that none of them is whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from starlette.responses import StreamingResponse

NDJSON = "application/x-ndjson"

_LINES_AT_ONCE = 200


def streamed(lines: Iterator[str]) -> StreamingResponse:
    """A response of these lines. One thread takes them all, as a transaction of SQLite demands."""
    return StreamingResponse(_chunks(lines), media_type=NDJSON)


async def _chunks(lines: Iterator[str]) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, "streams")
    try:
        while chunk := await loop.run_in_executor(thread, _chunk, lines):
            yield chunk
    finally:
        thread.submit(getattr(lines, "close", lambda: None))  # also where the client went away
        thread.shutdown(wait=False)


def _chunk(lines: Iterator[str]) -> bytes:
    return "".join(f"{line}\n" for line in islice(lines, _LINES_AT_ONCE)).encode("utf-8", "replace")
