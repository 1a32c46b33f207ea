"""Folding: one spelling for all ways to write the same words. For matching only; the user sees the original text."""

from __future__ import annotations

import re
import unicodedata

from pyarabic import araby

from .letters import ACCENT, HIDDEN, JOINER, SIGN

_INVISIBLE = re.compile(rf"[{SIGN}{HIDDEN}]+")
_ACCENTS = re.compile(rf"[{ACCENT}]+")

# Characters that Unicode normalisation may change. Only these are normalised, since that is the slowest step.
_COMPOSED = re.compile(
    r"(?:[^\x00-\u00bf\u0600-\u06ff\u2010-\u2027\u2030-\u205e]|[\u00a0\u00a8\u00aa\u00af\u00b2-\u00b5\u00b8-\u00ba])+"
)

# Final ى is folded to ي, except in the word على.
_ALEF_MAKSURA = re.compile(r"ى(?:(?=[^\W_])|(?<!على)|(?<=[^\W_][^\W_]على)|(?<=[^\W_وف]على))")

# Ayn or hamza before a long a, as scholars transliterate: Ṣan‘ā’ is Sanaa.
_LONG_AFTER_AYN = re.compile("(?<=[^\\W\\d_])[‘’ʼʿʾ'`](?=[āĀ])")

# ءا for آ at the beginning of a word, as the Quran is written.
_HAMZA_ALEF = re.compile(r"\bءا(?=[^\W\d_])")

_REPEATED = re.compile(r"(.)\1\1+")

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")

# Thousands separators other than the comma. A single point is a decimal point (1.250). A plain space separates
# thousands only before 000 ("250 000"), else two numbers in a row would become one.
_JOINED = re.compile(rf"(?<![\d.,٫٬])(?<!\d[{JOINER}])\d{{1,3}}(?:[{JOINER}]\d{{3}})+(?![{JOINER}]?\d)")
_POINTED = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?!\.?\d)")
_SPACED = re.compile(r"(?<![\d.,])(?<!\d )[1-9]\d{0,2}(?: \d{3})* 000(?! ?\d)")

_ACRONYM = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?")

# What pyarabic does not fold: Persian and Maghrebi letters, digits, punctuation.
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
    "‘’ʼʿʾʻ‹›": "'",
    "–—−‐‑": "-",
} | {arabic + persian: digit for arabic, persian, digit in zip("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "0123456789", strict=True)}

# Three functions of pyarabic are not used. normalize_alef and normalize_searchtext turn a final ى into ا, so that مصطفى
# would not match مصطفي; normalize_ligature misses most presentation forms.
_FOLDS: dict[str, str] = {
    letter: folded
    for letter in araby.LETTERS
    if (folded := araby.normalize_teh(araby.normalize_hamza(letter, method="tasheel"))) != letter
} | {letter: folded for letters, folded in _FOLDED.items() for letter in letters}
_FOLDABLE = re.compile(f"[{re.escape(''.join(_FOLDS))}]")

# Arabic letters alone, most words: of all steps they need four.
_PLAIN = re.compile("[\u0621-\u063a\u0641-\u064a]+")
_PLAIN_FOLDS = str.maketrans(_FOLDS)

_LATIN_FOLDS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h"}
)


def fold(text: str) -> str:
    """Fold a text, Arabic or English; fold both sides before comparing them.

    - lower case, without diacritics, tatweel, accents and invisible characters
    - one form for the variants of alef and hamza; ة becomes ه and final ى becomes ي (but على "on" is not علي "Ali")
    - Persian and Maghrebi letters become Arabic ones; digits and punctuation become Western ones
    - 1,250,000, 1.250.000 and 1 250 000 become 1250000, U.S. becomes us, and هاااام becomes هام
    - ayn and hamza signs of transliterations become apostrophes; ءامن becomes امن

    Takes linear time on any string.
    """
    if _PLAIN.fullmatch(text):
        text = text.translate(_PLAIN_FOLDS)
        if "ى" in text:
            text = _ALEF_MAKSURA.sub("ي", text)
        if text.startswith("ءا") and len(text) > 2:
            text = text[1:]
        return _REPEATED.sub(_shorten, text)
    if not text.isalpha():
        text = _JOINED.sub(_digits, text)
    if not text.isascii():
        if "ā" in text or "Ā" in text:
            text = _LONG_AFTER_AYN.sub("a", text)
        text = _COMPOSED.sub(_decompose, text)
        # One pass for all letters: half of the time of analysing a large collection was fifty passes over single words.
        text = _FOLDABLE.sub(_folded, _INVISIBLE.sub("", text))
        text = _HAMZA_ALEF.sub("ا", _ALEF_MAKSURA.sub("ي", text))
    text = text.lower()
    if "," in text:
        text = _THOUSANDS.sub("", text)
    if " 000" in text:
        text = _SPACED.sub(_digits, text)
    if "." in text:
        text = _POINTED.sub(_digits, text)
        text = _ACRONYM.sub(lambda acronym: acronym[0].replace(".", ""), text)
    return _REPEATED.sub(_shorten, text)


def _decompose(run: re.Match[str]) -> str:
    """A run of characters normalised (NFKC), without accents, in lower case."""
    # Python takes quadratic time to sort a run of combining marks, so only 30 are kept (UAX #15, stream-safe text).
    text = re.sub(r"([^\w\s]{30})[^\w\s]+", r"\1", run[0])
    letters = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).lower()).translate(_LATIN_FOLDS)
    return unicodedata.normalize("NFKC", letters)


def _folded(letter: re.Match[str]) -> str:
    return _FOLDS[letter[0]]


def _digits(number: re.Match[str]) -> str:
    return "".join(filter(str.isdigit, number[0]))


def _shorten(run: re.Match[str]) -> str:
    """Replace a letter repeated three times or more by one; not digits, nor the letters of Roman numerals and "www"."""
    return run[0] if run[1] in "ivxw" or not run[1].isalpha() else run[1]
