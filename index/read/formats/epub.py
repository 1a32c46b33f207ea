"""An e-book (EPUB), as magazines and collections of articles are sent -> a document for each of its chapters."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import unquote

from ...types import Noted, Records
from ..encodings import decode
from ..fields import records
from ..input import Refused
from ..packages import opened, parsed, part
from ..prose import text_of, tree_of

_CONTAINER = "META-INF/container.xml"
_PAGES = {"application/xhtml+xml", "text/html"}

FEW = 200
"""Letters up to which a page of a book is no article but its cover, contents or imprint."""


def from_epub(file: BinaryIO, path: str) -> Records:
    """The chapters in the order in which they are read, each by its first heading. Raises Refused."""
    with opened(file) as package:
        protected = part(package, "META-INF/encryption.xml")
        if protected is not None and b"EncryptedData" in protected and b"font" not in protected.lower():
            raise Refused("is protected against copying; its text cannot be read")
        short = 0
        for name in _pages(package):
            data = part(package, name)
            if data is None:
                continue
            tree = tree_of(decode(data))
            title, text = ("", "") if tree is None else (_heading(tree), text_of(tree))
            if len(text) <= FEW:
                short += 1
                continue
            row: dict[str, object] = {"text": text.removeprefix(title).lstrip().split("\n")}
            if title:
                row["title"] = title
            yield from records(row, f"{path}/{name}", file=f"{path}/{name}", page=True)
    if short:
        yield Noted(path, f"{short} pages of a few words were passed over in it: covers, contents, imprints")


def _pages(package: Any) -> Iterator[str]:
    container = part(package, _CONTAINER)
    root = None if container is None else parsed(container).find(".//{*}rootfile")
    book = None if root is None else part(package, root.get("full-path") or "")
    if root is None or book is None:
        raise Refused("is no e-book: it does not say where its text is")
    tree = parsed(book)
    folder = posixpath.dirname(root.get("full-path"))
    items = {item.get("id"): item for item in tree.iter("{*}item")}
    for reference in tree.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if (
            item is not None
            and item.get("media-type") in _PAGES
            and "nav" not in (item.get("properties") or "").split()
        ):
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _heading(tree: Any) -> str:
    """The first heading of a page, "" where it has none."""
    for element in tree.iter("h1", "h2", "h3"):
        if said := " ".join("".join(element.itertext()).split()):
            return said
    return ""
