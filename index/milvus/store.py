"""An index on a Milvus cluster: opened, asked and changed like one in a folder, by any number of machines."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..encoders import embedded_hash, encoder_of
from ..errors import IndexDamaged, IndexLocked, IndexMismatch, InputError, StorageError
from ..local import Manifest, SearchFile
from ..ports import PATIENCE, Patience, Problem
from ..types import Article, Encoder, Rejected, Run
from .address import Address
from .cluster import Cluster, Consistency
from .counting import Parts, PartsWriter
from .ledger import Ledger
from .moment import Moment
from .opening import establish, opened
from .reading import Rows
from .saved import searches_of
from .schema import SHORT, key_of
from .sink import LAST_RUN, MilvusSink
from .state import State, generation_of
from .view import MilvusView

SHORTLY = 5.0
"""Seconds that a writer waits, by default, while another changes the whole index."""

AT_ONCE = 200
"""Articles that are in memory at once while all are read."""


class MilvusStore:
    """An index on a cluster. Fills the port `Store`; threads share it, and any number of processes write at once."""

    def __init__(self, cluster: Cluster, ledger: Ledger, state: State, patience: Patience) -> None:
        self._cluster, self._ledger, self._state, self._patience = cluster, ledger, state, patience
        self._parts = Parts(ledger, state.passages)
        self._moment: Moment | None = None
        self._threads = threading.local()
        self._at: Consistency = "Bounded"  # until this process writes: then it reads what it wrote

    @classmethod
    def open(cls, address: Address, *, outdated: bool = False, patience: Patience = PATIENCE) -> MilvusStore:
        """Open an existing index. Raises IndexMissing, IndexDamaged, IndexMismatch, StorageError or ModelUnavailable.

        `outdated` is for mending: it lets one be opened whose derived part another version of Khabar made.
        """
        cluster, ledger, state = opened(address, outdated=outdated)
        return cls(cluster, ledger, state, patience)

    @classmethod
    def create(cls, address: Address, encoder: Encoder, patience: Patience = PATIENCE) -> MilvusStore:
        """Make an empty index for vectors of `encoder`; one that is there already is opened as it is. Raises as `open`,
        and InputError where the engine has something else under its name."""
        establish(address, encoder)
        made = cls.open(address, patience=patience)
        made.require(encoder)
        return made

    @property
    def address(self) -> str:
        """Where it is, without the token."""
        return str(self._cluster.address)

    @property
    def manifest(self) -> Manifest:
        """What it was made with."""
        return self._state.made

    @property
    def embedded(self) -> bool:
        """Whether its vectors are those of the embedded model."""
        return self.manifest.embedded

    def encoder(self) -> Encoder:
        """The encoder that the index was made with. Raises ModelUnavailable where it is not here."""
        return encoder_of(self.manifest)

    def require(self, encoder: Encoder) -> None:
        """Raises IndexMismatch when the vectors of this index are not those of `encoder`."""
        self.manifest.require(encoder, embedded_hash(), self.address)

    def close(self) -> None:
        """Nothing: threads share the connection, which ends with the process."""

    # ---------------------------------------------------------------- reading and writing

    @contextmanager
    def reading(self) -> Iterator[MilvusView]:
        """A block that sees the index as it was when the block began, as far as the engine allows (see view.py).

        A block inside a block sees what the outer one sees.
        """
        if (outer := getattr(self._threads, "view", None)) is not None:
            yield outer
            return
        state = self._now(self._at)
        if self._moment is None or self._moment.state.commit != state.commit:
            self._moment = Moment(state, self._parts.statistics(self._at))
        rows = Rows(self._cluster, self._ledger, state, self._at, self._moment.articles)
        self._threads.view = MilvusView(rows, self._moment)
        try:
            yield self._threads.view
        finally:
            self._threads.view = None

    @contextmanager
    def writing(self) -> Iterator[MilvusSink]:
        """A block that may change the index, as others may at the same time. What killed writers left is mended first.

        Raises IndexLocked while another encodes all of it again, or StorageError.
        """
        from .mending import mend

        self._wait()
        self._at = "Strong"
        rows = self._rows()
        parts = PartsWriter(self._ledger, rows.state.passages)
        mend(rows, parts)
        rows = self._rows()
        sink = MilvusSink(rows, parts, self.searches)
        yield sink
        with suppress(StorageError, IndexDamaged):
            sink.finish()
            now = State.read(self._ledger, "Strong")
            if now is not None and now.passages == rows.state.passages and not now.intents:
                parts.settle(Rows(self._cluster, self._ledger, now, "Strong"))

    def _wait(self) -> None:
        """Wait while another process changes the whole index."""
        limit = SHORTLY if self._patience.seconds is None else self._patience.seconds
        began, told = time.monotonic(), False
        while True:
            others = [one for one in self._now("Strong").intents if one.first == 0 and not one.abandoned]
            if not others:
                return
            who = f"{self.address} is being encoded again by process {others[0].process}"
            if time.monotonic() - began >= limit:
                raise IndexLocked(f"{who}. Try again when it has finished.")
            if not told and self._patience.told and limit > SHORTLY:
                self._patience.told(f"{who}. Waiting until it has finished.")
                told = True
            time.sleep(0.2)

    def _now(self, at: Consistency) -> State:
        state = State.read(self._ledger, at)
        if state is None:
            raise IndexDamaged(f"{self.address} no longer says what it was made with. Index the sources again.")
        if state.made != self._state.made:
            raise IndexMismatch(f"{self.address} was made anew by another process, with another model. Open it again.")
        if state.passages != self._state.passages:
            self._state, self._parts, self._moment = state, Parts(self._ledger, state.passages), None
        return state

    def _rows(self) -> Rows:
        """The rows as they are now, all of what is acknowledged among them."""
        return Rows(self._cluster, self._ledger, self._now("Strong"), "Strong")

    # ---------------------------------------------------------------- articles

    def articles(self) -> Iterator[tuple[int, Article]]:
        """Numbers and articles in order of storage."""
        rows = self._rows()
        numbers = rows.everything()
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            yield from rows.present(some).items()

    def article(self, name: str) -> Article:
        """The article with this id. Raises InputError when there is none."""
        rows = self._rows()
        for row in rows.named([name], ("number",)):
            return rows.articles([row["number"]])[0]
        raise InputError(f"There is no article {name!r} in {self.address}.")

    def ids_beginning(self, text: str, k: int) -> list[str]:
        """The ids that begin with a text, in their order, at most k."""
        rows = self._rows()
        begin = text.encode("utf-8", "replace").decode()[:SHORT]
        asked = f"id like {json.dumps(_literal(begin) + '%', ensure_ascii=False)}"
        found = [row["number"] for row in rows.cluster.scan(rows.state.articles, asked, ("number",), rows.at)]
        return sorted({one for one in rows.ids(found) if one.startswith(text)})[:k]

    def known(self, ids: Iterable[str]) -> dict[str, str]:
        """Id -> document hash, for those of the ids that are stored."""
        asked = {key_of(one): one for one in ids}
        found = self._rows().named(list(asked.values()), ("number", "key", "document")) if asked else []
        return {asked[row["key"]]: row["document"] for row in found}

    def learned(self, sources: Iterable[str]) -> dict[str, Any]:
        """What the cleaner has learned of some sources; those never met are left out."""
        asked = {f"learned/{key_of(source):x}": source for source in sources}
        return {asked[name]: json.loads(text) for name, text in self._ledger.get(list(asked), "Strong").items()}

    # ---------------------------------------------------------------- care

    def kept(self, name: str) -> bytes | None:
        """What was derived from its articles and kept under a name; None where there is nothing to rely on."""
        found = self._ledger.get([f"kept/{name}"], self._at)
        try:
            return base64.b64decode(found[f"kept/{name}"])
        except (KeyError, ValueError):
            return None

    def keep(self, name: str, data: bytes, generation: object) -> None:
        """Keep what was derived from its articles, unless they changed since or nothing can be written now."""
        with suppress(StorageError, IndexDamaged):
            if generation == generation_of(self._now(self._at)):
                self._ledger.put("kept", {f"kept/{name}": base64.b64encode(data).decode()})

    def counts(self) -> dict[str, int]:
        """How many articles and passages there are, and the parts of the statistics."""
        state = self._now("Strong")
        counted = len(self._parts.read("Strong"))
        articles, passages = (self._cluster.count(name) for name in (state.articles, state.passages))
        return {"articles": articles, "passages": passages, "segments": counted}

    def summary(self) -> dict[str, Any]:
        """What it holds, ready for JSON: counts, articles by language, sources, first and last date.

        Not how many bytes: the engine does not say what an index takes.
        """
        counts = self._rows().counts()
        languages: Counter[str] = Counter()
        for (_, language, _), n in counts.items():
            languages[language] += n
        days = [day for _, _, day in counts if day]
        return self.counts() | {
            "languages": dict(sorted(languages.items())),
            "sources": len({source for source, _, _ in counts if source}),
            "first_date": min(days, default=None),
            "last_date": max(days, default=None),
        }

    @property
    def searches(self) -> SearchFile:
        """Saved searches and what they found: those of this user on this machine."""
        return searches_of(self._cluster.address)

    def last_run(self) -> Run | None:
        """What the last run did that changed or rejected anything; None where the index does not know it."""
        try:
            facts = json.loads(self._ledger.get([LAST_RUN], self._at)[LAST_RUN])
            return Run(**facts | {"examples": tuple(Rejected(**one) for one in facts["examples"])})
        except (KeyError, ValueError, TypeError):
            return None

    @property
    def after_purge(self) -> str:
        """Why removed words may stay in files of the engine for a while."""
        return (
            "No search finds them, and the engine was told to rewrite its files. The old files are deleted by its "
            "garbage collection, and backups of it are for you to delete: docs/cluster.md."
        )

    def verify(self) -> list[Problem]:
        """All that is not as it was written. Raises StorageError."""
        from .verify import verify

        return verify(self._rows())

    def repair(self) -> list[Problem]:
        """Finish what killed writers left, and count anew; encode again where another version of Khabar did.

        Returns what is still wrong. Raises IndexLocked or StorageError.
        """
        from .verify import repair

        self._wait()
        lost = repair(self._rows())
        if not self.manifest.is_current(embedded_hash()):
            with self.writing() as sink:
                sink.reencode(self.encoder())
        store = MilvusStore.open(self._cluster.address, outdated=True, patience=self._patience)
        return lost + store.verify()


def _literal(text: str) -> str:
    """A text in a pattern of the engine, in which % and _ stand for others."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
