"""The events of an affair: what happened on one day, told apart from what all articles of the affair share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from index.types import Vectors

from .neighbours import NEXT_DAY
from .rarity import Rarity, TermWeights, shared_weight
from .weights import REPORT, WEIGHTS, Weights

COMMON = 0.25
"""Part of the prior articles that are taken to hold any term, until the affair has shown how common it is."""

LARGE = 60
"""Articles of an event from which on an article must be twice as like it: a large event must earn each member."""

ALONE = 0.6
"""How much more like a single article another must be, to begin a story with it; of n articles, an n-th part of it:
the more tell an event, the better its mean tells what it is."""

LATER = 1.6
"""How many times as like an event of the day before an article must be: most news of the next day is another event."""

OPENED = 0.36
"""Mean cosine of an article's opening with those of an event, below which it tells another: news opens with what is
new. Across languages openings are less alike, and it does not apply."""


@dataclass(frozen=True, slots=True)
class Member:
    """An article of an affair: its position in the collection, its terms, and its day as an ordinal or -1."""

    position: int
    words: list[str]
    day: int
    language: str


@dataclass(slots=True)
class _Event:
    day: int
    beside: Vectors  # sum over its articles of what each says beside the mean of the affair
    opening: Vectors  # sum of how each opens
    terms: dict[str, TermWeights] = field(default_factory=dict)  # language -> sum of the weights of its articles
    members: list[int] = field(default_factory=list)


def beside_the_common(vectors: Vectors) -> Vectors:
    """What each article says beside what all say: the vectors less their mean, again of unit length; same shape."""
    beside = vectors - vectors.sum(axis=0) / (len(vectors) + WEIGHTS.prior)
    return np.asarray(beside / np.maximum(np.linalg.norm(beside, axis=1, keepdims=True), 1e-9), np.float32)


def events(
    members: Sequence[Member],
    vectors: Vectors,
    opened: Callable[[], Vectors],
    linked: Mapping[int, Sequence[int]],
    chosen: Weights,
) -> list[list[int]]:
    """The positions of the articles of each event, the first event first; `members` are in order of publication.

    `vectors` (float32, (len(members), dim)) has unit rows; `opened` gives the vectors of how they open, unit rows
    too, where these are needed; `linked` names the positions of copies and retellings. An article joins the event of a
    copy. Else it joins the one, begun at most `NEXT_DAY` days before, that it is most like on average, where that
    reaches `chosen.event`, and more for a single article, a large event or on the next day; or it begins one. Terms
    are weighed by their rarity among the earlier articles of the affair, and their mean vector is taken out: what all
    share says nothing of the event. Only earlier articles count, so a later one moves none. An affair of headlines is
    one event, since headlines say too little to tell events apart, and so is one without dates.
    """
    told = sorted(len(member.words) for member in members)
    if told[len(told) // 2] < REPORT or all(member.day < 0 for member in members):
        return [[member.position for member in members]]
    openings = opened()
    rarity = Rarity(chosen.prior, COMMON, least=0.0)
    mean = np.zeros(vectors.shape[1], np.float32)
    place: dict[int, _Event] = {}
    found: list[_Event] = []
    for n, member in enumerate(members):
        rarity.learn(member.words)
        mean += vectors[n]
        weights = rarity.weigh(member.words)
        beside = vectors[n] - mean / (n + 1 + chosen.prior)
        beside /= max(float(np.linalg.norm(beside)), 1e-9)
        copied = [place[other] for other in linked.get(member.position, ()) if other in place]
        opens = openings[n]
        event = copied[0] if copied else _most_like(found, member, beside, opens, weights, chosen.event)
        if event is None:
            event = _Event(member.day, np.zeros_like(beside), np.zeros_like(opens))
            found.append(event)
        place[member.position] = event
        event.members.append(member.position)
        event.beside += beside
        event.opening += opens
        total = event.terms.setdefault(member.language, {})
        for word, value in weights.items():
            total[word] = total.get(word, 0.0) + value
    return [event.members for event in found]


def _most_like(
    found: Sequence[_Event], member: Member, beside: Vectors, opening: Vectors, weights: TermWeights, least: float
) -> _Event | None:
    """The event that an article is most like: on average over its articles, by vectors, openings and shared terms."""
    best, likest = 0.0, None
    for event in found:
        count = len(event.members)
        opens = float(event.opening @ opening) / count
        if member.day < 0 or not 0 <= member.day - event.day <= NEXT_DAY:
            continue
        like = (float(event.beside @ beside) / count + opens) / 2
        if member.language in event.terms:
            if opens < OPENED:
                continue
            like = (2 * like + shared_weight(weights, event.terms[member.language]) / count) / 3
        enough = least * (1 + ALONE / count + count / LARGE) * (LATER if member.day > event.day else 1.0)
        beyond = like - enough
        if beyond >= best:
            best, likest = beyond, event
    return likest
