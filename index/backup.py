"""Articles as JSON lines: a backup that `khabar index` reads back to an equal index."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .read.fields import clean
from .text.tokens import language
from .types import Article, Document, InputError, Rejected

if TYPE_CHECKING:
    from .local.index import Index

MARK = "khabar"
"""The field by which a row is known to be an exported article; its value is the version of the format."""

VERSION = 1


@dataclass(frozen=True, slots=True)
class Exported(Document):
    """A document that is a clean article already, and is stored as it is."""

    article: Article = field(kw_only=True)


def lines(index: Index) -> Iterator[str]:
    """The articles of an index as lines of JSON, without line ends; what an article does not say is left out."""
    for _, article in index.articles():
        said = {name: value for name, value in asdict(article).items() if value}
        yield json.dumps({MARK: VERSION} | said, ensure_ascii=False)


def write(index: Index, path: Path) -> int:
    """Write the articles of an index to a file, which is replaced only when all are there; returns how many.

    Raises InputError where it cannot be written.
    """
    unfinished = path.with_name(f"{path.name}.new")
    count = 0
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            for line in lines(index):
                out.write(f"{line}\n")
                count += 1
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InputError(f"{error}. Name a file that can be written.") from None
    return count


def exported(row: Mapping[str, object], path: str) -> Exported | Rejected:
    """The article that a line of `lines` holds, or what is wrong with it; `path` says where the row stands."""
    if row[MARK] != VERSION:
        return Rejected(path, f"exported article of version {row[MARK]!r:.20}; this Khabar reads version {VERSION}")
    said: dict[str, Any] = {f.name: row[f.name] for f in fields(Article) if f.name in row}
    keywords = said.pop("keywords", [])
    if not isinstance(keywords, list) or not all(isinstance(value, str) for value in [*keywords, *said.values()]):
        return Rejected(path, "exported article with a field that is not text")
    said = {name: clean(value) for name, value in said.items()}
    if not said.get("id") or not said.get("text"):
        return Rejected(path, "exported article without id or text")
    article = Article(
        **{"title": "", "language": language(said["text"])} | said, keywords=tuple(clean(word) for word in keywords)
    )
    return Exported(article.id, article.text, path, article.title, article.language, article=article)
