"""Saved searches as any store keeps them: what is stored of each, and what `search/watch` and `search/fetch` ask.

It is kept beside the articles, which do not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Bodies = Mapping[str, str | None]
"""Article id -> the JSON that is told of it: with "article", "passage" and perhaps "copies"; None is never told."""


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A saved search: `asked` is how it was saved and `scale` how its threshold was found, both JSON; articles up to
    `mark` have been looked at. `waiting` and `found` count hits not yet told, and all of them."""

    number: int
    name: str
    asked: str
    saved: str
    scale: str
    mark: int
    waiting: int = 0
    found: int = 0


class HitRow(NamedTuple):
    """A hit as it is stored: `body` is JSON; `told` is when it was told, None while it waits."""

    number: int
    search: str
    article: str
    found: str
    body: str
    told: str | None


class Due(NamedTuple):
    """A hit that a channel has still to be told, after so many tries."""

    hit: HitRow
    tries: int


class Fetched(NamedTuple):
    """What is known of an address: what its server said of the version that was read, and when to ask again (seconds
    since 1970). `gone` is 1 where it is never to be asked again."""

    etag: str | None = None
    modified: str | None = None
    seen: bytes | None = None
    failures: int = 0
    after: float = 0.0
    gone: int = 0


class Searches(Protocol):
    """What a store keeps beside its articles. Each method is one commit.

    All raise StorageError where it cannot be used, IndexDamaged where it is not what Khabar writes.
    """

    def identity(self) -> str:
        """A name that no other store has."""
        ...

    def searches(self) -> list[SearchRow]:
        """All saved searches by name."""
        ...

    def save(self, name: str, asked: str, scale: str, mark: int, now: str, known: Sequence[str]) -> None:
        """Save a search. The articles `known` are never told. Raises InputError where the name is taken."""
        ...

    def rescale(self, row: SearchRow, scale: str) -> None:
        """Give a search another threshold."""
        ...

    def drop(self, name: str) -> None:
        """Remove a search with its hits. Raises InputError where there is none of this name."""
        ...

    def advance(
        self,
        found: Sequence[tuple[SearchRow, Bodies]],
        mark: int,
        now: str,
        alive: Callable[[list[str]], Collection[str]],
    ) -> dict[str, int]:
        """Store what searches found up to a mark; returns how many new hits of each wait to be told, by its name.

        Articles that a search found before are passed over, and so are those that are no longer `alive`, since they
        may have been purged a moment ago. Of a search that another process has brought further, nothing is stored.
        """
        ...

    def known(self, row: SearchRow, among: Sequence[str] | None = None, last: int = -1) -> list[str]:
        """The ids of articles that a search found before: its `last` ones, or those `among` some."""
        ...

    def hits(self, name: str | None = None, k: int = -1, *, waiting: bool = False) -> list[HitRow]:
        """The k latest hits, of one search or of all, the oldest first; with `waiting` those not told yet."""
        ...

    def tell(self, hits: Sequence[int], now: str, channels: Mapping[bytes, str] | None = None) -> None:
        """Mark hits, by their numbers, as told. In the same step what `channels` (hash -> label) are to be sent is put
        in the outbox.
        """
        ...

    def due(self, channel: bytes, now: float) -> list[Due]:
        """What a channel is to be sent now, the oldest first."""
        ...

    def delivered(self, channel: bytes, hits: Sequence[int]) -> None:
        """A channel was sent some hits."""
        ...

    def put_off(self, channel: bytes, hits: Sequence[int], after: float) -> None:
        """A channel could not be sent some hits; it is tried again after a time (seconds since 1970)."""
        ...

    def undelivered(self) -> dict[str, int]:
        """Labels of channels -> how many hits each has still to be sent."""
        ...

    def fetched(self, address: str) -> Fetched:
        """What is known of an address."""
        ...

    def remember(self, states: Mapping[str, Fetched]) -> None:
        """Store what is known of addresses."""
        ...
