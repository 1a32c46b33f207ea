"""All articles of an index compared with each other, in a process of its own: it takes minutes and much memory.

What was found is kept until the index changes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NamedTuple

from index.encoders import encoder_of
from index.errors import KhabarError, StorageError
from index.open import open_store
from index.ports import Store
from index.types import Article, Encoder

from ..coverage import Collection, groups
from ..types import Link, Story, Tier
from .limits import TooSlow
from .opening import Opening


@dataclass(frozen=True, slots=True)
class Compared:
    """What one state of an index holds: the links between articles that repeat others, altered pairs, the stories.

    `articles` are those that the links name.
    """

    state: str
    articles: tuple[Article, ...]
    links: tuple[Link, ...]
    altered: tuple[Story, ...]
    stories: tuple[Story, ...]

    @classmethod
    def of(cls, index: Store, encoder: Callable[[], Encoder]) -> Compared:
        """All articles of an index, compared. Raises IndexDamaged or StorageError."""
        with index.reading() as view:
            collection = Collection.of(index, encoder)
            links = collection.links()
            linked = collection.articles.named(end for link in links for end in (link.a, link.b))
            altered, stories = collection.altered(), collection.stories(links)
            return cls(repr(view.generation), tuple(linked), tuple(links), tuple(altered), tuple(stories))

    def duplicates(self, tiers: frozenset[Tier], since: str | None) -> list[Story]:
        """Groups of some tiers, then the altered pairs if theirs is one; those of a day on, and what they repeat."""
        recent = {article.id for article in self.articles if _is_since(article, since)}
        links = [link for link in self.links if link.tier in tiers and not recent.isdisjoint((link.a, link.b))]
        pairs = self.altered if Tier.ALTERED in tiers else ()
        recent_pairs = [pair for pair in pairs if any(_is_since(article, since) for article in pair.articles)]
        return groups(self.articles, links) + recent_pairs


def _is_since(article: Article, day: str | None) -> bool:
    return day is None or (article.published or "")[:10] >= day


class _Job(NamedTuple):
    """A comparison that was asked for when the index was in some state: what it finds is of that one or a later one."""

    state: str
    found: Future[Compared]


class Comparing:
    """The newest comparison of an index; one is made at a time. Whoever asks waits at most `seconds` for it."""

    def __init__(self, opening: Opening, seconds: float) -> None:
        self._opening, self._seconds = opening, seconds
        self._lock = threading.Lock()
        self._done: Compared | None = None
        self._running: _Job | None = None
        self._next: _Job | None = None

    def of(self, state: str) -> Compared:
        """All articles compared as they are in this state of the index, or a later one.

        Raises TooSlow while that is not known yet, and what the comparison raises.
        """
        with self._lock:
            if self._done is not None and self._done.state == state:
                return self._done
            job = self._running if self._running is not None and self._running.state == state else self._next
            if job is None:
                job = _Job(state, Future())
                if self._running is None:
                    self._start(job)
                else:
                    self._next = job
        try:
            return job.found.result(self._seconds)
        except TimeoutError:
            raise TooSlow("All articles are being compared, which may take minutes. Ask again in a while.") from None

    def link(self, state: str, a: str, b: str) -> Link | None:
        """The link between two articles, by their ids; None where there is none, or this state was not compared yet."""
        done = self._done
        if done is None or done.state != state:
            return None
        return next((link for link in done.links if {link.a, link.b} == {a, b}), None)

    def _start(self, job: _Job) -> None:
        self._running = job
        threading.Thread(target=self._compare, args=(job,), name="compares", daemon=True).start()

    def _compare(self, job: _Job) -> None:
        try:
            found = _in_a_process(self._opening)
        except Exception as error:
            job.found.set_exception(error)
        else:
            self._done = found
            job.found.set_result(found)
        with self._lock:
            self._running, following, self._next = None, self._next, None
            if following is not None:
                self._start(following)


def _in_a_process(opening: Opening) -> Compared:
    """All articles compared by a new process, which ends with this one."""
    spawning = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    receiver, sender = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_send, args=(sender, opening), name="compares", daemon=True)
    process.start()
    sender.close()
    try:
        found = receiver.recv()
    except EOFError:
        process.join()
        raise StorageError(
            f"The comparison of all articles ended with exit code {process.exitcode}. One below 0 mostly says that "
            "there was not enough memory for it."
        ) from None
    process.join()
    if isinstance(found, Exception):
        raise found
    assert isinstance(found, Compared)
    return found


def _send(sender: Connection, opening: Opening) -> None:
    """Send what a comparison finds, or the error that it raises."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this process
    if hasattr(os, "nice"):
        os.nice(5)  # whoever searches meanwhile goes first
    try:
        index = open_store(opening.address)
        sender.send(Compared.of(index, lambda: encoder_of(index.manifest, opening.device, opening.model)))
    except KhabarError as error:
        sender.send(error)
