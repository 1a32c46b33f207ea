"""The engine behind a few calls: rows go in and come out in pieces that it takes, and its errors say what to do."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, TypeVar

from ..errors import IndexDamaged, KhabarError, ModelUnavailable, StorageError
from ..extras import require_extra
from .address import TOKEN, Address
from .connecting import unconnected

Row = dict[str, Any]
Consistency = Literal["Strong", "Session", "Bounded"]

ANSWERED = 60
"""Timeout of a call, in seconds. An integer, because pymilvus 2.5 ignores a fractional one and retries for minutes."""

CONNECTED = 5.0
"""Seconds in which it takes a connection."""

MOST = 16_384
"""The most rows that one search gives."""

SENT = 4_000_000
"""Characters of rows that are sent at once, about: far less than the 64 MB that a call may have."""

SCANNED = 8_000
"""Rows that come in one call while all are read: of numbers and short texts, a megabyte."""

ASKED = 1_000
"""Keys that are asked for at once."""

OLDEST = (2, 4)
"""The oldest version of Milvus that has sparse vectors."""

TOO_LARGE = re.compile("larger than max|resource.?exhausted|message too large|exceeds? (max|the limit)", re.IGNORECASE)
"""What engines say of a call or an answer that is larger than they allow."""

TRIED = re.compile(r"^\[\w+\] Retry (timeout|run out)[^,]*, message=")
"""What the client puts before an error that it met again and again."""

T = TypeVar("T")


class Unimplemented(StorageError):
    """The engine does not know the call."""


class Cluster:
    """A connection to the engine at an address. Threads share it."""

    def __init__(self, address: Address) -> None:
        """Raises ModelUnavailable where pymilvus is not installed, StorageError where no engine answers."""
        self.address = address
        require_extra(str(address), "milvus", "pymilvus", error=ModelUnavailable)
        from pymilvus import MilvusClient

        for name in [name for name in logging.root.manager.loggerDict if name.startswith("pymilvus")]:
            logging.getLogger(name).setLevel(logging.CRITICAL)  # it logs what it raises
        more: dict[str, Any] = {"db_name": address.database} if address.database else {}
        if address.tls:
            more["dedicated"] = True  # else pymilvus 3 takes one to the same host that is not encrypted
        try:
            self._client: Any = MilvusClient(uri=address.uri, token=address.token, timeout=CONNECTED, **more)
        except Exception as error:
            raise self._explained(error) from None

    def call(self, name: str, *given: Any, **named: Any) -> Any:
        """What the client answers. Raises StorageError or IndexDamaged.

        A collection that is not in the engine's memory, as after it was started again, is loaded first.
        """
        try:
            try:
                return getattr(self._client, name)(*given, timeout=ANSWERED, **named)
            except Exception as error:
                if not given or not re.search("not loaded|released|call load", str(error)):
                    raise
                self._client.load_collection(given[0], timeout=ANSWERED)
                return getattr(self._client, name)(*given, timeout=ANSWERED, **named)
        except Exception as error:
            raise self._explained(error) from None

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    # ---------------------------------------------------------------- rows

    def insert(self, collection: str, rows: Sequence[Row]) -> None:
        """Add rows, as many at once as a call takes."""
        for part in _portions(rows):
            _halved(part, lambda some: [self.call("insert", collection, list(some))])

    def delete(self, collection: str, keys: Collection[int] | Collection[str]) -> None:
        """Delete the rows with these primary keys; unknown ones are ignored."""
        for part in _cut(list(keys), ASKED):
            self.call("delete", collection, ids=part)

    def get(self, collection: str, keys: Collection[int], fields: Sequence[str], at: Consistency) -> list[Row]:
        """The rows with these primary keys, in any order; unknown ones are left out."""
        wanted = {"output_fields": list(fields), "consistency_level": at}
        found: list[Row] = []
        for part in _cut(sorted(set(keys)), ASKED):
            found += _halved(part, lambda some: self.call("get", collection, ids=list(some), **wanted))
        return found

    def where(
        self, collection: str, field: str, values: Collection[Any], fields: Sequence[str], at: Consistency
    ) -> list[Row]:
        """The rows with one of these values in a field; no more than MOST for each ASKED values."""
        wanted = {"output_fields": list(fields), "consistency_level": at}
        found: list[Row] = []
        for part in _cut(sorted(set(values)), ASKED):
            asked = lambda some: self.call("query", collection, filter=one_of(field, some), **wanted)  # noqa: E731
            found += _halved(part, asked)
        return found

    def scan(
        self, collection: str, condition: str, fields: Sequence[str], at: Consistency, size: int = SCANNED
    ) -> Iterator[Row]:
        """All rows that meet a condition, in the order of their primary keys; `size` of them come in one call."""
        found = self.call(
            "query_iterator", collection, batch_size=size, filter=condition, output_fields=list(fields),
            consistency_level=at,
        )  # fmt: skip
        try:
            while rows := self._next(found):
                yield from rows
        finally:
            found.close()

    def _next(self, found: Any) -> Any:
        try:
            return found.next()
        except Exception as error:
            raise self._explained(error) from None

    def nearest(
        self, collection: str, field: str, vector: Any, k: int, condition: str, fields: Sequence[str], at: Consistency
    ) -> list[tuple[float, Row]]:
        """The k rows with the greatest inner products with a vector, the greatest first, each with that product."""
        found = self.call(
            "search", collection, data=[vector], anns_field=field, limit=k, filter=condition,
            output_fields=list(fields), consistency_level=at,
            search_params={"metric_type": "IP", "params": {"ef": max(k, 400)} if field == "dense" else {}},
        )  # fmt: skip
        return [(float(hit["distance"]), dict(hit["entity"])) for hit in found[0]]

    def count(self, collection: str, at: Consistency = "Strong") -> int:
        """How many rows there are."""
        (row,) = self.call("query", collection, filter="", output_fields=["count(*)"], consistency_level=at)
        return int(row["count(*)"])

    def compact(self, collection: str) -> None:
        """Have the engine write what is in its memory to files, and its files anew without deleted rows.

        One that does neither when it is told to does it when it likes.
        """
        self.call("flush", collection)
        with suppress(Unimplemented):
            self.call("compact", collection)

    def require_version(self) -> None:
        """Raises StorageError where the engine is too old to compare sparse vectors."""
        try:
            said = str(self.call("get_server_version"))
        except Unimplemented:
            return
        version = re.match(r"\D{0,9}(\d{1,4})\.(\d{1,4})", said)
        if version and (int(version[1]), int(version[2])) < OLDEST:
            raise StorageError(
                f"{self.address} runs Milvus {said}, which has no sparse vectors. "
                f"Khabar needs {OLDEST[0]}.{OLDEST[1]} or later; docs/cluster.md says how one is started."
            )

    # ---------------------------------------------------------------- errors

    def _explained(self, error: Exception) -> KhabarError:
        """What a failed call means to a user, without the token."""
        if isinstance(error, KhabarError):
            return error
        where, said = self.address, " ".join(str(getattr(error, "message", None) or error).split())
        said = TRIED.sub("", said)
        if where.token:
            said = said.replace(where.token, "…")
        low = said.lower()
        if "unimplemented" in low:
            return Unimplemented(f"{where} lacks what is asked of it ({said}). Khabar needs Milvus 2.4 or later.")
        if re.search("unauthenticated|auth check|authenticat|permission|privilege", low):
            return StorageError(f"{where} refuses the token that was given ({said}). Give the right one in {TOKEN}.")
        if where.database and re.search("database.*not ?(found|exist)", low):
            return StorageError(
                f"The engine has no database for {where} ({said}). Make it with a tool of Milvus, or leave "
                "?database= out of the address."
            )
        if re.search("can't find collection|collection.*not ?(found|exist)|not exist.*collection", low):
            return IndexDamaged(
                f"A collection of {where} is gone ({said}). If khabar reindex has just ended, give the command again; "
                "else restore it from a backup, or index the sources under another name."
            )
        if TOO_LARGE.search(low):
            return StorageError(
                f"{where} finds a call or an answer too large ({said}). Raise its limit, in Milvus "
                "proxy.grpc.serverMaxRecvSize and serverMaxSendSize, and give the same command again."
            )
        if re.search("quota|no space|file too large|disk.*(full|exhaust)|memory.*(exceed|exhaust)|deny to write", low):
            return StorageError(f"{where} has no room left ({said}). Give it more, and give the same command again.")
        if re.search("deadline|timed? ?out", low) and "connect" not in low:
            return StorageError(
                f"{where} gave no answer in {ANSWERED} seconds ({said}). See whether it is overloaded; what was "
                "stored stays, and the same command goes on from there."
            )
        if re.search("connect|unavailable|closed channel|refused|dns", low):
            return StorageError(unconnected(where, said))
        return StorageError(
            f"{where} cannot be used ({said}). Nothing that was stored is lost; see the log of the engine, "
            "and give the same command again."
        )


def one_of(field: str, values: Iterable[Any]) -> str:
    """The condition that a field has one of some values, numbers or texts."""
    return f"{field} in {json.dumps(list(values), ensure_ascii=False)}"


def all_of(*conditions: str) -> str:
    """The condition that all conditions hold; empty ones do."""
    return " and ".join(f"({one})" for one in conditions if one)


def _portions(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    first = size = 0
    for place, row in enumerate(rows):
        size += sum(map(_size, row.values()))
        if size > SENT or place - first >= ASKED:
            yield rows[first : place + 1]
            first, size = place + 1, 0
    if first < len(rows):
        yield rows[first:]


def _size(value: Any) -> int:
    if isinstance(value, str):
        return 3 * len(value)
    return 8 * len(value) if isinstance(value, Mapping | Sequence) or hasattr(value, "__len__") else 8


def _cut(values: list[T], size: int) -> Iterator[list[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _halved(values: Sequence[T], call: Callable[[Sequence[T]], list[Any]]) -> list[Any]:
    """What a call gives for some values; where the engine says that it is too large, for each half of them."""
    try:
        return call(values)
    except StorageError as error:
        if len(values) < 2 or not TOO_LARGE.search(str(error)):
            raise
    middle = len(values) // 2
    return _halved(values[:middle], call) + _halved(values[middle:], call)
