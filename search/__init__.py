"""Questions are answered: ranking, snippets, related coverage, duplicates. Built on `index`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.types import Filters

    from .engine import Engine

__all__ = ["Engine", "Filters"]


def __getattr__(name: str) -> Any:
    # Loaded when first asked for, as in `index`.
    if name == "Filters":
        from index.types import Filters

        return Filters
    if name == "Engine":
        from .engine import Engine

        return Engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
