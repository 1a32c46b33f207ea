"""Training data: translation pairs and headline-body pairs, folded, without the evaluation sets."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .exclusion import Exclusion
from .tokenizer import ASKED, normalizer, words_of

SOURCES = Path(__file__).with_name("sources.tsv")
WORDS = 90  # the most words of a text in training; the model averages, so more would only be slower
SHORTEST_ARTICLE = 20  # words; a shorter body is a caption
FEMININE = re.compile(r"\w+ة\b")  # words with a feminine ending, which folding turns into ه, the pronoun "his"
DEV_SHARE = 50  # one pair in 50 is held out, for the ablations and the figures of the model card


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts of the same meaning, or a headline and a part of its article. `weight` is the draws per epoch."""

    left: str
    right: str
    kind: str
    weight: float
    source: str


@dataclass(slots=True)
class Corpus:
    """Pairs as columns; `left` and `right` are folded texts, with single spaces between words."""

    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    dev: list[bool] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)  # how many texts contain each word
    feminine: Counter[str] = field(default_factory=Counter)  # how many of them write it with ة
    excluded: Counter[str] = field(default_factory=Counter)  # pairs left out, by reason

    @property
    def training_weights(self) -> npt.NDArray[np.float64]:
        return np.where(self.dev, 0.0, self.weights)


def translations(folder: Path, sources: Path = SOURCES) -> Iterator[Pair]:
    """The pairs of all files that a table of sources names, in its order. A missing file is an error."""
    with sources.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            with gzip.open(folder / f"{row['file']}.tsv.gz", "rt", encoding="utf-8") as lines:
                for line in lines:
                    english, _, arabic = line.rstrip("\n").partition("\t")
                    if english.strip() and arabic.strip():
                        yield Pair(_clip(english), _clip(arabic), row["kind"], float(row["weight"]), row["file"])


def headlines(folder: Path, seed: int) -> Iterator[Pair]:
    """Two pairs an article: its headline with its lead, and with a random part of its body."""
    rng = random.Random(seed)
    for path in sorted(folder.glob("*.jsonl.gz")):
        source = path.name.removesuffix(".jsonl.gz")
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                article = json.loads(line)
                title, body = (article["title"] or "").strip(), article["text"] or ""
                words = body.removeprefix(title).split()  # without the headline, which would make the pair trivial
                if not title or len(words) < SHORTEST_ARTICLE:
                    continue
                start = rng.randrange(max(1, len(words) - WORDS // 2))
                for stretch in (words[:WORDS], words[start : start + WORDS]):
                    yield Pair(title, " ".join(stretch), f"news-{article['lang']}", 1.0, source)


def collect(pairs: Iterable[Pair], exclusion: Exclusion) -> Corpus:
    """Fold all pairs, once for all later steps, and drop those that occur in the evaluation sets."""
    corpus, fold = Corpus(), normalizer()
    for pair in pairs:
        left, right = (words_of(fold.normalize_str(text)) for text in (pair.left, pair.right))
        if {ASKED}.issuperset(left) or {ASKED}.issuperset(right):
            continue
        if reason := exclusion.reason(left, right):
            corpus.excluded[reason] += 1
            continue
        corpus.left.append(" ".join(left))
        corpus.right.append(" ".join(right))
        corpus.kinds.append(pair.kind)
        corpus.weights.append(pair.weight)
        corpus.dev.append(zlib.crc32(corpus.left[-1].encode()) % DEV_SHARE == 0)
        for text, words in ((pair.left, left), (pair.right, right)):
            corpus.counts.update(set(words))
            corpus.feminine.update(set(words_of(fold.normalize_str(" ".join(FEMININE.findall(text))))))
    return corpus


def _clip(text: str) -> str:
    return " ".join(text.split()[:WORDS])
