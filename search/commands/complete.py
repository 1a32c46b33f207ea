"""What a shell offers to complete: names that never change, and what the index of the command holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from index.errors import KhabarError

if TYPE_CHECKING:
    from index.ports import Store

OFFERED = 50
"""The most ids that are offered at once."""


def modes(incomplete: str) -> list[str]:
    """Modes of search."""
    from ..types import Mode

    return _beginning(Mode, incomplete)


def orders(incomplete: str) -> list[str]:
    """Orders of hits."""
    from ..types import Order

    return _beginning(Order, incomplete)


def tiers(incomplete: str) -> list[str]:
    """Tiers of copies."""
    from ..types import Tier

    return _beginning(Tier, incomplete)


def duplicate_tiers(incomplete: str) -> list[str]:
    """Tiers of copies that say the same."""
    from ..types import DUPLICATES

    return _beginning(DUPLICATES, incomplete)


def story_orders(incomplete: str) -> list[str]:
    """Orders of stories."""
    from ..coverage import StoryOrder

    return _beginning(StoryOrder, incomplete)


def forms(incomplete: str) -> list[str]:
    """Forms of an export."""
    from index.export import Form

    return _beginning(Form, incomplete)


def facets(incomplete: str) -> list[str]:
    """What may be counted, also as the last of several parted by commas."""
    from ..types import FACETS

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in FACETS if name.startswith(last)]


def languages(incomplete: str) -> list[str]:
    """The languages whose statistics are kept."""
    from index.types import LANGUAGES

    return _beginning(sorted(LANGUAGES), incomplete)


def sources(ctx: typer.Context, incomplete: str) -> list[str]:
    """The sources of the index, in the words by which they are found, joined by hyphens: a shell parts at spaces."""
    from index.text import words

    try:
        with _opened(ctx).reading() as view:
            names = [name for (name,) in view.facets(["source"]) if name]
    except KhabarError:
        return []
    return _beginning(sorted("-".join(words(name)) for name in names), incomplete)


def articles(ctx: typer.Context, incomplete: str) -> list[str]:
    """The ids of the index, once a beginning is typed."""
    try:
        return _opened(ctx).ids_beginning(incomplete, OFFERED) if incomplete else []
    except KhabarError:
        return []


def _opened(ctx: typer.Context) -> Store:
    from index.open import open_store

    return open_store(ctx.params["index"])


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [str(name) for name in names if name.startswith(incomplete)]
