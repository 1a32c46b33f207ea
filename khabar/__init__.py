"""Khabar from Python: what programs use, under one name. Each name is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "index": ("Index", "load_encoder"),
    "index.errors": ("KhabarError",),
    "index.export": ("Form",),
    "index.ingest": ("ingest",),
    "index.open": ("create_store", "open_store"),
    "index.types": ("Article", "Filters", "Report"),
    "search": ("Engine",),
    "search.coverage": ("Collection", "Related", "asked_about", "check", "duplicates", "related_to"),
    "search.ranking": ("Reranker",),
    "search.types": ("Answer", "Checked", "Hit", "Listing", "Mode", "Order", "Story", "Tier"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)  # the stub beside it says the same to type checkers, and a test that both agree


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'khabar' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
