"""Stories and related coverage of one week of Arabic and English news, against labels made by reading.

    python -m benchmarks.events [--data ../shared/data] [--beside KHABAR]...

Each installed version indexes the week and is asked by its commands: this one, and those whose `khabar` is given with
--beside, such as that of an earlier checkout. events.tsv holds the labels and says how they were made; the texts are
those of data/news. Constants were chosen on the pairs whose earlier article is of 11-13 June ("chosen"); the others
("held") were not used for it. They were printed beside them, though, and one rule was kept after they were seen: that
the openings of two languages need not be alike.

Within a story, a pair is right that is a copy, the same event or a step of one affair. A label says only what was drawn
and read; pairs that a version joins and that nobody labelled are not counted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from index.tables import read_table
from index.text import terms, tokenize
from search.coverage.facts import of_kind
from search.query import stopwords

ROOT = Path(__file__).resolve().parents[1]
FIRST, LAST, HELD = "2018-06-11", "2018-06-17", "2018-06-14"
SIZES = ((2, 2), (3, 5), (6, 12), (13, 10_000))
EVENT = frozenset(("copy", "same"))
AFFAIR = EVENT | {"follow"}
LISTED = 8
"""Results of `related` that were read."""
SMALL = 10
"""Numbers up to this are in every article."""


class Pair(NamedTuple):
    """A label: `part` is "story", "search" or "related"; in the last two, `a` is the article that was asked about."""

    part: str
    a: str
    b: str
    label: str


@dataclass(frozen=True, slots=True)
class Found:
    """What one version says of the week: stories as lists of ids, and the results of `related` for each article."""

    stories: list[list[str]]
    related: dict[str, list[dict[str, Any]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--beside", type=Path, action="append", default=[], help="the khabar of another version")
    arguments = parser.parse_args()
    pairs = [Pair(*row) for row in read_table(ROOT / "benchmarks" / "events.tsv")]
    week = {row["id"]: row for row in read_week(arguments.data / "news")}
    missing = {article for pair in pairs for article in (pair.a, pair.b)} - week.keys()
    if missing:
        raise SystemExit(
            f"{len(missing)} labelled articles are not in {arguments.data / 'news'}, such as {min(missing)}"
        )
    for khabar in (*arguments.beside, Path(sys.executable).with_name("khabar")):
        print(f"\n{khabar}")
        found = ask(khabar, list(week.values()), sorted({pair.a for pair in pairs if pair.part == "related"}))
        for line in table(found, pairs, week):
            print(line)


def read_week(news: Path) -> Iterator[dict[str, Any]]:
    """The articles of the week, each address once."""
    known = set()
    for name in ("antcorpus_multisource", "allsides_en"):
        with gzip.open(news / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if FIRST <= (row["date_iso"] or "")[:10] <= LAST and row["url"] not in known:
                    known.add(row["url"])
                    kept = {
                        "title": row["title"],
                        "text": row["text"],
                        "source": row["source"],
                        "language": row["lang"],
                    }
                    yield kept | {"id": row["url"], "url": row["url"], "published": row["date_iso"]}


def ask(khabar: Path, week: Sequence[dict[str, Any]], asked: Sequence[str]) -> Found:
    """Indexes the week with one version and runs its commands."""
    with tempfile.TemporaryDirectory() as folder:
        source, index = Path(folder) / "week.jsonl", Path(folder) / "index"
        source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in week), "utf-8")

        def run(*words: str) -> str:
            command = [str(khabar), *words, "--index", str(index)]
            return subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout

        run("index", str(source))
        stories = [
            [one["id"] for one in json.loads(line)["articles"]] for line in run("stories", "--json").splitlines()
        ]
        related = {
            article: json.loads(run("related", article, "-k", str(LISTED), "--json"))["related"] for article in asked
        }
    return Found(stories, related)


def table(found: Found, pairs: Sequence[Pair], week: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The lines of the table, each with its figures for all labels, for the chosen half and for the held one."""
    rows: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))

    def count(name: str, right: bool, *both: str) -> None:
        day = min(week[article]["published"] for article in both)
        rows[name]["all"].append(right)
        rows[name]["held" if day >= HELD else "chosen"].append(right)

    place = {article: n for n, story in enumerate(found.stories) for article in story}
    labels = {frozenset((pair.a, pair.b)): pair.label for pair in pairs}
    for ends, label in labels.items():
        a, b = sorted(ends)
        together = a in place and place[a] == place.get(b)
        if together:
            size = len(found.stories[place[a]])
            low, high = next(bounds for bounds in SIZES if bounds[0] <= size <= bounds[1])
            stories = f"stories of {low}" + (f"-{high}" if low < high < 1000 else " and more" if low < high else "")
            for name in (stories, "all stories"):
                count(f"within {name}: one affair", label in AFFAIR, a, b)
            count("within all stories: one event", label in EVENT, a, b)
        if label in EVENT:
            count("copies and same events: held by one story", together, a, b)
            if week[a]["language"] != week[b]["language"]:
                count("  of these, across languages", together, a, b)
    for asked, listed in found.related.items():
        for one in listed:
            other = one["article"]["id"]
            label = labels.get(frozenset((asked, other)), "")
            if label:
                days = week[other]["published"], week[asked]["published"]
                count(f"related: {one['relation']}", is_right(one["relation"], label, *days), asked, other)
            reasons = one["reasons"]
            told = list(told_twice(reasons))
            for kind in ("names", "places", "terms"):
                for said in reasons[kind]:
                    false = is_empty(said, week[asked], week[other]) or said in told
                    count(f"{kind} as reasons: not false", not false, asked, other)
            for number in reasons["numbers"]:
                count("numbers as reasons: above 10", number > SMALL, asked, other)
            count("related: with a reason", any(reasons.values()) or bool(one["tier"]), asked, other)
    yield f"  {len(found.stories)} stories, the largest of {max(map(len, found.stories))}"
    yield f"  {'':50}{'all':>16}{'chosen':>16}{'held':>16}"
    for name in sorted(rows):
        shares = (
            f"{sum(right)}/{len(right)} {sum(right) / len(right):.2f}" if right else "-"
            for right in map(rows[name].__getitem__, ("all", "chosen", "held"))
        )
        yield f"  {name:50}" + "".join(f"{share:>16}" for share in shares)


