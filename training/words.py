"""Learn which folded Arabic words of the news stand on their own: index/words.txt.gz, the commonest first.

    python -m training.words ARTICLES.jsonl.gz ... [--output index/words.txt.gz]

A word is left out when it is better read as a proclitic and another word: when the remainder is much the commoner
one (وقال is و + قال; وزير is not و + زير). Only word forms are kept, nothing of the texts.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path

from index.text import proclitics, script, tokenize

LEAST = 5
"""Rarer forms are mostly misspellings."""

RATIO = {"ك": 3.0, "س": 0.05}
"""How many times as frequent the remainder must be: ك is seldom a proclitic (كمال), the future س nearly always."""
RATIO_ARTICLE, RATIO_OTHER = 0.2, 1.0


def count(paths: list[Path]) -> Counter[str]:
    """How often each folded Arabic word stands in titles and texts; words with the article count without it."""
    counts: Counter[str] = Counter()
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                for token in tokenize(f"{row['title'] or ''}\n{row['text'] or ''}"):
                    if script(token.word) == "ar":
                        counts[without_article(token.word)] += 1
    return counts


def without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) >= 4 else word


def stands_alone(word: str, counts: Counter[str]) -> bool:
    for clitics, remainder in proclitics(word):
        ratio = RATIO_ARTICLE if len(clitics) > 1 else RATIO.get(clitics, RATIO_OTHER)
        n = counts[without_article(remainder)]
        if n >= LEAST and n >= ratio * counts[word]:
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=Path("index/words.txt.gz"))
    arguments = parser.parse_args()
    counts = count(arguments.articles)
    words = [word for word, n in counts.items() if n >= LEAST and len(word) > 1 and stands_alone(word, counts)]
    words.sort(key=lambda word: (-counts[word], word))
    with open(arguments.output, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write("\n".join(words).encode())
    print(f"{len(words):,} words from {counts.total():,}; {arguments.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
