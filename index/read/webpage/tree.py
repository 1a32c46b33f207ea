"""The tree of a page: its lines of text, and which parts of it do not belong to its article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...tables import read_table

Element = Any
"""An element of lxml, which has no types."""

# Elements whose text is a paragraph or a cell of its own.
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hr", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table"),
        *("tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul"),
    )
)
_NO_TEXT = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "head", "select", "textarea"))
_NO_ARTICLE = frozenset(("nav", "aside", "footer", "header", "form", "dialog"))
# Elements of running text that trafilatura drops with their words.
_PROSE = ("time", "q", "label", "output", "nobr", "bdi", "font", "mark", "data", "var", "samp", "kbd", "ruby")
_LAYOUT = ("table", "tbody", "thead", "tfoot", "tr", "td", "th")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page as it is read: its text, the element it begins in, and the `<time>` elements in it.

    `parts` are the stretches of the text, each with the element it stands in: what stands in two boxes is often written
    without a space between them.
    """

    text: str
    parts: tuple[tuple[str, Element], ...]
    element: Element
    times: tuple[Element, ...] = ()


def parse(markup: str) -> Element | None:
    """The tree of a page, None when it has no element."""
    import lxml.html  # type: ignore[import-untyped]

    try:
        # As bytes, since lxml refuses a str that declares an encoding; huge_tree, or texts of 10 MB are cut short.
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
        return lxml.html.document_fromstring(markup.encode(), parser=parser)
    except (lxml.etree.ParserError, ValueError):
        return None


@cache
def words(kind: str) -> tuple[str, ...]:
    """The names of one kind in webpage.tsv, in order."""
    return tuple(name for row, name in read_table(Path(__file__).with_name("webpage.tsv")) if row == kind)


def marked(element: Element, kind: str) -> bool:
    """Whether the class, id, role or itemprop of an element has a word of a kind."""
    names = " ".join(filter(None, map(element.get, ("class", "id", "role", "itemprop"))))
    if not names:
        return False
    parted = re.sub("(?<=[a-z])(?=[A-Z])", " ", names).lower()
    return not _kind(kind).isdisjoint([*re.split(r"[^a-z0-9]+", parted), *names.lower().split()])


@cache
def _kind(kind: str) -> frozenset[str]:
    return frozenset(words(kind))


def visible_lines(tree: Element) -> list[Line]:
    """The lines of a page, in order, each parted from the next by a block element."""
    import lxml.etree  # type: ignore[import-untyped]

    lines: list[Line] = []
    texts: list[tuple[str, Element]] = []
    times: list[Element] = []

    def flush() -> None:
        text = " ".join("".join(written for written, _ in texts).split())
        if text:
            parts = tuple((" ".join(written.split()), owner) for written, owner in texts if written.strip())
            lines.append(Line(text, parts, parts[0][1], tuple(times)))
        texts.clear()
        times.clear()

    walker = lxml.etree.iterwalk(tree, events=("start", "end"))
    for event, element in walker:
        if event == "start" and element.tag in _NO_TEXT:
            walker.skip_subtree()
            continue
        if element.tag in _BLOCKS:
            flush()
        if event == "start":
            texts.append((element.text or "", element))
            if element.tag in ("time", "abbr"):
                times.append(element)
        elif element is not tree:
            texts.append((element.tail or "", element.getparent()))
    flush()
    return lines


def without(tree: Element, line: Line) -> None:
    """Takes a line out of a page: the outermost element that holds nothing else, or the elements that make it up."""
    whole = [e for e in [line.element, *line.element.iterancestors()] if _text(e) == line.text]
    for element in whole[-1:] or [element for text, element in line.parts if _text(element) == text]:
        if element is not tree and element.getparent() is not None and element.tag != "body":
            element.drop_tree()


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def regions(tree: Element, headline: Element | None) -> list[Element]:
    """The outermost elements that hold no part of the article: menus, comments, links to other articles."""
    sizes = _sizes(tree)
    kept = set() if headline is None else {headline, *headline.iterancestors()}
    found: list[Element] = []
    inside: set[Element] = set()
    for element in tree.iter("*"):
        parent = element.getparent()
        if parent in inside:
            inside.add(element)
        elif element not in kept and _is_region(element) and sizes[element] * 2 < sizes[tree]:
            found.append(element)
            inside.add(element)
    return found


def _sizes(tree: Element) -> dict[Element, int]:
    """The letters in each element, counted in one pass."""
    import lxml.etree

    sizes: dict[Element, int] = {}
    for _, element in lxml.etree.iterwalk(tree, events=("end",)):
        inner = sum(sizes.get(child, 0) + len(child.tail or "") for child in element)
        sizes[element] = inner + len(element.text or "")
    return sizes


def _is_region(element: Element) -> bool:
    if element.tag in ("body", "html", "main", "article", "head"):
        return False
    if element.tag in ("nav", "aside", "footer", "dialog"):
        return True
    return marked(element, "region")


def is_outside(element: Element, headline: Element | None) -> bool:
    """Whether an element stands in what surrounds an article: a list, a form, a header or footer of the page."""
    kept = set() if headline is None else set(headline.iterancestors())
    return any(
        above not in kept and (above.tag in _NO_ARTICLE or (above.tag == "li" and _has_headline(above)))
        for above in [element, *element.iterancestors()]
    )


def _has_headline(item: Element) -> bool:
    """Whether an item of a list links to an article: its link has four words or more."""
    return any(len("".join(link.itertext()).split()) > 3 for link in item.iter("a"))


def prune(tree: Element, headline: Element | None) -> None:
    """Takes the regions out of a page, and renames elements whose words are lost when its text is extracted."""
    for element in regions(tree, headline):
        element.drop_tree()
    for element in tree.iter(*_PROSE):
        element.tag = "span"
        element.attrib.clear()
    if tree.find(".//article") is None and any(_is_layout(table) for table in tree.iter("table")):
        for element in tree.iter(*_LAYOUT):
            element.tag = "div"


def _is_layout(table: Element) -> bool:
    """Whether a table lays out a page: it holds another, or a heading, or a cell of a hundred words."""
    if next(table.iter("h1", "h2", "p"), None) is not None or table.find(".//table") is not None:
        return True
    return any(len(" ".join(cell.itertext()).split()) > 100 for cell in table.iter("td"))