def is_right(relation: str, label: str, day: str, asked: str) -> bool:
    """Whether a relation fits a label and the days: what follows is not before, what is behind is not after.

    Another step of the affair on the same day may be called either; what shares the subject alone is background.
    """
    if relation == "same event":
        return label in EVENT
    if relation == "same affair":
        return label in AFFAIR
    if relation == "follow-up":
        return label == "follow" and day >= asked
    return label == "topic" or (label == "follow" and day <= asked)


def told_twice(reasons: dict[str, Any]) -> Iterator[list[str]]:
    """Pairs of words of which a form was told before, as a reason of any kind."""
    told: set[str] = set()
    for said in chain(reasons["names"], reasons["places"], reasons["terms"]):
        forms = set(terms(" ".join(said)))
        if forms & told:
            yield said
        told |= forms


def is_empty(said: Iterable[str], *rows: dict[str, Any]) -> bool:
    """Whether a word says nothing of an event: a stop word, number, day or month, or the name of the outlet."""
    outlets = set(chain.from_iterable(terms(row["source"]) for row in rows))
    for word in (token.word for part in said for token in tokenize(part)):
        bare = {word, *terms(word), *(word[1:] for letter in "وف" if word.startswith(letter))}
        if bare & stopwords() or bare & outlets or of_kind(bare, "number", "month", "weekday", "empty"):
            return True
    return False


if __name__ == "__main__":
    main()
