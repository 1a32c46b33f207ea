"""What an index on a cluster keeps beside articles and passages: short texts under names, each written as a whole.

The engine knows no transactions, and nothing relies on its replacing a row: a new version of a text is added beside the
old one, which is then deleted. A version counts when all its pieces are there, and of several the latest.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import count

from .cluster import Cluster, Consistency, Row, one_of

PIECE = 60_000
"""Characters of a row, all of them ASCII; the engine takes 65,535 bytes."""

AT_ONCE = 64
"""Rows that are asked for at once: 4 MB."""

SCANNED = 500
"""Rows that come in one call while all of a kind are read: at most 30 MB."""

_FIELDS = ("name", "version", "piece", "pieces", "body")


class Ledger:
    """Texts (ASCII) of several kinds in one collection."""

    def __init__(self, cluster: Cluster, collection: str) -> None:
        self._cluster, self.collection = cluster, collection
        self._version = count(time.time_ns())

    def put(self, kind: str, texts: Mapping[str, str]) -> None:
        """Store texts under their names, instead of what was there."""
        version = max(next(self._version), time.time_ns())
        self._version = count(version + 1)
        rows: list[Row] = []
        for name, text in texts.items():
            pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)] or [""]
            rows += [
                {
                    "key": f"{name}@{version}.{piece}", "kind": kind, "name": name, "version": version, "piece": piece,
                    "pieces": len(pieces), "body": body, "vector": [0.0, 1.0],
                }
                for piece, body in enumerate(pieces)
            ]  # fmt: skip
        self._cluster.insert(self.collection, rows)
        self._delete(texts, before=version)

    def delete(self, names: Collection[str]) -> None:
        """Delete what is stored under some names."""
        self._delete(names)

    def get(self, names: Collection[str], at: Consistency) -> dict[str, str]:
        """What is stored under names; those under which there is nothing are left out."""
        rows = self._cluster.where(self.collection, "name", names, ("name", "version", "piece"), at)
        found = [f"{row['name']}@{row['version']}.{row['piece']}" for row in rows]
        return _whole(self._bodies(found, at))

    def kinds(self, kinds: Collection[str], at: Consistency) -> dict[str, str]:
        """All texts of some kinds, by name."""
        return _whole(self._cluster.scan(self.collection, one_of("kind", kinds), _FIELDS, at, SCANNED))

    def few(self, kinds: Collection[str], at: Consistency) -> dict[str, str]:
        """The same in one call, for kinds of which there are some hundred texts at most."""
        return _whole(self._cluster.where(self.collection, "kind", kinds, _FIELDS, at))

    def names(self, kind: str, at: Consistency) -> list[str]:
        """The names of all texts of a kind that are whole."""
        rows = self._cluster.scan(self.collection, one_of("kind", [kind]), _FIELDS[:-1], at)
        return list(_whole(row | {"body": ""} for row in rows))

    def _bodies(self, keys: Collection[str], at: Consistency) -> list[Row]:
        some = sorted(keys)
        parts = (some[start : start + AT_ONCE] for start in range(0, len(some), AT_ONCE))
        return [row for part in parts for row in self._cluster.where(self.collection, "key", part, _FIELDS, at)]

    def _delete(self, names: Collection[str], before: int | None = None) -> None:
        rows = self._cluster.where(self.collection, "name", names, ("key", "version"), "Strong")
        old = [row["key"] for row in rows if before is None or row["version"] < before]
        self._cluster.delete(self.collection, old)


def _whole(rows: Iterable[Row]) -> dict[str, str]:
    """The latest whole version of each text, by name."""
    versions: dict[tuple[str, int], dict[int, str]] = defaultdict(dict)
    sizes = {}
    for row in rows:
        versions[row["name"], row["version"]][row["piece"]] = row["body"]
        sizes[row["name"], row["version"]] = row["pieces"]
    found = {}
    for name, version in sorted(versions):
        pieces = versions[name, version]
        if len(pieces) == sizes[name, version]:
            found[name] = "".join(pieces[piece] for piece in sorted(pieces))
    return found
