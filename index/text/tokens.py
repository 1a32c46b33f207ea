"""From text to words and terms. For matching only; the user sees the original text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from .folding import fold
from .letters import ACCENT, HIDDEN, JOINER, LETTER, SIGN
from .packed import distinct, ranges
from .remembered import Column, Memo, Remembered
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

_LETTERS = 7
"""Characters assumed for each word, with its space. For 400 words or more this is enough in 999 of 1,000 articles."""


def words(text: str, most: int | None = None) -> list[str]:
    """The words of a text as written, in order; at most the first `most`."""
    if most is None:
        return _WORD.findall(text)
    found: list[str] = _WORD.findall(_beginning(text, most))
    return found[:most] if len(found) >= most else [match[0] for match in islice(_WORD.finditer(text), most)]


def analyse(word: str) -> tuple[str, str]:
    """The term and the folded form of a word as written."""
    return _known[word]


def analyse_all(words: Iterable[str]) -> list[tuple[str, str]]:
    """The same of each of some words, in a third of the time."""
    return [*map(_known.__getitem__, words)]


def parts(text: str) -> list[str]:
    """What stands between the spaces and line breaks of a text; all of it where a number may hold a space.

    No term of a text goes beyond one of them.
    """
    return [text] if SPACED.search(text) else text.replace("\n", " ").split(" ")


def terms(text: str, most: int | None = None) -> list[str]:
    """The terms of `tokenize(text, most)` in order, ten times as fast where most of its words were met before."""
    if most is not None and len(beginning := _beginning(text, most)) < len(text):
        found = terms(beginning)
        if len(found) >= most:
            return found[:most]
    return list(islice(chain.from_iterable(map(_known_terms.__getitem__, parts(text))), most))


def hashed(parts: Sequence[str]) -> tuple[Column, Column]:
    """The hashes of the terms of some `parts` of texts, one or more, and those of the folded words.

    They are those of Python, and mean something in this process alone. Among a million words, two have the same once in
    ten million cases.
    """
    terms, folded = _hashed(parts)
    return terms, folded


def first_terms(texts: Sequence[str], most: int) -> Column:
    """The hashes (see `hashed`) of `terms(text, most)` of each of some texts, one or more, in a third of the time."""
    begun = [_beginning(text, most) for text in texts]
    while True:
        several = [*map(parts, begun)]
        (found, counts), _ = hashed([*chain.from_iterable(several)])
        ends = np.append(0, np.cumsum(counts))[np.cumsum([0, *map(len, several)])]
        sizes = np.minimum(np.diff(ends), most)
        lacking = [n for n in np.flatnonzero(sizes < most).tolist() if len(begun[n]) < len(texts[n])]
        if not lacking:
            return found[ranges(ends[:-1], sizes)], sizes
        for n in lacking:
            begun[n] = texts[n]


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
    return [_token((*_known[match[0]], *match.span())) for match in islice(_WORD.finditer(text), most)]


def analyse_once(raw: str) -> tuple[str, str]:
    """As `analyse`, but not remembered: for callers that remember the result."""
    if raw in ACRONYMS:
        return raw, raw
    word = fold(raw)
    return term_of(word), word


def analyse_all_once(raws: Sequence[str]) -> tuple[list[str], list[str]]:
    """The terms and the folded forms of words as written: as `analyse_once` gives them, in half the time.

    No word has a line break, and no rule of folding looks beyond one: they are folded as one text.
    """
    if not raws:
        return [], []
    folded = [
        raw if raw in ACRONYMS else word for raw, word in zip(raws, fold("\n".join(raws)).split("\n"), strict=True)
    ]
    return [word if word in ACRONYMS else term for word, term in zip(folded, terms_of(folded), strict=True)], folded


def _beginning(text: str, most: int) -> str:
    """The beginning of a text, cut at a space, that usually has `most` words. The whole text if it is short."""
    end = text.rfind(" ", 0, _LETTERS * most) if len(text) > _LETTERS * most else -1
    return text if end < 0 or text[end + 1].isdecimal() else text[:end]


def _terms(text: str) -> tuple[str, ...]:
    return tuple([_known[word][0] for word in _WORD.findall(text)])


def _hashes_of_words(words: Sequence[str]) -> list[Column]:
    once = np.ones(len(words), np.int64)
    return [(np.fromiter(map(hash, forms), np.int64, len(words)), once) for forms in analyse_all_once(words)]


_known = Memo(analyse_once, 1 << 18, TERM_LENGTH)  # as many words as a large collection has; about 50 MB

# Of `parts`. About 30 MB and 45 MB.
_known_terms = Memo(_terms, 1 << 17, TERM_LENGTH)
_hashed = Remembered(hashed_once, 1 << 21)
_hashed_words = Remembered(_hashes_of_words, 1 << 20)
