"""Whether a list of articles in both languages is fair to both.

    python -m benchmarks.both_languages FOLDER [--index DIR] [--queries N] [--data ../shared/data]

FOLDER is made where it is not there yet: 20,000 articles of news (benchmarks/scale_news.py), among which every headline
of NTREX and every question of XQuAD-R has its answer twice, in Arabic and in English. For each set and language of the
query: nDCG@10 over both answers, and in how many lists the one in the other language is among the first ten. Then
nDCG@10 where one language alone is asked for, and the most over both that any merge of these two lists would reach.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from index import Index
from index.types import LANGUAGES
from search import Engine, Filters

from .retrieval import ndcg
from .scale import khabar
from .scale_news import write

PASSAGES = 47_500

Asked = dict[tuple[str, str, str], dict[str, list[str]]]
"""Set, language and text of a query -> the ids of its answers by language."""


def asked_for(folder: Path) -> Asked:
    """The queries of a collection, each with its answers in both languages."""
    found: Asked = defaultdict(dict)
    for line in (folder / "queries.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        name, _, languages = row["set"].rpartition("_")
        found[name, languages.partition("-")[0], row["text"]][row["language"]] = row["relevant"]
    return found


def measured(engine: Engine, queries: Mapping[str, dict[str, list[str]]], language: str) -> str:
    """The figures of the queries in one language: text -> answers by language."""
    (other,) = set(LANGUAGES) - {language}
    both, most, seen, alone = [], [], [], defaultdict(list)
    for text, answers in queries.items():
        first = [article for article, _ in engine.run(text, 10)]
        good = dict.fromkeys((one for held in answers.values() for one in held), 1)
        both.append(ndcg(good, first))
        seen.append(bool(set(answers[other]) & set(first)))
        lists = {}
        for held in LANGUAGES:
            lists[held] = [article for article, _ in engine.run(text, 10, filters=Filters(language=held))]
            alone[held].append(ndcg(dict.fromkeys(answers[held], 1), lists[held]))
        most.append(ndcg(good, best_merge(*((lists[held], answers[held]) for held in LANGUAGES))))
    single = ", ".join(f"{language}-{held} {np.mean(alone[held]):.4f}" for held in LANGUAGES)
    found = f"both {np.mean(both):.4f}, at most {np.mean(most):.4f}, the other language among ten {np.mean(seen):.3f}"
    return f"{len(both)} queries: {found}; {single}"


def best_merge(*lists: tuple[list[str], list[str]]) -> list[str]:
    """The merge of two lists of ten with the highest nDCG@10, for each list its answer given.

    The list whose answer comes earlier goes first, up to it; then the other list.
    """

    def rank(found: list[str], answers: list[str]) -> int:
        return next((place for place, article in enumerate(found) if article in answers), 10)

    (one, answers), (other, _) = sorted(lists, key=lambda both: rank(*both))
    return [*one[: rank(one, answers) + 1], *other]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", type=Path, help="default: FOLDER/index")
    parser.add_argument("--queries", type=int, default=300, help="at most, of each set and language")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    asked = parser.parse_args()
    write(asked.folder, asked.data, PASSAGES)
    index = asked.index or asked.folder / "index"
    if not index.exists():
        khabar("index", str(asked.folder / "news.jsonl"), "--index", str(index))
    engine = Engine(Index.open(index))
    groups: dict[tuple[str, str], dict[str, dict[str, list[str]]]] = defaultdict(dict)
    for (name, language, text), answers in asked_for(asked.folder).items():
        if answers.keys() >= set(LANGUAGES):
            groups[name, language][text] = answers
    for (name, language), queries in sorted(groups.items()):
        texts = list(queries)
        some = [texts[i] for i in np.linspace(0, len(texts) - 1, min(asked.queries, len(texts))).astype(int)]
        print(f"{name} {language}: {measured(engine, {text: queries[text] for text in some}, language)}", flush=True)


if __name__ == "__main__":
    main()
