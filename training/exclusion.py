"""Keep the evaluation sets out of training: no text of theirs, and nothing close to one, is used."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .tokenizer import ASKED, SUFFIXES, normalizer, words_of

WHOLE = 3  # a text of this many words is excluded by itself; a shorter one (a name) only as part of a pair
LONG = 8  # a sequence of words that two texts do not share by chance
SHORT = 4  # shorter sentences are excluded when they share half of their sequences of this length
FIELDS = 12  # a row with more fields is a list, not a pair
# The only tables of names that are evaluation sets; the others are gazetteers (France, فرنسا).
NAMES, MEASURED = "translit_", ("dev", "test", "eval")


def evaluation_rows(folder: Path) -> Iterator[list[str]]:
    """The texts of each record of each evaluation file under `folder`: titles and texts, or all fields of a table.

    Gazetteers, which are no evaluation sets, are skipped.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".jsonl":
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    record = json.loads(line)
                    yield [record[key] for key in ("title", "text") if record.get(key)]
        elif path.suffix == ".tsv" and (not path.parent.name.startswith(NAMES) or path.stem in MEASURED):
            with path.open(encoding="utf-8", newline="") as table:
                for row in csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
                    yield [
                        text for cell in row for text in cell.split(" | ")
                    ]  # sets of names separate spellings by " | "


class Exclusion:
    """All evaluation texts. Words are compared folded and light-stemmed, so that spelling does not hide a match."""

    def __init__(self, rows: Iterable[Sequence[str]]) -> None:
        self._texts: set[tuple[str, ...]] = set()
        self._pairs: set[frozenset[tuple[str, ...]]] = set()
        long, short, fold = [], [], normalizer()
        for row in rows:
            texts = [_stems(words_of(fold.normalize_str(text))) for text in row]
            self._texts.update(text for text in texts if len(text) >= WHOLE)
            if len(texts) <= FIELDS:
                self._pairs.update(frozenset(pair) for pair in combinations(filter(None, texts), 2))
            long += [_sequences(text, LONG) for text in texts]
            short += [_sequences(text, SHORT) for text in texts]
        self._long = {int(code) for codes in long for code in codes}
        self._short = {int(code) for codes in short for code in codes}

    def reason(self, left: Sequence[str], right: Sequence[str]) -> str | None:
        """Why a pair of texts, given as folded words, must not be used for training; None if it may."""
        sides = _stems(left), _stems(right)
        if frozenset(sides) in self._pairs:
            return "the same pair"
        for words in sides:
            if words in self._texts:
                return "the same text"
            if not self._long.isdisjoint(_sequences(words, LONG).tolist()):
                return f"{LONG} words in a row"
            runs = _sequences(words, SHORT).tolist()
            if len(runs) > 1 and 2 * sum(run in self._short for run in runs) >= len(runs):
                return f"half of its {SHORT}-word sequences"
        return None


def _stems(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(_stem(word) for word in words if word != ASKED)


@lru_cache(maxsize=1 << 20)
def _stem(word: str) -> str:
    return SUFFIXES.sub("", word)


def _sequences(words: Sequence[str], length: int) -> npt.NDArray[np.int64]:
    """A hash of each sequence of `length` words (differs between processes)."""
    if len(words) < length:
        return np.empty(0, np.int64)
    codes = np.fromiter(map(hash, words), np.int64, len(words))
    mixed = np.zeros(len(words) - length + 1, np.int64)
    with np.errstate(over="ignore"):
        for i in range(length):
            mixed = mixed * np.int64(1_000_003) + codes[i : i + len(mixed)]
    return mixed
