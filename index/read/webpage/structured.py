"""What a page's scripts say: JSON-LD, and the text of an article that only a script holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .tree import Element, words

DEPTH = 30
"""Levels down to which objects are looked into."""

OBJECTS = 20_000
"""Objects and lists of a page that are looked at."""

_ARTICLE = re.compile(
    r"(?:\w*article|\w*posting|report|review|liveblogposting|advertisercontentarticle)", re.IGNORECASE
)
_PUBLISHED = re.compile(r'"datePublished"\s?:\s?"([^"\\]{4,60})"')


class Entry(NamedTuple):
    """One JSON-LD object with its type in lower case ("" when it has none); `listed` when it is an item of a list."""

    kind: str
    row: dict[str, Any]
    listed: bool


def _scripts(tree: Element, *types: str) -> Iterator[str]:
    for script in tree.iter("script"):
        if (script.get("type") or "").split(";")[0].strip().lower() in types and script.text:
            yield script.text


def _parsed(text: str) -> Any:
    text = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>)\s*$", "", text)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _walk(root: Any) -> Iterator[tuple[dict[str, Any], bool]]:
    """Objects from the outside to the inside, and whether they are items of a list of links."""
    queue: list[tuple[Any, int, bool]] = [(root, 0, False)]
    for value, depth, listed in queue:  # the list grows while it is walked
        if len(queue) > OBJECTS or depth > DEPTH:
            return
        if isinstance(value, dict):
            yield value, listed
            listed = listed or "itemListElement" in value
            queue += [(inner, depth + 1, listed) for inner in value.values() if isinstance(inner, dict | list)]
        elif isinstance(value, list):
            queue += [(inner, depth + 1, listed) for inner in value if isinstance(inner, dict | list)]


def objects(tree: Element) -> list[Entry]:
    """All JSON-LD objects of a page."""
    found = []
    for text in _scripts(tree, "application/ld+json"):
        for row, listed in _walk(_parsed(text)):
            kinds = row.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            kind = next((str(k) for k in kinds if isinstance(k, str) and _ARTICLE.fullmatch(k)), str(kinds[0] or ""))
            found.append(Entry(kind.rsplit("/", 1)[-1].lower(), row, listed))
    return found


def articles(tree: Element) -> list[Entry]:
    """The JSON-LD objects that describe an article, but for those of a list of other articles."""
    return [entry for entry in objects(tree) if _ARTICLE.fullmatch(entry.kind) and not entry.listed]


def dates(tree: Element) -> list[str]:
    """Dates of publication in JSON-LD, as written; also from a script that is broken."""
    found = [str(entry.row["datePublished"]) for entry in articles(tree) if entry.row.get("datePublished")]
    if not found:
        pages = [entry for entry in objects(tree) if entry.kind in ("webpage", "itempage", "newspage", "")]
        found = [str(entry.row["datePublished"]) for entry in pages if entry.row.get("datePublished")]
    for text in _scripts(tree, "application/ld+json"):
        if _parsed(text) is None:
            found += _PUBLISHED.findall(text)[:1]
    return found


def body(tree: Element) -> str:
    """The longest text that a script holds under a name such as "articleBody"; "" when there is none."""
    wanted = frozenset(words("body"))
    longest = ""
    for text in _scripts(tree, "application/ld+json", "application/json"):
        for row, listed in _walk(_parsed(text)):
            for name, value in row.items():
                if not listed and name.lower() in wanted and isinstance(value, str) and len(value) > len(longest):
                    longest = value
    return longest
