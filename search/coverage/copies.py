"""The same story printed again: how two articles relate, and the groups they form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from index.publication import first_published, published_day, published_order
from index.text import Sketch, bags
from index.types import Article

from ..types import Link, Story, Tier
from . import facts
from .alignment import Change, Comparison
from .articles import Articles
from .candidates import candidate_pairs
from .helper import in_turn
from .judged import Judged, Pairs, Rows, Watch
from .texts import Texts, body

COPIED = 0.8
"""Share of its words that an article must have in common with the other to be a copy of it. Below, real news shows the
same event told anew, or a new event over the same background."""

KEPT = 0.7
"""Share of the longer article that the shorter one holds in a near copy; below it, text was cut or added."""

LEAD = 20
"""Words of the opening, half of which a copy must share: a follow-up keeps the background and opens with the news."""

SHORT = 16
"""Articles of fewer words are judged as headlines, where one other word or letter makes another story."""

PARTICLE = 3
"""Longest particle, in letters, that a headline may leave out without a change of meaning: "the", "of", في, من."""

QUOTED = 8
"""Words of a headline that another article must hold, all in a row, to contain it."""

PAIRS_AT_ONCE = 1024
"""Pairs of articles that are read in one trip."""

BITS = 22
"""Bits of the hash that stands for a word while the common words of two articles are counted. Of 20 articles of 500
words one has a collision, and then a pair too many may be read."""

DOUBT = 0.25
"""Share of the changes that may be names or negations: in a copy with many small changes, some touch such a word."""

REPLACED = 0.5
"""Share of the changes that may be one word replaced throughout: house style below it, another subject above."""


def copies(
    articles: Sequence[Article],
    sketches: Sequence[Sketch],
    since: int = 0,
    texts: Texts | None = None,
    judged: Judged | None = None,
) -> list[Link]:
    """The links between articles that print the same text, of which one is at position `since` or later.

    Of the pairs whose sketches overlap, those are read side by side that have enough words in common, in whatever
    order: no tier asks for less, and four pairs in five have not. What is `judged` already is not read again.
    """
    texts, judged, known = texts or Texts(), judged or Judged(), Articles.of(articles)
    pairs = candidate_pairs(sketches, since)

    def compare(rows: Rows) -> Iterator[tuple[int, Link | None]]:
        tasks, count = similar(known, pairs[rows], texts, judged.tell)
        for places, links in in_turn(_judge_all, tasks, texts, count):
            yield from zip(places, links, strict=True)

    return [link for _, link in judged.completed("printed", known.heads.keys, pairs, compare, whole=not since)]


Task = tuple[list[int], tuple[list[Article], list[list[int]]]]
"""Rows of some pairs, and these pairs: articles, and the places of two among them for each row."""


def similar(articles: Articles, pairs: Pairs, texts: Texts, tell: Watch) -> tuple[Iterator[Task], int]:
    """The rows of `pairs` (positions, int64, (n, 2)) that are worth reading side by side, some at once, and how many.

    They have `COPIED` of their words in common. Of short articles, the sketches alone decide, which overlap.
    """
    likely = _likely(articles, pairs, texts, tell)

    def tasks() -> Iterator[Task]:
        for start in range(0, len(likely), PAIRS_AT_ONCE):
            rows = likely[start : start + PAIRS_AT_ONCE]
            positions, places = np.unique(pairs[rows], return_inverse=True)
            yield rows.tolist(), (articles.several(positions), places.reshape(-1, 2).tolist())

    return tasks(), len(likely)


def _judge_all(texts: Texts, articles: Sequence[Article], pairs: Sequence[Sequence[int]]) -> list[Link | None]:
    return [judge(articles[i], articles[j], texts) for i, j in pairs]


def _words_of(texts: Texts, articles: Sequence[Article]) -> tuple[npt.NDArray[np.uint32], list[int]]:
    """The words of all articles, end to end, as numbers of `BITS` bits, and how many each has."""
    held = bags([body(article) for article in articles])
    return (np.concatenate(held) >> np.uint64(64 - BITS)).astype(np.uint32), list(map(len, held))


def places_of(pairs: Pairs, count: int) -> tuple[Rows, npt.NDArray[np.int32]]:
    """The positions in some pairs, of `count` in all, ascending; and the pairs as places among these, int32 (n, 2)."""
    met = np.zeros(count, bool)
    met[pairs] = True
    places = np.cumsum(met, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(met), places[pairs]


def _likely(articles: Articles, pairs: Pairs, texts: Texts, tell: Watch) -> Rows:
    """The rows that `similar` gives. Each article is read once, however many pairs it is in."""
    used, places = places_of(pairs, len(articles))
    words = [np.zeros(0, np.uint32)]
    sizes: list[int] = []
    for done, (held, counts) in in_turn(_words_of, articles.parts(used), texts, len(used)):
        tell("words", done, len(used))
        words.append(held)
        sizes += counts
    every, bounds = np.concatenate(words), [0, *accumulate(sizes)]
    marked = np.zeros(1 << BITS, bool)
    shared = np.zeros(len(places), np.int64)
    order = np.argsort(places[:, 0], kind="stable")
    row = 0
    for i, several in groupby(places[order].tolist(), key=itemgetter(0)):
        mine = every[bounds[i] : bounds[i + 1]]
        marked[mine] = True
        for _, j in several:
            shared[order[row]] = np.count_nonzero(marked[every[bounds[j] : bounds[j + 1]]])
            row += 1
        marked[mine] = False
    shorter = np.array(sizes, np.int64)[places].min(axis=1)
    return np.flatnonzero((shorter < SHORT) | (shared >= COPIED * shorter))  # "U.S." is two words there, one here


def judge(a: Article, b: Article, texts: Texts | None = None) -> Link | None:
    """How two articles print the same text: exact, near or contained, with the evidence; None when they do not.

    Both texts are read in full. Otherwise equal text with another number, date, name or negation is another story. The
    link names the earlier article first, and `judge(b, a)` is the same link.
    """
    a, b = sorted((a, b), key=_order)
    comparison = (texts or Texts()).compare(a, b)
    if not comparison.shared:
        return None
    shares = (comparison.shared / len(comparison.a), comparison.shared / len(comparison.b))
    tier = _tier(comparison, shares)
    if tier is None or is_template(comparison):
        return None
    jaccard = comparison.shared / (len(comparison.a) + len(comparison.b) - comparison.shared)
    evidence = {"containment": [round(share, 4) for share in shares], "jaccard": round(jaccard, 4)}
    evidence |= _wording(a, b, comparison) | circumstances(a, b)
    return Link(a.id, b.id, tier, round(max(shares) if tier is Tier.CONTAINED else jaccard, 4), evidence)


def is_template(comparison: Comparison) -> bool:
    """Whether two texts say different things in the same words: telegrams, price lists, weather, corrected figures."""
    places: dict[str, set[Change]] = {}
    for kind, change in comparison.contradictions:
        places.setdefault(kind, set()).add(change)
    if places.keys() & {"number", "date", "opposite"}:
        return True
    if not places:
        return False
    spots = len(comparison.reworded)
    doubtful = places.get("name", set()) | places.get("negation", set())
    replaced = doubtful | places.get("word", set())
    return len(doubtful) > DOUBT * spots or len(replaced) > REPLACED * spots


def _tier(comparison: Comparison, shares: tuple[float, float]) -> Tier | None:
    if shares == (1.0, 1.0) and len(comparison.blocks) == 1:
        return Tier.EXACT
    if min(len(comparison.a), len(comparison.b)) < SHORT:
        if min(shares) >= COPIED and _same_headline(comparison):
            return Tier.NEAR
        quoted = max(shares) == 1.0 and len(comparison.blocks) == 1 and comparison.shared >= QUOTED
        return Tier.CONTAINED if quoted and max(len(comparison.a), len(comparison.b)) >= SHORT else None
    if max(shares) < COPIED or not keeps_lead(comparison, int(shares[1] > shares[0])):
        return None
    return Tier.NEAR if min(shares) >= KEPT else Tier.CONTAINED


def keeps_lead(comparison: Comparison, side: int) -> bool:
    """Whether a copy shares half of the opening of its text; `side` is 0 for the first text, 1 for the second."""
    shared = sum(max(0, min(block[side] + block.size, LEAD) - block[side]) for block in comparison.blocks)
    return 2 * shared >= LEAD


def _same_headline(comparison: Comparison) -> bool:
    """Whether two headlines differ only in vowels and in particles that one of them leaves out."""
    for change in comparison.changes:
        words_a = [token.word for token in comparison.a[change.a : change.a_end]]
        words_b = [token.word for token in comparison.b[change.b : change.b_end]]
        respelled = len(words_a) == len(words_b) and all(map(facts.same_consonants, words_a, words_b))
        left_out = not (words_a and words_b) and all(len(word) <= PARTICLE for word in (*words_a, *words_b))
        if not respelled and not left_out:
            return False
    return True


def _order(article: Article) -> tuple[Any, ...]:
    return (*published_order(article), article.text)


def _wording(a: Article, b: Article, comparison: Comparison) -> dict[str, Any]:
    """The differing words of each side as they were written: {"text", "start", "end"}, offsets into the article."""
    texts = (body(a), body(b))

    def quote(side: int, start: int, end: int) -> dict[str, Any] | None:
        tokens = (comparison.a, comparison.b)[side]
        if start == end:
            return None
        first, last = tokens[start].start, tokens[end - 1].end
        return {"text": texts[side][first:last], "start": first, "end": last}

    def quotes(changes: Iterable[Change]) -> list[dict[str, Any]]:
        return [{"a": quote(0, c.a, c.a_end), "b": quote(1, c.b, c.b_end)} for c in changes]

    doubts: dict[str, list[Change]] = {}
    for contradiction in comparison.contradictions:
        doubts.setdefault(contradiction.kind, []).append(contradiction.change)
    return {
        "words": [len(comparison.a), len(comparison.b)],
        "shared": comparison.shared,
        "changes": quotes(comparison.changes),
        "differs": {kind: quotes(places) for kind, places in sorted(doubts.items())},
        "longer": None
        if len(comparison.a) == len(comparison.b)
        else (a if len(comparison.a) > len(comparison.b) else b).id,
    }


def circumstances(a: Article, b: Article) -> dict[str, Any]:
    """What is known of the two printings besides their text; "first" is None where it is unknown who came first."""
    first = first_published((a, b)) if a.published and b.published else None
    return {
        "published": [a.published, b.published],
        "first": first.id if first else None,
        "sources": [a.source, b.source],
        "agency": [a.agency, b.agency],
    }


def groups(articles: Iterable[Article], links: Iterable[Link]) -> list[Story]:
    """The stories that links hold together: one for each group of two or more articles, the earliest story first.

    A story is represented by the longest article of its first day. The result does not depend on the order of either
    argument. Links to unknown articles are left out.
    """
    links = list(links)
    ends = {end for link in links for end in (link.a, link.b)}
    linking = articles.named(ends) if isinstance(articles, Articles) else articles
    known = {article.id: article for article in linking}
    held = [link for link in links if link.a in known and link.b in known]
    linked = sorted({end for link in held for end in (link.a, link.b)})
    position = {name: n for n, name in enumerate(linked)}
    families = Families(len(linked))
    for link in held:
        families.join(position[link.a], position[link.b])
    members: dict[int, list[Article]] = {}
    for name in linked:
        members.setdefault(families.of(position[name]), []).append(known[name])
    bonds: dict[int, list[Link]] = {}
    for link in sorted(held, key=lambda link: (link.a, link.b, link.tier)):
        bonds.setdefault(families.of(position[link.a]), []).append(link)
    stories = []
    for root, found in members.items():
        printed = tuple(sorted(found, key=_order))
        chosen = min(printed, key=lambda one: (one.published is None, published_day(one), -len(one.text), one.id))
        stories.append(Story(chosen, printed, tuple(bonds[root])))
    return sorted(stories, key=lambda story: _order(story.articles[0]))


class Families:
    """Which of `count` positions belong together, as pairs join them (union-find)."""

    def __init__(self, count: int) -> None:
        """Every position alone."""
        self._parent = list(range(count))

    def of(self, position: int) -> int:
        """The position that stands for the family of `position`."""
        while self._parent[position] != position:
            self._parent[position] = position = self._parent[self._parent[position]]
        return position

    def join(self, a: int, b: int) -> None:
        """Makes one family of two."""
        a, b = self.of(a), self.of(b)
        self._parent[max(a, b)] = min(a, b)
