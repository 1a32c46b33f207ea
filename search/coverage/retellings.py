"""The same story told again: in other words, or in the other language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from index.publication import published_day, published_order
from index.types import Article, Vectors

from ..types import Link, Tier
from .copies import SHORT, Families, circumstances, is_template, judge
from .headlines import agreement
from .judged import Judged, Pairs
from .texts import Facts, Texts, body
from .weights import WEIGHTS, Weights

NEAREST = 5
"""Nearest articles of each language whose facts are compared with those of an article."""

DAYS = 3
"""Most days between two tellings in different languages, where both dates are known: translating takes time."""

NEXT_DAY = 1
"""Most days between two tellings in one language. What comes later, or from the same outlet, is a follow-up: none of 20
such pairs that were read in Arabic news of 2018 retold the same news."""

ROWS = 512
"""Articles whose neighbours are searched in one step; their cosines with all others of these days are in memory."""

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

SHORTEST = 1 / 3
"""Least length of a translation as a share of the longer article, in letters; a shorter text is another report. The
shortest translation of the sample corpus has .44."""

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
    whole: bool = False,
) -> list[Link]:
    """The pairs that tell one event in other words (rewritten) or in the other language (translated), with evidence.

    `vectors`, float32 (len(articles), dim), has unit rows. Each article is compared with the `NEAREST` in meaning of
    each language, no more than `DAYS` apart where both dates are known; numbers and names decide. `copies` are the
    links that `duplicates.judge` found: a copy of the translation is no better translation. What is `judged` already is
    not read again; `whole` says that these are all articles.
    """
    position = {article.id: n for n, article in enumerate(articles)}
    family = Families(len(articles))
    texts, judged = texts or Texts(), judged or Judged()
    for link in copies:
        if link.a in position and link.b in position:
            family.join(position[link.a], position[link.b])
    links: list[Link] = []
    across: dict[tuple[int, int], Link] = {}
    pairs = _neighbours(articles, vectors)
    # Rounded, so that the last digits of vectors that are stored in few bits decide nothing.
    cosines = np.array([round(float(vectors[i] @ vectors[j]), 4) for i, j in pairs.tolist()])

    def compare(new: Pairs) -> Iterator[tuple[int, Link | None]]:
        near = dict(zip(map(tuple, pairs.tolist()), cosines.tolist(), strict=True))
        for row, (i, j) in enumerate(new.tolist()):
            yield row, _retold(articles[i], articles[j], near[i, j], texts)

    for row, told in judged.completed("retold", articles, pairs, compare, cosines, whole=whole):
        i, j = pairs[row].tolist()
        if told.tier is Tier.REWRITTEN:
            family.join(i, j)
            links.append(told)
        else:
            across[i, j] = told
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
    score = cosine + _agreement_of_numbers(one, other)
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


def _agreement_of_numbers(a: Facts, b: Facts) -> float:
    """What the numbers of two articles add to their resemblance, or take from it."""
    countable = min(len(a.numbers), len(b.numbers))
    share = 2 * len(a.numbers & b.numbers) / max(1, len(a.numbers) + len(b.numbers))
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


def _retold(a: Article, b: Article, cosine: float, texts: Texts) -> Link | None:
    a, b = sorted((a, b), key=published_order)
    tier = Tier.REWRITTEN if a.language == b.language else Tier.TRANSLATED
    needed = LEAST[tier] - NAMES * (1 - USUAL_NAMES)  # of the cosine and the numbers, whatever the names say
    if cosine + NUMBERS * (1 - USUAL_NUMBERS) < needed:
        return None  # four pairs in five of a large collection
    lengths = sorted(len(article.title) + len(article.text) for article in (a, b))
    if tier is Tier.TRANSLATED and lengths[0] < SHORTEST * lengths[1]:
        return None
    if tier is Tier.REWRITTEN and not _told_apart(a, b):
        return None
    if cosine + _agreement_of_numbers(texts.facts(a), texts.facts(b)) < needed:
        return None  # names in two scripts take the longest
    score, evidence = resemblance(a, b, cosine, texts)
    if score < LEAST[tier]:
        return None
    if tier is Tier.TRANSLATED:
        evidence["sentences"] = round(said_alike(a, b, texts), 4)
    if tier is Tier.REWRITTEN:
        evidence["opening"] = round(float(texts.opening(a) @ texts.opening(b)), 4)
        if evidence["opening"] < SAME_OPENING and not _same_numbers(evidence):
            return None
        if judge(a, b, texts) or is_template(texts.compare(a, b)):
            return None
        if max(len(texts.words(a)), len(texts.words(b))) < SHORT and agreement(body(a), body(b), cosine) <= 0:
            return None
    evidence = {"resemblance": round(score, 4), "cosine": round(cosine, 4), **evidence, **circumstances(a, b)}
    return Link(a.id, b.id, tier, round(min(1.0, score), 4), evidence)


def _told_apart(a: Article, b: Article) -> bool:
    """Whether two articles can be two tellings: of two outlets, within a day, as far as that is known."""
    days = published_day(a), published_day(b)
    return not (a.source and a.source == b.source) and (min(days) < 0 or abs(days[0] - days[1]) <= NEXT_DAY)


def _same_numbers(evidence: dict[str, Any]) -> bool:
    shared, only_a, only_b = (len(evidence[name]) for name in ("numbers", "numbers_a", "numbers_b"))
    least, share = SAME_NUMBERS
    return shared >= least and 2 * shared >= share * (2 * shared + only_a + only_b)


def _neighbours(articles: Sequence[Article], vectors: Vectors) -> Pairs:
    """Pairs of positions (int64, (n, 2)), in order: one is among the `NEAREST` of the other in its language."""
    days = np.array([published_day(article) for article in articles], np.int64)
    languages = np.array([article.language for article in articles])
    order = np.lexsort((np.arange(len(articles)), days))  # the undated, at day -1, come first
    undated = int((days < 0).sum())
    sorted_days = days[order]
    found = [np.zeros(0, np.int64)]
    for start in range(0, len(order), ROWS):
        rows = order[start : start + ROWS]
        columns = order
        if days[rows[0]] >= 0:
            low, high = np.searchsorted(sorted_days, (days[rows[0]] - DAYS, days[rows[-1]] + DAYS + 1))
            columns = np.concatenate((order[:undated], order[max(low, undated) : high]))
        similar = vectors[rows] @ vectors[columns].T
        apart = np.abs(days[rows, None] - days[columns]) > DAYS
        similar[(apart & (days[rows, None] >= 0) & (days[columns] >= 0)) | (rows[:, None] == columns)] = -np.inf
        for language in np.unique(languages[columns]):
            here = np.flatnonzero(languages[columns] == language)
            count = min(NEAREST, len(here))
            best = np.argpartition(-similar[:, here], count - 1, axis=1)[:, :count]
            one, other = np.repeat(rows, count), columns[here[best]].ravel()
            low, high = np.minimum(one, other), np.maximum(one, other)
            close = (low != high) & ((days[low] < 0) | (days[high] < 0) | (np.abs(days[low] - days[high]) <= DAYS))
            found.append((low * len(articles) + high)[close])
    codes = np.unique(np.concatenate(found))
    return np.stack(np.divmod(codes, max(len(articles), 1)), axis=1)
