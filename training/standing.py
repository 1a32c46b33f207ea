"""Learn which written form stands for a term where its forms mean different things: index/local/forms.tsv.

    python -m training.standing ARTICLES.jsonl.gz ... [--output index/local/forms.tsv]

A term may have forms with several vectors in the embedded model (elect, elected), or mostly a form that the model does
not know (U.S. beside us). It should have the vector that most of its occurrences in the articles have. Such terms are
listed with the commonest form that has it; nothing of the texts is kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from index.encoders import embedded
from index.text import analysed

OFTEN = 100
"""Occurrences of a term that is listed."""

AT_ONCE = 2_000
"""Articles that are analysed at once."""

HEAD = "# The written forms that stand for terms, made by training/standing.py: a term, then its form.\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, default=Path("index/local/forms.tsv"))
    asked = parser.parse_args()
    lines = sorted(f"{term}\t{form}\n" for term, form in standing(counted(asked.articles)))
    asked.output.write_text(HEAD + "".join(lines), "utf-8")


def counted(files: list[Path]) -> dict[str, Counter[str]]:
    """How often each form of each term is written."""
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    texts = texts_of(files)
    while some := list(islice(texts, AT_ONCE)):
        found = analysed(some)
        times = np.bincount(found.numbers, minlength=len(found.words.written)).tolist()
        for form, term, several in zip(found.words.written, found.words.terms, times, strict=True):
            forms[term][form] += several
    return forms


def texts_of(files: list[Path]) -> Iterator[str]:
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                yield f"{row.get('title') or ''}\n{row['text']}"


def standing(forms: dict[str, Counter[str]]) -> Iterator[tuple[str, str]]:
    """The terms whose forms have several vectors, and the commonest form that has the commonest of these."""
    for term, several in forms.items():
        if several.total() < OFTEN or len(several) == 1:
            continue
        entries = dict(zip(several, embedded().entries(list(several)).tolist(), strict=True))
        times: Counter[int] = Counter()
        for form, number in several.items():
            times[entries[form]] += number
        ((best, _),) = times.most_common(1)
        if best < 0 < len(times) - 1 or len(times.keys() - {-1}) > 1:
            yield term, max((form for form in several if entries[form] == best), key=lambda form: (several[form], form))


if __name__ == "__main__":
    main()
