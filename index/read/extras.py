"""Libraries that only some formats need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .input import Refused


def extra(library: str, name: str) -> Any:
    """A library of the extra `name`. Raises Refused, with the command that installs it, where it is not here."""
    try:
        return import_module(library)
    except ImportError:
        raise Refused(f"needs a library that is not installed: pip install 'khabar[{name}]'") from None
