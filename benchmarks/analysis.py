"""Does the analyser help? Titles as queries against the bodies of the same news articles (known-item search).

    python -m benchmarks.analysis [ARTICLES.jsonl.gz ...] [--queries 2000]

Each title should find its own article. Other reports of the same event count as misses, so only the differences between
rows matter. "typed" are the same titles as many people type them: no hamza, ه for ة, ي for ى. BM25 with k1 = 1.2,
b = 0.75. Articles whose title occurred before are left out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np

from index.text import fold, tokenize
from index.text.stems import term_of

Analyser = Callable[[str], str]
NEWS = Path(__file__).resolve().parents[2] / "shared" / "data" / "news"
COLLECTIONS = [NEWS / "antcorpus_multisource.jsonl.gz", NEWS / "allsides_en.jsonl.gz"]

TYPED = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ؤ": "و"})


def light10(word: str) -> str:
    """The light stemmer of Larkey, Ballesteros and Connell (2007), to compare with."""
    for prefix in ("ال", "وال", "بال", "كال", "فال", "لل", "و"):
        if word.startswith(prefix) and len(word) >= max(4 if prefix == "و" else 0, len(prefix) + 2):
            word = word[len(prefix) :]
            break
    for suffix in ("ها", "ان", "ات", "ون", "ين", "يه", "يه", "ه", "ي"):
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


ANALYSERS: dict[str, Analyser] = {
    "as written": str.lower,
    "folded": fold,
    "folded + light10": lambda raw: light10(fold(raw)),
    "ours": lambda raw: term_of(fold(raw)),
}


class Collection:
    """Bodies and titles as arrays of word numbers; an analyser is then one pass over the vocabulary."""

    def __init__(self, path: Path, queries: int) -> None:
        self.vocabulary: dict[str, int] = {}
        bodies, titles, seen = [], [], set()
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                title, body = row["title"].strip(), row["text"].replace(row["title"].strip(), " ")
                if len(title.split()) >= 4 and len(body) > 200 and title not in seen:
                    seen.add(title)
                    titles.append(title)
                    bodies.append(self._words(body))
        self.bodies = np.concatenate(bodies)
        self.owner = np.repeat(np.arange(len(bodies)), list(map(len, bodies)))
        self.targets = np.array(sorted(random.Random(0).sample(range(len(titles)), min(queries, len(titles)))))
        self.titles = {
            "clean": [self._words(titles[i]) for i in self.targets],
            "typed": [self._words(titles[i].translate(TYPED)) for i in self.targets],
        }

    def _words(self, string: str) -> np.ndarray:
        raw = [string[token.start : token.end] for token in tokenize(string)]
        return np.array([self.vocabulary.setdefault(word, len(self.vocabulary)) for word in raw], dtype=np.int64)

    def evaluate(self, analyser: Analyser, k1: float = 1.2, b: float = 0.75) -> tuple[int, dict[str, np.ndarray]]:
        """The size of the analysed vocabulary, and for each kind of query the rank of every target (1 is first)."""
        numbers: dict[str, int] = {}
        term = np.array([numbers.setdefault(analyser(word), len(numbers)) for word in self.vocabulary], dtype=np.int64)
        docs = int(self.owner[-1]) + 1
        pairs, tf = np.unique(term[self.bodies] * docs + self.owner, return_counts=True)
        owner, begins = pairs % docs, np.searchsorted(pairs, np.arange(len(numbers) + 1) * docs)
        df = np.diff(begins)
        idf = np.log1p((docs - df + 0.5) / (df + 0.5))
        length = np.bincount(self.owner, minlength=docs)
        weight = tf * (k1 + 1) / (tf + k1 * (1 - b + b * length[owner] / length.mean()))
        ranks = {}
        for kind, titles in self.titles.items():
            found = []
            for target, title in zip(self.targets, titles, strict=True):
                scores = np.zeros(docs)
                for t in term[title]:
                    at = slice(begins[t], begins[t + 1])
                    scores[owner[at]] += idf[t] * weight[at]
                found.append(int((scores >= scores[target]).sum()) if scores[target] > 0 else docs)
            ranks[kind] = np.array(found)
        return len(numbers), ranks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", nargs="*", type=Path, default=COLLECTIONS)
    parser.add_argument("--queries", type=int, default=2000)
    arguments = parser.parse_args()
    for path in arguments.articles:
        collection = Collection(path, arguments.queries)
        print(f"\n{path.name}: {int(collection.owner[-1]) + 1:,} articles, {len(collection.targets):,} titles\n")
        print("| analyser | clean MRR@10 | R@1 | R@100 | typed MRR@10 | R@1 | R@100 | terms |")
        print("|---|---|---|---|---|---|---|---|")
        for name, analyser in ANALYSERS.items():
            size, ranks = collection.evaluate(analyser)
            cells = [
                f"{value:.3f}"
                for r in ranks.values()
                for value in (np.where(r <= 10, 1 / r, 0).mean(), (r == 1).mean(), (r <= 100).mean())
            ]
            print(f"| {name} | {' | '.join(cells)} | {size:,} |", flush=True)


if __name__ == "__main__":
    main()
