"""A collection of news of any size: real articles first, then articles composed of their sentences.

    python -m benchmarks.scale_news FOLDER [--passages 1000000] [--data ../shared/data]

Writes FOLDER/news.jsonl, and FOLDER/queries.jsonl with questions and headlines whose answers are in it: XQuAD-R
paragraphs and NTREX articles stand among the news. A composed article takes sentences, at most two in a row, from
articles of one language and topic: it has the words and the length of news, and repeats none of them.
"""

import argparse
import bisect
import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from index.passages import AIM, LONGEST
from index.text import sentences

FILES = ("antcorpus_multisource", "antcorpus_jawhara", "allsides_en", "arwiki_sample10k")
SETS = tuple(
    f"{folder}_{asked}-{held}"
    for folder in ("xquad_r/para", "ntrex/headline")
    for asked in ("ar", "en")
    for held in ("ar", "en")
)

# Composed articles are dated within these days, so that a week has some 2,000 of 400,000.
FIRST, LAST = date(2018, 1, 1), date(2020, 12, 31)

# Articles of one topic, by day, whose sentences come together in a composed one.
NEIGHBOURS = 60

Row = dict[str, Any]


def real(data: Path) -> list[Row]:
    """The articles of the news files as rows to index, shuffled."""
    rows = []
    for name in FILES:
        with gzip.open(data / "news" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                row = json.loads(line)
                kept = {key: row.get(key) for key in ("lang", "title", "text", "source", "category", "topic", "url")}
                day = str(row.get("date_iso") or row.get("date") or "").removesuffix(" dump")
                rows.append({"_id": f"{name}-{number}", **kept, "date": day})
    random.Random(1).shuffle(rows)
    return rows


def composed(rows: list[Row]) -> Iterator[Row]:
    """Articles of the sentences of others, without end; the same ones each time."""
    chance = random.Random(2)
    topics: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        topics[row["lang"], str(row.get("topic") or row.get("category") or row.get("source"))].append(row)
    for topic in topics.values():
        topic.sort(key=lambda row: (str(row["date"]), row["_id"]))
    groups = list(topics.values())
    sizes = list(accumulate(map(len, groups)))
    cut: dict[str, list[str]] = {}
    number = 0
    while True:
        place = chance.randrange(sizes[-1])
        group = groups[bisect.bisect_right(sizes, place)]
        first = chance.randrange(max(len(group) - NEIGHBOURS, 1))
        near = group[first : first + NEIGHBOURS]
        length = len(chance.choice(near)["text"].split())
        said: list[str] = []
        words = 0
        while words < length:
            row = chance.choice(near)
            spans = cut.get(row["_id"])
            if spans is None:
                spans = cut[row["_id"]] = [row["text"][start:end] for start, end in sentences(row["text"])] or [""]
            start = chance.randrange(len(spans))
            taken = spans[start : start + chance.choice((1, 1, 2))]
            said += taken
            words += sum(len(sentence.split()) for sentence in taken) + 1
        day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days + 1))
        title = " ".join(said[0].split()[:12])
        model = chance.choice(near)
        yield {
            "_id": f"composed-{number}",
            "lang": model["lang"],
            "title": title,
            "text": "\n".join(said),
            "source": model["source"],
            "date": day.isoformat(),
        }
        number += 1


def passages_of(row: Row) -> int:
    """About how many passages an article gives."""
    words = len(row["text"].split())
    return 1 if words <= LONGEST else max(round(words / AIM), 2)


def answers(data: Path) -> Iterator[Row]:
    """The paragraphs and articles that answer the queries, each once."""
    met = set()
    for name in SETS:
        for line in (data / "eval" / name / "corpus.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["_id"] not in met:
                met.add(row["_id"])
                yield row


def queries(data: Path) -> Iterator[Row]:
    """Every query: the set it is of, the language of its answers, and their ids."""
    for name in SETS:
        folder = data / "eval" / name
        relevant = defaultdict(list)
        for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
            query, article, grade = line.split("\t")
            if int(grade) > 0:
                relevant[query].append(article)
        for line in (folder / "queries.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if relevant[row["_id"]]:
                held = name.rpartition("-")[2]
                yield {"set": name, "text": row["text"], "language": held, "relevant": relevant[row["_id"]]}


def articles(data: Path, passages: int) -> Iterator[Row]:
    """The collection: about so many passages."""
    count = 0
    rows = real(data)

    def everything() -> Iterator[Row]:
        yield from answers(data)
        yield from rows
        yield from composed(rows)

    for row in everything():
        yield row
        count += passages_of(row)
        if count >= passages:
            return


def write(folder: Path, data: Path, passages: int) -> None:
    """Write the collection and its queries to a folder, once."""
    if (folder / "queries.jsonl").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("news.jsonl", articles(data, passages)), ("queries.jsonl", queries(data))):
        with (folder / name).open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    asked = parser.parse_args()
    write(asked.folder, asked.data, asked.passages)
