"""Articles as references for bibliographies: CSL-JSON (Zotero, pandoc), BibTeX and RIS (EndNote, Mendeley).

Only what an article says is written. Nothing says who wrote it, so no reference has an author.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from ..harmless import harmless, json_line
from ..types import Article

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LANGUAGES = {"ar": "arabic", "en": "english"}  # as babel and biblatex name them
_UNSAFE_KEY = re.compile(r"[^A-Za-z0-9:./_-]")
_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
}


def csl_json(articles: Iterable[Article], *, ascii_only: bool = False) -> Iterator[str]:
    """One list in CSL-JSON (https://citeproc-js.readthedocs.io), an item a line."""
    before = "["
    for article in articles:
        yield before + json_line(_csl(article), ascii_only=ascii_only)
        before = ","
    yield "]" if before == "," else "[]"


def _csl(article: Article) -> dict[str, object]:
    said = {
        "title": article.title,
        "container-title": article.source,
        "issued": {"date-parts": [_date(article)]} if article.published else None,
        "URL": article.url,
        "language": article.language,
        "publisher-place": article.city,
        "keyword": ", ".join(article.keywords),
    }
    return {"id": article.id, "type": "article-newspaper"} | {name: value for name, value in said.items() if value}


def bibtex(articles: Iterable[Article]) -> Iterator[str]:
    """Entries that BibTeX and biblatex read, each followed by an empty line."""
    for article in articles:
        year, month = [*map(str, _date(article)), "", ""][:2]
        said = {
            "title": f"{{{_tex(article.title)}}}" if article.title else "",  # braces keep its capitals
            "journal": _tex(article.source or ""),
            "date": (article.published or "")[:10],
            "year": year,
            "url": quote(harmless(article.url or ""), safe="%:/?#[]@!$&'()*+,;=~-._"),
            "langid": _LANGUAGES.get(article.language, ""),
            "location": _tex(article.city or ""),
            "keywords": _tex(", ".join(article.keywords)),
        }
        yield f"@{'article' if article.source else 'misc'}{{{_key(article.id)},"
        yield from (f"  {name} = {{{value}}}," for name, value in said.items() if value)
        if month:
            yield f"  month = {_MONTHS[int(month) - 1]},"
        yield "}"
        yield ""


def ris(articles: Iterable[Article]) -> Iterator[str]:
    """References in RIS, the newspaper article being their type."""
    for article in articles:
        said = [
            ("ID", article.id),
            ("TI", article.title),
            ("T2", article.source),
            ("DA", (article.published or "")[:10].replace("-", "/")),
            ("PY", (article.published or "")[:4]),
            ("UR", article.url),
            ("LA", article.language),
            ("CY", article.city),
            *(("KW", word) for word in article.keywords),
        ]
        yield "TY  - NEWS"
        yield from (f"{tag}  - {harmless(value)}" for tag, value in said if value)
        yield "ER  - "
        yield ""


def _date(article: Article) -> list[int]:
    """Year, month and day, as far as they are known."""
    return [int(part) for part in (article.published or "")[:10].split("-") if part]


def _key(article_id: str) -> str:
    """An id as the key of a BibTeX entry: other signs are replaced, and a hash tells it from what is then equal."""
    key = _UNSAFE_KEY.sub("-", article_id)
    return key if key == article_id else f"{key}-{hashlib.sha256(article_id.encode()).hexdigest()[:8]}"


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in harmless(text))
