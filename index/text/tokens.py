"""From text to words and terms. For matching only; the user sees the original text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache, partial
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from .folding import fold
from .letters import ACCENT, HIDDEN, JOINER, LETTER, SIGN
from .packed import distinct
from .remembered import Column, Remembered
from .stems import TERM_LENGTH, term_of, terms_of

ANALYSER = "4"
"""Version of the analysis, stored in every index. Change it when texts give other terms or segments other arrays."""

ACRONYMS = frozenset({"WHO"})
"""Initials that would be another word in small letters. They stay as they are written."""


class Token(NamedTuple):
    """A word at [start, end) of the original text: `word` is its folded form, `term` is what is indexed."""

    term: str
    word: str
    start: int
    end: int


_token = partial(tuple.__new__, Token)  # in a third of the time of Token(...)

# Letters and digits of other scripts, without those that fold to several words: fractions (½) and ligatures like ﷺ.
_OTHER = rf"[^\W_{LETTER}{SIGN}\u00bc-\u00be\u2150-\u215f\ufdfa\ufdfb\u037a]"
_OTHERS = rf"{_OTHER}(?:(?:{_OTHER}|[{ACCENT}{HIDDEN}])*(?:{_OTHER}|[{ACCENT}]))?"

# A word as written. A change from Arabic to another script or a digit, or back, ends a word ("2024يذكر").
_WORD = re.compile(
    rf"[{LETTER}](?:[{LETTER}{SIGN}{HIDDEN}]*[{LETTER}{SIGN}])?"
    r"|\b(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?"  # U.S.
    r"|(?<!\d[.,٫٬])\d{1,3}(?:[,٬]\d{3})++(?:[.٫]\d++)?(?![.,٫٬]?\d)"  # 1,000.5
    r"|(?<!\d[.,٫٬])\d{1,3}(?:\.\d{3}){2,}+(?:[,٫]\d++)?(?![.,٫٬]?\d)"  # 1.250.000,5
    rf"|(?<!\d[.,٫٬{JOINER}])\d{{1,3}}(?:[{JOINER}]\d{{3}})++(?:[.,٫]\d++)?(?![.,٫٬{JOINER}]?\d)"  # 1 250 000
    r"|(?<!\d[.,٫٬])(?<!\d )[1-9١-٩۱-۹]\d{0,2}(?: \d{3})*? [0٠۰]{3}(?:[.,٫]\d++)?(?![.,٫٬ ]?\d)"  # 250 000
    r"|(?<!\d[.,٫٬])\d++[.,٫]\d++(?![.,٫٬]\d)"  # 3.5 or 3,5, but not the date 14.12.2024
    r"|[A-Za-z0-9]++(?![^\x00-\x7f]|['`])"  # a fast path: the next alternative would match the same
    rf"|{_OTHERS}(?:['’ʼ‘`]{_OTHERS})*"
)

SPACED = re.compile(" [0٠۰]{3}")  # such numbers alone have a space within


def words(text: str, most: int | None = None) -> list[str]:
    """The words of a text as written, in order; at most the first `most`."""
    return _WORD.findall(text) if most is None else [match[0] for match in islice(_WORD.finditer(text), most)]


def analyse(word: str) -> tuple[str, str]:
    """The term and the folded form of a word as written."""
    return _remembered(word) if len(word) <= TERM_LENGTH else analyse_once(word)


def parts(text: str) -> list[str]:
    """What stands between the spaces and line breaks of a text; all of it where a number may hold a space.

    No term of a text goes beyond one of them.
    """
    return [text] if SPACED.search(text) else text.replace("\n", " ").split(" ")


def terms(text: str, most: int | None = None) -> list[str]:
    """The terms of `tokenize(text, most)` in order, ten times as fast where most of its words were met before."""
    written = parts(text)
    short = max(map(len, written)) <= TERM_LENGTH  # all of them, but in a few texts
    return list(islice(chain.from_iterable(map(_remembered_terms if short else _terms_of_part, written)), most))


def hashed(parts: Sequence[str]) -> tuple[Column, Column]:
    """The hashes of the terms of some `parts` of texts, one or more, and those of the folded words.

    They are those of Python, and mean something in this process alone. Among a million words, two have the same once in
    ten million cases.
    """
    terms, folded = _hashed(parts)
    return terms, folded


def hashed_once(parts: Sequence[str]) -> list[Column]:
    """As `hashed`, but not remembered: for callers that remember the result. `parts` may be empty."""
    held = [_WORD.findall(part) for part in parts]
    counts = np.array(list(map(len, held)), np.int64)
    found = _hashed_words(list(chain.from_iterable(held))) if counts.any() else _hashes_of_words([])
    return [(hashes, counts) for hashes, _ in found]


def tokens_of(
    wanted: Collection[str], texts: Sequence[str], hashed: Callable[[Sequence[str]], Sequence[Column]] = hashed
) -> list[list[Token]]:
    """Those of `tokenize(text)` that have one of some terms, for each text.

    `hashed` returns what the function of that name does. A caller that has read these texts before may pass its own.
    """
    if not texts:
        return []
    several = [parts(text) for text in texts]
    written = [part for some in several for part in some]
    (found, counts), *_ = hashed(written)
    hashes = np.fromiter(map(hash, wanted), np.int64, len(wanted))
    holding = distinct(np.repeat(np.arange(len(written)), counts)[np.isin(found, hashes)])
    firsts = np.cumsum([0, *map(len, several)])
    owners = np.searchsorted(firsts, holding, "right") - 1
    starts = np.cumsum([0, *(len(part) + 1 for part in written)])
    begins = starts[holding] - starts[firsts[owners]]
    tokens: list[list[Token]] = [[] for _ in texts]
    for owner, place, begin in zip(owners.tolist(), holding.tolist(), begins.tolist(), strict=True):
        tokens[owner] += [
            Token(token.term, token.word, begin + token.start, begin + token.end)
            for token in tokenize(written[place])
            if token.term in wanted
        ]
    return tokens


def tokenize(text: str, most: int | None = None) -> list[Token]:
    """The words of a text in order, with their positions; at most the first `most`."""
    return [_token((*analyse(match[0]), *match.span())) for match in islice(_WORD.finditer(text), most)]


def analyse_once(raw: str) -> tuple[str, str]:
    """As `analyse`, but not remembered: for callers that remember the result."""
    if raw in ACRONYMS:
        return raw, raw
    word = fold(raw)
    return term_of(word), word


def analyse_all(raws: Sequence[str]) -> tuple[list[str], list[str]]:
    """The terms and the folded forms of words as written: as `analyse_once` gives them, in half the time.

    No word has a line break, and no rule of folding looks beyond one: they are folded as one text.
    """
    if not raws:
        return [], []
    folded = [
        raw if raw in ACRONYMS else word for raw, word in zip(raws, fold("\n".join(raws)).split("\n"), strict=True)
    ]
    return [word if word in ACRONYMS else term for word, term in zip(folded, terms_of(folded), strict=True)], folded


def _terms(text: str) -> tuple[str, ...]:
    return tuple([analyse(word)[0] for word in _WORD.findall(text)])


def _terms_of_part(part: str) -> tuple[str, ...]:
    return _remembered_terms(part) if len(part) <= TERM_LENGTH else _terms(part)


def _hashes_of_words(words: Sequence[str]) -> list[Column]:
    once = np.ones(len(words), np.int64)
    return [(np.fromiter(map(hash, forms), np.int64, len(words)), once) for forms in analyse_all(words)]


_remembered = lru_cache(maxsize=1 << 18)(analyse_once)  # as many words as a large collection has; about 50 MB

# Of `parts`. About 30 MB and 45 MB.
_remembered_terms = lru_cache(maxsize=1 << 17)(_terms)
_hashed = Remembered(hashed_once, 1 << 21)
_hashed_words = Remembered(_hashes_of_words, 1 << 20)
