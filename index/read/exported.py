"""Rows that `khabar export` wrote -> the articles that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..text import language, parse_date
from ..types import Article, Document, Rejected
from .fields import MAX_URL
from .prose import clean

MARK = "khabar"
"""The field by which a row is known to be an exported article; its value is the version of the format."""

VERSION = 1


@dataclass(frozen=True, slots=True)
class Exported(Document):
    """A document that is a clean article already, and is stored as it is."""

    article: Article = field(kw_only=True)


def exported(row: Mapping[str, object], path: str) -> Exported | Rejected:
    """The article that a line of a backup holds, or what is wrong with it; `path` says where the row stands."""
    if row[MARK] != VERSION:
        return Rejected(path, f"exported article of version {row[MARK]!r:.20}; this Khabar reads version {VERSION}")
    said: dict[str, Any] = {f.name: row[f.name] for f in fields(Article) if f.name in row}
    keywords = said.pop("keywords", [])
    if not isinstance(keywords, list) or not all(isinstance(value, str) for value in [*keywords, *said.values()]):
        return Rejected(path, "exported article with a field that is not text")
    said = {name: clean(value) for name, value in said.items()}
    if not said.get("id") or not said.get("text"):
        return Rejected(path, "exported article without id or text")
    for name in ("title", "source", "url"):
        if len(value := said.get(name) or "") > MAX_URL:
            return Rejected(path, f"exported article whose {name} has {len(value):,} characters, more than {MAX_URL:,}")
    if published := said.get("published"):
        read = parse_date(published)
        if read is None:
            return Rejected(
                path, f"exported article whose date cannot be read: {published[:60]!r}; write it like 2024-12-31"
            )
        said["published"] = published if published[:10] == read[:10] else read
    article = Article(
        **{"title": "", "language": language(said["text"])} | said, keywords=tuple(clean(word) for word in keywords)
    )
    return Exported(article.id, article.text, path, article.title, article.language, article=article)
