"""Under which id a document is stored: an id is an id within its file, and nobody's article is replaced by another.

The rule, for a document whose id is already an article's:

1. The same document is the same article, wherever it stands; where the file it came from is gone, its path follows.
2. From the file that the article came from, it is a new version of it. So is, from any file, one whose id is an
   address or was made of one, where the headline is the same: it replaces the article, and that is reported.
3. From another file it is another article. The name of its file is put before its id: `7` becomes `b.csv:7`, and as
   much of the path as is needed to tell it from others, `2024/b.csv:7`.
4. A second document under one id in one file gets eight digits of a hash of its address and headline: `7~1c9be0d2`.

Documents of `khabar export` are from the file that their article names as its own.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, replace
from typing import NamedTuple

from .ports import Known, Provenance, Reading, Store, is_there, key
from .read import Exported, made_id, shown
from .text import fold
from .types import Article, Collision, Document

_LINE = re.compile(r":\d+$")
_MADE = re.compile(r"[0-9a-f]{32}")
_SHORT = 12  # digits of an id that was made when ids had 48 bits
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|tag:|urn:", re.IGNORECASE)

# What the hash of a document is made of, in this order. A field that is added to Document later stays out of it, or
# every stored article would be cleaned and encoded again.
_HASHED = ("id", "text", "title", "language", "published", "source", "url", "keywords", "page")


def fingerprint(document: Document) -> str:
    """A hash of everything a document says, wherever it stands: an unchanged one is not cleaned and encoded again."""
    said: list[object] = [getattr(document, name) for name in _HASHED]
    said.insert(2, "")  # where it stands, which is not hashed
    if isinstance(document, Exported):
        said.append(astuple(document.article))
    return hashlib.sha256(repr(tuple(said)).encode("utf-8", "surrogatepass")).hexdigest()


class Pending(NamedTuple):
    """A document that was read and is not stored yet, its hash, and the file it is in."""

    digest: str
    file: bytes | None
    document: Document


class Identities:
    """Gives each document of a run the id under which it is stored, and remembers which were changed."""

    def __init__(self, index: Store, records: Provenance) -> None:
        """`index` and `records` are what is stored so far."""
        self.renamed: list[Collision] = []
        self.replaced: list[Collision] = []
        self._index, self._records = index, records
        self._batch: Mapping[str, Pending] = {}

    def settle(self, document: Document, file: bytes | None, batch: dict[str, Pending], reading: Reading) -> Document:
        """A document with the id under which it is stored; `file` is where it was read, None for standard input.

        It is put among those of its batch. Where the article came from a file that is gone, its new path is noted in
        `reading`.
        """
        self._batch = batch
        document = self._with_stored_id(document, file)
        given = document.id
        for wanted in self._candidates(document, file):
            named = _with_id(document, wanted)
            digest = fingerprint(named)
            if self._may_have(named, digest, file, reading):
                break
        if wanted != given:
            self.renamed.append(Collision(document.path, given, wanted))
        batch[wanted] = Pending(digest, file, named)
        return named

    def _candidates(self, document: Document, file: bytes | None) -> Iterator[str]:
        """The ids that a document may get, in the order of preference. It has no end."""
        wanted = document.id
        if file is not None and self._records.article(wanted) is None and wanted not in self._batch:
            # The article that had this id is gone: a document that was renamed for it keeps its name.
            yield from (name for name in self._named(wanted, file) if self._records.holds(file, name))
        yield wanted
        others = [wanted]
        if not self._is_repeated(wanted, file):
            names = list(self._named(wanted, file))
            yield from names
            others = names
        told = hashlib.sha256(
            f"{document.url}\n{document.title or document.text}".encode("utf-8", "replace")
        ).hexdigest()
        yield from (f"{other}~{told[:8]}" for other in others)
        whole = fingerprint(document)
        for digits in range(8, len(whole)):
            yield f"{wanted}~{whole[:digits]}"
        raise AssertionError("two documents have one SHA-256")

    def _named(self, wanted: str, file: bytes | None) -> Iterator[str]:
        """The id with the name of its file before it, then with more and more of its path."""
        parts = shown(os.fsdecode(file)).split(os.sep) if file is not None else ["stdin"]
        for count in range(1, len(parts) + 1):
            if name := os.sep.join(parts[-count:]):
                yield f"{name}:{wanted}"

    def _is_repeated(self, wanted: str, file: bytes | None) -> bool:
        """Whether another document of the same file has an id, in this reading of it."""
        if (pending := self._batch.get(wanted)) is not None:
            return pending.file == file
        return file is not None and self._records.met(file, wanted)

    def _may_have(self, document: Document, digest: str, file: bytes | None, reading: Reading) -> bool:
        if (pending := self._batch.get(document.id)) is not None:
            if pending.digest == digest:
                return True
            if pending.file == file or not _is_version(document, pending.document.title):
                return False
            self.replaced.append(Collision(document.path, document.id, document.id))
            return True
        known = self._records.article(document.id)
        if known is None:
            return True
        if known.document == digest or self.is_stored(document):
            self._follow(document, file, known, reading)
            return True
        if known.host is not None and not isinstance(document, Exported):
            return False  # it was embedded in the page of another article
        if file is not None and self._records.met(file, document.id):
            return False
        if self._came_from(document, file, known):
            return True
        if not _is_version(document, known.title):
            return False
        self.replaced.append(Collision(document.path, document.id, document.id))
        return True

    def settle_embedded(self, article: Article, batch: Collection[str]) -> str:
        """An id that no other article has, for one that was embedded in the page of a document of a batch."""
        known = self._records.article(article.id)
        if article.id not in batch and (known is None or known.host == article.host):
            return article.id
        named = f"{article.id}~{made_id(article.text.encode('utf-8', 'replace'))[:8]}"
        self.renamed.append(Collision(article.path or "", article.id, named))
        return named

    def is_stored(self, document: Document) -> bool:
        """Whether a line of a backup is what is stored, whatever that was made of."""
        if not isinstance(document, Exported) or not self._index.known([document.id]):
            return False
        return self._index.article(document.id) == document.article

    def _came_from(self, document: Document, file: bytes | None, known: Known) -> bool:
        """Whether a stored article came from the file that a document is in."""
        if known.path is None:
            return True
        if isinstance(document, Exported):
            mine = document.article.path
            return (
                mine is None
                or _file(mine) == _file(known.path)
                or (file is not None and self._records.holds(file, document.id))
            )
        if file is None:
            return _file(known.path) == "-"
        owner = _owner(known.path, self._records.holders(document.id))
        return owner == file if owner is not None else _is_at(known.path, file)

    def _follow(self, document: Document, file: bytes | None, known: Known, reading: Reading) -> None:
        if file is None or known.path is None or isinstance(document, Exported) or _is_at(known.path, file):
            return
        owner = _owner(known.path, self._records.holders(document.id))
        if not is_there(owner if owner is not None else _file(known.path)):
            reading.moved[document.id] = document.path

    def _with_stored_id(self, document: Document, file: bytes | None) -> Document:
        """The document with the id of its article, where that was made when ids were shorter or the file elsewhere."""
        if isinstance(document, Exported) or not _MADE.fullmatch(document.id) or self._records.article(document.id):
            return document
        if document.id[:_SHORT] in self._batch or (known := self._records.article(document.id[:_SHORT])):
            old = replace(document, id=document.id[:_SHORT])
            if (
                known is None
                or known.document == fingerprint(old)
                or _is_same(old, known)
                or self._came_from(old, file, known)
            ):
                return old
        if file is not None and document.id == made_id(file):
            # The file was moved here before, and has changed since: the article keeps the id of its first place.
            held = self._records.held_by(file)
            if len(held) == 1 and held[0] not in self._batch and _MADE.match(held[0].ljust(32, "0")):
                return replace(document, id=held[0])
        return document


def _with_id(document: Document, wanted: str) -> Document:
    if isinstance(document, Exported) and document.id != wanted:
        return replace(document, id=wanted, article=replace(document.article, id=wanted))
    return replace(document, id=wanted) if document.id != wanted else document


def _is_same(document: Document, known: Known) -> bool:
    return document.url is not None and document.url == known.url


def _is_version(document: Document, title: str) -> bool:
    """Whether a document under the address of an article is a version of it: its headline is the same, or unknown."""
    by_address = _ADDRESS.match(document.id) or (
        document.url is not None and made_id(document.url.encode("utf-8", "replace")).startswith(document.id)
    )
    if not by_address or isinstance(document, Exported):
        return False
    mine, its = fold(document.title), fold(title)
    return not mine or not its or mine in its or its in mine


def _file(path: str) -> str:
    """The file of `file:line`."""
    return path if os.path.lexists(path) else _LINE.sub("", path)


def _is_at(path: str, file: bytes) -> bool:
    """Whether the path of an article, as it was written when it was indexed, may be that of a file."""
    written, full = os.path.normpath(_LINE.sub("", path)), shown(os.fsdecode(file))
    if os.path.isabs(written):
        return written == full
    while written.startswith(f"..{os.sep}"):
        written = written[3:]
    return full == shown(os.path.abspath(written)) or full.endswith(os.sep + written)


def _owner(path: str, holders: list[bytes]) -> bytes | None:
    """Which of the files that hold an article is the one that its path names."""
    absolute = key(_LINE.sub("", path))
    return absolute if absolute in holders else next((file for file in holders if _is_at(path, file)), None)
