"""A store: it is read, written, verified and mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from ..searches import Searches
from ..types import Article, Encoder, Run
from .sink import Sink
from .view import View


class Made(Protocol):
    """What a store says of what it was made with."""

    @property
    def model(self) -> str:
        """The name of the model: "khabar-static-ar-en", a hub name or a folder."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def model_hash(self) -> str:
        """The hash of the encoder."""
        ...

    @property
    def query_prompt(self) -> str:
        """Put before queries."""
        ...

    @property
    def passage_prompt(self) -> str:
        """Put before passages."""
        ...

    def facts(self) -> dict[str, Any]:
        """All that it says, ready for JSON."""
        ...


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written: a file or row of a store, or an article, and what is wrong with it.

    `mendable` says that `repair` makes it whole again; the rest must come from the sources or a backup.
    """

    where: str
    what: str
    mendable: bool


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a writer waits for another, None for about five; `told` gets a sentence if it waits longer."""

    seconds: float | None = None
    told: Callable[[str], None] | None = None


PATIENCE = Patience()


class Store(Protocol):
    """Where an index is kept, as those who ask and those who look after it see it; index/open.py opens one."""

    @property
    def address(self) -> str:
        """Where it is, as `--index` names it."""
        ...

    @property
    def manifest(self) -> Made:
        """What it was made with."""
        ...

    @property
    def embedded(self) -> bool:
        """Whether its vectors are those of the embedded model."""
        ...

    def reading(self) -> AbstractContextManager[View]:
        """A block in which the whole store stays as it was when the block began.

        Raises IndexDamaged, IndexMismatch or StorageError.
        """
        ...

    def encoder(self) -> Encoder:
        """The encoder that the stored vectors come from. Raises ModelUnavailable where it is not here."""
        ...

    def require(self, encoder: Encoder) -> None:
        """Raises IndexMismatch when the stored vectors are not those of `encoder`."""
        ...

    def articles(self) -> Iterator[tuple[int, Article]]:
        """Every article with its number, in order of storage."""
        ...

    def article(self, name: str, /) -> Article:
        """The article with this id. Raises InputError when there is none."""
        ...

    def ids_beginning(self, text: str, k: int) -> list[str]:
        """The ids that begin with a text, in their order, at most k."""
        ...

    def known(self, ids: Iterable[str]) -> dict[str, str]:
        """Id -> hash of the document it was cleaned from, for those of the ids that are stored."""
        ...

    def learned(self, sources: Iterable[str]) -> dict[str, Any]:
        """What the cleaner has learned of some sources; those never met are left out."""
        ...

    def writing(self) -> AbstractContextManager[Sink]:
        """A block that may change the store. Raises IndexLocked when another process is writing, or StorageError."""
        ...

    def kept(self, name: str, /) -> bytes | None:
        """What was derived from its articles and kept under a name; None where there is nothing to rely on."""
        ...

    def keep(self, name: str, data: bytes, generation: object, /) -> None:
        """Keep what was derived from its articles in a view of this generation, as long as the store likes.

        Nothing is kept where the articles have changed since, or where nothing can be written now.
        """
        ...

    def close(self) -> None:
        """Let go of what this thread holds open."""
        ...

    def counts(self) -> dict[str, int]:
        """How many "articles" and "passages" there are, and what else the store counts."""
        ...

    def summary(self) -> dict[str, Any]:
        """What it holds, ready for JSON: `counts`, articles by language ("languages"), the number of "sources",
        "first_date" and "last_date", "bytes" taken where the store can tell.
        """
        ...

    @property
    def searches(self) -> Searches:
        """What is kept beside the articles: saved searches and what they found."""
        ...

    def last_run(self) -> Run | None:
        """What the last indexing run did that changed or rejected anything; None where the store does not know it."""
        ...

    @property
    def after_purge(self) -> str | None:
        """What is still to be said of the words of purged articles; None where none of them is left anywhere."""
        ...

    def verify(self) -> list[Problem]:
        """All that is not as it was written. Raises IndexLocked or StorageError."""
        ...

    def repair(self) -> list[Problem]:
        """Make again what can be derived from the articles; returns what is still wrong."""
        ...
