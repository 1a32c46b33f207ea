"""What an index on a cluster says of itself: what it was made with, its last commit, and what is being written."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import IndexDamaged
from ..local import FORMAT, Manifest
from .cluster import Consistency
from .ledger import Ledger

MANIFEST, COMMIT = "manifest", "commit"

SAME = ("3",)
"""Older formats that differ from the one of now in the files of a folder alone."""

LEASE = 600.0
"""Seconds after which a writer that has not finished its batch counts as gone."""

_MINE: set[str] = set()  # the batches that this process is writing


@dataclass(frozen=True, slots=True)
class Intent:
    """A batch that a writer is storing: its numbers, from `first` to before `beyond`, and who stores it since when."""

    name: str
    first: int
    beyond: int
    process: int
    host: str
    since: float

    @classmethod
    def mine(cls, first: int, beyond: int) -> Intent:
        """A batch of this process."""
        intent = cls(f"intent/{first:x}-{os.urandom(4).hex()}", first, beyond, os.getpid(), _host(), time.time())
        _MINE.add(intent.name)
        return intent

    @property
    def abandoned(self) -> bool:
        """Whether its writer is gone, as far as can be told from here."""
        if self.host == _host() and self.process == os.getpid():
            return self.name not in _MINE
        return time.time() - self.since > LEASE or (self.host == _host() and not _is_alive(self.process))

    def end(self) -> None:
        """This process no longer writes it, whether it is done or has failed."""
        _MINE.discard(self.name)

    def written(self) -> str:
        """As a text (ASCII)."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class State:
    """One moment of an index. `made` is what it was made with, `facts` what else the manifest says.

    `mark` is the last number that was committed, `commit` the name of that commit.
    """

    made: Manifest
    facts: Mapping[str, Any]
    commit: str
    mark: int
    intents: tuple[Intent, ...]

    def moved(self, facts: Mapping[str, Any]) -> State:
        """The same index in other collections."""
        return replace(self, made=_made_with(facts), facts=facts)

    @property
    def passages(self) -> str:
        """The collection of passages."""
        return str(self.facts["passages"])

    @property
    def articles(self) -> str:
        """The collection of articles."""
        return str(self.facts["articles"])

    @property
    def settled(self) -> int:
        """The number up to which nothing is being written any more."""
        return min([self.mark, *(intent.first - 1 for intent in self.intents)])

    @classmethod
    def read(cls, ledger: Ledger, at: Consistency) -> State | None:
        """The state that a ledger says; None where it has no manifest. Raises IndexDamaged."""
        texts = ledger.few([MANIFEST, COMMIT, "intent"], at)
        if MANIFEST not in texts:
            return None
        try:
            facts = json.loads(texts[MANIFEST])
            commit = json.loads(texts.get(COMMIT, '{"token": "", "last": 0}'))
            intents = [Intent(**json.loads(text)) for name, text in sorted(texts.items()) if name.startswith("intent/")]
            return cls(_made_with(facts), facts, commit["token"], int(commit["last"]), tuple(intents))
        except (ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"{ledger.collection} does not say what the index was made with ({error}).") from None


def generation_of(state: State) -> object:
    """Which commit of which index a state is."""
    return state.passages, state.commit


def commit(ledger: Ledger, last: int) -> None:
    """Say that something was committed, with numbers up to `last`."""
    ledger.put(COMMIT, {COMMIT: json.dumps({"token": os.urandom(8).hex(), "last": last})})


def _made_with(facts: Mapping[str, Any]) -> Manifest:
    """What an index was made with, by its manifest. Formats that differ in the files of a folder alone are one."""
    made = Manifest.of_facts(facts)
    return replace(made, format=FORMAT) if made.format in SAME else made


def _host() -> str:
    """Which machine, and which numbering of processes on it."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts += [Path("/proc/sys/kernel/random/boot_id").read_text().strip(), os.readlink("/proc/self/ns/pid")]
    return " ".join(parts)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
