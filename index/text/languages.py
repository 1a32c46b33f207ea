"""Which language a text is written in: by its letters and commonest words, else by a small detector."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import Any

from .letters import LETTER

SAMPLE = 1000
"""Letters at the start of a text by which its language is told."""

SHORT = 40
"""Letters up to which a text is too short for the detector: what is stated counts, else the script."""

SURE = 0.8
"""Probability from which the detector is believed."""


def _letters(ranges: str) -> frozenset[str]:
    """The letters of a class of a regular expression, "a-zé"."""
    found = re.findall("(.)(?:-(.))?", ranges)
    return frozenset(chr(code) for first, last in found for code in range(ord(first), ord(last or first) + 1))


_ARABIC, _LATIN = _letters(re.sub(r"\\u(....)", lambda code: chr(int(code[1], 16)), LETTER)), _letters("A-Za-zÀ-ɏḀ-ỿ")
_WORD = re.compile(r"[^\W\d_]+")
# These find words in a line of words, all in one go, which takes a fifth of the time that they take one by one.
_LOWER = re.compile("(?<!\\S)[a-z\u00df-\u00ff]")
_ARTICLE = re.compile("(?<!\\S)(?:[وفبك]?ال|و?لل)\\S\\S")
# Letters that Persian, Urdu, Kurdish, Pashto or Uighur have and Arabic has not.
_NOT_ARABIC = re.compile("[پچژگکیےںٹڈڑہۀۆێڵڕەڭۇۈۋېټډړښځڅڼۍ]")
_ENGLISH = frozenset(("the", "of", "and", "to", "that", "for", "with", "from", "by"))
_WRITTEN_IN_ARABIC = frozenset(("ar", "fa", "ur", "ku", "ps", "ug", "sd"))
# The detector's codes for varieties -> the ISO 639-1 code of their language.
_VARIETIES = {"sdh": "ku", "ckb": "ku", "kmr": "ku", "arz": "ar", "ary": "ar", "mzn": "fa", "glk": "fa", "pes": "fa"}


def identify(text: str, stated: str | None = None) -> str:
    """The language of a text, an ISO 639-1 code; `stated` is what its page or row says, and often wrong.

    Clear Arabic and English are told by the share of articles and prepositions; else py3langid decides, if it is sure
    and its language is written in the script of the text. Else it is the stated language, if that is written in this
    script, else "ar" or "en" by the script.
    """
    sample = text[:SAMPLE]
    words = _WORD.findall(sample)
    arabic, latin = [], words
    if not sample.isascii():
        arabic = [word for word in words if word[0] in _ARABIC]
        latin = [word for word in words if word[0] in _LATIN] if len(arabic) < len(words) else []
    if len(arabic) + len(latin) < len(words) / 2:
        return _detected(" ".join(words)) or stated or "en"
    is_arabic = _is_arabic(arabic, latin)
    if _is_clear(arabic if is_arabic else latin, is_arabic):
        return "ar" if is_arabic else "en"
    default = "ar" if is_arabic else "en"
    if stated and _fits(stated, is_arabic):
        default = stated
    rest = " ".join(arabic if is_arabic else latin)
    found = _detected(rest) if len(rest) > SHORT else None
    return found if found and _fits(found, is_arabic) else default


def _fits(code: str, is_arabic: bool) -> bool:
    """Whether a language is written in the script; Kurdish is in either."""
    return code == "ku" or (code in _WRITTEN_IN_ARABIC) == is_arabic


def _is_arabic(arabic: list[str], latin: list[str]) -> bool:
    """Whether a text is written in Arabic script; an Arabic report may hold more English names than Arabic words."""
    if sum(map(len, arabic)) > sum(map(len, latin)):
        return True
    return len(arabic) > 3 and len(arabic) > len(_LOWER.findall(" ".join(latin)))


def _is_clear(words: list[str], is_arabic: bool) -> bool:
    """Whether a text is Arabic or English beyond doubt: of every ten words one is, or has, an article or the like."""
    if len(words) < 8:
        return False
    if not is_arabic:
        return sum(map(_ENGLISH.__contains__, " ".join(words).lower().split(" "))) * 10 >= len(words)
    text = " ".join(words)
    foreign = len(_NOT_ARABIC.findall(text))
    enough = -(-len(words) // 10)
    return foreign * 100 <= sum(map(len, words)) and sum(1 for _ in islice(_ARTICLE.finditer(text), enough)) == enough


def _detected(text: str) -> str | None:
    code, probability = _detector().classify(text)
    code = _VARIETIES.get(code, code)
    return code if probability >= SURE and len(code) == 2 else None


@cache
def _detector() -> Any:
    """Loaded with the first text in doubt: it takes half a second and 30 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
