"""What of an index on a cluster is not as it was written: counts, orphans, articles that are not whole, statistics."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..encoders import embedded_hash
from ..errors import IndexDamaged
from ..ports import Problem
from ..types import Article
from .collections import collections_of
from .counting import Parts, PartsWriter, stale
from .mending import mend, problems
from .provenance import MilvusRecords
from .reading import Rows
from .schema import digest_of
from .sink import settle_debt, superseded
from .state import commit

ARTICLES_AT_ONCE = 200


def verify(rows: Rows) -> list[Problem]:
    """All that is wrong with an index. Raises StorageError."""
    found: list[Problem] = []
    for check in (_made, problems, _collections, _articles, _orphans, _statistics):
        try:
            found += check(rows)
        except IndexDamaged as error:
            found.append(Problem(rows.cluster.address.name, str(error), False))
    return list(dict.fromkeys(found))


def repair(rows: Rows) -> list[Problem]:
    """Finish or delete what is not whole and count anew; returns the articles that had to be taken out.

    Such an article has lost a part of its text, and its files are read again the next time.
    """
    parts = PartsWriter(rows.ledger, rows.state.passages)
    mend(rows, parts)
    rows.cluster.delete(rows.state.passages, _orphaned(rows))
    fields = ("number", "key", "passages")
    versions = list(rows.cluster.scan(rows.state.articles, "number > 0", fields, "Strong"))
    settle_debt(rows, [(row["number"], row["passages"]) for row in superseded(versions)])
    broken = dict(_broken(rows))
    lost = []
    if broken:
        records = MilvusRecords(rows)
        heads = {row["number"]: row for row in rows.cluster.get(rows.state.articles, broken, ("*",), "Strong")}
        with records.changing():
            for number, what in broken.items():
                name = str(heads[number]["id"])
                where = ", ".join(file.decode("utf-8", "replace") for file in records.holders(name)) or "its source"
                records.reread([name])
                what = f"{what}; it was taken out. Index {where} again"
                lost.append(Problem(f"article {name}", what, False))
            records.write()
        settle_debt(rows, [(number, heads[number]["passages"]) for number in broken])
    for name in _unnamed(rows):
        rows.cluster.call("drop_collection", name)
    parts.renew(rows)
    commit(rows.ledger, rows.state.mark)
    return lost


def _made(rows: Rows) -> Iterator[Problem]:
    if not rows.state.made.is_current(embedded_hash()):
        yield Problem("manifest", "was analysed by another version of Khabar", True)


def _collections(rows: Rows) -> Iterator[Problem]:
    for name in _unnamed(rows):
        yield Problem(name, "is a collection that an interrupted reindex left", True)


def _articles(rows: Rows) -> Iterator[Problem]:
    fields = ("number", "key", "passages")
    versions = list(rows.cluster.scan(rows.state.articles, "number > 0", fields, "Strong"))
    for row in superseded(versions):
        yield Problem(f"article {row['number']}", "has a newer version beside it", True)
    for number, what in _broken(rows):
        (row,) = rows.cluster.get(rows.state.articles, [number], ("id",), "Strong")
        yield Problem(f"article {row['id']}", f"is not whole: {what}; after --repair, index its source again", True)


def _orphans(rows: Rows) -> Iterator[Problem]:
    if orphaned := _orphaned(rows):
        yield Problem(rows.state.passages, f"{len(orphaned)} passages belong to no article", True)


def _statistics(rows: Rows) -> Iterator[Problem]:
    if what := stale(Parts(rows.ledger, rows.state.passages).statistics("Strong"), rows):
        yield Problem("statistics", what, True)


def _broken(rows: Rows) -> Iterator[tuple[int, str]]:
    """The articles that are not whole, and what is wrong with each."""
    numbers = rows.everything()
    for start in range(0, len(numbers), ARTICLES_AT_ONCE):
        some = numbers[start : start + ARTICLES_AT_ONCE]
        digests = {
            row["number"]: row["digest"]
            for row in rows.cluster.get(rows.state.articles, some, ("number", "digest"), "Strong")
        }
        for number, article in rows.try_articles(some).items():
            if not isinstance(article, Article):
                yield number, article
            elif digest_of(article) != digests.get(number):
                yield number, "it does not match its checksum"


def _orphaned(rows: Rows) -> list[int]:
    """The numbers of passages that belong to no article, nor to a batch that is being written."""
    stored = rows.cluster.scan(rows.state.articles, "number > 0", ("number", "passages"), "Strong")
    held = np.array([(row["number"], row["passages"]) for row in stored], np.int64).reshape(-1, 2)
    own = np.repeat(held[:, 0] - np.cumsum(held[:, 1]) + held[:, 1], held[:, 1]) + np.arange(held[:, 1].sum())
    there = np.array(
        [row["number"] for row in rows.cluster.scan(rows.state.passages, "number > 0", ("number",), "Strong")], np.int64
    )
    for intent in (one for one in rows.state.intents if not one.abandoned):
        there = there[(there < intent.first) | (there >= intent.beyond)]
    orphans: list[int] = np.setdiff1d(there, own).tolist()
    return orphans


def _unnamed(rows: Rows) -> list[str]:
    """Collections of this index that its manifest does not name."""
    if rows.state.intents:
        return []
    there = collections_of(rows.cluster.address.name, rows.cluster.call("list_collections"))
    return [one for one in there if one not in (rows.state.passages, rows.state.articles)]
