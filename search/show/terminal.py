"""Results as lines for a terminal that shows Arabic and English together, and as JSON for programs.

In the terminal each field is isolated, so that its direction moves no other, and long text stands on a line of its own;
shaping and ordering letters is the terminal's work. JSON holds the original text in logical order.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from index.encoders import Model
from index.text import terms
from index.types import Article, Encoder

from ..types import Answer, Hit, Link, Source, Story
from .as_json import story_json
from .snippets import snippet

if TYPE_CHECKING:
    from ..coverage import Related

_REASONS = 6  # at most so many matches of a hit, or reasons of a kind, are spelled out in the terminal
_LANGUAGES = {"ar": "Arabic", "en": "English"}
_CHANGES = 8  # at most so many differences of a pair are shown in the terminal
_CHANGE = 70  # letters of a difference that are shown
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
        yield f"{hit.rank:>3}. {_marked_title(hit, bold)}"
        facts = [hit.article.published or "undated", hit.article.source, hit.article.language, hit.article.id]
        about = [*(isolate(fact) for fact in facts if fact), f"{hit.score:.3f}"]
        yield f"     {' · '.join(about + _printed(hit.article, hit.copies))}"
        yield f"     {_FIRST_STRONG_ISOLATE}{_snippet(hit, bold)}{_POP_ISOLATE}"
        reasons = [f"{m.query} → {m.term} ({m.kind})" for m in hit.matched if m.kind not in ("same", "folded")]
        if reasons:
            yield f"     {', '.join(isolate(reason) for reason in reasons[:_REASONS])}"
        yield ""
    for name, counts in answer.facets.items():
        shown = [f"{isolate(value or 'none named')} {count}" for value, count in counts.items()]
        yield f"{name}: {', '.join(shown) or 'nothing relevant'}"
    if answer.hits:
        yield f"{len(answer.hits)} found in {answer.seconds * 1000:.0f} ms"


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
    """A whole article for people."""
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
    """The same for people: who printed it, and for each pair what differs, side by side."""
    yield _title(story.representative)
    for article in story.articles:
        yield f"  {_about(article)}"
    for link in story.links:
        yield f"    {link.tier} {link.score:.2f}  {isolate(link.a)} │ {isolate(link.b)}"
        for line in _evidence(link):
            yield f"        {line}"
    yield ""


def story_lines(story: Story) -> Iterator[str]:
    """The same for people: its title, when and by whom, and the articles in order of publication."""
    facts = story_json(story)
    yield isolate(facts["title"])
    days = " – ".join(dict.fromkeys(day for day in (facts["first_date"], facts["last_date"]) if day)) or "undated"
    outlets = {0: "no outlet named", 1: "1 outlet"}.get(len(facts["sources"]), f"{len(facts['sources'])} outlets")
    yield f"  {days} · {' + '.join(facts['languages'])} · {len(story.articles)} articles, {outlets}"
    for article in story.articles:
        yield f"    {_about(article)} · {_title(article)}"
    yield ""


def related_lines(asked: Article, found: Sequence[Related], *, timeline: bool) -> Iterator[str]:
    """The same for people: under a heading for each relation, or with `timeline` under each day."""
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
        outlets = len({copy.source or copy.id for copy in one.printed})
        times = f"printed by {outlets} outlets" if outlets > 1 else ""
        yield "    " + " · ".join(filter(None, (_about(one.article), how, f"{one.score:.2f}", times)))
        yield from (f"      {reason}" for reason in _reasons(one))


def _reasons(one: Related) -> Iterator[str]:
    for name in ("names", "places", "terms"):
        said: dict[str, tuple[str, str]] = {}  # a word in several forms is one reason: التركي, لتركيا = التركي
        for pair in getattr(one.reasons, name):
            if said.keys().isdisjoint(forms := terms(" ".join(pair))):
                said |= dict.fromkeys(forms, pair)
        pairs = list(dict.fromkeys(said.values()))[:_REASONS]
        if pairs:
            yield f"{name}: {', '.join(isolate(' = '.join(dict.fromkeys(pair))) for pair in pairs)}"
    if one.reasons.numbers:
        yield f"numbers: {', '.join(_plain(number) for number in one.reasons.numbers[:_REASONS])}"


def _about(article: Article) -> str:
    facts = [article.published or "undated", article.source, article.language, article.id]
    return " · ".join(isolate(fact) for fact in facts if fact)


def _evidence(link: Link) -> Iterator[str]:
    """What two articles share and in what they differ, one fact a line."""
    evidence = link.evidence
    if evidence.get("first"):
        yield f"first printed: {isolate(evidence['first'])}"
    agencies = {agency for agency in evidence.get("agency", ()) if agency}
    if agencies:
        yield f"agency: {', '.join(isolate(agency) for agency in sorted(agencies))}"
    if "shared" in evidence:
        yield f"{evidence['shared']} words shared, of {evidence['words'][0]} │ {evidence['words'][1]}"
    for name in ("numbers", "names"):
        shared = [value if isinstance(value, list) else [value] for value in evidence.get(name, ())]
        if shared:
            yield f"shared {name}: {', '.join(isolate(' = '.join(dict.fromkeys(map(_plain, v)))) for v in shared)}"
    if evidence.get("numbers_a") or evidence.get("numbers_b"):
        sides = (", ".join(map(_plain, evidence[side])) or "–" for side in ("numbers_a", "numbers_b"))
        yield f"other numbers: {' │ '.join(map(isolate, sides))}"
    changes = evidence.get("changes", ())
    for change in changes[:_CHANGES]:
        sides = (_cut(change[side]["text"]) if change[side] else "–" for side in ("a", "b"))
        yield " │ ".join(map(isolate, sides))
    if len(changes) > _CHANGES:
        yield f"and {len(changes) - _CHANGES} more differences"


def _plain(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= _CHANGE else f"{text[:_CHANGE].rsplit(' ', 1)[0]} … ({len(text.split())} words)"


def _title(article: Article) -> str:
    return isolate(article.title or "(no title)")


def _marked_title(hit: Hit, bold: bool) -> str:
    title = hit.article.title
    shown = _marked(title, 0, len(title), hit.title_highlights if bold else ())
    return _FIRST_STRONG_ISOLATE + (shown or "(no title)") + _POP_ISOLATE


def _snippet(hit: Hit, bold: bool) -> str:
    """The stretch of the passage that shows the most matches, on one line."""
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


def evaluation_lines(facts: dict[str, Any]) -> Iterator[str]:
    """What `khabar evaluate --json` says, as tables for people."""
    for configuration, compared in zip(facts["configurations"], [{}, *facts["comparisons"]], strict=True):
        named = f"{configuration['model']}, {configuration['mode']}, rerank {configuration['rerank']}"
        yield f"{named} ({configuration['milliseconds']:.0f} ms a query)"
        names = configuration["scores"][0]["measures"]
        yield "  queries → passages      n" + "".join(f"{name:>20}" for name in names)
        for score in configuration["scores"]:
            languages = f"{score['query_language'] or 'all'} → {score['passage_language'] or 'all'}"
            cells = [f"{m['mean']:.4f} [{m['low']:.2f}, {m['high']:.2f}]" for m in score["measures"].values()]
            yield f"  {languages:18}{score['queries']:>7}" + "".join(f"{cell:>20}" for cell in cells)
        for name, c in compared.items():
            interval = f"[{c['low']:+.4f}, {c['high']:+.4f}]"
            yield f"  {name} beside the first: {c['mean']:+.4f} {interval}, p = {c['p']:.4f}"
        yield ""
    for grouped in facts["groups"]:
        for kind in ("duplicates", "stories"):
            found = grouped[kind]
            yield f"{kind}, {grouped['model']}"
            yield f"{'':16}{'precision':>11}{'recall':>8}{'F1':>8}"
            for name in ("pairwise", "b_cubed"):
                a = found[name]
                yield f"  {name.replace('_', '-'):14}{a['precision']:>11.4f}{a['recall']:>8.4f}{a['f1']:>8.4f}"
            yield "  found of " + ", ".join(f"{name} {value:.0%}" for name, value in found["recall"].items())
            if found["wrong"]:
                yield "  wrongly joined: " + ", ".join(f"{n} {name}" for name, n in found["wrong"].items())


def model_lines(models: Sequence[Model]) -> Iterator[str]:
    """What `khabar models` says: a table of encoders, one of rerankers, and what the figures are."""
    for kind, heading in (("encoder", "For --model"), ("reranker", "For --rerank")):
        listed = [model for model in models if model.kind == kind]
        width = max(len(model.name) for model in listed)
        yield f"{heading + ':':{width}}  million  dims  tokens  ar→ar  ar→en  en→ar   news  licence, languages"
        for m in listed:
            size = f"{m.parameters:>7}  {m.dimensions:>4}  {m.tokens or 'any':>6}"
            figures = f"{m.belebele:>5}  {m.belebele_ar_en:>5}  {m.belebele_en_ar:>5}  {m.news:>5}"
            yield f"{m.name:{width}}  {size}  {figures}  {m.licence}, {m.languages}"
        yield ""
    yield "Figures are published ones, of the MTEB results repository, times 100; Khabar did not measure them."
    yield "ar→en: questions in Arabic, passages in English (Belebele, nDCG@10). news: similarity of Arabic news"
    yield "articles (SemEval-2022 Task 8, Spearman). Licences and prompts are those that the authors state."
    yield "Khabar's tests run small models of these architectures with the prompts on record, not these weights."


@contextmanager
def progress_bars(encoder: Encoder, first: str = "reading") -> Iterator[Callable[[int, int], None] | None]:
    """Progress bars on standard error: the first of what it is told, and one of passages that are being encoded.

    The second is there where encoding takes its time. None when standard error is not a terminal.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        reading = bar.add_task(first, total=None)
        encoding = bar.add_task("encoding", total=None, visible=False)
        encoder.progress = lambda done, total: bar.update(encoding, completed=done, total=total, visible=True)
        yield lambda done, total: bar.update(reading, completed=done, total=total or None)
