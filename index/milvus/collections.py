"""The collections of an index on a cluster: what their rows consist of, and how they are made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..errors import StorageError
from .cluster import Cluster


def collections_of(name: str, collections: Iterable[str]) -> list[str]:
    """Those of some collections that are made for passages or articles of the index with a name.

    Not those of an index whose name begins with it: `news_passages` may stand beside `news`.
    """
    own = re.compile(rf"{name}_(passages|articles)_[0-9a-f]{{8}}")
    return sorted(one for one in collections if own.fullmatch(one))


def make_collections(cluster: Cluster, passages: str, articles: str, dim: int) -> None:
    """Make the two collections of an index for vectors of `dim` numbers."""
    for name, fields, vectors in (
        (passages, _PASSAGES, {"dense": dim, "sparse": 0}),
        (articles, _ARTICLES, {"vector": dim, "sketch": 0}),
    ):
        make_collection(cluster, name, "number", fields, vectors)


def make_ledger(cluster: Cluster, name: str) -> None:
    """Make the collection of a ledger, unless another process makes it at this moment."""
    try:
        make_collection(cluster, name, "key", _LEDGER, {"vector": 2})
    except StorageError:
        if not cluster.call("has_collection", name):
            raise


def make_collection(
    cluster: Cluster, name: str, primary: str, fields: Mapping[str, str], vectors: Mapping[str, int]
) -> None:
    """Make a collection of some fields, each with its kind, and of vectors, sparse ones having 0 dimensions.

    Every vector is compared with every other: an index that leaves some out can take its place at any time
    (docs/cluster.md), and nothing here asks which there is.
    """
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    indexes = MilvusClient.prepare_index_params()
    for field, kind in fields.items():
        size = {"max_length": 65_535} if kind == "VARCHAR" else {}
        schema.add_field(field, getattr(DataType, kind), is_primary=field == primary, **size)
        if field in _FILTERED:
            indexes.add_index(field, index_type="INVERTED")
    for field, dim in vectors.items():
        if dim:
            schema.add_field(field, DataType.FLOAT_VECTOR, dim=dim)
            indexes.add_index(field, index_type="FLAT", metric_type="IP")
        else:
            schema.add_field(field, DataType.SPARSE_FLOAT_VECTOR)
            indexes.add_index(
                field, index_type="SPARSE_INVERTED_INDEX", metric_type="IP", params={"drop_ratio_build": 0.0}
            )
    cluster.call("create_collection", name, schema=schema, consistency_level="Bounded")
    cluster.call("create_index", name, indexes, sync=False)  # there are no rows yet that it could wait for
    cluster.call("load_collection", name)


_FILTERS = {"language": "VARCHAR", "day": "VARCHAR", "source": "VARCHAR"}
_PASSAGES = {
    "number": "INT64", "article": "INT64", "start": "INT64", "end": "INT64", "text": "VARCHAR", "arabic": "BOOL",
    "words": "INT64", "terms": "VARCHAR", **_FILTERS,
}  # fmt: skip
_ARTICLES = {
    "number": "INT64", "key": "INT64", "host": "INT64", "id": "VARCHAR", "title": "VARCHAR", "passages": "INT64",
    "document": "VARCHAR", "facts": "VARCHAR", "digest": "VARCHAR", **_FILTERS,
}  # fmt: skip
_LEDGER = {
    "key": "VARCHAR", "kind": "VARCHAR", "name": "VARCHAR", "version": "INT64", "piece": "INT64", "pieces": "INT64",
    "body": "VARCHAR",
}  # fmt: skip
_FILTERED = ("language", "day", "source", "key", "host", "kind", "name")
