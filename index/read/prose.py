"""The text in a value, whatever its scraper made of it: markup, lists of blocks, pieces of a message."""

from __future__ import annotations

import html
import logging
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_TAGS = "p|div|br|span|strong|em|b|i|u|a|ul|ol|li|h[1-6]|img|blockquote|figure|table|tr|td|section|article|script|style"
_MARKUP = re.compile(rf"<(?:{_TAGS})(?:\s[^<>]*)?/?>|</(?:{_TAGS})\s*>", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"<(?:p|div|br|li|h[1-6]|td)[\s/>]", re.IGNORECASE)

_ENTITY = re.compile(
    r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|amp|quot|apos|nbsp|lt|gt|laquo|raquo|hellip|[nm]dash|[lr][sd]quo|rlm|lrm|zwnj);"
)

# An object with one of these holds paragraphs in it and in the fields beside it.
_SECTIONS = ("sections", "paragraphs", "blocks", "children", "data")
_INSIDE_SECTIONS = ("summary", "headline", "text", "content", "items")

# What messages call the types of stretches of a sentence.
_PIECES = (
    "plain",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "code",
    "link",
    "text_link",
    "hashtag",
    "cashtag",
    "mention",
    "mention_name",
    "email",
    "phone",
    "bot_command",
    "custom_emoji",
    "blockquote",
)

_DEEPEST = 20
"""Levels of lists and objects in a text that are looked into."""

_HIDDEN = ("script", "style", "noscript", "template", "svg", "iframe")

# A field of unknown name with so many characters and words may be a text; less is a caption or a byline.
PROSE, PROSE_WORDS = 60, 8

# Where the value is when a field holds an object: {"source": {"name": ...}}, {"title": {"rendered": ...}}.
INSIDE = (
    "name",
    "title",
    "rendered",
    "value",
    "#text",
    "text",
    "href",
    "url",
    "label",
    "term",
    "$date",
    "$oid",
    "id",
    "content",
    "main",
    "html",
    "plain",
)


def clean(text: str) -> str:
    """Text without characters that no database, terminal or encoder takes; lone surrogates become U+FFFD."""
    if text.replace("\n", "").isprintable():  # most texts, told in a twentieth of the time
        return text.strip()
    return _SURROGATE.sub("\ufffd", _UNUSABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def plain(markup: str) -> str:
    """The text of some HTML, one line for each paragraph or other block; without scripts and styles."""
    tree = tree_of(markup)
    return "" if tree is None else text_of(tree)


def tree_of(markup: str) -> Any:
    """The elements of some HTML; None where it holds nothing but comments, declarations or blanks."""
    import lxml.html  # type: ignore[import-untyped]

    try:
        # As bytes, since lxml refuses a str that declares an encoding; huge_tree, or texts of 10 MB are cut short.
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        return lxml.html.document_fromstring(clean(markup).encode(), parser=parser)
    except (lxml.etree.ParserError, ValueError):
        return None


def text_of(tree: Any) -> str:
    """The text of some elements, as `plain` gives it. What is no text is taken out of them."""
    import lxml.html.defs  # type: ignore[import-untyped]

    blocks = (lxml.html.defs.block_tags | {"br", "article", "section", "header", "footer", "figure", "figcaption"}) - {
        "ins",
        "del",
    }
    lxml.etree.strip_elements(tree, lxml.etree.Comment, lxml.etree.PI, *_HIDDEN, with_tail=False)
    parts: list[str] = []
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        if element.tag in blocks:
            parts.append("\n")
        if event == "start":
            parts.append(" ".join((element.text or "").split("\n")))
        elif event == "end" and element.tail:
            parts.append(" ".join(element.tail.split("\n")))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(filter(None, lines))


def as_string(value: object) -> str:
    """A value as clean text: a number as it is written, of an object or list the first value that is text."""
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, Mapping):
        return next((text for name in INSIDE if (text := as_string(value.get(name)))), "")
    if isinstance(value, list):
        return next((text for item in value if (text := as_string(item))), "")
    return str(value)


def prose_of(values: list[object]) -> str:
    """The text of a title or body; a list is its paragraphs, and HTML becomes plain."""
    text = "\n".join(filter(None, paragraphs(values[0]))) if values else ""
    if _MARKUP.search(text):
        # Where only bold type and links are marked up, the line ends are still what parts the paragraphs.
        return plain(text if _PARAGRAPHS.search(text) else text.replace("\n", "<br>"))
    return clean(html.unescape(text)) if _ENTITY.search(text) else text


def paragraphs(value: object, depth: int = 0) -> Iterator[str]:
    """The paragraphs of a body: of a string, a list of them, or an object with sections or blocks of them."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        if value and all(isinstance(item, str) or _is_piece(item) for item in value) and any(map(_is_piece, value)):
            yield clean("".join(item if isinstance(item, str) else item["text"] for item in value))
            return
        for item in value:
            yield from paragraphs(item, depth + 1)
    elif isinstance(value, Mapping) and any(name in value for name in _SECTIONS):
        for name, inner in value.items():
            if name in _SECTIONS or name in _INSIDE_SECTIONS:
                yield from paragraphs(inner, depth + 1)
    else:
        yield as_string(value)


def _is_piece(item: object) -> bool:
    """Whether an item of a list is a stretch of a sentence in some type, as messages have them, and no paragraph."""
    return isinstance(item, Mapping) and item.get("type") in _PIECES and isinstance(item.get("text"), str)


def size_of_prose(value: object, depth: int = 0) -> int:
    """How many characters of a value are prose and no caption or byline; 0 where it is too short to tell."""
    if isinstance(value, str):
        return len(value) if value[:2000].count(" ") >= PROSE_WORDS - 1 else 0
    if depth > _DEEPEST or not isinstance(value, list | Mapping):
        return 0
    inner = value.values() if isinstance(value, Mapping) else value
    return sum(size_of_prose(item, depth + 1) for item in inner)


def quiet(*loggers: str) -> None:
    """Keeps what libraries log about other people's pages from the terminal, unless the program asked for logging."""
    for name in loggers:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
