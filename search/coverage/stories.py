"""Stories: articles on one event, found by clustering articles into affairs and splitting each affair into events."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from index.publication import published_day, published_order
from index.types import Article, Vectors

from ..types import Link, Story
from .articles import AT_ONCE, Articles
from .events import Member, events
from .genres import genre_of
from .judged import Watch
from .leads import lead
from .rarity import Rarity, TermWeights, shared_weight
from .texts import openings
from .weights import WEIGHTS, Weights

WINDOW = 14
"""Days without news after which an affair is closed, where dates are known."""

FADING = 10
"""Days after the mean day of an affair at which the required likeness has doubled. Without it, a war or a season would
be one affair. Time stamps in clusters: Miranda et al., "Multilingual Clustering of Streaming News
Articles", EMNLP 2018."""

_TOLD = 256  # articles between two words on the progress

CANDIDATES = 12
"""Affairs nearest in meaning whose words are compared with those of an article."""


def stories(
    articles: Sequence[Article],
    vectors: Vectors,
    links: Iterable[Link] = (),
    chosen: Weights = WEIGHTS,
    watch: Watch | None = None,
    rarity: Rarity | None = None,
    lead: Callable[[Article], list[str]] = lead,
) -> list[Story]:
    """The stories of two or more articles, ordered by their first article.

    `vectors` (float32, (len(articles), dim)) has unit rows. Articles are taken in order of publication, the undated
    last. Each joins the affair with the most similar centroid, by meaning and by words, or begins one (single-pass
    clustering: Allan, Papka and Lavrenko, "On-line New Event Detection and Tracking", SIGIR 1998); `events` then splits
    each affair. The result does not depend on the order of the arguments, and an article published later moves no
    earlier one. Articles that `links` join go into one story. The report nearest to the centroid represents a story.
    `watch` is told of the progress. `rarity` is what earlier articles taught, which are not among these,
    `lead` gives the terms with which an article begins.
    """
    known = Articles.of(articles)
    position = {name: i for i, name in enumerate(known.heads.ids)}
    held = sorted((link for link in links if link.a in position and link.b in position), key=lambda k: (k.a, k.b))
    printed: dict[int, list[int]] = {}
    bonded: dict[int, list[Link]] = {}  # by the article that a link names first
    for link in held:
        a, b = position[link.a], position[link.b]
        printed.setdefault(a, []).append(b)
        printed.setdefault(b, []).append(a)
        bonded.setdefault(a, []).append(link)
    place: dict[int, _Cluster] = {}
    running = _Running(vectors.shape[1], chosen)
    rarity = rarity or Rarity()
    order = known.heads.in_order()
    found: list[Story] = []

    def tell(closed: Iterable[_Cluster]) -> None:
        """Tell the events of affairs that are closed: no later article moves them."""
        for cluster in closed:
            if len(cluster.members) > 1:
                found.extend(_told(known, vectors, cluster, printed, bonded, chosen))
            cluster.leads.clear()
            cluster.weights.clear()

    for start in range(0, len(order), AT_ONCE):
        part = order[start : start + AT_ONCE].tolist()
        for done, (i, article) in enumerate(zip(part, known.several(part), strict=True), start):
            if watch and done % _TOLD == 0:
                watch("stories", done, len(order))
            words = lead(article)
            rarity.learn(words)
            weights = rarity.weigh(words)
            tell(running.close(published_day(article)))
            copied = [place[j] for j in printed.get(i, ()) if j in place and place[j].row >= 0]
            cluster = min(copied, key=lambda c: c.number, default=None) or running.nearest(
                article, vectors[i], weights, len(words)
            )
            place[i] = cluster or running.begin()
            running.add(place[i], i, article, vectors[i], weights)
            place[i].leads.append(words)
    tell(running.left())
    return sorted(found, key=lambda story: published_order(story.articles[0]))


def _told(
    known: Articles,
    vectors: Vectors,
    cluster: _Cluster,
    printed: Mapping[int, Sequence[int]],
    bonded: Mapping[int, Sequence[Link]],
    chosen: Weights,
) -> Iterator[Story]:
    """The stories of an affair."""
    articles = dict(zip(cluster.members, known.several(cluster.members), strict=True))
    members = [
        Member(i, words, published_day(article), article.language)
        for (i, article), words in zip(articles.items(), cluster.leads, strict=True)
    ]
    split = events(members, vectors[cluster.members], lambda: openings([*articles.values()]), printed, chosen)
    told = [event for event in split if len(event) > 1]
    affair = articles[cluster.members[0]].id if len(told) > 1 else None
    for event in told:
        here = {articles[i].id for i in event}
        total = vectors[event].sum(axis=0)
        central = _most_central(articles, event, vectors[event] @ total / len(event))
        bonds = tuple(link for i in event for link in bonded.get(i, ()) if link.a in here and link.b in here)
        yield Story(articles[central], tuple(articles[i] for i in event), bonds, affair)


