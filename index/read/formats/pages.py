"""Files that hold pages -> documents: text, Markdown, HTML, and feeds of pages (RSS, Atom)."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...types import Document, Rejected
from ..fields import clean, document, file_id, known, plain

Records = Iterator[Document | Rejected]


def from_text(text: str, path: str) -> Records:
    """One document, a whole page as it was scraped."""
    if body := clean(text):
        yield Document(id=file_id(path, body), text=body, path=path, page=True)


_FRONT_MATTER = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|$)", re.DOTALL)
_MARKDOWN = (  # in this order; each runs in time linear in the text, whatever is in it
    (re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE), ""),  # fences of code
    (re.compile(r"^[ \t]*(?:=+|(?:[-*_][ \t]?){3,})[ \t]*$", re.MULTILINE), ""),  # rules, underlined headings
    (re.compile(r"^[ \t]*\[[^\]\n]+\]:[ \t]*\S+.*$", re.MULTILINE), ""),  # addresses of links
    (re.compile(r"!\[[^\[\]\n]*\](?:\([^()\n]*\)|\[[^\[\]\n]*\])"), ""),  # images
    (re.compile(r"\[([^\[\]\n]*)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])"), r"\1"),  # links
    (re.compile(r"<(https?://[^\s<>]+)>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>\n]*>"), ""),
    (re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE), ""),  # quotations
    (re.compile(r"^[ \t]*#{1,6}[ \t]+|[ \t]#{1,6}[ \t]*$", re.MULTILINE), ""),  # headings
    (re.compile(r"^[ \t]*[-*+][ \t]+", re.MULTILINE), ""),  # bullets
    (re.compile(r"\*{1,3}([^*\n]+)\*{1,3}"), r"\1"),  # emphasis
    (re.compile(r"(?<!\w)_{1,3}([^_\n]+)_{1,3}(?!\w)"), r"\1"),
    (re.compile(r"`{1,3}([^`\n]+)`{1,3}"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>|-])"), r"\1"),
)


def from_markdown(text: str, path: str) -> Records:
    """One document, a page too; what stands in its front matter (`key: value`, lists too) are its fields."""
    row: dict[str, object] = {}
    if front := _FRONT_MATTER.match(text):
        row = _properties(front[2])
        text = text[front.end() :]
    for pattern, plain_text in _MARKDOWN:
        text = pattern.sub(plain_text, text)
    for name in [name for name in row if known(name) == "text"]:  # a "description" is not the text of this page
        del row[name]
    if body := clean(text):
        yield document({**row, "text": body.split("\n")}, path, file=path, page=True)


def _properties(front: str) -> dict[str, object]:
    row: dict[str, object] = {}
    items: list[object] = []
    for line in front.split("\n"):
        if item := re.fullmatch(r"\s*-\s+(.*)", line):
            items.append(_unquoted(item[1]))
        elif not line.startswith("#") and len(parts := re.split("[:=]", line, maxsplit=1)) == 2:
            items = []
            row[parts[0].strip(" \t\"'")] = _unquoted(parts[1]) or items
    return row


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


_TIME = re.compile(r"<time\b[^<>]*>([^<>]{4,80})</time>", re.IGNORECASE)


def from_html(text: str, path: str) -> Records:
    """One document: the article that trafilatura finds in a page, else all of the page's text as a page."""
    import trafilatura

    quiet("trafilatura", "htmldate", "courlan")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", clean(text))
    try:
        # The extensive search would date a page that does not state its date by its copyright notice.
        found = trafilatura.bare_extraction(
            text,
            with_metadata=True,
            include_comments=False,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
        article: dict[str, Any] = {} if found is None else found if isinstance(found, dict) else found.as_dict()
    except (
        Exception
    ):  # a third party's parser on anybody's page: whatever it stumbles on, the plain text is still there
        article = {}
    row: dict[str, object] = {
        "title": article.get("title"),
        "url": article.get("url"),
        "site": article.get("sitename"),
        "date": article.get("date") or (time[1] if (time := _TIME.search(text)) else None),
        "tags": [*(article.get("tags") or []), *(article.get("categories") or [])],
    }
    body = (article.get("text") or "").strip()
    if title := article.get("title"):
        body = body.removeprefix(title).lstrip() or body  # the heading, which is no sentence of the text
    if body:
        yield document({**row, "text": body.split("\n")}, path, file=path)
    elif whole := plain(text):
        yield document({**row, "text": whole.split("\n")}, path, file=path, page=True)
    else:
        yield Rejected(path, "has no text between its tags")


def quiet(*loggers: str) -> None:
    """Keeps what libraries log about other people's pages from the terminal, unless the program asked for logging."""
    for name in loggers:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


# A name for one character, as old feeds define them: the only entities that cannot grow or reach outside.
_HARMLESS_ENTITY = re.compile(r"""<!ENTITY\s{1,9}\w{1,40}\s{1,9}(["'])&#\w{1,8};\1\s{0,9}>""")
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")
_FEED_END = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF|channel)\s*>\s*(?:<!--.*)?$", re.DOTALL | re.IGNORECASE)


def from_feed(text: str, path: str) -> Records:
    """The entries of an RSS or Atom feed. One that defines entities of entities, or from outside, is refused whole."""
    import feedparser

    quiet("feedparser")
    text = clean(text)
    start = re.search(r"<[A-Za-z]", text)
    prolog = text[: start.start()] if start else text
    if "<!ENTITY" in _HARMLESS_ENTITY.sub("", prolog):
        yield Rejected(
            path, "defines XML entities of other entities or from outside the file, which is not safe to read"
        )
        return
    # Already decoded: whatever encoding the declaration names is no longer true.
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    feed = feedparser.parse(
        io.BytesIO(body.encode()), response_headers={"content-type": "application/xml; charset=utf-8"}
    )
    if not feed.entries:
        root = re.search(r"<([A-Za-z][\w:.-]{0,60})", text)
        reason = (
            "is not XML" if not root else f"holds no RSS item or Atom entry (it is XML that begins with <{root[1]}>)"
        )
        yield Rejected(path, reason)
        return
    places = [item.start() for item in _ITEM.finditer(text)]
    line, place = 1, path
    for i, entry in enumerate(feed.entries):
        # One inside a CDATA section or comment would shift all that follow: then no line rather than a wrong one.
        if len(places) == len(feed.entries):
            line += text.count("\n", places[i - 1] if i else 0, places[i])
            place = f"{path}:{line}"
        yield document(_entry(entry, feed.feed), place)
    if not _FEED_END.search(text[-2000:]):
        yield Rejected(path, "is cut short: the feed has no end, and its last item may not be whole")


def _entry(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> dict[str, object]:
    contents = [content.get("value") for content in entry.get("content", [])]
    return {
        "id": entry.get("id"),
        "title": plain(entry.get("title") or ""),
        "text": plain(next(filter(None, [*contents, entry.get("summary")]), "")).split("\n"),
        "date": entry.get("published") or entry.get("updated"),
        "source": (entry.get("source") or {}).get("title") or feed.get("title"),
        "url": entry.get("link"),
        "tags": [tag.get("term") for tag in entry.get("tags", [])],
    }
