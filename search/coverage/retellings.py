"""The same story told again: in other words, or in the other language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from index.publication import published_order
from index.types import Article, Vectors

from ..types import Link, Tier
from .articles import Articles
from .copies import PAIRS_AT_ONCE, SHORT, Families, circumstances, is_template, judge, places_of
from .headlines import agreement
from .helper import in_turn
from .judged import Cosines, Judged, Pairs, Rows, Watch
from .neighbours import ROUNDED, listed, neighbours
from .texts import Facts, Texts, body, openings, read_numbers
from .weights import WEIGHTS, Weights

NUMBERS, USUAL_NUMBERS, ENOUGH_NUMBERS = 0.4, 0.5, 3
"""Weight of shared numbers beside the cosine, the share of numbers that counts neither for nor against one telling, and
the count from which numbers have full weight. The share is of both articles' numbers: another report of the event has
numbers of its own, a translation has not."""

NAMES, USUAL_NAMES = 0.15, 0.2
"""The same for names, which follow-ups share as well: they only tell one subject from another."""

LEAST = {Tier.REWRITTEN: 0.77, Tier.TRANSLATED: 0.6}
"""Least resemblance of a link; it separates retellings from follow-ups in the sample corpus. Cosines across languages
are lower."""

SAME_OPENING = 0.69
"""Least cosine of two openings with the same news. Chosen, as `LEAST` within a language, by reading Arabic news: see
docs/stories.md."""

SAME_NUMBERS = 5, 0.7
"""Least count and least share of common numbers that make two reports with different openings one telling."""

SENTENCE_BY_SENTENCE = 0.59
"""Least mean of resemblance (weight 1) and sentence similarity (weight 2) of a translation; below it, a text only
reports the same event. Chosen by reading false translations among Arabic and English news of the same days: see
docs/stories.md."""


def retold_links(
    articles: Sequence[Article],
    vectors: Vectors,
    copies: Iterable[Link] = (),
    texts: Texts | None = None,
    chosen: Weights = WEIGHTS,
    judged: Judged | None = None,
    *,
    since: int = 0,
    asked: int = 0,
    whole: bool = False,
) -> list[Link]:
    """The pairs that tell one event in other words (rewritten) or in the other language (translated), with evidence.

    `vectors`, float32 (len(articles), dim), has unit rows. Each article is compared with the nearest in meaning of each
    language (neighbours.py), no more than some days apart where both dates are known; numbers and names decide.
    `copies` are the links that `duplicates.judge` found: a copy of the translation is no better translation. What is
    `judged` already is not read again; `whole` says that these are all articles. With `since`, one position of each
    pair is `since` or later. With `asked`, only links with an article at that position or later are wanted: others may
    be missing.
    """
    texts, judged, known = texts or Texts(), judged or Judged(), Articles.of(articles)
    copies = list(copies)
    ends = {end for link in copies for end in (link.a, link.b)}
    position = {name: n for n, name in enumerate(known.heads.ids) if name in ends}
    family = Families(len(known))
    for link in copies:
        if link.a in position and link.b in position:
            family.join(position[link.a], position[link.b])
    links: list[Link] = []
    across: dict[tuple[int, int], Link] = {}
    floor = _least(np.array([False, True])) - NUMBERS * (1 - USUAL_NUMBERS)
    pairs, cosines = neighbours(known.heads, vectors, floor, since)
    del vectors  # those of 400,000 articles take 500 MB, which are free from here on unless the caller holds them

    def judge_pairs(chosen: Rows) -> None:
        # Where all are chosen, nothing is copied: among 400,000 articles, the pairs take hundreds of megabytes.
        these, near = (pairs, cosines) if len(chosen) == len(pairs) else (pairs[chosen], cosines[chosen])

        def compare(rows: Rows) -> Iterator[tuple[int, Link | None]]:
            new, close = (these, near) if len(rows) == len(these) else (these[rows], near[rows])
            likely, opening = _told_by_numbers(known, new, close, texts, judged.tell)

            def tasks() -> Iterator[tuple[list[int], _Task]]:
                for start in range(0, len(likely), PAIRS_AT_ONCE):
                    part = slice(start, start + PAIRS_AT_ONCE)
                    places = likely[part]
                    used, ends = np.unique(these[rows[places]], return_inverse=True)
                    yield places.tolist(), (known.several(used), ends.reshape(-1, 2), near[rows[places]], opening[part])

            for places, links in in_turn(_retold_all, tasks(), texts, len(likely)):
                yield from zip(places, links, strict=True)

        for row, told in judged.completed("retold", known.heads.keys, these, compare, near, whole=whole):
            i, j = these[row].tolist()
            if told.tier is Tier.REWRITTEN:
                family.join(i, j)
                links.append(told)
            else:
                across[i, j] = told

    wanted = pairs[:, 1] >= asked
    judge_pairs(np.flatnonzero(wanted))
    if across and not wanted.all():  # what others tell decides about translations alone
        judge_pairs(np.flatnonzero(~wanted))
    # A copy of a translation, or the same in other words, tells the story in the other language as well.
    translated = {frozenset(map(family.of, pair)) for pair, link in across.items() if _translates(link.evidence)}
    across = {pair: link for pair, link in across.items() if frozenset(map(family.of, pair)) in translated}
    best: dict[int, dict[int, float]] = {}
    for (i, j), link in across.items():
        for one, other in ((i, j), (j, i)):
            rivals = best.setdefault(one, {})
            rivals[family.of(other)] = max(rivals.get(family.of(other), 0.0), link.evidence["resemblance"])

    def nearest(one: int, other: int) -> bool:
        score = across[min(one, other), max(one, other)].evidence["resemblance"]
        return all(score >= rival - chosen.margin for root, rival in best[one].items() if root != family.of(other))

    links += [link for (i, j), link in across.items() if nearest(i, j) and nearest(j, i)]
    return sorted(links, key=lambda link: (link.a, link.b))


def resemblance(a: Article, b: Article, cosine: float, texts: Texts) -> tuple[float, dict[str, Any]]:
    """How much two articles tell the same event, and the facts that say so.

    The cosine of their vectors, more or less as their numbers and names agree; about -.5 to 1.3.
    """
    one, other = texts.facts(a), texts.facts(b)
    numbers, names = one.numbers & other.numbers, texts.shared_names(a, b)
    score = cosine + _agreement_of_numbers(one.numbers, other.numbers)
    nameable = _nameable(one, other)
    if nameable:
        score += NAMES * (len(names) / nameable - USUAL_NAMES)
    return score, {
        "numbers": plain(numbers),
        "numbers_a": plain(one.numbers - numbers),
        "numbers_b": plain(other.numbers - numbers),
        "names": [[one.written[x], other.written[y]] for x, y in names],
        "written": {
            "numbers": [[one.written[n], other.written[n]] for n in sorted(numbers)],
            "numbers_a": [one.written[n] for n in sorted(one.numbers - numbers)],
            "numbers_b": [other.written[n] for n in sorted(other.numbers - numbers)],
        },
    }


def plain(numbers: Iterable[float]) -> list[int | float]:
    """Numbers in order, whole ones as int."""
    return [int(number) if number.is_integer() else number for number in sorted(numbers)]


def _least_names(a: Facts, b: Facts, cosine: float, tier: Tier) -> float:
    """How many names two articles must share to be a link of a tier, a little less than that for rounding."""
    lacking = LEAST[tier] - cosine - _agreement_of_numbers(a.numbers, b.numbers)
    return _nameable(a, b) * (lacking / NAMES + USUAL_NAMES) - 1e-6


def _agreement_of_numbers(a: frozenset[float], b: frozenset[float]) -> float:
    """What the numbers of two articles add to their resemblance, or take from it."""
    countable = min(len(a), len(b))
    share = 2 * len(a & b) / max(1, len(a) + len(b))
    return NUMBERS * min(1.0, countable / ENOUGH_NUMBERS) * (share - USUAL_NUMBERS)


def said_alike(a: Article, b: Article, texts: Texts) -> float:
    """How near the sentences of the shorter of two articles are to those of the other: a mean by letters, -1 to 1."""
    (one, one_letters), (other, other_letters) = (texts.sentences(article) for article in (a, b))
    cosines = one @ other.T
    if one_letters.sum() > other_letters.sum():
        return float(np.average(cosines.max(axis=0), weights=other_letters))
    return float(np.average(cosines.max(axis=1), weights=one_letters))


def _translates(evidence: Mapping[str, Any]) -> bool:
    return bool(evidence["resemblance"] + 2 * evidence["sentences"] >= 3 * SENTENCE_BY_SENTENCE)


def _nameable(a: Facts, b: Facts) -> int:
    """How many names could be shared: across scripts, those written with a capital."""
    if a.language == b.language:
        return min(len(a.names), len(b.names))
    return len((a if b.language == "ar" else b).names)


_Task = tuple[list[Article], Pairs, Cosines, npt.NDArray[np.bool_]]


def _retold_all(
    texts: Texts, articles: Sequence[Article], pairs: Pairs, cosines: Cosines, opening: npt.NDArray[np.bool_]
) -> list[Link | None]:
    """The link of each pair of articles; those for which `opening` says so must open alike."""
    links: list[Link | None] = [None] * len(pairs)
    for n in np.flatnonzero(_opened_alike(articles, pairs, opening)).tolist():
        i, j = pairs[n].tolist()
        links[n] = _retold(articles[i], articles[j], float(cosines[n]), texts)
    return links


def _numbers_of(texts: Texts, articles: Sequence[Article]) -> list[tuple[float, ...]]:
    return [tuple(read_numbers(article)) for article in articles]  # many sets would take four times the memory


def _retold(a: Article, b: Article, cosine: float, texts: Texts) -> Link | None:
    a, b = sorted((a, b), key=published_order)
    tier = Tier.REWRITTEN if a.language == b.language else Tier.TRANSLATED
    least = _least_names(texts.facts(a), texts.facts(b), cosine, tier)
    if len(texts.shared_names(a, b, least)) < least:
        return None
    score, evidence = resemblance(a, b, cosine, texts)
    if score < LEAST[tier]:
        return None
    if tier is Tier.TRANSLATED:
        evidence["sentences"] = round(said_alike(a, b, texts), 4)
    if tier is Tier.REWRITTEN:
        evidence["opening"] = round(float(texts.opening(a) @ texts.opening(b)), 4)
        if evidence["opening"] < SAME_OPENING and not _share_numbers(texts.facts(a).numbers, texts.facts(b).numbers):
            return None
        if judge(a, b, texts) or is_template(texts.compare(a, b)):
            return None
        if max(len(texts.words(a)), len(texts.words(b))) < SHORT and agreement(body(a), body(b), cosine) <= 0:
            return None
    evidence = {"resemblance": round(score, 4), "cosine": round(cosine, 4), **evidence, **circumstances(a, b)}
    return Link(a.id, b.id, tier, round(min(1.0, score), 4), evidence)


def _share_numbers(a: frozenset[float], b: frozenset[float]) -> bool:
    """Whether the numbers of two articles are so many and so much the same that one tells what the other tells."""
    shared, (least, share) = len(a & b), SAME_NUMBERS
    return shared >= least and 2 * shared >= share * (len(a) + len(b))


def _least(same_language: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """What the cosine and the numbers of a pair must reach, whatever the names say."""
    needed = np.where(same_language, LEAST[Tier.REWRITTEN], LEAST[Tier.TRANSLATED])
    return np.asarray(needed - NAMES * (1 - USUAL_NAMES), np.float64)


def _told_by_numbers(
    articles: Articles, pairs: Pairs, cosines: Cosines, texts: Texts, tell: Watch
) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """The rows of pairs that may be retellings by their cosines and the numbers of both, and which of them must open
    alike: names take the longest."""
    used, ends = places_of(pairs, len(articles))
    stated: list[tuple[float, ...]] = []
    same_number: dict[float, float] = {}  # most numbers recur
    for done, some in in_turn(_numbers_of, articles.parts(used), texts, len(used)):
        tell("numbers", done, len(used))
        stated += (tuple(same_number.setdefault(number, number) for number in own) for own in some)
    both = ((frozenset(stated[i]), frozenset(stated[j])) for i, j in listed(ends))
    added = np.fromiter((_agreement_of_numbers(one, other) for one, other in both), np.float64, len(ends))
    languages = articles.heads.languages
    same = languages[pairs[:, 0]] == languages[pairs[:, 1]]
    likely = np.flatnonzero(cosines + added >= _least(same))
    both = ((frozenset(stated[i]), frozenset(stated[j])) for i, j in listed(ends[likely]))
    numbered = np.fromiter((_share_numbers(one, other) for one, other in both), bool, len(likely))
    return likely, same[likely] & ~numbered


def _opened_alike(articles: Sequence[Article], pairs: Pairs, needed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which pairs of articles open alike, where that is needed."""
    alike = ~needed
    if needed.any():
        used, ends = np.unique(pairs[needed], return_inverse=True)
        vectors = openings([articles[n] for n in used.tolist()])
        one, other = ends.reshape(-1, 2).T
        alike[needed] = (vectors[one] * vectors[other]).sum(axis=1) >= SAME_OPENING - ROUNDED
    return alike
