"""Do groups of articles agree with judged ones? By pairs, and by B-cubed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..types import Tier
from .beir import rows


class Relation(NamedTuple):
    """A judged pair of articles of one story: a tier of duplicates, "followup" or "template"."""

    story: str
    a: str
    b: str
    relation: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares in 0-1. Precision of nothing found, and recall of nothing to be found, are 1."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, precision: float, recall: float) -> Agreement:
        """With the harmonic mean of the two."""
        return cls(precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0)


@dataclass(frozen=True, slots=True)
class Grouping:
    """How groups of articles agree with a stories.tsv.

    `pairwise` counts pairs of one group, `b_cubed` (Bagga and Baldwin 1998) looks from each article at its group;
    `recall` is that of the pairs of each relation, and `wrong` counts pairs put together that do not belong together:
    by their relation, or "unrelated".
    """

    pairwise: Agreement
    b_cubed: Agreement
    recall: Mapping[str, float]
    wrong: Mapping[str, int]


DUPLICATE = frozenset(Tier)  # the relations of which `khabar duplicates` speaks


def read_stories(path: str | Path) -> list[Relation]:
    """The rows of a stories.tsv: story, a, b and relation, under a header. Raises InputError, naming the line."""
    return [Relation(*row) for _, row in rows(Path(path), Relation._fields)]


def evaluate_groups(
    found: Iterable[Collection[str]], relations: Sequence[Relation], belonging: Collection[str] = DUPLICATE
) -> Grouping:
    """Groups of article ids against judged pairs, of which those whose relation is in `belonging` belong together."""
    found = [frozenset(group) for group in found]
    judged = {frozenset((r.a, r.b)): r.relation for r in relations}
    gold = {pair for pair, relation in judged.items() if relation in belonging}
    pairs = {frozenset((a, b)) for group in found for a in group for b in group if a < b}
    wrong: dict[str, int] = {}
    for pair in pairs - gold:
        relation = judged.get(pair, "unrelated")
        wrong[relation] = wrong.get(relation, 0) + 1
    recall = {}
    for relation in dict.fromkeys(r.relation for r in relations if r.relation in belonging):
        of_relation = {pair for pair in gold if judged[pair] == relation}
        recall[relation] = len(of_relation & pairs) / len(of_relation)
    both = len(pairs & gold)
    pairwise = Agreement.of(both / len(pairs) if pairs else 1.0, both / len(gold) if gold else 1.0)
    return Grouping(pairwise, b_cubed(found, _connected(gold)), recall, dict(sorted(wrong.items())))


def b_cubed(found: Iterable[Collection[str]], gold: Iterable[Collection[str]]) -> Agreement:
    """For each article, how much of its found group belongs to its true group, and how much of that was found.

    Articles that are alone in both are left out: they would raise every figure. Groups may not share articles.
    """
    of_found = {article: frozenset(group) for group in found for article in group if len(group) > 1}
    of_gold = {article: frozenset(group) for group in gold for article in group if len(group) > 1}
    articles = sorted(of_found.keys() | of_gold.keys())
    if not articles:
        return Agreement.of(1.0, 1.0)
    precision = recall = 0.0
    for article in articles:
        alone = frozenset((article,))
        mine, true = of_found.get(article, alone), of_gold.get(article, alone)
        precision += len(mine & true) / len(mine)
        recall += len(mine & true) / len(true)
    return Agreement.of(precision / len(articles), recall / len(articles))


def _connected(pairs: Iterable[frozenset[str]]) -> list[set[str]]:
    groups: list[set[str]] = []
    for pair in pairs:
        touched = [group for group in groups if group & pair]
        groups = [group for group in groups if not group & pair] + [set(pair).union(*touched)]
    return groups
