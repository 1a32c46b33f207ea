"""An answer that cannot have changed is not given again (ETag)."""

from __future__ import annotations

from datetime import date
from hashlib import blake2b

from fastapi import Request
from starlette.exceptions import HTTPException


def unchanged(request: Request) -> None:
    """Names the answer of a request by the state of the index; answers 304 where the client has that one already.

    The state is looked up before the answer is made: of a commit in between, the answer is too new for its name, and
    is only asked for once more. Raises KhabarError where the index cannot be read.
    """
    if request.method not in ("GET", "HEAD"):
        return
    asked = (
        request.app.state.archive.state(),
        request.app.state.archive.last_run(),  # one that changes nothing is told all the same
        date.today().isoformat(),  # "7d" means other days tomorrow
        str(request.url),
        request.headers.get("accept-language", ""),
        request.headers.get("cookie", ""),
    )
    # Weak: an answer also says how long it took.
    request.state.etag = f'W/"{blake2b(repr(asked).encode(), digest_size=12).hexdigest()}"'
    known = {name.strip() for name in request.headers.get("if-none-match", "").split(",")}
    if known & {request.state.etag, "*"}:
        raise HTTPException(304)
