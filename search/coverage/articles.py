"""Many articles that are compared: their texts stay in the store until they are read side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import overload

import numpy as np
import numpy.typing as npt

from index.errors import StorageError
from index.ports import Numbers, Store, View
from index.publication import published_day, published_order
from index.text import distinct
from index.types import Article, Vectors

AT_ONCE = 1024
"""Articles that are read in one trip: some megabytes."""


_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Heads:
    """What decides which of n articles are read side by side, and which pairs of them were compared before.

    `ids` are str, `dates` the days as they are written, "" where there is none. The others are int64: `days` are
    ordinals or -1, `instants` microseconds since 1970 (see `published_order`), `languages` and `sources` hashes of the
    names, 0 where there is none, `lengths` the characters of title and text. `keys` (uint64) are hashes of all that
    comparisons read.
    """

    ids: npt.NDArray[np.object_]
    dates: npt.NDArray[np.str_]
    days: npt.NDArray[np.int64]
    instants: npt.NDArray[np.int64]
    languages: npt.NDArray[np.int64]
    sources: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, articles: Iterable[Article]) -> Heads:
        """The heads of articles, each of which is looked at once."""
        ids: list[str] = []
        dates: list[str] = []
        numbers: list[tuple[int, ...]] = []
        keys: list[int] = []
        for one in articles:
            ids.append(one.id)
            dates.append((one.published or "")[:10])
            length = len(one.title) + len(one.text)
            numbers.append((published_day(one), _instant(one), _code(one.language), _code(one.source), length))
            keys.append(key_of(one))
        days, instants, languages, sources, lengths = np.array(numbers, np.int64).reshape(-1, 5).T
        return cls(
            np.array(ids, object),
            np.array(dates, "U10"),
            days,
            instants,
            languages,
            sources,
            lengths,
            np.array(keys, np.uint64),
        )

    def in_order(self) -> Numbers:
        """The positions of the articles in order of publication (see `published_order`)."""
        keys = list(zip(self.instants.tolist(), self.ids.tolist(), strict=True))
        return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)

    def take(self, positions: Numbers) -> Heads:
        """The heads of the articles at some positions, in their order."""
        return Heads(*(getattr(self, name)[positions] for name in self.__slots__))

    @classmethod
    def joined(cls, parts: Sequence[Heads]) -> Heads:
        """The heads of several lists of articles, one behind the other."""
        parts = parts or [cls.of(())]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


class Articles(Sequence[Article]):
    """A read-only list of n articles, each read from a store when it is asked for, or held.

    What is in a store must still be as it was: whoever compares many articles does so within a `reading` of the store,
    or may be told by a StorageError that it has changed.
    """

    def __init__(self, held: Sequence[Article], numbers: Numbers, store: Store | None, generation: object) -> None:
        """`numbers` are those of the view of a generation of the store; -1, -2 and so on mean the first held, ..."""
        self._held, self._numbers, self._store, self._generation = held, numbers, store, generation

    @classmethod
    def of(cls, articles: Sequence[Article]) -> Articles:
        """These articles, held."""
        return articles if isinstance(articles, Articles) else cls(articles, -1 - np.arange(len(articles)), None, None)

    @classmethod
    def stored(cls, store: Store, generation: object, numbers: Numbers, heads: Heads) -> Articles:
        """Articles of a store by their numbers, whose heads are known."""
        found = cls((), numbers, store, generation)
        found.__dict__["heads"] = heads
        return found

    @cached_property
    def heads(self) -> Heads:
        """What is known of them without their texts."""
        return Heads.of(self)

    def vectors(self) -> Vectors:
        """The vectors of articles that are all stored: float32 (n, dim)."""
        found = np.zeros((0, 0), np.float32)
        for start in range(0, len(self), AT_ONCE):
            with self._reading() as view:
                read = view.article_vectors(self._numbers[start : start + AT_ONCE])
            if not start:
                found = np.empty((len(self), read.shape[1]), np.float32)
            found[start : start + len(read)] = read
        return found

    def several(self, positions: Iterable[int]) -> list[Article]:
        """The articles at some positions, in their order, in one trip."""
        chosen = self._numbers[np.fromiter(positions, np.int64)]
        stored = distinct(chosen[chosen >= 0])
        read: dict[int, Article] = {}
        if len(stored):
            with self._reading() as view:
                read = dict(zip(stored.tolist(), view.articles(stored), strict=True))
        return [read[number] if number >= 0 else self._held[-1 - number] for number in chosen.tolist()]

    def parts(self, positions: Numbers) -> Iterator[tuple[int, tuple[list[Article]]]]:
        """The articles at some positions, `AT_ONCE` in a trip, each time with how many these are up to there."""
        for start in range(0, len(positions), AT_ONCE):
            part = positions[start : start + AT_ONCE]
            yield start + len(part), (self.several(part),)

    @contextmanager
    def _reading(self) -> Iterator[View]:
        assert self._store is not None
        with self._store.reading() as view:
            if view.generation != self._generation:
                raise StorageError(
                    f"{self._store.address} was changed while its articles were compared. Compare them again."
                )
            yield view

    def take(self, positions: Iterable[int]) -> Articles:
        """The articles at some positions, in their order, unread."""
        chosen = np.fromiter(positions, np.int64)
        taken = Articles(self._held, self._numbers[chosen], self._store, self._generation)
        if "heads" in self.__dict__:
            taken.__dict__["heads"] = self.heads.take(chosen)
        return taken

    def __add__(self, held: Sequence[Article]) -> Articles:
        """These articles, then others that are held."""
        both = [*self._held, *held]
        numbers = np.concatenate((self._numbers, -1 - np.arange(len(self._held), len(both))))
        joined = Articles(both, numbers, self._store, self._generation)
        if "heads" in self.__dict__:
            joined.__dict__["heads"] = Heads.joined((self.heads, Articles.of(held).heads))
        return joined

    def named(self, ids: Iterable[str]) -> list[Article]:
        """Those that have one of these ids, in order of position."""
        wanted = set(ids)
        return self.several(n for n, name in enumerate(self.heads.ids) if name in wanted)

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Article]:
        for start in range(0, len(self), AT_ONCE):
            yield from self.several(range(start, min(start + AT_ONCE, len(self))))

    @overload
    def __getitem__(self, i: int) -> Article: ...
    @overload
    def __getitem__(self, i: slice) -> list[Article]: ...
    def __getitem__(self, i: int | slice) -> Article | list[Article]:
        if isinstance(i, slice):
            return self.several(range(*i.indices(len(self))))
        return self.several([range(len(self))[i]])[0]


def _instant(article: Article) -> int:
    undated, when, _ = published_order(article)
    return (when - _EPOCH) // _MICROSECOND + undated


@lru_cache(maxsize=1 << 12)
def _code(name: str | None) -> int:
    """A number for a name, the same everywhere; 0 for none."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1 if name else 0


def key_of(article: Article) -> int:
    """A hash of what an article says of all that comparisons read."""
    said = (
        article.id,
        article.title,
        article.language,
        article.published,
        article.source,
        article.agency,
        article.text,
    )
    written = "\0".join(map(str, said)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(written, digest_size=8).digest(), "little")
