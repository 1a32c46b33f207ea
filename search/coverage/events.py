"""The events of an affair: what happened on one day, told apart from what all articles of the affair share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from index.types import Vectors

from .rarity import Rarity, TermWeights, shared_weight
from .retellings import NEXT_DAY
from .weights import REPORT, WEIGHTS, Weights

COMMON = 0.25
"""Part of the prior articles that are taken to hold any term, until the affair has shown how common it is."""


LARGE = 80
"""Articles of an event from which on an article must be twice as like it: a large event must earn each member."""

LATER = 2.0
"""How much more like an event of the day before an article must be: most news of the next day is another event."""


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
    said: Vectors  # sum over its articles: what each says beside the mean of the affair, and how it opens
    terms: dict[str, TermWeights] = field(default_factory=dict)  # language -> sum of the weights of its articles
    members: list[int] = field(default_factory=list)


def beside_the_common(vectors: Vectors) -> Vectors:
    """What each article says beside what all say: the vectors less their mean, again of unit length; same shape."""
    beside = vectors - vectors.sum(axis=0) / (len(vectors) + WEIGHTS.prior)
    return np.asarray(beside / np.maximum(np.linalg.norm(beside, axis=1, keepdims=True), 1e-9), np.float32)


def events(
    members: Sequence[Member],
    vectors: Vectors,
    openings: Vectors,
    linked: Mapping[int, Sequence[int]],
    chosen: Weights,
) -> list[list[int]]:
    """The positions of the articles of each event, the first event first; `members` are in order of publication.

    `vectors` (float32, (len(members), dim)) has unit rows; `linked` names the positions of copies and retellings. An
    article joins the event of a copy. Else it joins the one, begun at most `NEXT_DAY` days before, that it is most like
    on average, where that reaches `chosen.event`, and more for a large event; or it begins one. Terms are weighed by
    their rarity among the earlier articles of the affair, and their mean vector is taken out: what all share says
    nothing of the event. Only earlier articles count, so a later one moves none. An affair of headlines is one event,
    since headlines say too little to tell events apart, and so is one without dates.
    """
    told = sorted(len(member.words) for member in members)
    if told[len(told) // 2] < REPORT or all(member.day < 0 for member in members):
        return [[member.position for member in members]]
    rarity = Rarity(chosen.prior, COMMON, least=0.0)
    mean = np.zeros(vectors.shape[1], np.float32)
    place: dict[int, _Event] = {}
    found: list[_Event] = []
    for n, member in enumerate(members):
        rarity.learn(member.words)
        mean += vectors[n]
        weights = rarity.weigh(member.words)
        rest = vectors[n] - mean / (n + 1 + chosen.prior)
        rest /= max(float(np.linalg.norm(rest)), 1e-9)
        copied = [place[other] for other in linked.get(member.position, ()) if other in place]
        said = np.concatenate((rest, openings[n]))
        event = copied[0] if copied else _most_like(found, member, said, weights, chosen.event)
        if event is None:
            event = _Event(member.day, np.zeros_like(said))
            found.append(event)
        place[member.position] = event
        event.members.append(member.position)
        event.said += said
        total = event.terms.setdefault(member.language, {})
        for word, value in weights.items():
            total[word] = total.get(word, 0.0) + value
    return [event.members for event in found]


def _most_like(
    found: Sequence[_Event], member: Member, said: Vectors, weights: TermWeights, least: float
) -> _Event | None:
    """The event that an article is most like: the mean over its articles of cosine and shared terms."""
    best, likest = 0.0, None
    for event in found:
        if member.day < 0 or not 0 <= member.day - event.day <= NEXT_DAY:
            continue
        like = float(event.said @ said) / 2
        if member.language in event.terms:
            like = (2 * like + shared_weight(weights, event.terms[member.language])) / 3
        later = LATER if member.day > event.day else 1.0
        beyond = like / len(event.members) - least * later * (1 + len(event.members) / LARGE)
        if beyond >= best:
            best, likest = beyond, event
    return likest
