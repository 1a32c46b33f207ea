"""The article of a page, and the articles embedded in it.

A page has a head with title, date and dateline; then paragraphs; then sources, keywords, links, forms and footers; and
often a whole second article behind "read also".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from ..text import identify, parse_date
from ..types import Article, Document
from . import datelines as dateline
from . import rules as bp
from . import titles
from .lines import BULLETS, Line, classify, is_section, words_of

CAPTION = 8
"""Words up to which a line between title and text is a caption, if all its words stand in the text too."""

KEYWORDS = 50
"""Words of a line of keywords that are read."""

NEAR = 30
"""Paragraphs on each side of a headline that are compared with it."""

TEXT = ("paragraph", "short")


def articles(document: Document, lines: Sequence[str], repeated: AbstractSet[int]) -> list[Article]:
    """The article of a page and those embedded in it; the first has no text when there is none.

    `repeated` holds the positions of the lines that this source repeats.
    """
    classified: list[Line] = []
    for i, text in enumerate(lines):
        found = classify(text)
        if i in repeated:
            found = [line._replace(kind="tail") if line.kind in TEXT else line for line in found]
        classified.extend(found)
    _strike_lists(classified)
    host, *embedded = _split(classified)
    return [
        _compose(document, host, classified),
        *(
            replace(
                _compose(Document(f"{document.id}#{n}", "", document.path, url=document.url), part, part),
                host=document.id,
            )
            for n, part in enumerate(embedded, 2)
        ),
    ]


def _strike_lists(lines: list[Line]) -> None:
    """Marks lists of other news for removal: three or more dates on lines of their own, with headlines between."""
    runs: list[list[int]] = []
    for i in [i for i, line in enumerate(lines) if line.kind == "date" and line.value == line.text]:
        if runs and i - runs[-1][-1] <= 4 and not any(line.kind == "paragraph" for line in lines[runs[-1][-1] : i]):
            runs[-1].append(i)
        else:
            runs.append([i])
    for run in runs:
        if len(run) < 3:
            continue
        start, stop = run[0], run[-1] + 1
        if stop < len(lines) and lines[stop].kind == "short":
            stop += 1  # each date stands above its headline
        elif start and lines[start - 1].kind == "short":
            start -= 1
        lines[start:stop] = [line._replace(kind="tail") for line in lines[start:stop]]


def _split(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of the host and of each embedded article, without the links to others.

    What stands under a label is a list of headlines, or an embedded article, or headlines after which the host goes on.
    """
    parts: list[list[Line]] = [[]]
    paragraphs: list[str] = []  # of the last part
    i = 0
    while i < len(lines):
        part, line = parts[-1], lines[i]
        i += 1
        if line.kind == "label" and line.value and not any(other.kind in TEXT for other in part[: titles.HEAD]):
            line = line._replace(kind="short")  # a title such as "Watch: the bridge opens"
        part.append(line)
        if line.kind == "paragraph":
            paragraphs.append(line.text)
        elif line.kind == "end" and (len(paragraphs) > 1 or sum(map(len, paragraphs)) > 400):
            # Behind the article; the counter of comments above it ends nothing.
            while i < len(lines) and lines[i].kind != "label":
                i += 1
        elif line.kind == "label" and paragraphs:
            stop = next((j for j in range(i, len(lines)) if lines[j].kind in ("label", "end")), len(lines))
            block, i = lines[i:stop], stop
            first = next((j for j, other in enumerate(block) if other.kind == "paragraph"), None)
            if first is None:
                part.extend(other for other in block if other.kind not in TEXT)
                continue
            headlines = [line.value] if line.value else []
            headlines += [other.text for other in block[:first] if other.kind == "short"]
            body = [other.text for other in block[first:] if other.kind in TEXT]
            if headlines and (_ended(part) or _begins(block[: first + 1]) or _tells(headlines[-1], body, paragraphs)):
                parts.append([Line(line.value, bp.key(line.value), "short"), *block] if line.value else list(block))
                paragraphs = []
            else:
                # A headline on the label's own line is the only one; what follows is a subheading.
                part.extend(
                    other for j, other in enumerate(block) if other.kind not in TEXT or j >= first or line.value
                )
            paragraphs += [other.text for other in block if other.kind == "paragraph"]
    return parts


def _ended(part: Sequence[Line]) -> bool:
    """Whether an article has told its source or keywords, or had its comments, behind its last paragraph."""
    for line in reversed(part):
        if line.kind == "paragraph":
            return False
        if line.kind in ("source", "appeared", "keywords", "end"):
            return True
    return False


def _begins(block: Sequence[Line]) -> bool:
    """Whether lines up to a first paragraph are the head of an article: they have a date or a dateline."""
    *head, paragraph = block
    return (
        any(line.kind == "date" for line in head)
        or any(dateline.find(line.text, own_line=True) for line in head if line.kind == "short")
        or dateline.find(paragraph.text) is not None
    )


def _tells(headline: str, below: Sequence[str], above: Sequence[str]) -> bool:
    """Whether a headline's words return in the paragraphs under it, and not in those above: then it is their title."""

    def stems(texts: Iterable[str]) -> set[str]:
        words = (word for text in texts for word in words_of(text) if len(word) > 2)
        return {re.sub("^(?:[وفبك]?ال|لل|و(?=...))", "", word) for word in words}

    words = stems([headline])
    here, there = words & stems(below[:NEAR]), words & stems(above[-NEAR:])
    return bool(words) and len(here) >= 0.5 * len(words) and len(here) - len(there) >= 0.3 * len(words)


