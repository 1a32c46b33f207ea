"""Learn index/text/names_weights.tsv: the log-odds of pairs of letter groups in two spellings of one name.

    python -m training.names [--shared ../shared]

First, training/letter_groups.py finds the groups of letters. Then their log-odds are trained discriminatively: a
softmax over the right spelling of each name and its most similar wrong ones, with gradients summed over all alignments.
Pairs within Latin script are spellings of one Arabic name. There are too few such pairs within Arabic script; two
Arabic groups are as similar as the Latin groups that they stand for.

Finally training/transducer.py trains the two networks that score the best candidates again.

No name in a file under `eval` is used for training, and one in ten (by a checksum) of names_google_train is held out.
Parameters are chosen on these and on the dev file of ANETAC; the README gives the results.
"""

from __future__ import annotations

import argparse
import gzip
import zlib
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from index.text import name_keys, names
from index.text import transliteration as spelling
from index.text.folding import fold
from index.text.transliteration import ARABIC, LATIN

from .letter_groups import Doubles, Ints, Lattice, Pairs, background, find_groups, log_odds, through

TRAIN = ("data/parallel/names_google_train.tsv.gz", "data/parallel/names_wikidata.tsv.gz")
DEV = "data/eval/translit_anetac/dev.tsv"
EVALUATION = ("data/eval/translit_anetac/test.tsv", "data/eval/translit_google_ar2en/eval.tsv")
KEPT_OUT = (*EVALUATION, DEV, "data/eval/translit_google_ar2en/test.tsv")
HELD = 10  # one in ten names of the first list is held out
LONGEST = 14  # the most letters of a training word
WITHIN_ARABIC = 700  # the number of pairs of Arabic groups that are kept
RIVALS = 10
EPOCHS = 4
BATCH = 256
RATE = 0.03  # learning rate of Adam, decreasing to 0
DECAY = 1e-4  # regularisation towards the weights of the first step


def read(path: Path) -> Pairs:
    """The (Latin, Arabic) names of a table, folded, letters only; rows without letters on a side are left out."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    rows = [line.split("\t")[-2:] for line in text.removesuffix("\n").split("\n")]
    kept = []
    for row in rows:
        latin, arabic = (
            "".join(c for c in fold(w) if c in alphabet) for w, alphabet in zip(row, (LATIN, ARABIC), strict=True)
        )
        if latin and arabic:
            kept.append((latin, arabic))
    return kept


def trials(asked: Pairs, index: list[str], right: dict[str, set[str]]) -> list[tuple[str, list[str]]]:
    """For each (query, answer), the answer followed by the RIVALS wrong words of the index most similar to the query.

    Pairs that share no key are left out: most of them are different names.
    """
    found = []
    names_index = names.NameIndex.build(index)
    for query, answer in asked:
        if set(name_keys.keys(query)).isdisjoint(name_keys.keys(answer)):
            continue
        near = names.candidates(query, [names_index])
        if not len(near.letters):
            continue
        odds = spelling.alignment(spelling.spell([query]), near.letters)
        matches = [index[near.positions[i]] for i in np.argsort(-odds, kind="stable")[: RIVALS + 4]]
        wrong = [word for word in matches if word not in right[query]][:RIVALS]
        if wrong:
            found.append((query, [answer, *wrong]))
    return found


def sharpen(batches: Sequence[Sequence[tuple[str, list[str], bool]]], ids: Ints, weights: Doubles) -> Doubles:
    """One pass of Adam over batches of trials (query, answers, whether the query is Arabic)."""
    number = np.zeros(1 << 25, np.int32)
    number[ids] = np.arange(1, len(ids) + 1)
    weights, start = np.r_[-np.inf, weights], np.r_[0.0, weights]
    mean, square = np.zeros(len(weights)), np.zeros(len(weights))
    for step, batch in enumerate(batches, 1):
        sizes = np.array([len(answers) for _, answers, _ in batch])
        owner = np.repeat(np.arange(len(batch)), sizes)
        asked = [query for query, answers, _ in batch for _ in answers]
        given = [answer for _, answers, _ in batch for answer in answers]
        turned = np.repeat([arabic for *_, arabic in batch], sizes)
        latin = [g if t else a for a, g, t in zip(asked, given, turned, strict=True)]
        arabic = [a if t else g for a, g, t in zip(asked, given, turned, strict=True)]
        lattice = Lattice.build(spelling.spell(latin), spelling.spell(arabic), number)
        odds = np.exp(weights)
        first = np.r_[0, np.cumsum(sizes)[:-1]]
        score, gradient = lattice.expect(odds, partial(_surplus, first=first, owner=owner))
        gradient = gradient / len(batch) + DECAY * (weights - start)
        gradient[0] = 0
        mean += 0.1 * (gradient - mean)
        square += 0.01 * (gradient**2 - square)
        corrected = mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.99**step)) + 1e-6)
        weights[1:] -= RATE * (1 - step / (len(batches) + 1)) * corrected[1:]
        if step % 20 == 0:
            p = -_surplus(score, first, owner)[first]
            print(step, "loss", -np.log(np.maximum(1e-12, 1 - p)).mean().round(4), "first", (p < 0.5).mean().round(4))
    return weights[1:]


def _surplus(score: Doubles, first: Ints, owner: Ints) -> Doubles:
    """The gradient of the loss by score: the softmax over each trial, minus 1 for its first answer."""
    odds = np.exp(score - np.maximum.reduceat(score, first)[owner])
    odds /= np.add.reduceat(odds, first)[owner]
    odds[first] -= 1
    return odds


def with_identity(ids: Ints, weights: Doubles, letters: Doubles, script: str) -> tuple[Ints, Doubles]:
    """Add missing pairs of equal letters, ends included: they are similar even if no two variants show it."""
    known = set(ids.tolist())
    codes = [spelling.group_code(letter) for letter in (*script, "$")]
    added = [(code << 10 | code, -letters[code]) for code in codes if code << 10 | code not in known]
    if spelling.START << 10 not in known:
        added.append((spelling.START << 10, 0.0))
    return np.r_[ids, np.array([i for i, _ in added], np.int64)], np.r_[weights, [w for _, w in added]]


def variants(pairs: Pairs, side: int) -> Pairs:
    """Pairs of spellings of the same name in the other script that share a key, the shorter first."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        spellings[pair[1 - side]].add(pair[side])
    found = set()
    for group in spellings.values():
        ordered = sorted(group, key=lambda word: (len(word), word))
        keys = {word: set(name_keys.keys(word)) for word in ordered}
        found |= {(a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :] if keys[a] & keys[b]}
    return sorted(found)


