"""All articles divided and encoded anew, into new collections that replace the old ones when they are whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

from ..encoders import embedded_hash, encode_articles
from ..errors import IndexLocked
from ..local import Manifest
from ..ports import Entry
from ..types import Encoder
from .cluster import Cluster
from .collections import make_collections
from .counting import ARTICLES_AT_ONCE, Parts, PartsWriter, prefix_of
from .reading import Rows
from .schema import completed, made
from .state import MANIFEST, Intent, State, commit

ALL = 2**62
"""Beyond all numbers: who intends to write up to here changes the whole index."""


def new_manifest(cluster: Cluster, encoder: Encoder) -> dict[str, object]:
    """The manifest of an index for vectors of an encoder, with new collections, which are made."""
    made_with = Manifest.of(encoder, embedded_hash())
    name, token = cluster.address.name, os.urandom(4).hex()
    facts = {"passages": f"{name}_passages_{token}", "articles": f"{name}_articles_{token}"}
    make_collections(cluster, facts["passages"], facts["articles"], made_with.dimension)
    return made_with.facts() | facts


def renew(rows: Rows, encoder: Encoder, progress: Callable[[int, int], None] | None = None) -> None:
    """Encode all articles again. Raises IndexLocked while others are writing, IndexDamaged before a damaged article."""
    cluster, ledger = rows.cluster, rows.ledger
    intent = Intent.mine(0, ALL)
    ledger.put("intent", {intent.name: intent.written()})
    try:
        now = State.read(ledger, "Strong")
        if now is None or [one for one in now.intents if one.name != intent.name]:
            raise IndexLocked(f"{cluster.address} is being written to. Try again when that has finished.")
        facts = new_manifest(cluster, encoder)
        last = _copy(rows, facts, encoder, progress)
        ledger.put(MANIFEST, {MANIFEST: json.dumps(facts)})
        commit(ledger, last)
        for old in (rows.state.passages, rows.state.articles):
            cluster.call("drop_collection", old)
        ledger.delete(
            [name for name in ledger.names("part", "Strong") if name.startswith(prefix_of(rows.state.passages))]
        )
    finally:
        intent.end()
        ledger.delete([intent.name])


def _copy(rows: Rows, facts: dict[str, object], encoder: Encoder, progress: Callable[[int, int], None] | None) -> int:
    """Encode all articles into new collections; returns a number beyond theirs.

    One that has as many passages as before keeps its number.
    """
    passages, articles = str(facts["passages"]), str(facts["articles"])
    lengths = Parts(rows.ledger, rows.state.passages).statistics("Strong").lengths
    numbers = rows.everything()
    beyond = max(rows.state.mark, numbers[-1] if numbers else 0) + (1 << 20)
    for start in range(0, len(numbers), ARTICLES_AT_ONCE):
        some = numbers[start : start + ARTICLES_AT_ONCE]
        stored = rows.articles(some)
        heads = rows.heads(some)
        known = {
            row["number"]: row["document"]
            for row in rows.cluster.get(rows.state.articles, some, ("number", "document"), "Strong")
        }
        entries = [
            Entry(one.article, one.passages, one.vectors, known[number], one.whole)
            for number, one in zip(some, encode_articles(stored, encoder), strict=True)
        ]
        built = []
        for number, entry in zip(some, completed(entries), strict=True):
            now = number
            if len(entry.passages) != heads[number]["passages"]:
                now, beyond = beyond, beyond + len(entry.passages)
            built.append(made(entry, now, lengths))
        rows.cluster.insert(passages, [row for one in built for row in one.passages])
        rows.cluster.insert(articles, [one.article for one in built])
        spilled = {name: text for one in built for name, text in one.spilled.items()}
        rows.ledger.put("spilled", spilled)
        if progress:
            progress(start + len(some), len(numbers))
    renewed = Rows(rows.cluster, rows.ledger, rows.state.moved(facts), "Strong")
    PartsWriter(rows.ledger, passages).renew(renewed)
    return beyond
