"""What cleaning takes from rows that are clean already, and how fast it is.

For every set of news in a folder of JSON lines (gzip; title, text, source, url): the share of body words that survive,
the lines that are removed most often, and articles per second of processor time. A word counts as surviving if it
stands in the text or in a field of the article: a body that repeats its title loses no word.

    python benchmarks/cleaning.py ../shared/data/news --limit 10000
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from index.clean.cleaner import Cleaner
from index.errors import InputError
from index.types import Article, Document

BATCH = 2000


def documents(path: Path, limit: int | None) -> Iterator[Document]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(islice(lines, limit), 1):
            row = json.loads(line)
            yield Document(
                id=f"{path.name}:{number}",
                text=row.get("text") or "",
                path=f"{path.name}:{number}",
                title=row.get("title") or "",
                language=row.get("lang"),
                published=row.get("date"),
                source=row.get("source"),
                url=row.get("url"),
            )


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", text))


def lost(document: Document, article: Article) -> Counter[str]:
    """Words of a document's body that stand nowhere in its article."""
    kept = "\n".join(filter(None, (article.text, article.title, article.city, article.agency)))
    return words(document.text) - words(kept)


def measure(path: Path, limit: int | None, top: int) -> None:
    cleaner = Cleaner()
    rows = documents(path, limit)
    articles = body = missing = rejected = 0
    seconds = 0.0
    removed: Counter[str] = Counter()
    while batch := list(islice(rows, BATCH)):
        began = time.process_time()
        cleaner.learn(batch)
        cleaned = []
        for document in batch:
            try:
                cleaned.append((document, cleaner.clean(document)[0]))
            except InputError:
                rejected += 1
        seconds += time.process_time() - began
        for document, article in cleaned:
            articles += 1
            body += words(document.text).total()
            gone = lost(document, article)
            missing += gone.total()
            if gone:
                text = article.text
                removed.update(
                    {
                        line.strip()[:110]: len(line.split())
                        for line in document.text.split("\n")
                        if line.strip() and " ".join(line.split())[:60] not in text
                    }
                )
    print(f"{path.name}: {articles} articles, {rejected} rejected, {articles / seconds:,.0f} articles/s")
    print(f"  {1 - missing / max(body, 1):.4%} of {body:,} body words survive; {missing:,} removed, most of them in")
    for line, count in removed.most_common(top):
        print(f"    {count:6,}  {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="rows of each file")
    parser.add_argument("--top", type=int, default=15, help="removed lines to show")
    options = parser.parse_args()
    for path in sorted(options.folder.glob("*.jsonl.gz")):
        measure(path, options.limit, options.top)


if __name__ == "__main__":
    main()