def spelled(group: int, script: str) -> str:
    """The letters of a group; ^ and $ are the ends of a word."""
    text = ""
    while group:
        code = group & 31
        text = ({spelling.START: "^", spelling.END: "$"}.get(code) or script[code - 1]) + text
        group >>= 5
    return text


def write(tables: dict[str, tuple[Ints, Doubles]], path: Path) -> None:
    """Write one line for each row group: the scripts, the group, and each column group with its log-odds times 10."""
    lines = []
    for scripts, (ids, weights) in tables.items():
        above, beside = (ARABIC if script == "ar" else LATIN for script in scripts.split("-"))
        cells: dict[str, list[str]] = defaultdict(list)
        for pair, weight in sorted(zip(ids.tolist(), weights.tolist(), strict=True)):
            cells[spelled(pair >> 10, above)].append(f"{spelled(pair & 1023, beside)}:{round(weight * 10)}")
        lines += [f"{scripts}\t{row}\t{' '.join(row_cells)}\n" for row, row_cells in cells.items()]
    path.write_text("".join(lines), "utf-8")
    spelling.load_weights.cache_clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    from . import transducer

    pairs, held = kept_apart(shared)
    short = [pair for pair in pairs if max(map(len, pair)) <= LONGEST]
    print(f"{len(short):,} pairs of names")
    tables = align(short)
    print(f"{sum(len(i) for i, _ in tables.values()):,} weights")

    banned = {latin for latin, _ in held} | evaluated(shared)
    known = set(pairs)
    others = [p for p in transducer.words_of_titles(shared / "data/parallel") if p[0] not in banned and p not in known]
    print(f"{len(others):,} pairs of words from titles")
    folder = Path(names.__file__).parent
    for script, (spelled_so, words) in {"arabic": (pairs, others), "latin": (turned(pairs), turned(others))}.items():
        network = transducer.train(spelled_so, words)
        network.save(folder / f"names_to_{script}.safetensors", [written for _, written in spelled_so])


def turned(pairs: Pairs) -> Pairs:
    """The pairs with their sides swapped."""
    return [(b, a) for a, b in pairs]


def evaluated(shared: Path) -> set[str]:
    """The Latin names of the evaluation files."""
    return {latin for file in KEPT_OUT for latin, _ in read(shared / file)}


def kept_apart(shared: Path) -> tuple[Pairs, Pairs]:
    """The training pairs and the held-out pairs."""
    lists = [list(dict.fromkeys(read(shared / file))) for file in TRAIN]
    banned = evaluated(shared)
    apart = {a for a, _ in lists[0] if zlib.crc32(a.encode()) % HELD == 0} - banned
    pairs = [p for p in dict.fromkeys(lists[0] + lists[1]) if not (p[0] in banned or p[0] in apart)]
    return pairs, [p for p in lists[0] if p[0] in apart]


def align(pairs: Pairs) -> dict[str, tuple[Ints, Doubles]]:
    """Learn the log-odds of groups of letters and write them."""
    latin, arabic = background(a for a, _ in pairs), background(b for _, b in pairs)
    ids, odds = find_groups(pairs)
    weights = log_odds(ids, odds, latin, arabic)
    spellings = variants(pairs, 0)
    same_latin, latin_odds = find_groups(spellings)
    same_arabic, arabic_odds = through(ids, odds, arabic=True)
    best = np.sort(np.argsort(-arabic_odds, kind="stable")[:WITHIN_ARABIC])
    same_arabic, arabic_odds = same_arabic[best], arabic_odds[best]
    tables = {
        "en-ar": (ids, weights),
        "ar-ar": with_identity(same_arabic, log_odds(same_arabic, arabic_odds, arabic, arabic), arabic, ARABIC),
        "en-en": with_identity(same_latin, log_odds(same_latin, latin_odds, latin, latin), latin, LATIN),
    }
    path = Path(names.__file__).with_name("names_weights.tsv")
    write(tables, path)  # the rivals are chosen with these weights

    right: dict[str, set[str]] = defaultdict(set)
    for a, b in pairs:
        right[a].add(b)
        right[b].add(a)
    tried = [(q, a, False) for q, a in trials(pairs, sorted({b for _, b in pairs}), right)]
    tried += [(q, a, True) for q, a in trials(turned(pairs), sorted({a for a, _ in pairs}), right)]
    shuffled = [tried[i] for _ in range(EPOCHS) for i in np.random.default_rng(0).permutation(len(tried))]
    tables["en-ar"] = ids, sharpen([shuffled[i : i + BATCH] for i in range(0, len(shuffled), BATCH)], ids, weights)
    write(tables, path)
    return tables


if __name__ == "__main__":
    main()
