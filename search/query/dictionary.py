"""The bilingual dictionary: the terms of one language that translate a term of the other, with probabilities.

And the words that need no translation, since they say nothing of a subject.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

from safetensors import safe_open

from index.encoders import EMBEDDED
from index.text import LIKELY, Strings, keyed, script, similarities
from index.types import LANGUAGES

SOUNDED = 1 << 14
"""Terms with a word of which it is remembered whether the dictionary translates one by a spelling of the other."""


class Dictionary:
    """Translations learned from sentence pairs and word lists: training/alignment.py."""

    def __init__(self, path: Path) -> None:
        with safe_open(path, framework="np") as tensors:
            read = tensors.get_tensor
            self._terms = {lang: Strings(read(f"{lang}_terms"), read(f"{lang}_offsets")) for lang in LANGUAGES}
            self._starts = {lang: read(f"{lang}_starts") for lang in LANGUAGES}
            self._targets = {lang: read(f"{lang}_targets") for lang in LANGUAGES}
            self._chances = {lang: read(f"{lang}_chances") for lang in LANGUAGES}

    def terms(self, language: str) -> Strings:
        """All terms of a language, "ar" or "en", in order."""
        return self._terms[language]

    def translations(self, term: str) -> dict[str, float]:
        """The terms that translate `term`, most probable first; the probabilities sum to 1, or nothing is known."""
        language = script(term)
        known = self._terms[language]
        i = bisect_left(known, term)
        if i == len(known) or known[i] != term:
            return {}
        entry = slice(*self._starts[language][i : i + 2])
        others = self._terms[LANGUAGES[1 - LANGUAGES.index(language)]]
        chances = self._chances[language][entry] / 255
        total = float(chances.sum())
        return {others[int(j)]: float(p) / total for j, p in zip(self._targets[language][entry], chances, strict=True)}


@cache
def load_dictionary() -> Dictionary:
    """The dictionary of the package, read once."""
    return Dictionary(EMBEDDED / "lexicon.safetensors")


def translated_by_sound(term: str, word: str) -> bool:
    """Whether the dictionary translates a term by a spelling of the word, as it does names and borrowed words."""
    known = _sounded.get((term, word))
    return bool(by_sound([(term, word)])) if known is None else known


def by_sound(asked: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some (term, word) that are `translated_by_sound`; all at once take little longer than one."""
    sounded = {pair: _sounded.get(pair) for pair in asked}
    if new := [pair for pair, known in sounded.items() if known is None]:
        found = _found_by_sound(new)
        if len(_sounded) > SOUNDED:
            _sounded.clear()
        learned = {pair: pair in found for pair in new}
        _sounded.update(learned)
        sounded |= learned
    return {pair for pair, known in sounded.items() if known}


_sounded: dict[tuple[str, str], bool] = {}


def _found_by_sound(asked: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    meant = {(term, word): load_dictionary().translations(term) for term, word in asked}
    # Keys first, of all words at once: most share none, and a similarity takes much longer.
    keys: dict[str, set[int]] = {}
    for key, named in keyed({word for pair, others in meant.items() for word in (pair[1], *others)}).items():
        for word in named:
            keys.setdefault(word, set()).add(key)
    none: set[int] = set()
    alike = [
        (pair, other)
        for pair, others in meant.items()
        for other in others
        if other != pair[1] and not keys.get(pair[1], none).isdisjoint(keys.get(other, none))
    ]
    heard = similarities([word for (_, word), _ in alike], [other for _, other in alike], LIKELY)
    return {pair for (pair, _), sound in zip(alike, heard, strict=True) if sound >= LIKELY}


def other_forms(term: str) -> set[str]:
    """The terms of other forms of a word, where no rule leads them to the same term (تكتب, يكتب; women, woman)."""
    families, forms = _families(), {term}
    at = families.find(f"\t{term}\t") if term.isalpha() else -1
    while at >= 0:
        end = families.index("\n", at)
        forms.update(families[families.rindex("\n", 0, at) + 1 : end].split())
        at = families.find(f"\t{term}\t", end)
    return forms - {term}


@cache
def _families() -> str:
    """forms.tsv with a tab before and behind each term: to look a term up takes less than to put 7,000 in a dict."""
    lines = Path(__file__).with_name("forms.tsv").read_text("utf-8").partition("\n")[2]
    return "\n\t" + lines.replace("\n", "\t\n\t")


@cache
def stopwords() -> frozenset[str]:
    """The folded words of both languages that say nothing of a subject: stopwords.txt, read once."""
    lines = Path(__file__).with_name("stopwords.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
