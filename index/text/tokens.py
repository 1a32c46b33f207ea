"""The one place that knows Arabic letters: folding, words and terms, for matching only; what is shown is original."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pyarabic import araby

ANALYSER = "2"
"""Stored in every index; changes whenever the same text would give other terms, or a segment holds other arrays."""

TERM_LENGTH = 64
"""Longest term in letters; what is longer is noise, and is cut."""

WHOLE = 20
"""How many times as frequent as what a clitic would leave of it a word is that has no clitic."""


class Token(NamedTuple):
    """A word at [start, end) of the original text: `word` is its folded surface, `term` what is indexed."""

    term: str
    word: str
    start: int
    end: int


# Arabic letters with their presentation forms; marks that may stand on them (tatweel with them); and what is invisible
# anywhere: soft hyphen, joiners, direction marks, variation selectors.
_LETTER = (
    r"\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u06ff\u0750-\u077f"
    r"\u0870-\u0887\u08a0-\u08c9\ufb50-\ufbb1\ufbd3-\ufc5d\ufc64-\ufcf1\ufcf5-\ufd3d\ufd50-\ufdf9\ufe80-\ufefc"
)
_SIGN = (
    r"\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08ca-\u08ff"
    r"\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f"
)
_HIDDEN = r"\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_ACCENT = r"\u0300-\u034e\u0350-\u036f"
# Letters and digits of other scripts. Left out: fractions (½) and pious ligatures (ﷺ), which unfold to several words.
_OTHER = rf"[^\W_{_LETTER}{_SIGN}\u00bc-\u00be\u2150-\u215f\ufdfa\ufdfb\u037a]"
_OTHERS = rf"{_OTHER}(?:(?:{_OTHER}|[{_ACCENT}{_HIDDEN}])*(?:{_OTHER}|[{_ACCENT}]))?"

# The words of a text as written. A change between Arabic and another script or a digit ends a word ("2024يذكر").
_WORD = re.compile(
    rf"[{_LETTER}](?:[{_LETTER}{_SIGN}{_HIDDEN}]*[{_LETTER}{_SIGN}])?"
    r"|\b(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?"  # U.S.
    r"|(?<!\d[.,٫٬])\d{1,3}(?:[,٬]\d{3})++(?:[.٫]\d++)?(?![.,٫٬]?\d)"  # 1,000.5
    r"|(?<!\d[.,٫٬])\d++[.,٫]\d++(?![.,٫٬]\d)"  # 3.5 or 3,5, but not the date 14.12.2024
    r"|[A-Za-z0-9]++(?![^\x00-\x7f]|')"  # the last alternative covers this too, at a third of the speed
    rf"|{_OTHERS}(?:['’ʼ]{_OTHERS})*"
)
_ARABIC = re.compile(rf"[{_LETTER}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")

_INVISIBLE = re.compile(rf"[{_SIGN}{_HIDDEN}]+")
_ACCENTS = re.compile(rf"[{_ACCENT}]+")
# What has a canonical or compatibility form to look up; all else is spared, since normalising a text costs the most.
_COMPOSED = re.compile(
    r"(?:[^\x00-\u00bf\u0600-\u06ff\u2010-\u2027\u2030-\u205e]|[\u00a0\u00a8\u00aa\u00af\u00b2-\u00b5\u00b8-\u00ba])+"
)
_ALEF_MAKSURA = re.compile(r"ى(?:(?=[^\W_])|(?<!على)|(?<=[^\W_][^\W_]على)|(?<=[^\W_وف]على))")
_REPEATED = re.compile(r"(.)\1\1+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ACRONYM = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?")

# What pyarabic leaves as it is: Persian and Maghrebi letters, digits, punctuation.
_FOLDED = {
    "ٱٲٳٵ": "ا",
    "ٶ": "و",
    "یۍېےۓٸ": "ي",
    "ہۀەۂۃھ": "ه",
    "کڪ": "ك",
    "گڭݣ": "ك",
    "پ": "ب",
    "چ": "ج",
    "ڤڨ": "ف",
    "،٬": ",",
    "؛": ";",
    "؟": "?",
    "٪": "%",
    "٫۔": ".",
    "«»“”„": '"',
    "‘’ʼ‹›": "'",
    "–—−‐‑": "-",
} | {arabic + persian: digit for arabic, persian, digit in zip("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "0123456789", strict=True)}
_FOLDS = [(letter, folded) for letters, folded in _FOLDED.items() for letter in letters]
_LATIN_FOLDS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h"}
)


def fold(text: str) -> str:
    """One spelling for every way to write the same words, in both languages; whoever matches text folds both sides.

    Lower case, no marks, tatweel or accents; alef, hamza seats, ة and final ى as people type them without care
    (but على, on, is not علي, Ali); Persian letters; Western digits and punctuation; 1,000 is 1000, U.S. is us, هاااام
    is هام. Runs in linear time on any string.
    """
    if not text.isascii():
        text = _COMPOSED.sub(_decompose, text)
        # araby.normalize_alef and normalize_searchtext are not used: they turn final ى into ا, so that مصطفى is
        # no longer مصطفي; nor normalize_ligature, which misses most presentation forms.
        text = _INVISIBLE.sub("", araby.strip_tashkeel(araby.strip_tatweel(text)))
        text = araby.normalize_teh(araby.normalize_hamza(text, method="tasheel"))
        for letter, folded in _FOLDS:
            text = text.replace(letter, folded)
        text = _ALEF_MAKSURA.sub("ي", text)
    text = text.lower()
    if "," in text:
        text = _THOUSANDS.sub("", text)
    if "." in text:
        text = _ACRONYM.sub(lambda acronym: acronym[0].replace(".", ""), text)
    return _REPEATED.sub(_shorten, text)


def _decompose(run: re.Match[str]) -> str:
    """Compatibility forms (NFKC) without accents, in lower case."""
    # Python sorts long runs of combining marks in quadratic time: 30 are enough (UAX #15, stream-safe text).
    text = re.sub(r"([^\w\s]{30})[^\w\s]+", r"\1", run[0])
    letters = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).lower()).translate(_LATIN_FOLDS)
    return unicodedata.normalize("NFKC", letters)


def _shorten(run: re.Match[str]) -> str:
    """One letter for three or more; digits and what spells Roman numbers or "www" stay."""
    return run[0] if run[1] in "ivxw" or not run[1].isalpha() else run[1]


def words(text: str) -> list[str]:
    """The words of a text as written, in order; `analyse` gives the term of each."""
    return _WORD.findall(text)


def analyse(word: str) -> tuple[str, str]:
    """The term and the folded surface of a word as written."""
    return _remembered(word) if len(word) <= TERM_LENGTH else _analyse(word)


def terms(text: str) -> list[str]:
    """The terms of `tokenize(text)`, in the same order, in half the time."""
    # A call less for each word than `analyse`: a third of the time.
    return [(_remembered(word) if len(word) <= TERM_LENGTH else _analyse(word))[0] for word in _WORD.findall(text)]


def tokenize(text: str, most: int | None = None) -> list[Token]:
    """The words of a text in order, with their places in it; the first `most` of them where that is given."""
    return [Token(*analyse(match[0]), *match.span()) for match in islice(_WORD.finditer(text), most)]


def _analyse(raw: str) -> tuple[str, str]:
    word = fold(raw)
    return term_of(word), word


_remembered = lru_cache(maxsize=1 << 18)(_analyse)  # the vocabulary of a large collection, some 50 MB


def script(term: str) -> str:
    """The language whose statistics a term belongs to, "ar" or "en"; numbers count as "en"."""
    return "ar" if _ARABIC.search(term) else "en"


def language(text: str) -> str:
    """The language of a text, "ar" or "en", by the script of most of its letters ("en" when it has none)."""
    return "ar" if len(_ARABIC.findall(text)) > len(_LATIN.findall(text)) else "en"


def proclitics(word: str) -> Iterator[tuple[str, str]]:
    """The ways to read a folded word as proclitics and a remainder, the likeliest first: (proclitics, remainder).

    Only readings by spelling: وزير is read as و + زير too, and whoever calls checks whether the remainder is a word.
    """
    article = _ARTICLE.match(word)
    if word.startswith("لل"):  # للغة is ل + اللغة, للاجئين is ل + اللاجئين: the noun's own lam is written once
        yield "ل", word[1:]
    if article:
        yield article[0], word[article.end() :]
    if len(word) >= 4 and word[0] in "وفبلك":
        yield word[0], word[1:]
    if len(word) >= 5 and word[0] == "س" and word[1] in "ايتن":  # the future: before an imperfect only
        yield "س", word[1:]


def term_of(word: str) -> str:
    """The term of a folded word: what is left without clitics and endings, as far as known words vouch for it.

    Arabic follows the light stemmers (Larkey, Ballesteros and Connell 2007) with one rule added: nothing is cut
    unless what remains is a word of the news (Nwesri, Tahaghoghi and Scholer 2005), and unknown names stay whole.
    Broken plurals and spelling variants come from tables. English goes to the Snowball stemmer (Porter 2001).
    """
    if script(word) == "en":
        return _english(word)[:TERM_LENGTH]
    lexicon = _lexicon()
    for step in _STEPS:
        if word in lexicon.terms:
            break
        word = step(word, lexicon)
    return lexicon.terms.get(word, word)[:TERM_LENGTH]


def is_whole(word: str, rest: str) -> bool:
    """Whether a folded Arabic word has no clitic before `rest`, being much more frequent: كتاب (book) is no ك + تاب."""
    return _lexicon().commoner(word, rest, WHOLE)


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """Known Arabic words, folded. `rank`: 1 is the most frequent; `terms`: forms of the tables and their terms."""

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
        if word[:1] in "وفبلك" and word not in lexicon.rank and word[1:] in lexicon.terms:
            return word[1:]
        if word.startswith("ال") and len(word) >= 4:
            return word[2:]
        if word in lexicon.rank:
            break
        readings = list(proclitics(word))
        known = [rest for _, rest in readings if lexicon.knows(rest)]
        article = [rest for clitics, rest in readings if len(clitics) > 1]
        stacked = [rest for _, rest in readings if any(lexicon.knows(inner) for _, inner in proclitics(rest))]
        # An unknown name after an article loses it all the same; after a single letter it stays whole.
        remainders = known or article or stacked
        if not remainders:
            break
        word = remainders[0]
    return word


def _without_pronoun(word: str, lexicon: _Lexicon) -> str:
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
    for plural, singular in _NISBA_PLURALS:
        stem = word.removesuffix(plural) + singular
        if word.endswith(plural) and len(stem) > 3 and lexicon.knows(stem):
            return stem
    stem, ending = word[:-2], word[-2:]
    if len(stem) < 3:
        return word
    if ending == "ات":
        return min((stem + "ه", stem, word), key=lambda form: lexicon.rank.get(form, _UNKNOWN))
    # -ين or -ان alone proves nothing (فلسطين, برلمان): a second ending of the noun must be known as well.
    if ending in _PLURALS and any(stem + other in lexicon.rank for other in _PLURALS if other != ending):
        return stem if lexicon.commoner(stem, word, 0.1) else word
    return word


def _without_tanwin(word: str, lexicon: _Lexicon) -> str:
    """كثيرا: كثير. The accusative alef is kept where the word with it is the commoner one (روسيا)."""
    return word[:-1] if word.endswith("ا") and len(word) > 3 and lexicon.commoner(word[:-1], word) else word


def _masculine(word: str, lexicon: _Lexicon) -> str:
    """جديدة: جديد, أمريكية: أمريكي; also the pronoun of كتابه, which is typed like the feminine ending."""
    if word.endswith("يه") and len(word) > 4:
        return word[:-1] if word[:-1] in lexicon.rank else word
    return word[:-1] if word.endswith("ه") and len(word) > 3 and lexicon.commoner(word[:-1], word, 0.1) else word


def _noun_of_nisba(word: str, lexicon: _Lexicon) -> str:
    """مصري: مصر, فرنسي: فرنسا."""
    if not word.endswith("ي") or len(word) < 5:
        return word
    if lexicon.commoner(word[:-1], word):
        return word[:-1]
    return next((noun for noun in (word[:-1] + "ا", word + "ا") if lexicon.commoner(noun, word, 1 / 3)), word)


_ARTICLE = re.compile("^(?:[وف]?[بك]ال|[وف]ال|[وف]?لل)(?=..)")
_PRONOUNS = ("هما", "هم", "ها", "هن", "نا", "كم", "ه")
_NISBA_PLURALS = (("يات", "ي"), ("تين", "ه"), ("تان", "ه"), ("يين", "ي"), ("يون", "ي"))
_PLURALS = ("ين", "ون", "ان")
_UNKNOWN = 1 << 30
# MRR@10 on known-item search in Arabic news (benchmarks/analysis.py) is .694; what each step adds to it, in points:
_STEPS = (
    _without_proclitics,  # 7.4
    _without_pronoun,  # 0.0, and recall@100 from .977 to .979
    _singular,  # 0.2
    _without_tanwin,  # 0.4
    _masculine,  # 0.6
    _noun_of_nisba,  # 0.4
)
# The tables cost half a point there, since a title repeats the form its article uses; they are for questions, whose
# words come in other forms (مدرسة, مدارس).


def _english(word: str) -> str:
    # Snowball's English stemmer (Porter 2): MRR@10 .563 on known-item search in English news, .547 with plurals only.
    word = word.removesuffix("'s").replace("'", "").replace(",", ".")  # 3,5 is 3.5; thousands have lost their comma
    return str(_stemmer().stemWord(word)) if word.isalpha() else word


@cache
def _stemmer() -> Any:
    from Stemmer import Stemmer

    return Stemmer("english", 0)  # without a cache of its own: it is shared by threads
