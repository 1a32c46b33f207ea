"""Keys of names: the consonants of a word in an alphabet shared by both scripts, by which its spellings are found.

A word has several keys where its letters are ambiguous (names_readings.tsv). Consonant keys for Arabic names: Aqeel and
others, "On the development of name search techniques for Arabic" (2006).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .packed import distinct
from .transliteration import (
    ARABIC,
    ARABIC_CODE,
    CODES,
    LONGEST_CLITIC,
    NAME_WIDTH,
    Ints,
    Letters,
    letter_matrix,
    name_lines,
    name_starts,
    spell,
)

CONSONANTS = "bftdskglmnr"
MOST_KEYS = 48  # of one word; further ones are unlikely combinations of readings


@dataclass(frozen=True, slots=True)
class _Readings:
    """The table names_readings.tsv: groups of letters and the consonants they may stand for.

    Groups of several letters are first replaced by one private-use character each. `symbols` gives the number of a
    group by code point, `arabic` by letter code. Group g has counts[g] readings; sounds[g, r] are the consonants of
    reading r.
    """

    groups: tuple[tuple[re.Pattern[str], str], ...]
    symbols: Letters
    arabic: Letters
    counts: Ints
    sounds: Letters


@cache
def _readings() -> _Readings:
    lines = Path(__file__).with_name("names_readings.tsv").read_text("utf-8").splitlines()
    table = [line.split("\t")[:2] for line in lines if line and not line.startswith("#")]
    symbols = np.zeros(0xE000 + len(table) + 1, np.uint8)
    arabic = np.zeros(256, np.uint8)
    counts = np.ones(len(table) + 1, np.int64)
    sounds = np.zeros((len(table) + 1, 4, 3), np.uint8)
    groups = []
    for number, (pattern, readings) in enumerate(table, 1):
        counts[number] = len(readings.split())
        for i, reading in enumerate(readings.split()):
            for j, sound in enumerate(reading.replace("-", "")):
                sounds[number, i, j] = CONSONANTS.index(sound) + 1
        if pattern[0] in ARABIC:
            arabic[[CODES[ord(letter)] for letter in pattern.split("|")]] = number
        elif len(pattern) == 1:
            symbols[ord(pattern)] = number
        else:
            groups.append((re.compile(pattern, re.MULTILINE), chr(0xE000 + number)))
            symbols[0xE000 + number] = number
    return _Readings(tuple(groups), symbols, arabic, counts, sounds)


def keys_of(lines: str, letters: Letters) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """The keys of words, ascending, and the word number of each. A key has up to 16 consonants of 4 bits each."""
    readings = _readings()
    for pattern, symbol in readings.groups:
        lines = pattern.sub(symbol, lines)
    named = letters[:, 0] > 0
    arabic = np.flatnonzero(letters[:, 0] > ARABIC_CODE)
    latin = np.flatnonzero(named & (letters[:, 0] < ARABIC_CODE))
    symbols, owners = [letter_matrix(lines, readings.symbols)[latin]], [latin]
    starts = name_starts(letters[arabic])
    for size in range(LONGEST_CLITIC + 1):
        chosen = arabic[starts[:, size] > 0]
        part = np.zeros((len(chosen), NAME_WIDTH), np.uint8)
        part[:, : NAME_WIDTH - size] = readings.arabic[letters[chosen, size:]]
        symbols.append(part)
        owners.append(chosen)
    keys, rows = _combine(np.concatenate(symbols), readings)
    owner = np.concatenate(owners)[rows].astype(np.int32)
    order = np.lexsort((owner, keys))
    keys, owner = keys[order], owner[order]
    new = np.ones(len(keys), bool)
    new[1:] = (keys[1:] != keys[:-1]) | (owner[1:] != owner[:-1])
    return keys[new], owner[new]


def _combine(symbols: Letters, readings: _Readings) -> tuple[npt.NDArray[np.uint64], Ints]:
    """The keys of all combinations of readings, at most MOST_KEYS a row, and the row of each key."""
    counts = readings.counts[symbols]
    strides = np.minimum(np.cumprod(counts, axis=1), MOST_KEYS)
    rows = np.repeat(np.arange(len(symbols)), strides[:, -1] if len(symbols) else 0)
    sizes = strides[:, -1]
    turn = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    keys = np.zeros(len(rows), np.uint64)
    last = np.zeros(len(rows), np.uint8)
    for column in np.flatnonzero(symbols.any(axis=0)):
        live = np.flatnonzero(symbols[rows, column])
        symbol, row = symbols[rows[live], column], rows[live]
        before = strides[row, column - 1] if column else 1
        sounds = readings.sounds[symbol, turn[live] // before % counts[row, column]]
        for sound in sounds.T:
            heard = (sound > 0) & (sound != last[live])  # a doubled consonant counts once
            where = live[heard]
            keys[where] = (keys[where] << np.uint64(4)) | sound[heard]
            last[where] = sound[heard]
    return keys, rows


def neighbours(keys: npt.NDArray[np.uint64], latin: bool) -> npt.NDArray[np.uint64]:
    """Keys with one consonant less, if the query is Latin (it may be silent); with one more, if it is Arabic."""
    found = []
    for place in range(15):
        below = keys & np.uint64((1 << 4 * place) - 1)
        above = keys >> np.uint64(4 * place)
        if latin:
            found.append(((above >> np.uint64(4)) << np.uint64(4 * place) | below)[above > 0])
        else:
            held = keys >> np.uint64(4 * max(place - 1, 0)) > 0  # a new consonant comes first at most
            longer = above[held, None] << np.uint64(4) | np.arange(1, len(CONSONANTS) + 1, dtype=np.uint64)
            found.append((longer << np.uint64(4 * place) | below[held, None]).ravel())
    near = distinct(np.concatenate(found))
    return near[near > 0]


def keys(word: str) -> tuple[str, ...]:
    """The keys of a word, as strings of consonants, one for each way to read it; () for a word that is not one script.

    An Arabic word is also read without possible clitics. Two spellings of a name share at least one key.
    """
    lines = name_lines([word])
    found, _ = keys_of(lines, spell([word]))
    alphabet = " " + CONSONANTS
    return tuple("".join(alphabet[int(key) >> shift & 15] for shift in range(60, -1, -4)).strip() for key in found)
