"""Original texts with marks in them, as HTML: words that matched a query, words that differ between two texts.

Every letter of a text is escaped, and what could turn the writing direction of its surroundings is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from index.harmless import harmless

from ..coverage import Difference
from ..types import Match
from .translations import Interface

_CLASSES = {
    "same": "same",
    "folded": "same",
    "stem": "stem",
    "spelling": "stem",
    "translation": "translation",
    "name": "name",
}


class Paragraph(NamedTuple):
    """A paragraph of an article; `here` says that the passage which answers a query begins in it."""

    text: Markup
    here: bool


def marked(
    t: Interface,
    text: str,
    spans: Sequence[tuple[int, int]],
    reasons: Sequence[Match | None],
    within: tuple[int, int] | None = None,
) -> Markup:
    """A stretch of a text in which the [start, end) spans are marked, each with its reason, None where that is unknown.

    The reason is shown on hover. Screen readers are told it where a word is marked for the first time.
    """
    start, end = within or (0, len(text))
    parts, at = [], start
    told: set[tuple[str, str]] = set()
    for (first, last), match in zip(spans, reasons, strict=True):
        if start <= first and last <= end and first >= at:
            parts.append(Markup.escape(harmless(text[at:first])))
            if match is None:
                parts.append(Markup("<mark>{}</mark>").format(harmless(text[first:last])))
            else:
                key = match.query, match.term.lower()
                parts.append(_mark(t, text[first:last], match, aloud=key not in told))
                told.add(key)
            at = last
    return Markup("").join([*parts, Markup.escape(harmless(text[at:end]))])


def paragraphs(
    t: Interface, text: str, spans: Sequence[tuple[int, int]], reasons: Sequence[Match], at: int | None
) -> Iterator[Paragraph]:
    """The paragraphs of a text, marked; the passage that is looked for begins at character `at`."""
    for start, end in _lines(text):
        yield Paragraph(marked(t, text, spans, reasons, (start, end)), at is not None and start <= at < end)


def compared(t: Interface, text: str, found: Iterable[Difference], side: int) -> list[Markup]:
    """The paragraphs of the first text of a comparison (`side` 0) or the second (1), with what differs marked.

    What contradicts the other text is emphasised, with its kind. Where this text leaves out a word that contradicts,
    a sign stands.
    """
    places = sorted((difference.b if side else difference.a, difference.kind or "") for difference in found)
    shown = []
    for start, end in _lines(text):
        parts, at = [], start
        for (first, last), kind in places:
            first, last = max(first, at), min(last, end)
            if first > last or first > end or (first == last and not (kind and start <= first)):
                continue
            parts += [Markup.escape(harmless(text[at:first])), _differing(t, text[first:last], kind)]
            at = last
        shown.append(Markup("").join([*parts, Markup.escape(harmless(text[at:end]))]))
        places = [place for place in places if place[0][1] > end]
    return shown


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Where the lines of a text that are not empty start and end."""
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, start + len(line)
        start += len(line) + 1


def _mark(t: Interface, word: str, match: Match, *, aloud: bool) -> Markup:
    said = t.plain(f"because_{match.kind}", query=match.query)
    spoken = Markup('<span class="hidden" lang="{}" dir="{}"> ({})</span>').format(t.language, t.direction, said)
    return Markup('<mark class="{}" title="{}">{}{}</mark>').format(
        _CLASSES[match.kind], said, harmless(word), spoken if aloud else ""
    )


def _differing(t: Interface, words: str, kind: str) -> Markup:
    if not kind:
        return Markup('<span class="word">{}</span>').format(harmless(words))
    said = t.plain(f"other_{kind}")
    spoken = Markup('<span class="hidden" lang="{}" dir="{}"> ({})</span>').format(t.language, t.direction, said)
    if not words:
        return Markup('<span class="gap" title="{}"><span aria-hidden="true"> ‸ </span>{}</span>').format(said, spoken)
    return Markup('<strong class="loudly" title="{}">{}{}</strong>').format(said, harmless(words), spoken)
