"""All training steps, from the raw data to the model folder: `python -m training --data ../shared/data`."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer, normalizers

from index.encoders.static import StaticEncoder
from search.query.dictionary import Dictionary

from . import alignment, data, export, teacher, tokenizer
from .exclusion import Exclusion, evaluation_rows
from .train import Pairs, Ragged, Recipe, fit

TOKENS = 96  # the most tokens of a text in training
PIECES = 5_000
ROWS = 72_000  # x 320 bytes: what 32 MB hold beside the tokenizer and the lexicon
TEXTS_AT_ONCE = 20_000
READ = ("prose", "talk", "news-en")  # the kinds of pairs whose English texts the teacher encodes


def encode(texts: Sequence[str], vocabulary: tokenizer.Vocabulary) -> Ragged:
    """The table rows of folded texts: first those of the tokens, then those of their forms."""
    plain = Tokenizer.from_str(vocabulary.tokenizer.to_str())
    plain.normalizer = normalizers.Sequence([])  # the texts are already folded
    tokens: list[npt.NDArray[np.int64]] = []
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        for encoding in plain.encode_batch_fast(list(texts[start : start + TEXTS_AT_ONCE]), add_special_tokens=False):
            words = np.array(encoding.ids[:TOKENS], np.int64)
            forms = vocabulary.forms[words]
            tokens.append(np.concatenate([words, forms[forms > 0]]))
    return Ragged(vocabulary.mapping[np.concatenate(tokens)], np.concatenate([[0], np.cumsum([*map(len, tokens)])]))


def readings(corpus: data.Corpus) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The English texts that the teacher reads, each once, and the number among them of each pair's text, or -1.

    They are whole sentences: the left sides of prose, talk and English news, where training draws them.
    """
    number: dict[str, int] = {}
    taught = np.full(len(corpus.left), -1, np.int64)
    for i in np.flatnonzero(corpus.training_weights).tolist():
        if corpus.kinds[i] in READ:
            taught[i] = number.setdefault(corpus.left[i].replace(f" {tokenizer.ASKED}", ""), len(number))
    return list(number), taught


def held_out(corpus: data.Corpus, encoder: StaticEncoder, most: int = 2000) -> dict[str, float]:
    """Retrieval accuracy by kind of pair: how often the right partner of up to 2,000 is nearest, held-out pairs."""
    scores = {}
    for kind in sorted(set(corpus.kinds)):
        rows = [i for i, (k, dev) in enumerate(zip(corpus.kinds, corpus.dev, strict=True)) if dev and k == kind]
        rows = list({corpus.right[i]: i for i in reversed(rows)}.values())
        rows = list({corpus.left[i]: i for i in rows}.values())[:most]
        left, right = (encoder.encode([side[i] for i in rows]) for side in (corpus.left, corpus.right))
        scores[kind] = round(float(((left @ right.T).argmax(1) == np.arange(len(rows))).mean()), 3)
    return scores


def main() -> None:
    usual = Recipe()
    command = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    command.add_argument("--data", type=Path, required=True, help="folder with parallel/, news/ and eval/")
    command.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    command.add_argument("--dim", type=int, default=usual.dim)
    command.add_argument("--epochs", type=float, default=usual.epochs)
    command.add_argument("--rows", type=int, default=ROWS)
    options = command.parse_args()
    recipe = Recipe(dim=options.dim, epochs=options.epochs)
    began = time.time()

    def report(message: str) -> None:
        print(f"{time.time() - began:6.0f} s  {message}", flush=True)

    teachers = teacher.load_teachers()  # first, so that a missing teacher is noticed before anything is computed
    lexicon = options.out / alignment.NAME
    if not lexicon.exists():
        alignment.learn(options.data, lexicon, report)
    exclusion = Exclusion(evaluation_rows(options.data / "eval"))
    pairs = chain(data.translations(options.data / "parallel"), data.headlines(options.data / "news", recipe.seed))
    corpus = data.collect(pairs, exclusion)
    report(f"{len(corpus.left)} pairs; left out for the evaluation sets: {dict(corpus.excluded)}")

    vocabulary = tokenizer.learn(corpus.counts, corpus.feminine, options.rows, PIECES)
    row_of = {token: int(vocabulary.mapping[i]) for token, i in vocabulary.tokenizer.get_vocab().items()}
    report(f"{len(row_of)} tokens in {max(row_of.values()) + 1} rows")
    left, right = (encode(side, vocabulary) for side in (corpus.left, corpus.right))
    report(f"{len(left.ids) + len(right.ids)} tokens of text")

    first, known = teacher.first_table(row_of, corpus.counts, Dictionary(lexicon), teachers, recipe.dim, recipe.seed)
    report(f"the teacher starts {known} of {len(first)} rows")
    table = torch.from_numpy(first)
    _, kinds = np.unique(corpus.kinds, return_inverse=True)
    asked, taught = readings(corpus)
    read = torch.from_numpy(teacher.read(asked, teachers, report))
    fit(Pairs(left, right, kinds, corpus.training_weights, read, taught), table, recipe, report)
    export.save(table.numpy(), vocabulary, options.out)
    report(f"held out: {json.dumps(held_out(corpus, StaticEncoder(options.out)))}")


if __name__ == "__main__":
    main()
