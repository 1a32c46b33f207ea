"""The one place where an address becomes a store: the folder of an index, or milvus://HOST:PORT/NAME."""

from __future__ import annotations

import re
from pathlib import Path

from .errors import IndexDamaged, InputError
from .local import Index
from .milvus import SCHEME, Address, without_token
from .ports import PATIENCE, Patience, Problem, Store
from .types import Encoder

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://")


def open_store(address: str | Path, *, outdated: bool = False, patience: Patience = PATIENCE) -> Store:
    """The index at an address. `outdated` is for mending: what another version of Khabar derived may be opened.

    Raises IndexMissing, IndexDamaged, IndexMismatch, StorageError, InputError for an address of no known kind, and
    ModelUnavailable where the extra `milvus` is not installed.
    """
    if cluster := _cluster(str(address)):
        from .milvus import MilvusStore

        return MilvusStore.open(cluster, outdated=outdated, patience=patience)
    return Index.open(address, outdated=outdated, patience=patience)


def create_store(address: str | Path, encoder: Encoder, *, patience: Patience = PATIENCE) -> Store:
    """An empty index for vectors of an encoder at an address. Raises as `open_store`, and IndexLocked."""
    if cluster := _cluster(str(address)):
        from .milvus import MilvusStore

        return MilvusStore.create(cluster, encoder, patience)
    return Index.create(address, encoder, patience)


def verify(address: str | Path, *, patience: Patience = PATIENCE) -> list[Problem]:
    """All that is not as it was written at an address, also where it is so much that the index cannot be opened.

    Raises IndexMissing, IndexLocked or StorageError.
    """
    try:
        store = open_store(address, outdated=True, patience=patience)
    except IndexDamaged as error:
        return [Problem(str(address), str(error), False)]
    return store.verify()


def repair(address: str | Path, *, patience: Patience = PATIENCE) -> list[Problem]:
    """Make again what can be derived from the articles at an address; returns what is still wrong.

    Raises as `open_store`, and IndexLocked.
    """
    return open_store(address, outdated=True, patience=patience).repair()


def _cluster(address: str) -> Address | None:
    """Where on a cluster an address leads; None where it names a folder."""
    if address.startswith(SCHEME):
        return Address.parse(address)
    if _SCHEME.match(address):
        shown = without_token(address)
        raise InputError(f"{shown} is no folder, and no index on a cluster: that is milvus://HOST:PORT/NAME.")
    return None
