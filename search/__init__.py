"""Questions are answered: ranking, snippets, related coverage, duplicates. Built on `index`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine import Engine, Filters

__all__ = ["Engine", "Filters"]


def __getattr__(name: str) -> Any:
    # Loaded when first asked for, as in `index`.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import engine

    return getattr(engine, name)
