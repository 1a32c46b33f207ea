"""What an altered copy says otherwise: the numbers, names, dates and negations in which equal texts differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.publication import published_order
from index.text import Sketch, Token, overlap
from index.types import Article

from ..types import Alteration, Link, Tier
from . import facts
from .alignment import Change, Comparison
from .articles import Articles
from .candidates import ESTIMATE, candidate_pairs
from .copies import COPIED, SHORT, circumstances, is_template, keeps_lead, similar
from .helper import in_turn
from .judged import Judged, Rows
from .texts import Texts, body

YEARS = range(1900, 2100)
"""Numbers that are years where a month or the word "year" stands beside them."""

_YEAR = frozenset(("عام", "العام", "سنه", "السنه", "year", "in", "since", "until", "منذ"))


def alterations(asked: Article, printed: Article, texts: Texts | None = None) -> tuple[Alteration, ...]:
    """What `printed` says otherwise than `asked`, in the order of `asked`, where one is an altered copy of the other.

    Empty where the texts say the same, and where they differ in more than numbers, names, dates, negations and
    opposites: then they are two texts.
    """
    texts = texts or Texts()
    if body(asked) <= body(printed):  # what is told does not depend on which of two texts is asked about
        return altered(texts.compare(asked, printed))
    return altered(texts.compare(printed, asked), asked=1)


def altered(comparison: Comparison, asked: int = 0) -> tuple[Alteration, ...]:
    """The same for two aligned texts, of which the first (0) or the second (1) is the one that is asked about."""
    if not _is_otherwise_equal(comparison) or not is_template(comparison):
        return ()
    found = {}
    for kind, change in comparison.contradictions:
        named, *quoted = _altered(comparison, kind, change)
        found[Alteration(named, quoted[asked], quoted[1 - asked])] = change
    dates = {change for alteration, change in found.items() if alteration.kind == "date"}
    told = [one for one in found if one.kind != "name" or found[one] not in dates]  # "7 May" is no name
    return tuple(sorted(told, key=lambda one: (found[one][2 * asked :], found[one], one.kind)))


def altered_links(
    articles: Sequence[Article],
    sketches: Sequence[Sketch],
    since: int = 0,
    texts: Texts | None = None,
    judged: Judged | None = None,
) -> list[Link]:
    """The links between articles of which one is an altered copy of the other, and one is at position `since` or later.

    The earlier article is `a`. The evidence has "alterations": their "kind", and what each article says, "a" and "b".
    """
    texts, judged, known = texts or Texts(), judged or Judged(), Articles.of(articles)
    pairs = candidate_pairs(sketches, since)

    def compare(rows: Rows) -> Iterator[tuple[int, Link | None]]:
        tasks, count = similar(known, pairs[rows], texts, judged.tell)
        for places, links in in_turn(_altered_all, tasks, texts, count):
            yield from zip(places, links, strict=True)

    return [link for _, link in judged.completed("altered", known.heads.keys, pairs, compare, whole=not since)]


def _altered_all(texts: Texts, articles: Sequence[Article], pairs: Sequence[Sequence[int]]) -> list[Link | None]:
    return [_altered_link(articles[i], articles[j], texts) for i, j in pairs]


def _altered_link(a: Article, b: Article, texts: Texts) -> Link | None:
    a, b = sorted((a, b), key=published_order)
    told = alterations(a, b, texts)
    if not told:
        return None
    comparison = texts.compare(a, b)
    lengths = len(comparison.a), len(comparison.b)
    evidence = {
        "alterations": [{"kind": one.kind, "a": one.asked, "b": one.printed} for one in told],
        "words": list(lengths),
        "shared": comparison.shared,
        **circumstances(a, b),
    }
    return Link(a.id, b.id, Tier.ALTERED, round(comparison.shared / min(lengths), 4), evidence)


def altered_beside(
    articles: Sequence[Article], sketches: Sequence[Sketch], place: int, texts: Texts
) -> dict[str, tuple[Alteration, ...]]:
    """What each altered copy of the article at `place` says otherwise, by the ids of the copies."""
    asked = articles[place]
    likely = (n for n, sketch in enumerate(sketches) if n != place and overlap(sketch, sketches[place]) >= ESTIMATE)
    told = {articles[n].id: alterations(asked, articles[n], texts) for n in likely}
    return {name: found for name, found in told.items() if found}


def _is_otherwise_equal(comparison: Comparison) -> bool:
    """Whether one text holds the other but for what contradicts it, and a few words in a long one."""
    lengths = len(comparison.a), len(comparison.b)
    shares = [comparison.shared / max(1, length) for length in lengths]
    sides = [side for side in (0, 1) if shares[side] == max(shares)]
    if min(lengths) >= SHORT:
        return max(shares) >= COPIED and any(keeps_lead(comparison, side) for side in sides)
    told = {change for _, change in comparison.contradictions}

    def is_told(side: int) -> bool:
        """Whether all that stands inside one text against the other contradicts it."""
        inner = (c for c in comparison.changes if c[2 * side] < c[2 * side + 1] or 0 < c[2 * side] < lengths[side])
        return all(change in told for change in inner)

    return 2 * comparison.shared >= min(lengths) and any(map(is_told, sides))


def _altered(comparison: Comparison, kind: str, change: Change) -> tuple[str, str, str]:
    sides = (comparison.a, change.a, change.a_end), (comparison.b, change.b, change.b_end)
    if kind == "number" and any(_is_date(comparison.texts[n], *side) for n, side in enumerate(sides)):
        kind = "date"
    if kind == "name" and all(_names_date(tokens[start:end]) for tokens, start, end in sides):
        kind = "date"
    quoted = [_quoted(comparison.texts[n], kind, *side) for n, side in enumerate(sides)]
    return "name" if kind == "word" else kind, quoted[0], quoted[1]


def _quoted(text: str, kind: str, tokens: Sequence[Token], start: int, end: int) -> str:
    """The words of a change as they are written: of a number with its scale, of a negation with what it denies."""
    if kind == "negation":
        end = min(end + 1, len(tokens))
    elif kind == "number":
        stated = facts.quantities([token.word for token in tokens[start:end]])
        start, end = start + stated[0].start, start + stated[-1].end
        if end < len(tokens) and facts.of_kind([tokens[end].word], "scale"):
            end += 1
    return text[tokens[start].start : tokens[end - 1].end] if start < end else ""


def _names_date(tokens: Sequence[Token]) -> bool:
    """Whether all words are months or weekdays, or may be: "May" is another name for "June" as well."""
    words = [token.word for token in tokens]
    return all(word in facts.AMBIGUOUS or facts.of_kind((word,), "month", "weekday") for word in words)


def _is_date(text: str, tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a number among tokens [start, end) is the day or the year of a date."""
    for n in range(start, end):
        word, (before, after) = tokens[n].word, (tokens[max(0, n - 1) : n], tokens[n + 1 : n + 2])
        if not word.isdecimal():
            continue
        beside = [token.word for token in (*before, *after)]
        month = facts.of_kind(beside, "month") or not facts.AMBIGUOUS.isdisjoint(beside)  # "may" beside a number
        if month or (len(word) == len("2025") and int(word) in YEARS and not _YEAR.isdisjoint(beside)):
            return True
        signs = {text[one.end : other.start] for one, other in pairwise((*before, tokens[n], *after))}
        if signs & {"/", "-", "."} and all(word.isdecimal() for word in beside):
            return True
    return False
