"""Teach the trained model the dialects: `python -m training.dialects --data ../shared/data --model index/model`.

New words of the dialects become tokens. All vectors go on being trained, on dialect pairs and a sample of the pairs
they were trained on, but each the less, the less of it is dialect; the texts of that sample stay as alike to each other
as they were. In the end only the commonest new words keep a vector of their own.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors.numpy import load_file
from tokenizers import Tokenizer, normalizers

from index.encoders.unknown import Readings
from index.encoders.wordpieces import WordPieces
from index.encoders.words import ReadWords, readings
from index.text.letters import ARABIC

from . import alignment, data, export
from .exclusion import Exclusion, evaluation_rows
from .tokenizer import Vocabulary, rarities
from .train import Kept, Pairs, Ragged, Recipe, fit

SOURCES = Path(__file__).with_name("dialects.tsv")
SAMPLE = 6  # one standard pair in six is taken along
TEXTS_AT_ONCE = 20_000
TOKENS = 64  # the most tokens of a text
STANDARD_WORDS = 0.2  # how much a text of the standard pairs counts for how common a word is
SHORT = 2  # a word that is met once becomes a token where its text has no more words
OWN = 6_000  # new words with a vector of their own; the others share the nearest
LENGTH, NOISE = 0.2, 0.01  # of first vectors, as in teacher.py
STANDARD = 6.0  # how much a standard text counts against a dialect one for how far a vector may move
WAY = 0.6  # how far old vectors go in the end from where they were to where training took them
RECIPE = Recipe(epochs=8, rate=0.01, following=5)

Report = Callable[[str], None]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Model:
    """A model as it is trained: float32 (rows, dim), and its vocabulary."""

    table: Floats
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class Texts:
    """Pairs as token rows; `dialect` marks those of dialects, the others are of the standard languages."""

    left: Ragged
    right: Ragged
    kinds: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    dialect: npt.NDArray[np.bool_]


def load(folder: Path) -> Model:
    """A model folder; rows are brought back to their lengths."""
    tensors = load_file(folder / "model.safetensors")
    scales = np.zeros(len(tensors["embeddings"]), np.float32)
    np.maximum.at(scales, tensors["mapping"], tensors["weights"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    kept = (tensors[name] for name in ("mapping", "forms", "rarity"))
    return Model(tensors["embeddings"] * scales[:, None], Vocabulary(tokenizer, *kept))


def sampled(pairs: Iterable[data.Pair]) -> Iterator[data.Pair]:
    """One pair in `SAMPLE`, by a checksum of its left side."""
    return (pair for pair in pairs if zlib.crc32(pair.left.encode()) % SAMPLE == 0)


def in_arabic(corpus: data.Corpus, read: Readings) -> data.Corpus:
    """The same pairs with Arabizi in Arabic letters, and words counted by it."""
    right = [text if ARABIC.search(text) else " ".join(map(read.arabizi, text.split())) for text in corpus.right]
    counts = Counter(word for side in (corpus.left, right) for text in side for word in set(text.split()))
    return replace(corpus, right=right, counts=counts)


def words_to_learn(corpus: data.Corpus, known: Tokenizer, read: Readings) -> list[str]:
    """Arabic words that are no tokens yet: met in two texts, or once in a short one and read as nothing known."""
    short = {word for text in corpus.right if len(found := text.split()) <= SHORT for word in found}
    new = [
        (count, word)
        for word, count in corpus.counts.items()
        if len(word) > 1
        and ARABIC.match(word)
        and known.token_to_id(word) is None
        and (count > 1 or (word in short and read.arabic(word) == word))
    ]
    return [word for _, word in sorted(new, key=lambda one: (-one[0], one[1]))]


def extended(vocabulary: Vocabulary, new: Sequence[str], counts: Counter[str]) -> Vocabulary:
    """The vocabulary with new words, each with a row of its own."""
    described = json.loads(vocabulary.tokenizer.to_str())
    tokens = described["model"]["vocab"]
    first = int(vocabulary.mapping.max()) + 1
    tokens.update(zip(new, range(len(tokens), len(tokens) + len(new)), strict=True))
    mapping = np.concatenate([vocabulary.mapping, np.arange(first, first + len(new), dtype=np.int32)])
    forms = np.concatenate([vocabulary.forms, np.zeros(len(new), np.uint8)])
    return Vocabulary(Tokenizer.from_str(json.dumps(described)), mapping, forms, rarities(tokens, counts))


def rows_of(texts: Sequence[str], vocabulary: Vocabulary) -> Ragged:
    """The rows of folded texts: those of the tokens, then those of their forms."""
    plain = Tokenizer.from_str(vocabulary.tokenizer.to_str())
    plain.normalizer = normalizers.Sequence([])  # the texts are already folded
    words = ReadWords(WordPieces(plain.to_str()), vocabulary.rarity)
    tokens = []
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        flat, counts = words(texts[start : start + TEXTS_AT_ONCE])
        for ids in np.split(flat, np.cumsum(counts)[:-1]):
            forms = vocabulary.forms[ids[:TOKENS]]
            tokens.append(np.concatenate([ids[:TOKENS], forms[forms > 0]]) if len(ids) else np.zeros(1, np.int64))
    return Ragged(vocabulary.mapping[np.concatenate(tokens)], np.concatenate([[0], np.cumsum([*map(len, tokens)])]))


def first_vectors(texts: Texts, known: torch.Tensor, new: int, seed: int) -> torch.Tensor:
    """First vectors of new words, (new, dim): the mean of the known words of what they are paired with."""
    rows = len(known)
    total = torch.zeros(new, known.shape[1])
    for one, other in ((texts.left, texts.right), (texts.right, texts.left)):
        for start in range(0, len(one.starts) - 1, 20_000):
            part = np.arange(start, min(start + 20_000, len(one.starts) - 1))
            (ids, starts), (asked, asked_starts) = one.take(part), other.take(part)
            padded = torch.cat([known, torch.zeros(1, known.shape[1])])
            place = torch.from_numpy(np.where(ids < rows, ids, rows).astype(np.int64))
            sums = F.embedding_bag(place, padded, torch.from_numpy(starts), mode="sum")
            held = np.maximum(np.add.reduceat(ids < rows, starts), 1)
            lengths = np.diff(np.append(asked_starts, len(asked)))
            owner = np.repeat(np.arange(len(part)), lengths)
            wanted = asked >= rows
            share = torch.from_numpy((1 / (lengths * held))[owner[wanted]].astype(np.float32))
            place = torch.from_numpy((asked[wanted] - rows).astype(np.int64))
            total.index_add_(0, place, sums[owner[wanted]] * share[:, None])
    noise = torch.randn(total.shape, generator=torch.Generator().manual_seed(seed)) * NOISE
    return F.normalize(total) * LENGTH * math.sqrt(known.shape[1]) + noise


def steps(texts: Texts, rows: int, known: int) -> tuple[Floats, Floats]:
    """How far each row may move, 0 to 1, and how much of the dialect texts it is, both (rows,)."""

    def counted(wanted: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        weights = np.where(wanted, texts.weights, 0)
        sides = (texts.left, texts.right)
        found: npt.NDArray[np.float64] = np.sum(
            [np.bincount(side.ids, np.repeat(weights, np.diff(side.starts)), rows) for side in sides],
            axis=0,
            dtype=np.float64,
        )
        return found

    dialect, standard = counted(texts.dialect), counted(~texts.dialect)
    free: npt.NDArray[np.float64] = dialect / (dialect + STANDARD * standard + 1e-6)
    free[known:] = 1
    return free.astype(np.float32), dialect.astype(np.float32)


def adapted(texts: Texts, known: torch.Tensor, new: int, report: Report) -> tuple[torch.Tensor, Floats]:
    """The table with `new` more rows, trained on `texts`, and how much of the dialect texts each row is."""
    table = torch.cat([known, first_vectors(texts, known, new, RECIPE.seed)])
    free, dialect = steps(texts, len(table), len(known))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    before = table.to(device)
    after = before.clone()
    nothing = torch.zeros(0, known.shape[1]), np.full(len(texts.kinds), -1)
    pairs = Pairs(texts.left, texts.right, texts.kinds, texts.weights, *nothing)
    fit(pairs, after, RECIPE, report, Kept(before, torch.from_numpy(free).to(device), ~texts.dialect))
    return after.cpu(), dialect


def shared(table: torch.Tensor, dialect: Floats, known: int) -> tuple[torch.Tensor, npt.NDArray[np.int32]]:
    """The table with the `OWN` commonest new rows, and which of its rows each of the old ones is in it."""
    own = known + np.sort(np.argsort(-dialect[known:], kind="stable")[:OWN])
    small = torch.cat([table[:known], table[torch.from_numpy(own)]])
    places = np.arange(len(table), dtype=np.int32)
    places[own] = known + np.arange(len(own))
    rest = np.setdiff1d(np.arange(known, len(table)), own)
    unit = F.normalize(small)
    unit[0] = 0  # that of unknown characters
    for start in range(0, len(rest), 2048):
        part = rest[start : start + 2048]
        places[part] = (F.normalize(table[torch.from_numpy(part)]) @ unit.T).argmax(1).numpy()
    return small, places


def corpora(folder: Path, seed: int) -> tuple[data.Corpus, data.Corpus]:
    """The pairs of the dialects, and a sample of those of the standard languages."""
    exclusion = Exclusion(evaluation_rows(folder / "eval"))
    standard = chain(data.translations(folder / "parallel"), data.headlines(folder / "news", seed))
    return data.collect(data.translations(folder, SOURCES), exclusion), data.collect(sampled(standard), exclusion)


def prepared(dialect: data.Corpus, standard: data.Corpus, model: Model) -> tuple[Texts, Vocabulary, int]:
    """The texts to train on, the vocabulary with the new words, and how many these are."""
    old = model.vocabulary
    first = Counter(word for side in (dialect.left, dialect.right) for text in side for word in set(text.split()))
    counts = _counted(first, standard)
    known = {word for word, count in first.items() if count > 1} | old.tokenizer.get_vocab().keys()
    reading = extended(old, sorted(known - old.tokenizer.get_vocab().keys()), counts)
    dialect = in_arabic(dialect, readings(reading.tokenizer.token_to_id, reading.rarity))
    counts = _counted(dialect.counts, standard)
    often = [word for word, count in dialect.counts.items() if count > 2 and old.tokenizer.token_to_id(word) is None]
    reading = extended(old, often, counts)
    new = words_to_learn(dialect, old.tokenizer, readings(reading.tokenizer.token_to_id, reading.rarity))
    vocabulary = extended(old, new, counts)
    left = rows_of([*dialect.left, *standard.left], vocabulary)
    right = rows_of([*dialect.right, *standard.right], vocabulary)
    kinds = [*(f"dialect {kind}" for kind in dialect.kinds), *standard.kinds]
    weights = np.concatenate([dialect.training_weights, standard.training_weights])
    marks = np.arange(len(kinds)) < len(dialect.kinds)
    return Texts(left, right, np.unique(kinds, return_inverse=True)[1], weights, marks), vocabulary, len(new)


def _counted(dialect: Counter[str], standard: data.Corpus) -> Counter[str]:
    """How common words are in both, dialect texts above all."""
    counts = Counter(dialect)
    for word, count in standard.counts.items():
        counts[word] += STANDARD_WORDS * count  # type: ignore[assignment]
    return counts


def main() -> None:
    command = argparse.ArgumentParser(prog="python -m training.dialects", description=__doc__)
    command.add_argument("--data", type=Path, required=True, help="folder with parallel/, dialect/, news/ and eval/")
    command.add_argument("--model", type=Path, required=True, help="folder of the model, which is replaced")
    options = command.parse_args()
    began = time.time()

    def report(message: str) -> None:
        print(f"{time.time() - began:6.0f} s  {message}", flush=True)

    model = load(options.model)
    dialect, standard = corpora(options.data, RECIPE.seed)
    report(f"{len(dialect.left)} dialect pairs, {len(standard.left)} others; left out: {dict(dialect.excluded)}")
    texts, vocabulary, new = prepared(dialect, standard, model)
    report(f"{new} new words")
    table, often = adapted(texts, torch.from_numpy(model.table), new, report)
    small, places = shared(table, often, len(model.table))
    small[: len(model.table)].lerp_(torch.from_numpy(model.table), 1 - WAY)
    alignment.learn_dialects(options.data, SOURCES, options.model / alignment.NAME, report)
    export.save(small.numpy(), replace(vocabulary, mapping=places[vocabulary.mapping]), options.model)


if __name__ == "__main__":
    main()
