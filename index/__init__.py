"""Articles become findable: reading, cleaning, analysis, encoding, storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .encoders import load_encoder
    from .local import Index

__all__ = ["Index", "load_encoder"]


def __getattr__(name: str) -> Any:
    # Loaded when first asked for, so that `khabar --help` does not wait for numpy and FAISS.
    from importlib import import_module

    home = {"Index": ".local", "load_encoder": ".encoders"}.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home, __name__), name)
