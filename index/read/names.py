"""Which field the name of a column or key stands for: fields.tsv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from ..tables import read_table
from .prose import as_string, paragraphs

# Search engines and content systems wrap the row itself in one of these.
ENVELOPES = ("_source", "attributes", "fields")

_CONTENT = ("title", "text", "summary")
MAY_BE_TEXT = (None, "text", "summary", "list")


def known(name: object) -> str | None:
    """The field that a column's name stands for ("title", "text", "published" ...), or None."""
    place = _names().get(_key(str(name)))
    return place[1] if place else None


def is_content(name: object) -> bool:
    """Whether a column's name stands for what an article says: its title, its text or a summary of it."""
    return known(name) in _CONTENT


@cache
def _names() -> dict[str, tuple[int, str]]:
    """Folded column name -> (rank, field)."""
    names: dict[str, tuple[int, str]] = {}
    for rank, (field, name) in enumerate(read_table(Path(__file__).with_name("fields.tsv"))):
        names.setdefault(_key(name), (rank, field))
    return names


def _is_given(value: object, field: str) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return any(paragraphs(value)) if field in _CONTENT else bool(as_string(value))


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return re.sub(r"[\s_\ufeff-]+", "", name).casefold()


def fields_of(row: Mapping[str, object]) -> dict[str, list[object]]:
    """For each field the values a row has for it, the most trusted name first."""
    found = []
    names = _names()
    for name, value in row.items():
        place = names.get(_key(str(name)))
        if place and _is_given(value, place[1]):
            found.append((*place, value))
    found.sort(key=lambda entry: entry[0])
    fields: dict[str, list[object]] = {}
    for _, field, value in found:
        fields.setdefault(field, []).append(value)
    return fields
