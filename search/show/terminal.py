"""Answers, articles, groups and stories as lines for a terminal that shows Arabic and English together.

Each field is wrapped in directional isolates, so that its writing direction does not move its neighbours. Shaping and
ordering of letters is left to the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from index.harmless import harmless, isolate, isolated
from index.publication import first_published
from index.types import Article

from ..types import Alteration, Answer, Checked, Finding, Hit, Kind, Link, Reasons, Source, Story, Tier
from .as_json import affair_json, story_json
from .reasons import told_reasons
from .snippets import snippet

if TYPE_CHECKING:
    from ..coverage import Related

_REASONS = 6  # the most matches of a hit that are listed
_LANGUAGES = {"ar": "Arabic", "en": "English"}
_CHANGES = 8  # the most differences of a pair that are listed
_CHANGE = 70  # the most characters of a difference that are shown
_MADE = re.compile(r"[0-9a-f]{32}")
_BOLD, _PLAIN = "\x1b[1m", "\x1b[22m"


def answer_lines(answer: Answer, *, bold: bool) -> Iterator[str]:
    """An answer for people; with `bold`, words that matched are emphasised."""
    if answer.cut:
        yield f"The query is very long: only its first {len(answer.query):,} characters were searched for."
    yield from map(isolate, answer.notes)
    if not answer.hits:
        yield (
            "No more was found."
            if answer.relevant
            else "Nothing found. Try other words, fewer filters, or --mode semantic."
        )
    elif not answer.relevant:
        yield "Nothing relevant was found. Hardly anything fits; what comes nearest:"
    for hit in answer.hits:
        yield from hit_lines(hit, bold=bold)
        yield ""
    for name, counts in answer.facets.items():
        shown = [f"{isolate(value or 'none named')} {count}" for value, count in counts.items()]
        yield f"{name}: {', '.join(shown) or 'nothing relevant'}"
    if answer.hits:
        yield f"{len(answer.hits)} found in {answer.seconds * 1000:.0f} ms"


def hit_lines(hit: Hit, *, bold: bool) -> Iterator[str]:
    """A hit for people, after its rank."""
    yield f"{hit.rank:>3}. {_marked_title(hit, bold)}"
    yield f"     {' · '.join([_about(hit.article), f'{hit.score:.3f}', *_printed(hit.article, hit.copies)])}"
    yield from _address(hit.article, 5)
    yield f"     {isolated(_snippet(hit, bold))}"
    reasons = [f"{m.query} → {m.term} ({m.kind})" for m in hit.matched if m.kind not in ("same", "folded")]
    if reasons:
        yield f"     {', '.join(isolate(reason) for reason in reasons[:_REASONS])}"


def answers_lines(answers: Mapping[str, Answer], *, bold: bool) -> Iterator[str]:
    """Answers to one query for people, each under the language of its articles."""
    for language, answer in answers.items():
        yield _LANGUAGES.get(language, language)
        yield ""
        yield from answer_lines(answer, bold=bold)
        yield ""


def source_lines(sources: Sequence[Source]) -> Iterator[str]:
    """What `khabar sources` says: one source a line, the largest first."""
    for source in sources:
        days = " – ".join(dict.fromkeys(day for day in (source.first_date, source.last_date) if day)) or "undated"
        languages = ", ".join(f"{language} {count:,}" for language, count in source.languages.items())
        yield f"{source.articles:>9,}  {isolate(source.name or '(none named)')} · {languages} · {days}"


def _printed(article: Article, copies: Sequence[Article]) -> list[str]:
    """How often a text was printed, where more than once: outlets count, and articles that name none."""
    outlets = len({one.source or one.id for one in (article, *copies)})
    if outlets > 1:
        return [f"printed by {outlets} outlets"]
    return [f"printed {len(copies) + 1} times"] if copies else []


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
    """A group of duplicates: who printed it first, and each article with what it shares with one listed before it."""
    yield _title(story.representative)
    altered = all(link.tier is Tier.ALTERED for link in story.links)
    outlets = len({article.source for article in story.articles if article.source})
    counted = [f"{len(story.articles)} articles", *([f"{outlets} outlets"] if outlets > 1 else [])]
    yield f"  {'not the same: ' if altered else ''}{', '.join(counted)}; first published: {_first(story.articles)}"
    for article, link in story.joined():
        yield f"  {_about(article)}"
        if link:
            other = link.b if link.a == article.id else link.a
            yield f"    {link.tier} beside {isolate(brief_id(other))} {link.score:.2f}"
            yield from (f"      {line}" for line in _evidence(link))
    yield ""


def _first(articles: Sequence[Article]) -> str:
    """Outlet and day of the article that was certainly published first."""
    first = first_published(articles)
    if first is None:
        return "unknown"
    return ", ".join(isolate(fact) for fact in (first.source or brief_id(first.id), (first.published or "")[:10]))


def story_lines(story: Story) -> Iterator[str]:
    """A story: its title, dates and outlets, and its articles in order of publication."""
    facts = story_json(story)
    yield isolate(facts["title"])
    yield f"  {_coverage(facts, len(story.articles))}"
    if story.affair:
        yield f"  an event of the affair that began with {isolate(brief_id(story.affair))}"
    yield f"  first published: {isolate(brief_id(facts['first'])) if facts['first'] else 'unknown'}"
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
    return f"{harmless(days)} · {harmless(' + '.join(facts['languages']))} · {articles} articles, {outlets}{named}"


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
            yield harmless(under)
            heading = under
        yield f"  {_title(one.article)}"
        how = one.tier or (one.relation if timeline else None)
        kind = one.kind if one.kind != "report" else None
        outlets = list(dict.fromkeys(copy.source or brief_id(copy.id) for copy in one.printed))
        times = f"printed by {len(outlets)} outlets: {', '.join(map(isolate, outlets))}" if len(outlets) > 1 else ""
        yield "    " + " · ".join(filter(None, (_about(one.article), kind, how, f"{one.score:.2f}", times)))
        yield from _address(one.article, 4)
        yield from (f"      {line}" for line in (*_alterations(one.alterations), *_reasons(one.reasons)))


_KINDS = {
    Kind.EXACT: "printed before",
    Kind.NEAR: "printed before, in nearly the same words",
    Kind.CONTAINED: "printed before, as part of a longer text or in part",
    Kind.ALTERED: "altered: the same words, but another number, name, date or negation",
    Kind.REWRITTEN: "told in other words",
    Kind.TRANSLATED: "told in the other language",
    Kind.COVERS: "covered by; read whether they say the same",
}


def checked_lines(checked: Checked) -> Iterator[str]:
    """A text beside an archive: who printed it first, then the findings under a heading for each kind."""
    yield isolate(_cut(checked.text))
    printed = [one.article for one in checked.findings if one.kind in (Kind.EXACT, Kind.NEAR, Kind.CONTAINED)]
    if not checked.findings:
        yield "Not found: no article prints this or covers it."
        return
    yield f"  first printed by: {_first(printed)}" if printed else "  not printed before"
    kind = None
    for one in checked.findings:
        if one.kind is not kind:
            yield ""
            yield _KINDS[one.kind]
            kind = one.kind
        yield from _finding(one)


def _finding(one: Finding) -> Iterator[str]:
    yield f"  {_title(one.article)}"
    yield f"    {_about(one.article)} · {one.score:.2f}"
    yield from _address(one.article, 4)
    yield from (f"      {line}" for line in _alterations(one.alterations))
    if one.said != one.article.text:
        yield f"      {isolate(one.said)}"
    if one.kind not in (Kind.EXACT, Kind.NEAR, Kind.CONTAINED, Kind.ALTERED):
        yield from (f"      {line}" for line in _reasons(one.reasons))


def _alterations(found: Sequence[Alteration]) -> Iterator[str]:
    for one in found[:_CHANGES]:
        yield f"other {one.kind}: {isolate(one.asked or '–')} here, {isolate(one.printed or '–')} there"
    if len(found) > _CHANGES:
        yield f"and {len(found) - _CHANGES} more alterations"


def _reasons(reasons: Reasons) -> Iterator[str]:
    for name, told in told_reasons(reasons):
        said = (" = ".join(words) for words in told)
        yield f"{name}: {', '.join(said if name == 'numbers' else map(isolate, said))}"


def _about(article: Article) -> str:
    day = article.published[:10] if article.published else "undated"
    facts = [day, article.source, article.language, brief_id(article.id)]
    return " · ".join(isolate(fact) for fact in facts if fact)


def brief_id(article_id: str) -> str:
    """An id as it is shown: of one that Khabar made the first 12 of 32 digits, which commands take for the whole."""
    return article_id[:12] if _MADE.fullmatch(article_id) else article_id


def _address(article: Article, indent: int) -> Iterator[str]:
    if article.url:
        yield " " * indent + harmless(article.url)  # bare: a terminal that opens addresses must see its end


def _evidence(link: Link) -> Iterator[str]:
    """What two articles share and where they differ, one fact a line."""
    evidence = link.evidence
    told = evidence.get("alterations", ())
    for one in told[:_CHANGES]:
        yield f"{one['kind']}: {isolate(one['a'] or '–')} │ {isolate(one['b'] or '–')}"
    if len(told) > _CHANGES:
        yield f"and {len(told) - _CHANGES} more alterations"
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


def _cut(text: str) -> str:
    return text if len(text) <= _CHANGE else f"{text[:_CHANGE].rsplit(' ', 1)[0]} … ({len(text.split())} words)"


def _title(article: Article) -> str:
    return isolate(article.title or "(no title)")


def _marked_title(hit: Hit, bold: bool) -> str:
    title = hit.article.title
    shown = _marked(title, 0, len(title), hit.title_highlights if bold else ())
    return isolated(shown or "(no title)")


def _snippet(hit: Hit, bold: bool) -> str:
    """The part of the passage with the most matches, on one line."""
    text = hit.passage.text
    start, end = snippet(text, hit.highlights)
    shown = _marked(text, start, end, hit.highlights if bold else ())
    return ("… " if start else "") + shown + (" …" if end < len(text) else "")


def _marked(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> str:
    """A stretch of a text in which the spans are emphasised."""
    shown, at = "", start
    for first, last in spans:
        if start <= first and last <= end:
            shown += harmless(text[at:first]) + _BOLD + harmless(text[first:last]) + _PLAIN
            at = last
    return shown + harmless(text[at:end])
