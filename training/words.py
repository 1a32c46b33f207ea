"""Learn the folded Arabic words of the news that have no proclitic: index/text/words.txt.gz, the most frequent first.

    python -m training.words ARTICLES.jsonl.gz ... [--output index/text/words.txt.gz]

A word is left out if it is better read as a proclitic and another word: the remainder is much more frequent (وقال is و
+ قال, but وزير is not و + زير), and the word never has clitics that cannot precede a proclitic (بوادي, لوادي and الوادي
show that وادي is not و + ادي). Only words are stored, no texts.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path

from index.text.letters import script
from index.text.stems import proclitics
from index.text.tokens import tokenize

LEAST = 5
"""Rarer forms are mostly misspellings."""

RATIO = {"ك": 3.0, "س": 0.05}
"""How many times as frequent the remainder must be: ك is seldom a proclitic (كمال), the future س nearly always."""
RATIO_ARTICLE, RATIO_OTHER = 0.2, 1.0

BEFORE_A_NOUN = dict.fromkeys("بكس", ("ال", "ب", "ل", "ك")) | {
    "ل": ("ال", "ب", "ك"),
    "و": ("ال", "ب", "ل", "ك", "ف", "و"),
    "ف": ("ال", "ب", "ل", "ك", "ف", "و"),
}
"""For each proclitic, the clitics that cannot precede it."""
SHARE = 0.1
"""Share of a noun's occurrences that have such clitics: from here up the words found are nouns and names."""


def count(paths: list[Path]) -> Counter[str]:
    """How often each folded Arabic word occurs in titles and texts."""
    counts: Counter[str] = Counter()
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                tokens = tokenize(f"{row['title'] or ''}\n{row['text'] or ''}")
                counts.update(token.word for token in tokens if script(token.word) == "ar")
    return counts


def without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) >= 4 else word


def stands_alone(word: str, bare: Counter[str], written: Counter[str]) -> bool:
    """Whether `word` has no proclitic, by its counts without the article and as written."""
    clitics = {clitic: written[clitic + word] for clitic in BEFORE_A_NOUN.get(word[0], ())}
    several = (
        clitics.get("ال") or sum(n > 0 for n in clitics.values()) > 1
    )  # بوروسيا alone does not prove that وروسيا is a word
    if several and sum(clitics.values()) >= max(2, SHARE * bare[word]):
        return True
    for clitic, remainder in proclitics(word):
        ratio = RATIO_ARTICLE if len(clitic) > 1 else RATIO.get(clitic, RATIO_OTHER)
        n = bare[without_article(remainder)]
        if n >= LEAST and n >= ratio * bare[word]:
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=Path("index/text/words.txt.gz"))
    arguments = parser.parse_args()
    written = count(arguments.articles)
    bare: Counter[str] = Counter()
    for word, n in written.items():
        bare[without_article(word)] += n
    words = [word for word, n in bare.items() if n >= LEAST and len(word) > 1 and stands_alone(word, bare, written)]
    words.sort(key=lambda word: (-bare[word], word))
    with open(arguments.output, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write("\n".join(words).encode())
    print(f"{len(words):,} words from {written.total():,}; {arguments.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
