"""Learn how Arabic is typed in Latin letters: `python -m training.arabizi --data ../shared/data`.

Words in both scripts come from DATA/dialect. arabizi.tsv names the groups of Latin letters and what each may stand for;
how probable each of these is, by where the group stands in its word, is learned by expectation maximisation over all
ways to cut the words of a pair. Writes index/text/arabizi_weights.tsv.
"""

from __future__ import annotations

import argparse
import gzip
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.text.arabizi import BEGIN, END, LONGEST_GROUP, WEIGHTS, WITHIN, fold_arabizi, may_be_arabizi, place

from .exclusion import Exclusion, evaluation_rows
from .tokenizer import normalizer, words_of

FILES = ("dialect_hub_arabizi", "arabizi_wordlists", "wiktionary_romanized", "doda_v1_arabizi_ar")
GROUPS = Path(__file__).with_name("arabizi.tsv")
ROUNDS = 8
PRIOR = 2.0  # how many pairs the letters of a group anywhere in a word weigh, for each place
DOUBT = 0.05  # added to how often a group stands for given letters
LEAST = 0.004  # less probable letters are left out

# The letters of scholars, as people type them.
TYPED = str.maketrans(
    {"ḥ": "7", "ʕ": "3", "ʿ": "3", "ḵ": "5", "š": "sh", "ā": "a", "ī": "i", "ū": "ou", "ē": "e", "ō": "o", "ə": "e"}
    | {"ṣ": "s", "ṭ": "t", "ḍ": "d", "ẓ": "z", "ʔ": "2", "ʾ": "2", "ʼ": "2", "ġ": "gh", "ḏ": "dh", "ṯ": "th"}
    | {"ž": "j", "ḷ": "l", "ṛ": "r", "ǧ": "j"}
)

Chances = dict[tuple[str, str], dict[str, float]]
Link = tuple[int, int, int, int, str, str, str]  # start and end in Latin and in Arabic letters; group, place, letters


def pairs(folder: Path) -> Iterator[tuple[str, str]]:
    """Words in Latin and in Arabic letters, folded: those of texts that have as many in both."""
    exclusion, fold = Exclusion(evaluation_rows(folder / "eval")), normalizer()
    for name in FILES:
        with gzip.open(folder / "dialect" / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                latin, _, arabic = line.rstrip("\n").partition("\t")
                if exclusion.reason(*(words_of(fold.normalize_str(text)) for text in (latin, arabic))):
                    continue
                typed, meant = latin.replace("H", "7").translate(TYPED).split(), arabic.split()
                if len(typed) == len(meant):
                    for one, other in zip(typed, meant, strict=True):
                        word = fold_arabizi("".join(letter for letter in one if letter.isalnum() or letter == "'"))
                        if may_be_arabizi(word) and (spelled := fold.normalize_str(other).strip()).isalpha():
                            yield word, spelled


def groups() -> dict[str, list[str]]:
    """What each group of Latin letters may stand for."""
    rows = (line.split("\t") for line in GROUPS.read_text(encoding="utf-8").splitlines())
    return {latin: letters.split(",") for latin, letters in rows}


def learned(known: Iterable[tuple[str, str]], allowed: dict[str, list[str]]) -> Chances:
    """The probability of the Arabic letters of each group, by place."""
    linked = [(len(latin), len(arabic), _links(latin, arabic, allowed)) for latin, arabic in known]
    chances: Chances = {
        (group, where): dict.fromkeys(letters, 0.2 / len(letters))
        for group, letters in allowed.items()
        for where in (BEGIN, WITHIN, END)
    }
    for _ in range(ROUNDS):
        counts: Chances = {key: defaultdict(float) for key in chances}
        for wide, high, links in linked:
            for (*_, group, where, letters), share in _shares(wide, high, links, chances):
                counts[group, where][letters] += share
        chances = _normalised(counts, allowed)
    return chances


def _links(latin: str, arabic: str, allowed: dict[str, list[str]]) -> list[Link]:
    """All that groups of a word may stand for in another, by where they start."""
    return [
        (start, end, first, first + len(letters), latin[start:end], place(start, end, len(latin)), letters)
        for start in range(len(latin))
        for end in range(start + 1, min(start + LONGEST_GROUP, len(latin)) + 1)
        for letters in allowed.get(latin[start:end], ())
        for first in range(len(arabic) - len(letters) + 1)
        if arabic.startswith(letters, first)
    ]


def _shares(wide: int, high: int, links: list[Link], chances: Chances) -> Iterator[tuple[Link, float]]:
    """How likely each link is part of how the words were written; nothing if no way leads through both."""
    chance = [chances[group, where][letters] for *_, group, where, letters in links]
    ahead, behind = ([[0.0] * (high + 1) for _ in range(wide + 1)] for _ in range(2))
    ahead[0][0] = behind[wide][high] = 1.0
    for (start, end, first, last, *_), p in zip(links, chance, strict=True):
        ahead[end][last] += ahead[start][first] * p
    for (start, end, first, last, *_), p in zip(reversed(links), reversed(chance), strict=True):
        behind[start][first] += behind[end][last] * p
    if total := ahead[wide][high]:
        for link, p in zip(links, chance, strict=True):
            start, end, first, last, *_ = link
            if share := ahead[start][first] * p * behind[end][last] / total:
                yield link, share


def _normalised(counts: Chances, allowed: dict[str, list[str]]) -> Chances:
    chances: Chances = {}
    for group, letters in allowed.items():
        anywhere = {one: DOUBT + sum(counts[group, where][one] for where in (BEGIN, WITHIN, END)) for one in letters}
        whole = sum(anywhere.values())
        for where in (BEGIN, WITHIN, END):
            here = counts[group, where]
            total = sum(here.values()) + PRIOR
            chances[group, where] = {one: (here[one] + PRIOR * anywhere[one] / whole) / total for one in letters}
    return chances


def main() -> None:
    command = argparse.ArgumentParser(prog="python -m training.arabizi", description=__doc__)
    command.add_argument("--data", type=Path, required=True, help="folder with dialect/ and eval/")
    found = learned([*pairs(command.parse_args().data)], groups())
    lines = [
        f"{group}\t{where}\t{letters}\t{-math.log(p):.2f}\n"
        for (group, where), chances in sorted(found.items())
        for letters, p in sorted(chances.items(), key=lambda one: (-one[1], one[0]))
        if p > LEAST
    ]
    WEIGHTS.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
