"""The one place that knows Arabic letters: folding, tokens and terms, for matching only. What is shown is never folded."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

ANALYSER = "1"
"""Stored in every index; changes whenever the same text would give other terms."""

TERM_LENGTH = 64
"""Longest term in letters; what is longer is noise, and is cut."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: `term` is what is indexed, `word` its folded surface, [start, end) its place in the original."""

    term: str
    word: str
    start: int
    end: int


_LETTER = (
    "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u06ff\u0750-\u077f\u0870-\u0887"
    "\u08a0-\u08c9\ufb50-\ufbb1\ufbd3-\ufc5d\ufc64-\ufcf1\ufcf5-\ufd3d\ufd50-\ufdf9\ufe80-\ufefc"
)
_MARK = "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08ca-\u08ff\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f"
_HIDDEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_ACCENT = "\u0300-\u034e\u0350-\u036f"
_OTHER = rf"[^\W_{_LETTER}{_MARK}\u00bc-\u00be\u2150-\u215f\ufdfa\ufdfb]"

_WORD = re.compile(
    rf"[{_LETTER}](?:[{_LETTER}{_MARK}{_HIDDEN}]*[{_LETTER}{_MARK}])?"
    r"|\b(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?"
    r"|\d{1,3}(?:[,٬]\d{3})++(?:[.٫]\d++)?(?![.,]?\d)"
    r"|\d++[.,٫]\d++(?![.,]\d)"
    rf"|{_OTHER}(?:(?:{_OTHER}|[{_ACCENT}{_HIDDEN}])*(?:{_OTHER}|[{_ACCENT}]))?"
    rf"(?:['’ʼ]{_OTHER}(?:(?:{_OTHER}|[{_ACCENT}{_HIDDEN}])*(?:{_OTHER}|[{_ACCENT}]))?)*"
)
_ARABIC = re.compile(rf"[{_LETTER}]")

_DROPPED = re.compile(
    rf"[\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08ca-\u08ff\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f{_HIDDEN}]+"
)
_ACCENTS = re.compile(rf"[{_ACCENT}\u0653-\u0655]+")
_LATIN = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_LONG_MARKS = re.compile(r"([^\w\s\x00-\x7f]{30})[^\w\s\x00-\x7f]+")
_ELONGATED = re.compile(r"([^\W\d_ivxw])\1{2,}")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_ACRONYM = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?")
_ALA = re.compile(r"(?<!\w)([وف]?عل)ي(?!\w)")

_LETTERS = {
    "أإآٱٲٳٵ": "ا",
    "ؤ": "و",
    "ئىیېے": "ي",
    "ةہۀەۂۃھ": "ه",
    "کڪ": "ك",
    "گ": "ك",
    "پ": "ب",
    "چ": "ج",
    "ڤ": "ف",
    "،٬": ",",
    "؛": ";",
    "؟": "?",
    "٪": "%",
    "٫": ".",
    "۔": ".",
    "«»“”„": '"',
    "‘’ʼ‹›": "'",
    "–—−‐‑": "-",
}
_LETTERS |= {
    arabic + persian: str(d) for d, (arabic, persian) in enumerate(zip("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", strict=True))
}
_REPLACE = [(old, new) for olds, new in _LETTERS.items() for old in olds]
_BASE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})


def fold(text: str) -> str:
    """Letters as they are matched: one spelling for every way to write the same word, in both languages."""
    if text.isascii():
        text = text.lower()
    else:
        text = _DROPPED.sub("", text)
        text = _LONG_MARKS.sub(r"\1", text)
        text = _DROPPED.sub("", unicodedata.normalize("NFKC", text)).lower()
        text = _ACCENTS.sub("", _LATIN.sub(_base, text))
        ala = "ى" in text
        if ala:
            text = re.sub(r"(?<!\w)([وف]?عل)ى(?!\w)", "\\1\0", text)
        for old, new in _REPLACE:
            text = text.replace(old, new)
        if ala:
            text = text.replace("\0", "ى")
    text = _ELONGATED.sub(r"\1", text)
    if "," in text:
        text = _THOUSANDS.sub(lambda m: m[0].replace(",", ""), text)
    if "." in text:
        text = _ACRONYM.sub(lambda m: m[0].replace(".", ""), text)
    return text


def _base(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKD", match[0]).translate(_BASE)


def script(term: str) -> str:
    """The language whose statistics a term belongs to, "ar" or "en"; numbers count as "en"."""
    return "ar" if _ARABIC.search(term) else "en"


def language(text: str) -> str:
    """The language of a text, "ar" or "en", by the script of most of its letters ("en" when it has none)."""
    arabic = sum(map(len, re.findall(rf"[{_LETTER}]+", text)))
    latin = sum(map(len, re.findall(r"[A-Za-z\u00c0-\u024f]+", text)))
    return "ar" if arabic > latin else "en"


_PREFIXES = ("وال", "بال", "كال", "فال", "ولل", "ال", "لل")
_SUFFIXES = ("ها", "ات", "ون", "ين", "يه", "ي")


def term_of(word: str) -> str:
    """The term of a folded word."""
    if script(word) == "en":
        word = word.removesuffix("'s").replace("'", "")
        if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) and word.isalpha():
            word = word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
        return word[:TERM_LENGTH]
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) >= len(prefix) + 2:
            word = word[len(prefix) :]
            break
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 3:
            word = word[: -len(suffix)]
            break
    return word[:TERM_LENGTH]


def _analyse(raw: str) -> tuple[str, str]:
    word = fold(raw)
    return term_of(word), word


_remembered = lru_cache(maxsize=1 << 18)(_analyse)


def tokenize(text: str) -> list[Token]:
    """The words of a text in order, with their places in it."""
    tokens = []
    for match in _WORD.finditer(text):
        raw = match[0]
        term, word = _remembered(raw) if len(raw) <= TERM_LENGTH else _analyse(raw)
        tokens.append(Token(term, word, match.start(), match.end()))
    return tokens


def terms(text: str) -> list[str]:
    """The terms of `tokenize(text)`, in the same order, ten times as fast."""
    return [(_remembered(raw) if len(raw) <= TERM_LENGTH else _analyse(raw))[0] for raw in _WORD.findall(text)]
