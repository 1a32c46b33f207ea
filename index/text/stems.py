"""Light stemming: from a folded word to its index term."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from pathlib import Path
from typing import Any

from .folding import fold
from .letters import script

TERM_LENGTH = 64
"""Longer terms are noise and are cut to this many letters."""

WHOLE = 20
"""A word this many times as frequent as its remainder without a clitic is taken to have no clitic."""


def proclitics(word: str) -> Iterator[tuple[str, str]]:
    """The ways to split a folded word into proclitics and a remainder, the likeliest first.

    Goes by spelling only: وزير is also split into و + زير. The caller must check that the remainder is a word.
    """
    if not word.startswith(_CLITICS):  # most words
        return
    article = _ARTICLE.match(word)
    if word.startswith("لل"):  # للغة is ل + اللغة, للاجئين is ل + اللاجئين: the noun's own lam is written once
        yield "ل", word[1:]
    if article:
        yield article[0], word[article.end() :]
    if len(word) >= 4 and word[0] != "س":
        yield word[0], word[1:]
    if len(word) >= 5 and word[0] == "س" and word[1] in "ايتن":  # the future: before an imperfect only
        yield "س", word[1:]


def term_of(word: str) -> str:
    """The index term of a folded word.

    Arabic words lose clitics and endings as in light stemming (Larkey, Ballesteros and Connell 2007), but only if what
    remains is a known word of the news (Nwesri, Tahaghoghi and Scholer 2005), so that unknown names stay whole. Broken
    plurals and spelling variants are looked up in tables. English words go to the Snowball stemmer (Porter 2001).
    """
    return terms_of([word])[0]


def terms_of(words: Sequence[str]) -> list[str]:
    """The index term of each folded word, many in less time than one by one."""
    english = [script(word) == "en" for word in words]
    stems = iter(_english(list(compress(words, english))))
    return [(next(stems) if own else _arabic(word))[:TERM_LENGTH] for word, own in zip(words, english, strict=True)]


def is_whole(word: str, rest: str) -> bool:
    """Whether a folded Arabic word begins with a letter of its own, not with a clitic before `rest`.

    It does when it is much more frequent than `rest`: كتاب (book) is not ك + تاب.
    """
    return _lexicon().commoner(word, rest, WHOLE)


def _arabic(word: str) -> str:
    lexicon = _lexicon()
    terms = lexicon.terms
    for step in _STEPS:
        if word in terms:
            break
        word = step(word, lexicon)
    return terms.get(word, word)


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """Known Arabic words, folded: `rank` by frequency, 1 for the most frequent; `terms` of the forms in the tables."""

    rank: dict[str, int]
    terms: dict[str, str]

    def knows(self, word: str) -> bool:
        return word in self.rank or word in self.terms or (word.startswith("ال") and word[2:] in self.rank)

    def commoner(self, word: str, other: str, times: float = 1) -> bool:
        """Whether `word` is known and at least `times` as frequent as `other` (by Zipf's law: frequency ~ 1 / rank)."""
        rank = self.rank.get(word)
        return rank is not None and rank * times <= self.rank.get(other, len(self.rank))


@cache
def _lexicon() -> _Lexicon:
    folder = Path(__file__).parent
    with gzip.open(folder / "words.txt.gz", "rt", encoding="utf-8") as words:
        rank = {word: place for place, word in enumerate(words.read().split(), 1)}
    terms: dict[str, str] = {}
    for name in ("variants.tsv", "plurals.tsv"):
        for line in fold((folder / name).read_text(encoding="utf-8")).splitlines():
            if not line.startswith("#"):
                term, *forms = line.split()
                term = terms.setdefault(term, term)
                for form in forms:
                    terms.setdefault(form, term)
    return _Lexicon(rank, terms)


def _without_proclitics(word: str, lexicon: _Lexicon) -> str:
    for _ in range(3):  # و + ب + ال is the longest chain
        if word.startswith("ال") and len(word) >= 4:
            return word[2:]
        if word[:1] not in _CLITICS or word in lexicon.rank:  # most words
            break
        if word[0] != "س" and word[1:] in lexicon.terms:
            return word[1:]
        remainder = _remainder(word, lexicon)
        if not remainder:
            break
        word = remainder
    return word


def _remainder(word: str, lexicon: _Lexicon) -> str | None:
    """What is left of a word that is not known, without its likeliest clitic; None where it has none."""
    readings = list(proclitics(word))
    for _, rest in readings:
        if lexicon.knows(rest):
            return rest
    for clitics, rest in readings:  # an unknown name loses an article, but not a single letter
        if len(clitics) > 1:
            return rest
    for _, rest in readings:
        if any(lexicon.knows(inner) for _, inner in proclitics(rest)):
            return rest
    return None


def _without_pronoun(word: str, lexicon: _Lexicon) -> str:
    if not word.endswith(_PRONOUNS):  # most words
        return word
    for pronoun in _PRONOUNS:
        stem = word.removesuffix(pronoun)
        if stem == word or len(stem) < 3:
            continue
        if stem.endswith("ت") and lexicon.commoner(stem[:-1] + "ه", word):  # وزارته: وزارة
            return stem[:-1] + "ه"
        if pronoun != "ه" and stem[-1] in "يو" and stem[:-1] + "ء" in lexicon.rank:  # وزرائهم: وزراء
            return stem[:-1] + "ء"
        if pronoun != "ه" and (stem in lexicon.terms or lexicon.commoner(stem, word)):  # -ه: see _masculine
            return stem
    return word


def _singular(word: str, lexicon: _Lexicon) -> str:
    stem, ending = word[:-2], word[-2:]
    if (ending != "ات" and ending not in _PLURALS) or len(stem) < 3:
        return word
    if singular := _NISBA_PLURALS.get(word[-3:]):
        noun = word[:-3] + singular
        if len(noun) > 3 and lexicon.knows(noun):
            return noun
    if ending == "ات":
        return min((stem + "ه", stem, word), key=lambda form: lexicon.rank.get(form, _UNKNOWN))
    # -ين or -ان alone proves nothing (فلسطين, برلمان): a second ending of the noun must be known as well.
    if any(stem + other in lexicon.rank for other in _PLURALS if other != ending):
        return stem if lexicon.commoner(stem, word, 0.1) else word
    return word


def _without_tanwin(word: str, lexicon: _Lexicon) -> str:
    """كثيرا becomes كثير. The alef is kept if the word is more common with it (روسيا)."""
    return word[:-1] if word.endswith("ا") and len(word) > 3 and lexicon.commoner(word[:-1], word) else word


def _masculine(word: str, lexicon: _Lexicon) -> str:
    """The masculine form of a feminine word, if the lexicon has it: جديدة gives جديد, أمريكية gives أمريكي.

    Folding makes ة and the pronoun ه one letter, so كتابه gives كتاب too.
    """
    if word.endswith("يه") and len(word) > 4:
        return word[:-1] if word[:-1] in lexicon.rank else word
    return word[:-1] if word.endswith("ه") and len(word) > 3 and lexicon.commoner(word[:-1], word, 0.1) else word


def _noun_of_nisba(word: str, lexicon: _Lexicon) -> str:
    """The noun of an adjective in -ي: مصري becomes مصر, فرنسي becomes فرنسا."""
    if not word.endswith("ي") or len(word) < 5:
        return word
    if lexicon.commoner(word[:-1], word):
        return word[:-1]
    return next((noun for noun in (word[:-1] + "ا", word + "ا") if lexicon.commoner(noun, word, 1 / 3)), word)


_ARTICLE = re.compile("^(?:[وف]?[بك]ال|[وف]ال|[وف]?لل)(?=..)")

_CLITICS = tuple("وفبلكس")
"""The first letters of all clitics but the article."""

_PRONOUNS = ("هما", "هم", "ها", "هن", "نا", "كم", "ه")

_NISBA_PLURALS = {"يات": "ي", "تين": "ه", "تان": "ه", "يين": "ي", "يون": "ي"}

_PLURALS = ("ين", "ون", "ان")

_UNKNOWN = 1 << 30


# MRR@10 on known-item search in Arabic news (benchmarks/analysis.py) is .694; what each step adds to it, in points.
# The tables cost half a point there, because a title repeats the forms of its article. They help questions, which use
# other forms (مدرسة, مدارس).
_STEPS = (
    _without_proclitics,  # 7.4
    _without_pronoun,  # 0.0, and recall@100 from .977 to .979
    _singular,  # 0.2
    _without_tanwin,  # 0.4
    _masculine,  # 0.6
    _noun_of_nisba,  # 0.4
)


def _english(words: Sequence[str]) -> list[str]:
    # MRR@10 on known-item search in English news is .563, and .547 if only plurals are stemmed.
    plain = [word if word.isalpha() else _unquoted(word) for word in words]
    stems = iter(_stemmer().stemWords([word for word in plain if word.isalpha()]))
    return [str(next(stems)) if word.isalpha() else word for word in plain]


def _unquoted(word: str) -> str:
    word = word.removesuffix("'s").replace("'", "").replace("`", "") or word  # ʻ alone is folded to '
    return word.replace(",", ".")  # 3,5 is 3.5; thousands have lost their comma


@cache
def _stemmer() -> Any:
    from Stemmer import Stemmer

    return Stemmer("english", 0)  # no cache, since threads share the stemmer
