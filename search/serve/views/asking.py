"""What every view is given: the archive, the interface that the request asks for, the fields of a form."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends
from starlette.requests import Request

from ..archive import Archive
from ..rendering import interface_for
from ..translations import Interface


async def _archive(request: Request) -> Archive:
    found = request.app.state.archive
    assert isinstance(found, Archive)
    return found


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent."""
    sent = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[-1] for name, values in sent.items()}


Asked = Annotated[Archive, Depends(_archive)]
Speaking = Annotated[Interface, Depends(interface_for)]
Form = Annotated[dict[str, str], Depends(_form)]
