"""Finds where a phrase may occur in texts, by comparing letters and digits only. Tokenizing takes ten times as long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from .folding import fold
from .letters import LETTER
from .tokens import words

TEXTS_AT_ONCE = 256

# The search for a space before a place begins with this many characters. It doubles until a space is found.
NEAR = 64

Codes = npt.NDArray[np.uint8]

# Codes of characters other than the letters and digits of both languages: ignored; a letter of another script; the end
# of a text; a character whose folding is not known.
_NOTHING, _OTHER, _END, _UNSURE = 0, 253, 254, 255

# Each character below this code point has an entry of its own in the table.
_KNOWN = 0x700

_OF_BOTH_LANGUAGES = re.compile(rf"[{LETTER}a-z0-9]")

# Not within a number: 250 000.
_SPACE = re.compile(r"(?<!\d)[ \n]|[ \n](?!\d)|\Z")

# Punctuation, symbols, variation selectors and emoji: none folds to a letter or digit.
_SYMBOLS = ((0x2000, 0x2070), (0x2600, 0x2770), (0xFE00, 0xFE10), (0x1F300, 0x1FB00))


def stretches(phrase: Sequence[str], texts: Sequence[str]) -> list[list[str]]:
    """For each text, the stretches that may hold these folded words one after the other.

    No text holds them elsewhere. All of a text is one stretch where it has characters that are not known one by one, or
    where the phrase has such, or a word without letters.
    """
    asked = _coded("".join(phrase))
    if (asked >= _OTHER).any() or not all(_coded(word).any() for word in phrase):
        return [[text] for text in texts]
    asked = _without_repeats(asked)
    found: list[list[str]] = []
    for first in range(0, len(texts), TEXTS_AT_ONCE):
        some = texts[first : first + TEXTS_AT_ONCE]
        letters = _Letters(some)
        for text, held in enumerate(letters.holding(asked.tobytes())):
            whole = text in letters.unsure
            found.append([some[text]] if whole else [some[text][start:end] for start, end in held])
    return found


class _Letters:
    """Some texts as their letters and digits alone, end to end, folded one by one and none twice in a row.

    However a phrase is written, its letters stand there as those of its folded words do: with or without diacritics,
    long or short (هاااام), as initials (U.S.).
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
        codes = _coded("\n".join([*texts, ""]))
        codes[self._starts[1:] - 1] = _END
        places = np.flatnonzero(codes)
        kept = codes[places]
        fresh = np.append(True, (kept[1:] != kept[:-1]) | (kept[1:] == _END))
        self._places, kept = places[fresh], kept[fresh]
        self._letters = kept.tobytes()
        self.unsure = set(self._owners(self._places[kept == _UNSURE]).tolist())
        """The texts that have a character which is not known."""

    def holding(self, asked: bytes) -> list[list[tuple[int, int]]]:
        """Where these letters stand in each text: from space to space, with what follows next; none overlap."""
        hits, at = list[int](), self._letters.find(asked)
        while at >= 0:
            hits.append(at)
            at = self._letters.find(asked, at + 1)
        places = self._places[np.stack([hits, np.add(hits, len(asked))]).astype(np.int64)]
        owners = self._owners(places[0])
        found: list[list[tuple[int, int]]] = [[] for _ in self._texts]
        for owner, (first, behind) in zip(owners.tolist(), (places - self._starts[owners]).T.tolist(), strict=True):
            text, known = self._texts[owner], found[owner]
            end = known[-1][1] if known else 0
            if first < end:
                start, end = known.pop()
            else:
                start = _after_space(text, end, first)
            if behind > end:
                end = next(_SPACE.finditer(text, behind)).start()
            known.append((start, end))
        return found

    def _owners(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """In which text each place is."""
        return np.searchsorted(self._starts, places, "right") - 1


def _after_space(text: str, least: int, place: int) -> int:
    """Where what stands between spaces begins that has this place, `least` or later."""
    first = place
    while first > least:
        first = max(first - NEAR - (place - first), least)
        spaces = [space.end() for space in _SPACE.finditer(text, first, place + 1) if space.end() <= place]
        if spaces:
            return spaces[-1]
    return least


def _without_repeats(codes: Codes) -> Codes:
    kept = codes[codes != _NOTHING]
    once: Codes = kept[np.append(True, kept[1:] != kept[:-1])]
    return once


def _coded(text: str) -> Codes:
    """What each character of a text counts as."""
    characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    codes: Codes = _codes().take(characters, mode="clip")
    return codes


@cache
def _codes() -> Codes:
    """What each character counts as; the last stands for all that come after it."""
    codes = np.full(_SYMBOLS[-1][1] + 1, _UNSURE, np.uint8)
    for first, last in _SYMBOLS:
        codes[first:last] = _NOTHING
    known = {"ء": _NOTHING}  # ءامن is folded to امن
    for character in map(chr, range(_KNOWN)):
        letters = set(filter(str.isalnum, fold(character)))
        if not letters:
            codes[ord(character)] = _NOTHING
        elif len(letters) == 1 and words(letter := letters.pop()):  # ß is folded to ss; ½ is no part of a word
            both = _OF_BOTH_LANGUAGES.fullmatch(letter)
            codes[ord(character)] = known.setdefault(letter, len(known)) if both else _OTHER
    return codes
