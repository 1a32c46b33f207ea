"""Lists that go over several pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...types import Story
from ..questions import PAGE


def on_page(found: Sequence[Story], page: int) -> Sequence[Story]:
    """Those of what was found that are on a page, which counts from 1."""
    return found[(page - 1) * PAGE : page * PAGE]


def around(address: str, page: int, total: int) -> dict[str, Any]:
    """The addresses of the pages before and after one of a list, "" where there is none."""
    return {
        "before": f"{address}page={page - 1}" if page > 1 else "",
        "after": f"{address}page={page + 1}" if page * PAGE < total else "",
    }
