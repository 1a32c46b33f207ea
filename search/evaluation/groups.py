"""Groups of articles measured against judged pairs: pairwise and B-cubed precision and recall."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..types import DUPLICATES
from .beir import rows


class Relation(NamedTuple):
    """A judged pair of articles of one story: a tier of duplicates, "followup" or "template"."""

    story: str
    a: str
    b: str
    relation: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision, recall and F1, 0 to 1. Precision of no pairs is 1, and so is recall where there are none to find."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, precision: float, recall: float) -> Agreement:
        """Compute F1 from precision and recall."""
        return cls(precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0)


@dataclass(frozen=True, slots=True)
class Grouping:
    """How groups of articles agree with a stories.tsv.

    `pairwise` is over pairs of articles in one group; `b_cubed` (Bagga and Baldwin 1998) is the mean over articles.
    `recall` is by relation, over pairs. `wrong` counts the pairs that were grouped but do not belong together, by their
    judged relation, or "unrelated".
    """

    pairwise: Agreement
    b_cubed: Agreement
    recall: Mapping[str, float]
    wrong: Mapping[str, int]


DUPLICATE = frozenset(DUPLICATES)  # the relations that `khabar duplicates` looks for


def read_stories(path: str | Path) -> list[Relation]:
    """Read a stories.tsv: story, a, b and relation, with a header. Raises InputError with file and line."""
    return [Relation(*row) for _, row in rows(Path(path), Relation._fields)]


def evaluate_groups(
    found: Iterable[Collection[str]], relations: Sequence[Relation], belonging: Collection[str] = DUPLICATE
) -> Grouping:
    """Measure groups of article ids against judged pairs; pairs with a relation in `belonging` belong together."""
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
    """B-cubed: the mean precision and recall of each article's found group against its true group.

    Articles that are alone in both are left out, because they would raise every figure. Groups must not overlap.
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
