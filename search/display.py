"""Results as lines for a terminal that shows Arabic and English together, and as JSON for programs.

In the terminal each field is isolated, so that its direction moves no other, and long text stands on a line of its own;
shaping and ordering letters is the terminal's work. JSON holds the original text in logical order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from index.types import Article

from .snippets import snippet
from .types import Answer, Hit

_SHOWN = ("id", "title", "language", "published", "source", "url", "path")  # of an article, in JSON
_REASONS = 6  # at most so many matches a hit are spelled out in the terminal
_BOLD, _PLAIN = "\x1b[1m", "\x1b[22m"

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_EMBEDDINGS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile("[\t\n\v\f\r\u0085\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def isolate(text: str) -> str:
    """The text on one line, set apart from its surroundings: its direction is its own and does not move its neighbours.

    It is wrapped in FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9); inside it is `harmless`.
    """
    return _FIRST_STRONG_ISOLATE + harmless(text) + _POP_ISOLATE


def harmless(text: str) -> str:
    """The text on one line, without what a terminal might obey.

    Line breaks become spaces; overrides, embeddings and isolates are dropped, since one left open would turn what
    follows; other control characters are shown as their pictures (␛) or as �.
    """
    return _CONTROLS.sub(_picture, _SPACES.sub(" ", _EMBEDDINGS.sub("", text)))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"


def article_json(article: Article) -> dict[str, Any]:
    """What every command says of an article it lists."""
    return {name: getattr(article, name) for name in _SHOWN}


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer as `khabar search --json` prints it."""
    head = {
        "query": answer.query,
        "language": answer.language,
        "mode": answer.mode,
        "seconds": round(answer.seconds, 6),
    }
    return head | {
        "hits": [
            {
                "rank": hit.rank,
                "score": round(hit.score, 6),
                "article": article_json(hit.article),
                "passage": {"start": hit.passage.start, "end": hit.passage.end, "text": hit.passage.text},
                "highlights": hit.highlights,
                "matched": [asdict(match) for match in hit.matched],
            }
            for hit in answer.hits
        ]
    }


def answer_lines(answer: Answer, *, bold: bool) -> Iterator[str]:
    """An answer for people; with `bold`, words that matched are emphasised."""
    if not answer.hits:
        yield "Nothing found. Try other words, fewer filters, or --mode semantic."
        return
    for hit in answer.hits:
        yield f"{hit.rank:>3}. {isolate(hit.article.title)}"
        facts = [hit.article.published or "undated", hit.article.source, hit.article.language, hit.article.id]
        yield f"     {' · '.join(isolate(fact) for fact in facts if fact)} · {hit.score:.3f}"
        yield f"     {_FIRST_STRONG_ISOLATE}{_snippet(hit, bold)}{_POP_ISOLATE}"
        reasons = [f"{m.query} → {m.term} ({m.kind})" for m in hit.matched if m.kind not in ("same", "folded")]
        if reasons:
            yield f"     {', '.join(isolate(reason) for reason in reasons[:_REASONS])}"
        yield ""
    yield f"{len(answer.hits)} found in {answer.seconds * 1000:.0f} ms"


def article_lines(article: Article) -> Iterator[str]:
    """A whole article for people."""
    yield isolate(article.title)
    for name in ("id", "published", "source", "city", "agency", "language", "url", "path", "host"):
        value = getattr(article, name)
        if value:
            yield f"{name:>10}  {isolate(value)}"
    if article.keywords:
        yield f"{'keywords':>10}  {', '.join(isolate(keyword) for keyword in article.keywords)}"
    yield ""
    for paragraph in article.text.split("\n"):
        yield isolate(paragraph)


def _snippet(hit: Hit, bold: bool) -> str:
    """The stretch of the passage that shows the most matches, on one line."""
    text = hit.passage.text
    start, end = snippet(text, hit.highlights)
    shown, at = "", start
    for first, last in hit.highlights:
        if bold and start <= first and last <= end:
            shown += harmless(text[at:first]) + _BOLD + harmless(text[first:last]) + _PLAIN
            at = last
    return shown + harmless(text[at:end])
