"""Which article an id means that a person gives: one copied from a terminal, or the beginning of one."""

from __future__ import annotations

from .errors import InputError
from .harmless import unmarked
from .ports import Store
from .types import Article

_LISTED = 3
"""Ids that are named to a user whose own may mean several."""


def id_of(index: Store, given: str) -> str | None:
    """The id that is given, or the only one that begins so; None where there is none.

    Direction marks, which come along from a terminal, are passed over unless they are part of an id. A page that holds
    several articles is meant by the beginning of their ids.
    Raises InputError where several articles may be meant.
    """
    if index.known([given]):
        return given
    asked = unmarked(given).strip()
    if not asked:
        return None
    if index.known([asked]):
        return asked
    found = index.ids_beginning(asked, _LISTED + 1)
    if not found or all(one.startswith(f"{found[0]}#") for one in found[1:]):
        return found[0] if found else None
    listed = ", ".join(map(repr, found[:_LISTED])) + (" and others" if len(found) > _LISTED else "")
    raise InputError(f"Several ids begin with {asked!r}: {listed}. Give more of it.")


def article_of(index: Store, given: str) -> Article:
    """The article that `id_of` finds. Raises InputError also where there is none."""
    found = id_of(index, given)
    if found is None:
        raise InputError(f"There is no article {given!r}. Find ids with: khabar search")
    return index.article(found)
