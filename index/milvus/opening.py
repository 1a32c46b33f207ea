"""An index on a cluster is found, or made where there is none; what cannot be used is named."""

from __future__ import annotations

import json

from ..encoders import embedded_hash
from ..errors import IndexDamaged, IndexMismatch, IndexMissing, InputError
from ..local import FORMAT
from ..types import Encoder
from .address import Address
from .cluster import Cluster
from .collections import collections_of, make_ledger
from .ledger import Ledger
from .renewing import new_manifest
from .state import MANIFEST, State, commit


def opened(address: Address, *, outdated: bool = False) -> tuple[Cluster, Ledger, State]:
    """The engine, the ledger and the state of an existing index. Raises as `MilvusStore.open`."""
    cluster, ledger, there = _connected(address)
    state = State.read(ledger, "Strong") if there else None
    if state is None:
        raise IndexMissing(f"{address} is not a Khabar index. Make one with: khabar index FOLDER --index '{address}'")
    missing = [one for one in (state.passages, state.articles) if not cluster.call("has_collection", one)]
    if missing:
        raise IndexDamaged(_lost(address, missing[0]))
    if state.made.format != FORMAT:
        raise IndexMismatch(
            f"{address} has format {state.made.format}, this Khabar reads format {FORMAT}. Index the sources again."
        )
    if not outdated and not state.made.is_current(embedded_hash()):
        raise IndexMismatch(
            f"{address} was analysed by another version of Khabar. "
            f"Mend it with: khabar verify --repair --index '{address}'"
        )
    return cluster, ledger, state


def establish(address: Address, encoder: Encoder) -> None:
    """Make an empty index, unless one is there already. Raises as `MilvusStore.create`."""
    cluster, ledger, there = _connected(address)
    cluster.require_version()
    if there:
        fields = {field["name"] for field in cluster.call("describe_collection", ledger.collection)["fields"]}
        if "pieces" not in fields:
            raise InputError(f"{address} would use the collection {ledger.collection}, which is not from Khabar.")
    else:
        make_ledger(cluster, ledger.collection)
    if State.read(ledger, "Strong") is None:
        facts = new_manifest(cluster, encoder)
        if State.read(ledger, "Strong") is None:
            ledger.put(MANIFEST, {MANIFEST: json.dumps(facts)})
            commit(ledger, 0)
        now = State.read(ledger, "Strong")
        if now is not None and now.passages != facts["passages"]:  # that of another first run counts
            for collection in (facts["passages"], facts["articles"]):
                cluster.call("drop_collection", collection)


def _connected(address: Address) -> tuple[Cluster, Ledger, bool]:
    """The engine, the ledger of an index, and whether it is there. Raises IndexDamaged where it alone is gone."""
    cluster = Cluster(address)
    ledger = Ledger(cluster, f"{address.name}_ledger")
    names = cluster.call("list_collections")
    there = ledger.collection in names
    if not there and (others := collections_of(address.name, names)):  # they are made after it
        raise IndexDamaged(_lost(address, f"{ledger.collection}, and still has {' and '.join(others)}"))
    return cluster, ledger, there


def _lost(address: Address, what: str) -> str:
    return (
        f"{address} has lost its collection {what}. Restore it from a backup, or index the sources under another name."
    )
