"""Keeps the evaluation sets out of training: no text of theirs, and nothing near one, is learned from."""

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

WHOLE = 3  # words from which a text of its own gives a row away; shorter ones (names) only as a pair
LONG = 8  # words in a row that two texts do not share by chance
SHORT = 4  # for sentences shorter than that: half of their 4-word sequences
FIELDS = 12  # of a row, beyond which it is no pair but a list
# Of the folders of names only these tables are measured on; the others are lists of everything known (France, فرنسا).
NAMES, MEASURED = "translit_", ("dev", "test", "eval")


def evaluation_rows(folder: Path) -> Iterator[list[str]]:
    """The texts of each record of each evaluation file under `folder`: titles and texts, every field of a table.

    Lists of names that no measure reads are passed over.
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
                    yield [text for cell in row for text in cell.split(" | ")]  # name sets list spellings that way


class Exclusion:
    """Knows every evaluation text; compares folded and light-stemmed words, so that spelling hides no match."""

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
        """Why a pair of texts, given as folded words, may not be learned from; None where it may."""
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
    """One number for each run of `length` words, alike for alike runs (within one process)."""
    if len(words) < length:
        return np.empty(0, np.int64)
    codes = np.fromiter(map(hash, words), np.int64, len(words))
    mixed = np.zeros(len(words) - length + 1, np.int64)
    with np.errstate(over="ignore"):
        for i in range(length):
            mixed = mixed * np.int64(1_000_003) + codes[i : i + len(mixed)]
    return mixed
