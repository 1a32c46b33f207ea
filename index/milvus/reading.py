"""Rows of an index on a cluster as articles, passages and counts, whichever view or writer asks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..errors import IndexDamaged
from ..passages import encoded_text
from ..ports import Numbers
from ..types import Article, Filters, Passage, Vectors
from .cluster import Cluster, Consistency, Row, all_of, one_of
from .ledger import Ledger
from .schema import HEAD, SHORT, article_of, is_spilled, key_of, spilled
from .state import State

Counts = Counter[tuple[str, str, str]]
"""Articles by source, language and day, "" standing for what an article does not say."""


REMEMBERED = 4_096
"""Articles that a generation of an index remembers for its readers: some 20 MB of news."""


class Rows:
    """The rows of an index, as one reader sees them. What was read is remembered: a row never changes."""

    def __init__(
        self,
        cluster: Cluster,
        ledger: Ledger,
        state: State,
        at: Consistency,
        remembered: dict[int, Article] | None = None,
    ) -> None:
        """`remembered` are articles that were read before, by number: what is read is added, up to REMEMBERED."""
        self.cluster, self.ledger, self.state, self.at = cluster, ledger, state, at
        self._heads: dict[int, Row] = {}
        self._remembered = remembered

    def heads(self, numbers: Iterable[int]) -> dict[int, Row]:
        """What is known of articles but their texts, by number; those that are not committed are left out."""
        wanted = set(numbers)
        missing = wanted - self._heads.keys()
        if missing:
            for row in self.cluster.get(self.state.articles, missing, HEAD, self.at):
                self._heads[row["number"]] = row
        return {number: self._heads[number] for number in wanted if number in self._heads}

    def latest(self, numbers: Iterable[int]) -> set[int]:
        """Those of some articles that are committed, and of which there is no newer version."""
        heads = self.heads(numbers)
        newest: dict[int, int] = {}
        for number, row in heads.items():
            newest[row["key"]] = max(number, newest.get(row["key"], 0))
        if self.state.intents and heads:  # else there is one version of each, or its writer began a moment ago
            for row in self.of_keys(newest, ("number", "key")):
                newest[row["key"]] = max(row["number"], newest[row["key"]])
        return {number for number, row in heads.items() if newest[row["key"]] == number}

    def of_keys(self, keys: Iterable[int], fields: Sequence[str], *, hosts: bool = False) -> list[Row]:
        """The rows of all versions of the articles with some keys; with `hosts` of those embedded in them."""
        return self.cluster.where(self.state.articles, "host" if hosts else "key", list(keys), fields, self.at)

    def named(self, ids: Sequence[str], fields: Sequence[str] = HEAD) -> list[Row]:
        """The rows of the articles with these ids, the latest version of each, in order of storage."""
        found: dict[int, Row] = {}
        for row in self.of_keys(map(key_of, ids), ("number", *fields, "key")):
            if row["number"] > found.get(row["key"], {"number": 0})["number"]:
                found[row["key"]] = row
        return sorted(found.values(), key=lambda row: int(row["number"]))

    def everything(self) -> list[int]:
        """The numbers of all articles, the latest version of each, in order of storage."""
        newest: dict[int, int] = {}
        for row in self.cluster.scan(self.state.articles, "number > 0", ("number", "key"), self.at):
            newest[row["key"]] = max(row["number"], newest.get(row["key"], 0))
        return sorted(newest.values())

    def articles(self, numbers: Sequence[int]) -> list[Article]:
        """Articles in the order of their numbers. Raises IndexDamaged where one is gone or not whole."""
        found = self.present(numbers)
        for number in numbers:
            self._require(found, number)
        return [found[number] for number in numbers]

    def present(self, numbers: Sequence[int]) -> dict[int, Article]:
        """Articles by number, without those that were removed or replaced a moment ago. Raises IndexDamaged where one
        is not whole."""
        found = self.try_articles(numbers)
        failed = [number for number, article in found.items() if isinstance(article, str)]
        for row in self.cluster.get(self.state.articles, failed, ("number",), self.at) if failed else ():
            what = f"Article {row['number']} of {self.cluster.address} is damaged: {found[row['number']]}"
            raise IndexDamaged(f"{what}. See: khabar verify --index '{self.cluster.address}'")
        return {number: article for number, article in found.items() if isinstance(article, Article)}

    def try_articles(self, numbers: Sequence[int]) -> dict[int, Article | str]:
        """Articles by number, or what is wrong with each."""
        if self._remembered is None:
            return self._read(numbers)
        known = {number: self._remembered[number] for number in numbers if number in self._remembered}
        read = self._read([number for number in numbers if number not in known])
        if len(self._remembered) + len(read) > REMEMBERED:
            self._remembered.clear()
        self._remembered.update((number, one) for number, one in read.items() if isinstance(one, Article))
        return {number: known.get(number) or read[number] for number in numbers}

    def _read(self, numbers: Sequence[int]) -> dict[int, Article | str]:
        asked = (*HEAD, "facts")
        facts = {row["number"]: row for row in self.cluster.get(self.state.articles, numbers, asked, self.at)}
        self._heads |= {number: {name: row[name] for name in HEAD} for number, row in facts.items()}
        heads = self.heads(numbers)
        self.unspill("facts", facts)
        keys = [number + place for number, row in heads.items() for place in range(row["passages"])]
        texts = {row["number"]: row for row in self.cluster.get(self.state.passages, keys, ("number", "text"), self.at)}
        self.unspill("text", texts)
        found: dict[int, Article | str] = {}
        for number in numbers:
            if number not in heads or number not in facts:
                found[number] = "it is gone"
                continue
            own = (texts.get(number + place) for place in range(heads[number]["passages"]))
            try:
                found[number] = article_of(facts[number]["facts"], [row["text"] for row in own if row])
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                found[number] = str(error)
        return found

    def passages(self, numbers: Numbers) -> list[tuple[str, Passage]]:
        """Passages in the order of their numbers, each after the title of its article."""
        fields = ("number", "article", "start", "end", "text")
        found = {row["number"]: row for row in self.cluster.get(self.state.passages, numbers.tolist(), fields, self.at)}
        self.unspill("text", found)
        heads = self.heads(row["article"] for row in found.values())
        ids = dict(zip(heads, self.ids(list(heads)), strict=True))
        given = []
        for number in numbers.tolist():
            self._require(found, number)
            row = found[number]
            self._require(heads, row["article"])
            own = Passage(ids[row["article"]], row["start"], row["end"], row["text"])
            given.append((self._title(heads[row["article"]]), own))
        return given

    def encoded(self, numbers: Sequence[int]) -> list[tuple[int, str, Vectors]]:
        """Passages by number, in that order: what is encoded of each, and its vector (float32, (dim,)).

        Those that are gone are left out.
        """
        rows = self.cluster.get(self.state.passages, numbers, ("number", "dense"), self.at)
        vectors = {row["number"]: np.array(row["dense"], np.float32) for row in rows}
        kept = [number for number in numbers if number in vectors]
        found = zip(kept, self.passages(np.array(kept, np.int64)), strict=True)
        return [(number, encoded_text(title, passage.text), vectors[number]) for number, (title, passage) in found]

    def ids(self, numbers: Sequence[int]) -> list[str]:
        """The ids of articles in the order of their numbers."""
        heads = self.heads(numbers)
        for number in numbers:
            self._require(heads, number)
        long = [number for number in numbers if len(heads[number]["id"]) >= SHORT]
        whole = dict(zip(long, (article.id for article in self.articles(long)), strict=True)) if long else {}
        return [whole.get(number) or str(heads[number]["id"]) for number in numbers]

    def counts(self) -> Counts:
        """All articles by source, language and day."""
        fields = ("number", "source", "language", "day")
        rows = self.cluster.scan(self.state.articles, "number > 0", fields, self.at)
        return Counter((row["source"], row["language"], row["day"]) for row in rows)

    def _require(self, found: Mapping[int, object], number: int) -> None:
        if number not in found:
            raise IndexDamaged(
                f"An article of {self.cluster.address} was replaced or removed meanwhile. Give the command again."
            )

    def _title(self, head: Row) -> str:
        title = str(head["title"])
        return title if len(title) < SHORT else self.articles([head["number"]])[0].title

    def unspill(self, column: str, rows: dict[int, Row]) -> None:
        """Put the texts that are in the ledger in the place of what says so."""
        long = {spilled(column, number): number for number, row in rows.items() if is_spilled(row[column])}
        for name, text in self.ledger.get(list(long), self.at).items() if long else ():
            rows[long[name]][column] = json.loads(text)


def condition(where: Filters) -> str:
    """Filters as a condition on rows of articles or passages."""
    return all_of(
        one_of("language", where.languages) if where.languages else "",
        one_of("source", [source[:SHORT] for source in where.sources]) if where.sources else "",
        f'day >= "{where.since}"' if where.since else "",
        f'day != "" and day <= "{where.until}"' if where.until else "",
    )


def passes(where: Filters, row: Row | tuple[str, str, str]) -> bool:
    """Whether the article of a row, or one with a source, a language and a day, passes filters."""
    source, language, day = row if isinstance(row, tuple) else (row["source"], row["language"], row["day"])
    return (
        (not where.languages or language in where.languages)
        and (not where.sources or source in {one[:SHORT] for one in where.sources})
        and (where.since is None or where.since <= day)
        and (where.until is None or (day != "" and day <= where.until))
    )


def numbers_of(found: Iterable[int]) -> Numbers:
    """Numbers as an array, ascending, each once."""
    return np.array(sorted(set(found)), np.int64)