def _most_central(articles: Mapping[int, Article], event: Sequence[int], likeness: Vectors) -> int:
    """The report that is most like all articles of an event, the first of those that are alike to three digits: two
    are equally near to what is between them. Where none is a report, any article."""
    order = [event[int(n)] for n in np.argsort(-np.round(likeness, 3), kind="stable")]
    return next((i for i in order if genre_of(articles[i]).reports), order[0])


@dataclass(slots=True, eq=False)
class _Cluster:
    number: int
    sum: Vectors
    row: int  # of its centroid, while it runs; -1 when it is closed
    weights: TermWeights = field(default_factory=dict)
    norm: float = 0.0  # of the weights, squared
    last: int = -1  # day
    days: int = 0  # the sum over its articles
    members: list[int] = field(default_factory=list)
    leads: list[list[str]] = field(default_factory=list)  # of the members
    languages: set[str] = field(default_factory=set)


class _Running:
    """The affairs that are still open, and their centroids as the rows of one matrix."""

    def __init__(self, dim: int, chosen: Weights) -> None:
        self._chosen = chosen
        self._clusters: list[_Cluster] = []
        self._rows = np.zeros((64, dim), np.float32)
        self._count = 0
        self._day = -1

    def close(self, today: int) -> list[_Cluster]:
        """Closes the affairs without news for `WINDOW` days and returns them; those without a date stay open."""
        if today <= self._day:
            return []
        self._day = today
        kept = [cluster for cluster in self._clusters if cluster.last < 0 or cluster.last >= today - WINDOW]
        closed = []
        if len(kept) < len(self._clusters):
            self._rows[: len(kept)] = self._rows[[cluster.row for cluster in kept]]
            for cluster in self._clusters:
                cluster.row = -1
            for row, cluster in enumerate(kept):
                cluster.row = row
            closed = [cluster for cluster in self._clusters if cluster.row < 0]
            self._clusters = kept
        return closed

    def left(self) -> list[_Cluster]:
        """The affairs that are still open."""
        return self._clusters

    def nearest(self, article: Article, vector: Vectors, weights: TermWeights, length: int) -> _Cluster | None:
        """The affair that exceeds the likeness it requires by the most, or None."""
        count = len(self._clusters)
        few = min(CANDIDATES, count)
        if not few:
            return None
        today = published_day(article)
        cosines = self._rows[:count] @ vector
        best, found = 0.0, None
        for row in sorted(np.argpartition(-cosines, few - 1)[:few].tolist()):
            cluster, like = self._clusters[row], float(cosines[row])
            if cluster.last >= 0 and today < 0:
                continue  # without a date, only near-identity makes an article part of what happened on a day
            enough = self._chosen.across.least(length)
            if article.language in cluster.languages:
                like = (like + shared_weight(weights, cluster.weights) / math.sqrt(cluster.norm)) / 2
                enough = self._chosen.like.least(length)
            if cluster.last >= 0 and today >= 0:
                enough *= 1 + (today - cluster.days / len(cluster.members)) / FADING
            if like - enough >= best and (found is None or like - enough > best):
                best, found = like - enough, cluster
        return found

    def begin(self) -> _Cluster:
        """A new affair without articles."""
        if len(self._clusters) == len(self._rows):
            self._rows = np.concatenate((self._rows, np.zeros_like(self._rows)))
        cluster = _Cluster(self._count, np.zeros(self._rows.shape[1], np.float32), len(self._clusters))
        self._clusters.append(cluster)
        self._count += 1
        return cluster

    def add(self, cluster: _Cluster, i: int, article: Article, vector: Vectors, weights: TermWeights) -> None:
        """Adds article number `i` to an affair."""
        today = published_day(article)
        cluster.members.append(i)
        cluster.languages.add(article.language)
        cluster.last = max(cluster.last, today)
        cluster.days += today
        cluster.sum += vector
        self._rows[cluster.row] = cluster.sum / max(float(np.linalg.norm(cluster.sum)), 1e-9)
        cluster.norm += 1 + 2 * shared_weight(weights, cluster.weights)
        for word, value in weights.items():
            cluster.weights[word] = cluster.weights.get(word, 0.0) + value
