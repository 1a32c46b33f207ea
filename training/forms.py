"""Learn forms of a word that stemming does not reduce to one term: search/query/forms.tsv.

    python -m training.forms [--output search/query/forms.tsv]

Arabic verbs in their persons and tenses (كتب, يكتب, تكتب, كتبت) and words with an ending. A word is a form of another
if the spelling allows it and their vectors in the embedded model are similar; names are left out (ماركوني, ماركو).
Irregular English forms come from irregular.txt.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from index.encoders.load import embedded
from index.encoders.static import EMBEDDED
from index.text.letters import script
from index.text.stems import term_of
from index.text.tokens import terms
from search.query.dictionary import load_dictionary, translated_by_sound

from .inflection import ENDINGS, IMPERFECT, SHORTEST, without

ALIKE = 0.45
"""The least cosine of two forms of a word. Of 60 families checked by hand, 57 contain only forms of one word."""

WEAK = "اوي"
STEPS = 3  # from يكتبون by way of يكتب to كتب
IRREGULAR = Path(__file__).with_name("irregular.txt")
HEAD = "# Terms that are forms of one word, made by training/forms.py: a word, then its forms.\n"


def bases(word: str, known: Collection[str]) -> Iterator[str]:
    """The known words of which a folded Arabic word may be a form, by spelling."""
    found = dict.fromkeys([*_without_ending(word), *_without_person(word)])
    return (base for base in found if base != word and len(base) >= SHORTEST and base in known)


def _without_ending(word: str) -> Iterator[str]:
    for ending in ENDINGS:
        rest = word.removesuffix(ending)
        if rest == word or len(rest) < SHORTEST:
            continue
        yield from without(rest, ending)
        if ending in ("وا", "ون", "ين"):
            yield from (rest + "ي", rest + "ا")  # ينتهون: ينتهي
        if ending in ("ت", "نا", "تم", "ني") and rest[1] not in WEAK:
            yield f"{rest[0]}ا{rest[1:]}"  # زرتم: زار
        if ending in ("ت", "نا", "تم") and rest.endswith("ي"):
            yield rest[:-1] + "ا"


def _without_person(word: str) -> Iterator[str]:
    """The third person of an imperfect verb in another person, and the perfect of one in the third."""
    if len(word) < 4 or word[0] not in IMPERFECT:
        return
    rest = word[1:]
    if word[0] != "ي":
        yield "ي" + rest
        return
    for perfect in (rest, "ا" + rest):  # يكتب: كتب, يعلن: أعلن
        yield perfect
        for i, letter in enumerate(perfect[1:], 1):
            if letter in WEAK:  # يقول: قال, يستطيع: استطاع
                yield perfect[:i] + ("ي" if letter == "ا" else "ا") + perfect[i + 1 :]


def groups(known: Collection[str], likeness: Callable[[str, str], float]) -> list[list[str]]:
    """The forms of one word; the base form comes first."""
    base_of = {}
    for word in known:
        value, base = max(((likeness(word, base), base) for base in bases(word, known)), default=(0.0, ""))
        if value >= ALIKE:
            base_of[word] = base
    families: defaultdict[str, set[str]] = defaultdict(set)
    for word in base_of:
        path = [word]
        while base_of.get(path[-1], path[0]) not in path and len(path) <= STEPS:
            path.append(base_of[path[-1]])
        families[path[-1]].update(path)
    return [[first, *sorted(members - {first})] for first, members in sorted(families.items())]


def arabic() -> list[list[str]]:
    """The families of the Arabic words in the embedded model, as index terms."""
    tokens = sorted(Tokenizer.from_file(str(EMBEDDED / "tokenizer.json")).get_vocab())
    entries = {w: i for w, i in zip(tokens, embedded().entries(tokens).tolist(), strict=True) if script(w) == "ar"}
    words = {w for w, i in entries.items() if i >= 0 and term_of(w) == w and not translated_by_sound(w, w)}
    meant = load_dictionary().translations

    def likeness(word: str, other: str) -> float:
        if entries[word] == entries[other]:  # rare words share a vector because of their spelling, which proves nothing
            return float(not meant(word).keys().isdisjoint(meant(other)))
        one, two = embedded().vectors(np.array([entries[word], entries[other]]))
        return float(one @ two)

    return groups(words, likeness)


def english() -> list[list[str]]:
    """The families of irregular.txt as index terms, without forms that stemming already unites."""
    lines = [line for line in IRREGULAR.read_text("utf-8").splitlines() if not line.startswith("#")]
    families = [list(dict.fromkeys(terms(line))) for line in lines]
    return sorted(family for family in families if len(family) > 1)


def main() -> None:
    command = argparse.ArgumentParser(prog="python -m training.forms", description=__doc__)
    command.add_argument("--output", type=Path, default=Path("search/query/forms.tsv"))
    output = command.parse_args().output
    families = [*english(), *arabic()]
    output.write_text(HEAD + "".join("\t".join(family) + "\n" for family in families), encoding="utf-8")
    print(f"{len(families)} words with {sum(map(len, families)) - len(families)} forms in {output}")


if __name__ == "__main__":
    main()
