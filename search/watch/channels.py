"""News is delivered to channels from an outbox: what cannot be delivered now is tried again at the next run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from index.ports import Store

from ..types import News
from .saved import moment, news, news_of

AT_ONCE = 50
"""The most hits in one delivery."""

FIRST_WAIT, LONGEST_WAIT = 60.0, 6 * 3600.0
"""Seconds until the second try, which grow fourfold with each, and the most that they grow to."""


class Undelivered(Exception):
    """Why a channel could not be sent something, in a few words; `after` is how many seconds it asks to wait."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


class Channel(Protocol):
    """Somebody who is told."""

    @property
    def target(self) -> str:
        """What tells it from other channels; it may be a secret, and is stored as a hash."""
        ...

    @property
    def label(self) -> str:
        """What people are shown of it."""
        ...

    def send(self, told: Sequence[News]) -> None:
        """Deliver some hits. Raises Undelivered."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a channel was sent: so many hits; and why the rest was not, None where there is no rest."""

    label: str
    sent: int
    failure: str | None


def tell(index: Store, channels: Sequence[Channel], name: str | None = None) -> list[Delivery]:
    """Tell channels what was not told yet, by one search or by all, and what they could not be sent before.

    What is told is marked so and put in the outbox in one step, so that nothing is lost when a run is killed. One
    killed while it delivers may deliver that again; a delivery has the same id then. Raises InputError as `news`.
    """
    waiting = [one.number for one in news(index, name)]
    index.searches.tell(waiting, moment(), {_key(channel): channel.label for channel in channels})
    return [_deliver(index, channel) for channel in channels]


def told(index: Store, found: Sequence[News]) -> None:
    """Mark hits as told."""
    if found:
        index.searches.tell([one.number for one in found], moment())


def undelivered(index: Store) -> dict[str, int]:
    """Labels of channels -> how many hits each has still to be sent."""
    return index.searches.undelivered()


def _deliver(index: Store, channel: Channel) -> Delivery:
    key, sent = _key(channel), 0
    due = index.searches.due(key, time.time())
    for start in range(0, len(due), AT_ONCE):
        part = due[start : start + AT_ONCE]
        numbers = [one.hit.number for one in part]
        try:
            channel.send([news_of(one.hit) for one in part])
        except Undelivered as error:
            wait = max(error.after, min(FIRST_WAIT * 4 ** min(one.tries for one in part), LONGEST_WAIT))
            index.searches.put_off(key, numbers, time.time() + wait)
            return Delivery(channel.label, sent, str(error))
        index.searches.delivered(key, numbers)
        sent += len(part)
    return Delivery(channel.label, sent, None)


def delivery_id(told: Sequence[News]) -> str:
    """An id of a delivery: the same hits have the same one."""
    return blake2b("\n".join(one.id for one in told).encode(), digest_size=16).hexdigest()


def _key(channel: Channel) -> bytes:
    return blake2b(channel.target.encode("utf-8", "surrogatepass"), digest_size=16).digest()
