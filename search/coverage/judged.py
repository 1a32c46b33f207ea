"""What was found of pairs of articles when they were compared before, so that they are not compared again.

Which pairs are worth comparing depends on all articles; what a comparison finds depends on two, on the code and on the
model. So with what is remembered, the same is found as without.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from functools import cache
from gzip import GzipFile
from hashlib import blake2b
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

import index
from index.encoders import embedded_hash
from index.ports import Store
from index.text import distinct

from ..types import Link, Tier

NAME, RECENT = "links", "recent"
"""Under which a store keeps those of all articles, and those of the last days alone: the first may be hundreds of
megabytes, which take longer to read and to write than a few days to compare."""

Kind = Literal["printed", "altered", "retold"]
"""How two articles are compared: as copies, as altered copies, as tellings of one event."""

KINDS: tuple[Kind, ...] = ("printed", "altered", "retold")

Watch = Callable[[str, int, int], None]
"""Is told of what is done, how much of it is done, and how much there is in all."""

Pairs = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int64]
Cosines = npt.NDArray[np.float64]
Keys = npt.NDArray[np.uint64]

FORGOTTEN = 4
"""Results for recent articles are pruned when there are this many times as many as the last request needed. Until
then, requests for a week and for a month by turns compare nothing twice."""

LINKS_AT_ONCE = 256
"""Links that are written and read at once."""

LARGEST = 100
"""The highest ratio of decompressed to compressed size that is read. Links compress to a third of their size; a
malicious file may expand a thousandfold."""

_TOLD = 64  # pairs between two words on the progress


class Judged:
    """Pairs of articles that were compared, each known by a hash of what both say, and the links between some."""

    def __init__(
        self,
        store: Store | None = None,
        generation: object = None,
        watch: Watch | None = None,
        *,
        recent: bool = False,
    ) -> None:
        """What a store has kept; it is asked to keep what is added, with the generation of the articles compared.

        `recent` says that only articles of the last days are compared, whose pairs are kept by themselves.
        """
        self._store, self._generation, self._watch = store, generation, watch
        self._recent, self._name = recent, RECENT if recent else NAME
        self._keys: dict[Kind, Keys] = {kind: np.zeros(0, np.uint64) for kind in KINDS}
        self._links: dict[Kind, dict[int, Link]] = {kind: {} for kind in KINDS}
        if store and (data := store.kept(self._name)):
            self._read(data)

    def tell(self, what: str, done: int, total: int) -> None:
        """Tell whoever watches how far the work is."""
        if self._watch:
            self._watch(what, done, total)

    def completed(
        self,
        kind: Kind,
        keys: Keys,
        pairs: Pairs,
        compare: Callable[[Rows], Iterator[tuple[int, Link | None]]],
        cosines: Cosines | None = None,
        *,
        whole: bool = False,
    ) -> list[tuple[int, Link]]:
        """The rows of `pairs` (positions, (n, 2)) between which there is a link, in order, and the links.

        `keys` are hashes of what each article says. `compare` is given the rows that were never compared, and yields
        places among them with what it found, ascending; one that it leaves out has no link. `cosines` are those of the
        pairs' vectors, where they decide as well. `whole` says that these are all pairs of the store, so that others
        need not be remembered.
        """
        keys = _keys_of_pairs(keys[pairs], cosines)
        here, links = self._keys[kind], self._links[kind]
        places = np.minimum(np.searchsorted(here, keys), max(len(here) - 1, 0))
        known = here[places] == keys if len(here) else np.zeros(len(keys), bool)
        rows = np.flatnonzero(known)
        found = [(row, links[key]) for row, key in zip(rows.tolist(), keys[rows].tolist(), strict=True) if key in links]
        new = np.flatnonzero(~known)
        done = 0
        try:
            for count, (place, link) in enumerate(compare(new)):
                if link:
                    found.append((int(new[place]), link))
                    links[int(keys[new[place]])] = link
                done = place + 1
                if count % _TOLD == 0:
                    self.tell(kind, done, len(new))
            done = len(new)
        finally:
            if done:
                self._keys[kind] = distinct(np.concatenate((here, keys[new[:done]])))
                older = self._recent and len(self._keys[kind]) > FORGOTTEN * len(keys)
                if (whole or older) and done == len(new):
                    self._keys[kind] = distinct(keys)
                    here_too = set(keys[[row for row, _ in found]].tolist())
                    self._links[kind] = {key: link for key, link in links.items() if key in here_too}
                self._keep()
        self.tell(kind, len(new), len(new))
        return sorted(found, key=lambda one: one[0])

    def _keep(self) -> None:
        if self._store:
            self._store.keep(self._name, self._written(), self._generation)

    def _written(self) -> bytes:
        """A line of JSON, then for each kind lines with `LINKS_AT_ONCE` links, then the keys, all of it compressed.

        The links of a large archive are hundreds of megabytes of text: that is never in memory as a whole.
        """
        compared = {kind: len(self._keys[kind]) for kind in KINDS}
        lines = {kind: math.ceil(len(self._links[kind]) / LINKS_AT_ONCE) for kind in KINDS}
        data = BytesIO()
        with GzipFile(fileobj=data, mode="wb", compresslevel=1, mtime=0) as written:
            written.write(_line({"code": version(), "compared": compared, "lines": lines}))
            for kind in KINDS:
                links = iter(self._links[kind].items())
                while some := list(islice(links, LINKS_AT_ONCE)):
                    written.write(_line([[key, one.a, one.b, one.tier, one.score, one.evidence] for key, one in some]))
            for kind in KINDS:
                written.write(self._keys[kind].astype("<u8").tobytes())
        return data.getvalue()

    def _read(self, data: bytes) -> None:
        """Take what was written by this version; what is of another, or cannot be read, is as if there were nothing."""
        stored = GzipFile(fileobj=BytesIO(data))
        most = LARGEST * len(data)
        try:
            facts = json.loads(stored.readline(most))
            if facts["code"] != version():
                return
            links = {kind: dict(_links(stored, facts["lines"][kind], most)) for kind in KINDS}
            keys = np.frombuffer(stored.read(most), "<u8").astype(np.uint64)
            ends = np.cumsum([facts["compared"][kind] for kind in KINDS])
            if ends[-1] != len(keys) or not all(_fits(link) for kind in KINDS for link in links[kind].values()):
                return
        except Exception:  # an index may come from anybody
            return
        self._keys = dict(zip(KINDS, np.split(keys, ends[:-1]), strict=True))
        self._links = links


def _links(stored: GzipFile, lines: int, most: int) -> Iterator[tuple[int, Link]]:
    """The links of so many lines, each with the key of its pair. Raises ValueError beyond `most` bytes."""
    for _ in range(lines):
        line = stored.readline(most)
        if stored.tell() > most:
            raise ValueError(f"more than {most} bytes")
        for key, a, b, tier, score, evidence in json.loads(line.decode("utf-8", "surrogatepass")):
            yield int(key), Link(a, b, Tier(tier), score, evidence)


def _line(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _keys_of_pairs(hashes: Keys, cosines: Cosines | None) -> Keys:
    """A hash of each pair of hashes (n, 2), whichever stands first."""
    keys = _mixed(_mixed(hashes.min(axis=1)) + hashes.max(axis=1))
    return keys if cosines is None else _mixed(keys + cosines.astype("<f8").view(np.uint64))


def _fits(link: Link) -> bool:
    texts = isinstance(link.a, str) and isinstance(link.b, str)
    return texts and isinstance(link.score, (int, float)) and isinstance(link.evidence, dict)


def _mixed(values: Keys) -> Keys:
    """Each number spread over all 64 bits (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@cache
def version() -> str:
    """A hash of all that decides besides the articles: the code, its tables and the embedded model."""
    digest = blake2b(embedded_hash().encode(), digest_size=16)
    for package in (Path(index.__file__).parent, Path(__file__).parents[1]):
        for path in sorted(package.rglob("*")):
            if path.suffix in (".py", ".tsv", ".txt", ".gz"):
                digest.update(path.read_bytes())
    return digest.hexdigest()
