"""A document as it was read -> its articles, each with title, date, source, keywords and body, and nothing else.

Two things tell what is boilerplate: tables (rules.tsv) and repetition (repeats.py). How pages are built is known to
page.py. A row of a data set holds a body alone, so only lines that cannot be sentences are removed from it, and its
dateline stays in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import PurePath
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..errors import InputError
from ..text import identify, parse_date
from ..types import Article, Document
from . import page, titles
from . import rules as bp
from .lines import (
    BULLETS,
    is_label,
    is_link,
    is_paragraph,
    labelled,
    row_rules,
    states_origin,
    tidy,
    unglue,
    unlink,
    words_of,
)
from .repeats import Lines, Repeats

SHORT = 300
"""Letters from which a line of a row is kept whatever it says."""


class Tidied(NamedTuple):
    """The lines of a document that are not blank, with single spaces, and what each is once it is folded."""

    lines: list[str]
    keys: list[str]

    @classmethod
    def of(cls, document: Document) -> Tidied:
        """Those of a document."""
        lines = tidy(document.text)
        return cls(lines, bp.key("\n".join(lines)).split("\n") if lines else [])


class Cleaner:
    """Turns documents into articles; learns which lines a source repeats in many of its articles."""

    def __init__(self) -> None:
        """A cleaner that has learned nothing about any source yet."""
        self._repeats = Repeats()

    def learn(self, documents: Iterable[Document]) -> list[tuple[Tidied, Lines]]:
        """Count the lines of documents, per source; call it with a batch before cleaning the batch.

        Returns the lines of each, for `clean`, and what `repeated` needs of them.
        """
        found = []
        for document in documents:
            tidied = Tidied.of(document)
            found.append((tidied, Lines.of(tidied.keys)))
            self._repeats.learn(origin(document), found[-1][1])
        return found

    def repeated(self, document: Document, lines: Lines) -> set[int]:
        """The positions of the lines of a document that its source repeats; `lines` are all of its lines."""
        return self._repeats.known(origin(document), lines)

    def clean(self, document: Document) -> list[Article]:
        """What `clean` makes of a document, without the lines that its source repeats. Raises InputError."""
        tidied = Tidied.of(document)
        return clean(document, self.repeated(document, Lines.of(tidied.keys)), tidied)

    @staticmethod
    def notes(article: Article) -> list[str]:
        """What the user must know of how an article was cleaned: that its title was cut."""
        whole = next((line for line in article.text.split("\n") if len(line) > titles.LONGEST), "")
        if not whole or titles.bounded(whole)[0] != article.title:
            return []
        kept = f"it was cut to {titles.LONGEST}, and the whole of it stands in the text"
        return [f"its title has {len(whole):,} characters; {kept}"]

    def state(self) -> dict[str, Any]:
        """What was learned, ready for JSON; at most 1,000 lines for each of 500 sources."""
        return self._repeats.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Replaces what was learned by what `state` returned."""
        self._repeats.restore(state)


def clean(document: Document, repeated: AbstractSet[int] = frozenset(), tidied: Tidied | None = None) -> list[Article]:
    """The article of a document, then the articles embedded in its page.

    The first has the id of the document, the others that id with "#2", "#3" ... and `host` set. `repeated` are the
    positions of lines that its source repeats, `tidied` its lines where they are known. Raises InputError when nothing
    but boilerplate is found.
    """
    lines, keys = tidied or Tidied.of(document)
    labels = set[int]() if document.page else labelled(lines)
    if document.page or _is_page_in_disguise(lines, keys, labels):
        articles = page.articles(document, lines, repeated)
    else:
        articles = [_row(document, lines, keys, labels, repeated)]
    if not articles[0].text:
        raise InputError(
            f"no article text left in {document.path} after cleaning: it holds only menus, links or notices, "
            "or nothing at all; remove it, or give a page that has an article"
        )
    return articles


def origin(document: Document) -> str:
    """What repeated lines are counted by: the source of a document, else the host of its address, else its folder."""
    if document.source:
        return document.source
    try:
        host = urlsplit(document.url or "").hostname
    except ValueError:
        host = None
    return host or str(PurePath(document.path).parent)


def _is_page_in_disguise(lines: Sequence[str], keys: Sequence[str], labels: AbstractSet[int]) -> bool:
    """Whether a row holds a whole page: its text states its source or keywords and goes on with "read also"."""
    return any(is_label(lines[i]) and any(map(states_origin, keys[max(0, i - 3) : i])) for i in labels)


def _row(
    document: Document,
    lines: Sequence[str],
    keys: Sequence[str],
    labels: AbstractSet[int],
    repeated: AbstractSet[int],
) -> Article:
    """The article of a row: its own title and facts, and its text without the lines that no sentence can be.

    `labels` are the positions of the lines that begin as labels of links, `repeated` of those that its source repeats.
    """
    title, beyond = titles.bounded(document.title)
    if document.source:
        title = titles.without_site(title, {tuple(words_of(document.source))})
    title_key = bp.key(title)
    rules = row_rules()
    kept: list[str] = []
    links = False  # whether headlines under a label are being passed
    for i, (line, key) in enumerate(zip(lines, keys, strict=True)):
        if key == title_key and not kept and len(lines) > 1:
            continue
        if len(key) < SHORT:
            bare = key.strip(BULLETS)
            if not bare or rules.fullmatch(bare) or (i in labels and is_link(line)):
                continue
            if i in labels and is_label(line):
                links = True
                continue
            if links and not is_paragraph(line):
                continue
        if i in repeated:
            continue
        links = False
        if line := unlink(line):
            kept.extend(unglue(line))
    if beyond and kept[:1] != [beyond]:
        kept.insert(0, beyond)
    text = "\n".join(kept) or title
    return Article(
        id=document.id,
        title=title,
        text=text,
        language=identify(text, document.language),
        published=parse_date(document.published) if document.published else None,
        source=document.source,
        url=document.url,
        path=document.path,
        keywords=document.keywords,
    )
