"""The terms with which articles begin, remembered in a store: to find them takes longer than to compare them."""

from __future__ import annotations

import json
from itertools import chain

import numpy as np

from index.ports import Store
from index.text import terms
from index.types import Article

from .articles import key_of
from .judged import version

NAME = "leads"
"""Under which a store keeps them."""

WORDS = 200
"""Terms of an article that are compared: news says what matters first."""


def lead(article: Article) -> list[str]:
    """The terms of the title and the first `WORDS` of the text."""
    return terms(lead_text(article), WORDS)


def lead_text(article: Article) -> str:
    """The title and as much of the text as holds its first `WORDS` terms."""
    return f"{article.title}\n{article.text[: 12 * WORDS]}" if article.title != article.text else article.title


class Leads:
    """What `lead` gives for the articles of a store, each known by a hash of what it says."""

    def __init__(self, store: Store, generation: object) -> None:
        """What the store has kept; it is asked to keep what was found, with the generation of the articles."""
        self._store, self._generation = store, generation
        self._kept = _read(store.kept(NAME))
        self._found: dict[int, list[str]] = {}

    def __call__(self, article: Article) -> list[str]:
        """The terms of the title and the first `WORDS` of the text."""
        key = key_of(article)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._kept.get(key) or lead(article)
        return found

    def keep(self) -> None:
        """Keep those that were asked for, where some are new; others are forgotten."""
        if not self._found.keys() <= self._kept.keys():
            self._store.keep(NAME, _written(self._found), self._generation)


def _written(leads: dict[int, list[str]]) -> bytes:
    """A line of JSON, the keys of the articles (uint64), how many terms each has, and which (uint32); then all terms,
    one a line."""
    numbers = {term: number for number, term in enumerate(dict.fromkeys(chain.from_iterable(leads.values())))}
    which = np.fromiter(map(numbers.__getitem__, chain.from_iterable(leads.values())), "<u4")
    head = {"code": version(), "articles": len(leads), "terms": len(which)}
    parts = (
        json.dumps(head).encode() + b"\n",
        np.fromiter(leads, "<u8", len(leads)).tobytes(),
        np.fromiter(map(len, leads.values()), "<u4", len(leads)).tobytes(),
        which.tobytes(),
        "\n".join(numbers).encode("utf-8", "surrogatepass"),
    )
    return b"".join(parts)


def _read(data: bytes | None) -> dict[int, list[str]]:
    """What this version wrote; nothing of anything else."""
    head, _, rest = (data or b"").partition(b"\n")
    try:
        facts = json.loads(head)
        if facts["code"] != version():
            return {}
        articles, terms = int(facts["articles"]), int(facts["terms"])
        keys, counts = np.frombuffer(rest, "<u8", articles), np.frombuffer(rest, "<u4", articles, 8 * articles)
        which = np.frombuffer(rest, "<u4", terms, 12 * articles)
        said = rest[12 * articles + 4 * terms :].decode("utf-8", "surrogatepass").split("\n")
        ends = np.cumsum(counts, dtype=np.int64)
        if articles and int(ends[-1]) != terms:
            return {}
        words = list(map(said.__getitem__, which.tolist()))
        return {
            key: words[end - count : end]
            for key, count, end in zip(keys.tolist(), counts.tolist(), ends.tolist(), strict=True)
        }
    except Exception:  # an index may come from anybody
        return {}