def _compose(document: Document, lines: Sequence[Line], wording: Sequence[Line]) -> Article:
    """The article of one part of a page; its keywords are told apart by the wording of the lines of `wording`."""
    first = next((i for i, line in enumerate(lines) if line.kind == "paragraph"), len(lines))
    last = next((i for i in reversed(range(len(lines))) if lines[i].kind == "paragraph"), -1)
    source, appeared = _value(lines, "source"), _value(lines, "appeared")
    sites = {bp.key(name) for name in (document.source, appeared, *_site_names(lines[:first])) if name}
    head = [line.text for line in lines[:first] if line.kind == "short" and not _is_site_or_section(line, sites)]
    if not head and not document.title and first < last and titles.may_be_one(lines[first].text):
        head, first = [lines[first].text], first + 1
    stated, beyond = titles.bounded(document.title)
    title, before, after = titles.of_head(stated, head, {tuple(words_of(name)) for name in sites})
    title, whole = titles.bounded(title)
    beyond = beyond or whole
    body = _body(lines[first:], last - first, sites, title)
    city = agency = None
    if after and (found := dateline.find(after[-1], own_line=True, before_body=True)):
        _, city, agency = found
        del after[-1]
    if body and (found := dateline.find(body[0])) and found.end < len(body[0]):
        body[0] = body[0][found.end :]
        city, agency = city or found.city, agency or found.agency
    if body and (sender := dateline.credit(body[-1])):
        del body[-1]
        agency = agency or sender
    said = {word for text in body[:NEAR] for word in words_of(text)}
    after = [text for text in after if text.count(" ") >= CAPTION or not said.issuperset(words_of(text))]
    if beyond and beyond not in (*before, *after, *body):
        body.insert(0, beyond)
    text = "\n".join([*before, *after, *body]) or title
    return Article(
        id=document.id,
        title=title,
        text=text,
        language=identify(text, document.language),
        published=_published(document, lines, first),
        source=document.source or source or appeared or None,
        url=document.url,
        path=document.path,
        keywords=document.keywords or _keywords(_value(lines, "keywords"), wording),
        city=city,
        agency=agency,
    )


def _value(lines: Iterable[Line], kind: str) -> str:
    return next((line.value for line in lines if line.kind == kind and line.value), "")


def _published(document: Document, lines: Sequence[Line], first: int) -> str | None:
    """The date that the document states, else one labelled before the links to other articles, else one of the head.

    Last comes the date of a change. A page that was searched for its date before, and states none, stays undated.
    """
    if document.published == "":
        return None
    links = next((i for i, line in enumerate(lines) if line.kind == "label" and i > first), len(lines))
    labelled = [line.value for line in lines[:links] if line.kind == "date" and line.value != line.text]
    bare = [line.value for line in lines[:first] if line.kind in ("byline", "date")]
    updated = [line.value for line in lines[:links] if line.kind == "updated"]
    return next(filter(None, map(parse_date, [document.published or "", *labelled, *bare, *updated])), None)


def _site_names(head: Iterable[Line]) -> list[str]:
    """Names of the site: short lines that end with the dash that was to stand before a title."""
    return [line.text.rstrip(" -–—|") for line in head if re.fullmatch(r"\S+(?: \S+){0,4} ?[-–—|]", line.text)]


def _is_site_or_section(line: Line, sites: set[str]) -> bool:
    return line.key.strip(BULLETS) in sites or is_section(line.key)


def _body(lines: Sequence[Line], last: int, sites: set[str], title: str) -> list[str]:
    """The text up to the last paragraph, and the text lines right behind it; the title is not repeated in it."""
    body: list[str] = []
    name = words_of(title)
    for i, line in enumerate(lines):
        if i > last and (line.kind not in TEXT or _is_site_or_section(line, sites)):
            break
        if line.kind not in (*TEXT, "edge", "byline"):
            continue
        if (
            name
            and (line.kind == "short" or not body)  # a long title looks like a paragraph, and is printed first
            and (words := words_of(line.text))
            and words == name * (len(words) // len(name))
        ):
            continue
        body.append(line.text)
    return body


def _keywords(text: str, lines: Sequence[Line]) -> tuple[str, ...]:
    """Keywords as phrases; where nothing parts them, the longest runs of words that the lines use are one phrase."""
    parts = [part.strip(" .#") for part in re.split(r"[،,;؛|#•]| - ", text)]
    if len(parts) > 1 or not text:
        return tuple(dict.fromkeys(part for part in parts if part))[:KEYWORDS]
    used = f" {' '.join(word for line in lines if line.kind in TEXT for word in words_of(line.text))} "
    tokens = text.split()[:KEYWORDS]
    found: list[str] = []
    while tokens:
        runs = (n for n in range(min(5, len(tokens)), 1, -1) if f" {' '.join(words_of(' '.join(tokens[:n])))} " in used)
        n = next(runs, 1)
        found.append(" ".join(tokens[:n]))
        del tokens[:n]
    return tuple(dict.fromkeys(found))
