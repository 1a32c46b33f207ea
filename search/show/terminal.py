"""Answers, articles, groups and stories as lines for a terminal that shows Arabic and English together.

Each field is wrapped in directional isolates, so that its writing direction does not move its neighbours. Shaping and
ordering of letters is left to the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from index.text import terms
from index.types import Article

from ..types import Answer, Hit, Link, Story
from .as_json import affair_json, story_json
from .snippets import snippet

if TYPE_CHECKING:
    from ..coverage import Related

_REASONS = 6  # the most matches of a hit, or reasons of one kind, that are listed
_FAINT = 0.1  # one of 478 right answers to questions and headlines of XQuAD and NTREX scored less
_CHANGES = 8  # the most differences of a pair that are listed
_CHANGE = 70  # the most characters of a difference that are shown
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


def answer_lines(answer: Answer, *, bold: bool) -> Iterator[str]:
    """An answer for people; with `bold`, words that matched are emphasised."""
    if answer.cut:
        yield f"The query is very long: only its first {len(answer.query):,} characters were searched for."
    if not answer.hits:
        yield "Nothing found. Try other words, fewer filters, or --mode semantic."
        return
    for hit in answer.hits:
        yield f"{hit.rank:>3}. {_title(hit.article)}"
        facts = [hit.article.published or "undated", hit.article.source, hit.article.language, hit.article.id]
        yield f"     {' · '.join(isolate(fact) for fact in facts if fact)} · {hit.score:.3f}"
        yield f"     {_FIRST_STRONG_ISOLATE}{_snippet(hit, bold)}{_POP_ISOLATE}"
        reasons = [f"{m.query} → {m.term} ({m.kind})" for m in hit.matched if m.kind not in ("same", "folded")]
        if reasons:
            yield f"     {', '.join(isolate(reason) for reason in reasons[:_REASONS])}"
        yield ""
    found = f"{len(answer.hits)} found in {answer.seconds * 1000:.0f} ms"
    faint = max(hit.score for hit in answer.hits) < _FAINT
    yield f"{found}. Hardly anything fits: what answers a query scores {_FAINT} or more." if faint else found


def article_lines(article: Article) -> Iterator[str]:
    """A whole article."""
    yield _title(article)
    for name in ("id", "published", "source", "city", "agency", "language", "url", "path", "host"):
        value = getattr(article, name)
        if value:
            yield f"{name:>10}  {isolate(value)}"
    if article.keywords:
        yield f"{'keywords':>10}  {', '.join(isolate(keyword) for keyword in article.keywords)}"
    yield ""
    for paragraph in article.text.split("\n"):
        yield isolate(paragraph)


def group_lines(story: Story) -> Iterator[str]:
    """A group of duplicates: who printed it, and the differences of each pair side by side."""
    yield _title(story.representative)
    for article in story.articles:
        yield f"  {_about(article)}"
    for link in story.links:
        yield f"    {link.tier} {link.score:.2f}  {isolate(link.a)} │ {isolate(link.b)}"
        for line in _evidence(link):
            yield f"        {line}"
    yield ""


def story_lines(story: Story) -> Iterator[str]:
    """A story: its title, dates and outlets, and its articles in order of publication."""
    facts = story_json(story)
    yield isolate(facts["title"])
    yield f"  {_coverage(facts, len(story.articles))}"
    if story.affair:
        yield f"  an event of the affair that began with {isolate(story.affair)}"
    yield f"  first published: {isolate(facts['first']) if facts['first'] else 'unknown'}"
    for article in story.articles:
        kind = facts["kinds"].get(article.id)
        yield "    " + " · ".join(filter(None, (_about(article), kind, _title(article))))
    yield ""


def affair_lines(events: Sequence[Story]) -> Iterator[str]:
    """An affair and its events, indented; a story that is the only event of its affair as `story_lines` shows it."""
    if len(events) == 1:
        yield from story_lines(events[0])
        return
    facts = affair_json(events)
    yield isolate(facts["title"])
    yield f"  {_coverage(facts, facts['articles'])}, {len(events)} events"
    for event in events:
        yield from (f"    {line}".rstrip() for line in story_lines(event))


def _coverage(facts: dict[str, Any], articles: int) -> str:
    """The days and languages of a story or affair, and how many articles of which outlets it has."""
    days = " – ".join(dict.fromkeys(day for day in (facts["first_date"], facts["last_date"]) if day)) or "undated"
    count = len(facts["sources"])
    outlets = f"{count} outlets: " if count > 1 else "1 outlet: " if count else "no outlet named"
    named = ", ".join(map(isolate, facts["sources"]))
    return f"{days} · {' + '.join(facts['languages'])} · {articles} articles, {outlets}{named}"


def related_lines(asked: Article, found: Sequence[Related], *, timeline: bool) -> Iterator[str]:
    """Related coverage, under a heading for each relation, or for each day with `timeline`."""
    yield _title(asked)
    yield f"  {_about(asked)}"
    if not found:
        yield "Nothing related was found."
        return
    heading = ""
    for one in found:
        under = (one.article.published or "undated")[:10] if timeline else one.relation.value
        if under != heading:
            yield ""
            yield under
            heading = under
        yield f"  {_title(one.article)}"
        how = one.tier or (one.relation if timeline else None)
        kind = one.kind if one.kind != "report" else None
        outlets = list(dict.fromkeys(copy.source or copy.id for copy in one.printed))
        times = f"printed by {len(outlets)} outlets: {', '.join(map(isolate, outlets))}" if len(outlets) > 1 else ""
        yield "    " + " · ".join(filter(None, (_about(one.article), kind, how, f"{one.score:.2f}", times)))
        yield from (f"      {reason}" for reason in _reasons(one))


def _reasons(one: Related) -> Iterator[str]:
    for name in ("names", "places", "terms"):
        said: dict[str, tuple[str, str]] = {}  # forms of one word (التركي, لتركيا) count as one reason
        for pair in getattr(one.reasons, name):
            if said.keys().isdisjoint(forms := terms(" ".join(pair))):
                said |= dict.fromkeys(forms, pair)
        pairs = list(dict.fromkeys(said.values()))[:_REASONS]
        if pairs:
            yield f"{name}: {', '.join(isolate(' = '.join(dict.fromkeys(pair))) for pair in pairs)}"
    if one.reasons.numbers:
        yield f"numbers: {', '.join(map(_number, one.reasons.numbers[:_REASONS]))}"


def _about(article: Article) -> str:
    facts = [article.published or "undated", article.source, article.language, article.id]
    return " · ".join(isolate(fact) for fact in facts if fact)


def _evidence(link: Link) -> Iterator[str]:
    """What two articles share and where they differ, one fact a line."""
    evidence = link.evidence
    if "first" in evidence:
        yield f"first printed: {isolate(evidence['first']) if evidence['first'] else 'unknown'}"
    agencies = {agency for agency in evidence.get("agency", ()) if agency}
    if agencies:
        yield f"agency: {', '.join(isolate(agency) for agency in sorted(agencies))}"
    if "shared" in evidence:
        yield f"{evidence['shared']} words shared, of {evidence['words'][0]} │ {evidence['words'][1]}"
    written = evidence.get("written", {})
    for name, pairs in (("numbers", written.get("numbers", ())), ("names", evidence.get("names", ()))):
        if pairs:
            yield f"shared {name}: {', '.join(isolate(' = '.join(dict.fromkeys(pair))) for pair in pairs)}"
    if written.get("numbers_a") or written.get("numbers_b"):
        sides = (", ".join(written[side]) or "–" for side in ("numbers_a", "numbers_b"))
        yield f"other numbers: {' │ '.join(map(isolate, sides))}"
    changes = evidence.get("changes", ())
    for change in changes[:_CHANGES]:
        sides = (_cut(change[side]["text"]) if change[side] else "–" for side in ("a", "b"))
        yield " │ ".join(map(isolate, sides))
    if len(changes) > _CHANGES:
        yield f"and {len(changes) - _CHANGES} more differences"


def _number(number: float) -> str:
    """A number with commas between its thousands, but for one of four digits, which may be a year."""
    return f"{number:,}" if number >= 10_000 else str(number)


def _cut(text: str) -> str:
    return text if len(text) <= _CHANGE else f"{text[:_CHANGE].rsplit(' ', 1)[0]} … ({len(text.split())} words)"


def _title(article: Article) -> str:
    return isolate(article.title or "(no title)")


def _snippet(hit: Hit, bold: bool) -> str:
    """The part of the passage with the most matches, on one line."""
    text = hit.passage.text
    start, end = snippet(text, hit.highlights)
    shown, at = "", start
    for first, last in hit.highlights:
        if bold and start <= first and last <= end:
            shown += harmless(text[at:first]) + _BOLD + harmless(text[first:last]) + _PLAIN
            at = last
    shown += harmless(text[at:end])
    return ("… " if start else "") + shown + (" …" if end < len(text) else "")
