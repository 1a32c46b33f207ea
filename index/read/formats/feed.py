"""RSS and Atom feeds, and exports of blogs in these formats -> a document for each item."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from ...tables import read_table
from ...types import Noted, Records, Rejected
from ..fields import made_id, records
from ..prose import clean, plain, quiet

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")

# A name for one character, as old feeds define them: the only entities that cannot grow or reach outside.
_HARMLESS_ENTITY = re.compile(r"""<!ENTITY\s{1,9}\w{1,40}\s{1,9}(["'])&#\w{1,8};\1\s{0,9}>""")
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")
_MARKED = re.compile(r"<!\[CDATA\[|<!--|<(?:\w+:)?(?:item|entry)[\s>]")
_FEED_END = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF|channel)\s*>\s*(?:<!--.*)?$", re.DOTALL | re.IGNORECASE)

# Items of a broken feed are parsed one by one, so that one without its end does not swallow the next. This bounds the
# time that takes, and the part before the first item that is parsed with each.
_MAX_SINGLE, _MAX_HEAD = 2_000, 1 << 14

_BLOGGER_KIND = re.compile(r"https?://schemas\.google\.com/blogger/\d+/kind#(\w+)")
_SHORTCODE = re.compile(r"\[caption\b[^\]]{0,500}\].{0,2000}?\[/caption\]", re.DOTALL)


def from_feed(text: str, path: str) -> Records:
    """The entries of an RSS or Atom feed. One that defines entities of entities, or from outside, is refused whole.

    Of the export of a blog, the posts and pages that were published: drafts, comments, attachments, menus and settings
    are passed over, and a note says how many. An id or address that several items share is the id of none of them.
    """
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
    body = _DECLARATION.sub("", text)
    shift = text.count("\n", 0, len(text) - len(body))
    entries = list(_entries(body, path, shift))
    if not entries:
        root = re.search(r"<([A-Za-z][\w:.-]{0,60})", text)
        reason = (
            "is not XML" if not root else f"holds no RSS item or Atom entry (it is XML that begins with <{root[1]}>)"
        )
        yield Rejected(path, reason)
        return
    passed = Counter(kind for _, entry, _ in entries if (kind := _not_an_article(entry)))
    entries = [(place, entry, feed) for place, entry, feed in entries if not _not_an_article(entry)]
    ids = Counter(entry.get("id") for _, entry, _ in entries)
    links = Counter(entry.get("link") for _, entry, _ in entries)
    for place, entry, feed in entries:
        row = _row(entry, feed)
        if ids[entry.get("id")] > 1:
            row["id"] = None
        if row["id"] is None and links[entry.get("link")] > 1:
            row["id"] = made_id(f"{row['url']}\n{row['title'] or row['text']}".encode())
        yield from records(row, place)
    if passed:
        listed = ", ".join(f"{count} {kind}" for kind, count in sorted(passed.items()))
        yield Noted(path, f"items that are no published article were passed over: {listed}")
    if not _FEED_END.search(text[-2000:]):
        yield Rejected(path, "is cut short: the feed has no end, and its last item may not be whole")


def _entries(body: str, path: str, shift: int) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """(path with line, entry, feed) of each item; `shift` is the number of lines before `body`."""
    feed = _parse(body)
    places = _places(body)
    head = body[: places[0]] if places else ""
    single = feed.get("bozo") and 1 < len(places) <= _MAX_SINGLE and len(head) <= _MAX_HEAD
    line = 1 + shift
    if not single:
        # A different number, as where an item is left open: then no line rather than a wrong one.
        known = len(places) == len(feed.entries)
        for i, entry in enumerate(feed.entries):
            if known:
                line += body.count("\n", places[i - 1] if i else 0, places[i])
            yield (f"{path}:{line}" if known else path), entry, feed.feed
        return
    root = re.search(r"<((?:\w+:)?(?:rss|feed|RDF))\b", head, re.IGNORECASE)
    for i, (begin, end) in enumerate(zip(places, [*places[1:], len(body)], strict=True)):
        line += body.count("\n", places[i - 1] if i else 0, begin)
        part = _parse(f"{head}{body[begin:end]}" + (f"</{root[1]}>" if root and i + 1 < len(places) else ""))
        for entry in part.entries[:1]:
            yield f"{path}:{line}", entry, feed.feed if "title" not in part.feed else part.feed


def _parse(body: str) -> Any:
    import feedparser

    return feedparser.parse(
        io.BytesIO(body.encode()), response_headers={"content-type": "application/xml; charset=utf-8"}
    )


def _places(body: str) -> list[int]:
    """Where items begin: not those in comments and CDATA sections, which are text."""
    found: list[int] = []
    at = 0
    while mark := _MARKED.search(body, at):
        closing = {"<![CDATA[": "]]>", "<!--": "-->"}.get(mark[0])
        if closing is None:
            found.append(mark.start())
            at = mark.end()
        elif (end := body.find(closing, mark.end())) >= 0:
            at = end + 3
        else:
            break
    return found


def _not_an_article(entry: Mapping[str, Any]) -> str | None:
    """What an item of a blog's export is, if no published post or page: "attachment", "draft", "comment" ..."""
    for tag in entry.get("tags", []):
        if (kind := _BLOGGER_KIND.match(tag.get("term") or "")) and kind[1] not in ("post", "page"):
            return kind[1]
    kind, status = entry.get("wp_post_type"), entry.get("wp_status")
    if kind and kind in _WORDPRESS_OTHERS:
        return str(kind)
    if (status and status not in ("publish", "inherit")) or "app_draft" in entry:
        return str(status or "draft")
    return None


# What an export of WordPress holds beside posts, pages and the kinds of article that a site defines itself.
_WORDPRESS_OTHERS = {"attachment", "nav_menu_item", "revision", "custom_css", "customize_changeset", "oembed_cache"}
_WORDPRESS_OTHERS |= {"user_request", "wp_block", "wp_template", "wp_template_part", "wp_global_styles", "feedback"}
_WORDPRESS_OTHERS |= {"wp_navigation", "wp_font_family", "wp_font_face"}


def _row(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> dict[str, object]:
    contents = [content.get("value") for content in entry.get("content", [])]
    markup = next(filter(None, [*contents, entry.get("summary")]), "")
    lines = plain(_SHORTCODE.sub("", markup)).split("\n")
    while len(lines) > 1 and _endings().fullmatch(lines[-1]):
        del lines[-1]
    return {
        "id": entry.get("id"),
        "title": plain(entry.get("title") or ""),
        "text": lines,
        "date": entry.get("published") or entry.get("updated"),
        "source": (entry.get("source") or {}).get("title") or feed.get("title"),
        "url": _absolute(entry.get("link"), feed.get("link")),
        "tags": [term for tag in entry.get("tags", []) if not _BLOGGER_KIND.match(term := tag.get("term") or "")],
    }


def _absolute(link: str | None, home: str | None) -> str | None:
    try:
        return urljoin(home, link) if link and home else link
    except ValueError:
        return link


@cache
def _endings() -> re.Pattern[str]:
    rules = "|".join(rule for (rule,) in read_table(Path(__file__).with_name("feed_endings.tsv")))
    return re.compile(rules, re.IGNORECASE)
