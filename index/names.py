"""Names across scripts: which words of a corpus spell the name that was typed, in Arabic or in Latin letters.

Two steps. A *key* finds candidates: the consonants of a word in one alphabet for both scripts, several keys where
letters are ambiguous (names_readings.tsv). An *alignment* then weighs each candidate, vowels included: the two words
are cut into groups of letters, and each pair of groups has log-odds, how much likelier it is in two spellings of one
name than by chance (names_weights.tsv, learned by training/names.py). Log-odds add up with length: names of two
letters, which agree by chance, never become `LIKELY`, while long ones may differ in a vowel.

Which tokens look like names (a capital inside a query, a word the lexicon does not know) is for the caller to judge;
what chance brings is kept out here, by `LIKELY` for tokens that do and by `SURE` for any word at all.

Consonant keys for Arabic names: Aqeel and others, "On the development of name search techniques for Arabic" (2006).
Groups of letters: Jiampojamarn, Kondrak and Sherif, "Applying many-to-many alignments and hidden Markov models to
letter-to-phoneme conversion" (2007). Log-odds of alignments: Henikoff and Henikoff, "Amino acid substitution matrices
from protein blocks" (1992).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .text import fold

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Letters = npt.NDArray[np.uint8]

LIKELY = 0.5
"""Similarity from which a word is believed to spell a token that looks like a name. The caller must choose such tokens:
6 in 10 common English words resemble some word of a large corpus as much."""
SURE = 0.98
"""The same for any word at all: 2 in 100 common English words reach it, most of them in Arabic letters indeed."""

LATIN, ARABIC = "abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنهويء"
ARABIC_CODE = 32  # added to the code of an Arabic letter: its place in its alphabet, from 1
START, END = 30, 31  # codes of the two ends of a word
WIDTH = 20  # letters of a word that are looked at
LONGEST_ROW, LONGEST_COLUMN = 3, 2  # letters of a group, on either side of an alignment

CONSONANTS = "bftdskglmnr"
MOST_KEYS = 48  # of one word; beyond that come unlikely combinations of readings
MOST_CANDIDATES = 384  # to align; of more, those whose vowels and length fit worst are left out first

# Log-odds become a similarity, half at EVIDENCE and e times the odds for each EVIDENCE_SCALE more. Half is where 96% of
# the pairs of the dev files are above, and names of two letters below; see benchmarks/names.py.
EVIDENCE, EVIDENCE_SCALE = 12.0, 3.0

# What may stand before an Arabic name, and its log-odds: the article often belongs to the name itself.
CLITICS = {"ال": -0.5} | dict.fromkeys(("وال", "فال", "بال", "كال", "لل", "ولل", "وبال"), -4.0)
CLITICS |= dict.fromkeys(("و", "ف", "ب", "ل", "ك", "وب", "ول", "وك"), -6.0)
LONGEST_CLITIC = max(map(len, CLITICS))
SHORTEST_NAME = 3  # letters that must remain when a clitic is taken off

_FOLDER = Path(__file__).parent
_SKIPPED, _FOREIGN = 0, 255


# --- Letters as numbers -----------------------------------------------------------------------------------------------


def _letter_codes() -> Letters:
    codes = np.full(0x700, _FOREIGN, np.uint8)
    for shift, alphabet in ((0, LATIN), (ARABIC_CODE, ARABIC)):
        codes[[ord(letter) for letter in alphabet]] = np.arange(1, len(alphabet) + 1) + shift
    codes[[ord(sign) for sign in " '-.ـ"]] = _SKIPPED
    return codes


_CODES = _letter_codes()


def spell(words: Sequence[str]) -> Letters:
    """The letters of words as codes: uint8, shape (n, WIDTH), zeros after the last letter.

    The row of a word that is no name in one script (a digit, another sign, letters of both) is all zeros. Spaces,
    hyphens and apostrophes are skipped: "داود أوغلو" is spelled as one word.
    """
    return _letters(_lines(words))


def _lines(words: Sequence[str]) -> str:
    return fold("".join([word.replace("\n", "0") + "\n" for word in words]))


def _letters(lines: str) -> Letters:
    letters = _matrix(lines, _CODES)
    mixed = (letters >= ARABIC_CODE).any(axis=1) & ((letters > 0) & (letters < ARABIC_CODE)).any(axis=1)
    letters[mixed | (letters == _FOREIGN).any(axis=1)] = 0
    return letters


def _matrix(lines: str, codes: Letters) -> Letters:
    points = np.frombuffer(lines.encode("utf-32-le", "surrogatepass"), "<u4")
    ends = points == ord("\n")
    kept = codes[np.minimum(points, len(codes) - 1)]
    kept[ends] = _SKIPPED
    row = (np.cumsum(ends) - ends)[kept > 0]
    kept = kept[kept > 0]
    sizes = np.bincount(row, minlength=int(ends.sum()))
    column = np.arange(len(row)) - (np.cumsum(sizes) - sizes)[row]
    matrix = np.zeros((len(sizes), WIDTH), np.uint8)
    fits = column < WIDTH
    matrix[row[fits], column[fits]] = kept[fits]
    return matrix


def name_starts(letters: Letters) -> Floats:
    """The odds that the name in each row starts at its letter 0, 1, ..: shape (n, LONGEST_CLITIC + 1)."""
    starts = np.zeros((len(letters), LONGEST_CLITIC + 1), np.float32)
    starts[:, 0] = 1
    if not (letters > ARABIC_CODE).any():
        return starts
    for clitic, weight in CLITICS.items():
        size = len(clitic)
        found = letters[:, size + SHORTEST_NAME - 1] > 0
        for i, letter in enumerate(clitic):
            found &= letters[:, i] == _CODES[ord(letter)]
        starts[found, size] = np.exp(weight)
    return starts


# --- Keys -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Readings:
    """names_readings.tsv. A group of letters is replaced by one private character; `symbols` numbers the groups by code
    point and `arabic` by letter code; group g has counts[g] readings, the consonants of the r-th being sounds[g, r].
    """

    groups: tuple[tuple[re.Pattern[str], str], ...]
    symbols: Letters
    arabic: Letters
    counts: Ints
    sounds: Letters


@cache
def _readings() -> _Readings:
    lines = (_FOLDER / "names_readings.tsv").read_text("utf-8").splitlines()
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
            arabic[[_CODES[ord(letter)] for letter in pattern.split("|")]] = number
        elif len(pattern) == 1:
            symbols[ord(pattern)] = number
        else:
            groups.append((re.compile(pattern, re.MULTILINE), chr(0xE000 + number)))
            symbols[0xE000 + number] = number
    return _Readings(tuple(groups), symbols, arabic, counts, sounds)


def _keys(lines: str, letters: Letters) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """The keys of words, ascending, and the number of the word of each. A key has up to 16 consonants, 4 bits each."""
    readings = _readings()
    for pattern, symbol in readings.groups:
        lines = pattern.sub(symbol, lines)
    named = letters[:, 0] > 0
    arabic = np.flatnonzero(letters[:, 0] > ARABIC_CODE)
    latin = np.flatnonzero(named & (letters[:, 0] < ARABIC_CODE))
    symbols, owners = [_matrix(lines, readings.symbols)[latin]], [latin]
    starts = name_starts(letters[arabic])
    for size in range(LONGEST_CLITIC + 1):
        chosen = arabic[starts[:, size] > 0]
        part = np.zeros((len(chosen), WIDTH), np.uint8)
        part[:, : WIDTH - size] = readings.arabic[letters[chosen, size:]]
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
    """The keys of all combinations of readings (MOST_KEYS a row at most), and the row of each."""
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
            heard = (sound > 0) & (sound != last[live])  # a doubled consonant is one
            where = live[heard]
            keys[where] = (keys[where] << np.uint64(4)) | sound[heard]
            last[where] = sound[heard]
    return keys, rows


def keys(word: str) -> tuple[str, ...]:
    """The consonants of a word in the shared alphabet, once for each way to read it; () if it is no name in one script.

    An Arabic word is also read without what may be a clitic. Two spellings of a name share at least one key.
    """
    lines = _lines([word])
    found, _ = _keys(lines, spell([word]))
    alphabet = " " + CONSONANTS
    return tuple("".join(alphabet[int(key) >> shift & 15] for shift in range(60, -1, -4)).strip() for key in found)


# --- Alignment --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weights:
    """Odds of pairs of letter groups: `table[rows[group], columns[group]]`.

    A group's number is its codes, five bits each; a row group has 1 to LONGEST_ROW letters (or ends), a column group
    up to LONGEST_COLUMN. What is in no pair is in the last row and column of the table.
    """

    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]
    table: Floats

    @classmethod
    def build(cls, pairs: Ints, values: Floats) -> Weights:
        """From pairs of groups, numbered row group * 1024 + column group, and their log-odds."""
        above, beside = np.unique(pairs >> 10), np.unique(pairs & 1023)
        rows = np.full(1 << 15, len(above), np.intp)
        columns = np.full(1 << 10, len(beside), np.intp)
        rows[above] = np.arange(len(above))
        columns[beside] = np.arange(len(beside))
        table = np.zeros((len(above) + 1, len(beside) + 1), np.float32)
        table[rows[pairs >> 10], columns[pairs & 1023]] = np.exp(values)
        return cls(rows, columns, table)


def group_code(group: str) -> int:
    """A group of letters, with ^ and $ for the ends of a word, as a number."""
    number = 0
    for letter in group:
        code = {"^": START, "$": END}.get(letter) or int(_CODES[ord(letter)]) % ARABIC_CODE
        number = number << 5 | code
    return number


@cache
def load_weights() -> dict[str, Weights]:
    """names_weights.tsv, by the scripts of rows and columns: "en-ar", "ar-ar", "en-en"."""
    pairs: dict[str, list[int]] = {}
    values: dict[str, list[float]] = {}
    for line in (_FOLDER / "names_weights.tsv").read_text("utf-8").splitlines():
        scripts, row, cells = line.split("\t")
        above = group_code(row) << 10
        for cell in cells.split(" "):
            column, weight = cell.split(":")
            pairs.setdefault(scripts, []).append(above | group_code(column))
            values.setdefault(scripts, []).append(int(weight) / 10)
    return {s: Weights.build(np.array(pairs[s]), np.array(values[s], np.float32)) for s in pairs}


def letter_groups(letters: Letters, start: bool, longest: int) -> list[npt.NDArray[np.int32]]:
    """The numbers of the groups of 1, 2, .. letters that end before each place: (n, places + 1), 0 for no group."""
    sizes = (letters > 0).sum(axis=1)
    width = int(sizes.max()) + 1 + start
    codes = np.zeros((len(letters), width), np.int32)
    codes[:, int(start) : width - 1] = letters[:, : width - 1 - start] % ARABIC_CODE
    codes[np.arange(len(letters)), sizes + start] = END
    if start:
        codes[:, 0] = START
    groups = []
    number = np.zeros((len(letters), width + 1), np.int32)
    for size in range(1, longest + 1):
        longer = np.zeros_like(number)
        longer[:, size:] = np.where(codes[:, size - 1 :] > 0, number[:, size - 1 : -1] << 5 | codes[:, size - 1 :], 0)
        groups.append(longer)
        number = longer
    return groups


def align(weights: Weights, rows: Letters, columns: Letters) -> Floats:
    """The log of the summed odds of all alignments of each row word with each column word; one side is one word."""
    above = np.stack([weights.rows[groups] for groups in reversed(letter_groups(rows, True, LONGEST_ROW))])
    beside = np.stack([weights.columns[groups] for groups in letter_groups(columns, False, LONGEST_COLUMN)])
    beside = np.concatenate([np.full_like(beside[:1], weights.columns[0]), beside])  # no letter, one, two
    many, width, height = max(len(rows), len(columns)), beside.shape[2], above.shape[2]
    one_row = None if len(columns) == 1 else weights.table[above[:, 0]]  # (3, places, columns of the table)
    one_column = weights.table[:, beside[:, 0]] if one_row is None else None  # (rows of the table, 3, places)

    # total[i + 3, word, j + 2] is the odds of the first i row letters with the first j column letters, and
    # before[i, q, word, j] those with q column letters fewer.
    total = np.zeros((height + LONGEST_ROW, many, width + LONGEST_COLUMN), np.float32)
    starts = name_starts(columns)[:, :width]
    total[LONGEST_ROW, :, LONGEST_COLUMN : LONGEST_COLUMN + starts.shape[1]] = starts
    down, over, along = total.strides
    before = np.lib.stride_tricks.as_strided(
        total[:, :, LONGEST_COLUMN:],
        (len(total), LONGEST_COLUMN + 1, many, width),
        (down, -along, over, along),
        writeable=False,
    )
    for place in range(1, height):
        if one_row is not None:
            steps = one_row[:, place].take(beside, axis=1)
        else:
            assert one_column is not None
            steps = one_column.take(above[:, :, place], axis=0).swapaxes(1, 2)
        steps *= before[place : place + LONGEST_ROW]
        total[place + LONGEST_ROW, :, LONGEST_COLUMN:] = steps.reshape(-1, many, width).sum(axis=0)
    last_row = (rows > 0).sum(axis=1) + 2 + LONGEST_ROW
    last_column = (columns > 0).sum(axis=1) + 1 + LONGEST_COLUMN
    result: Floats = np.log(np.maximum(total[last_row, np.arange(many), last_column], np.float32(1e-30)))
    return result


def _evidence(query: Letters, others: Letters) -> Floats:
    """The log-odds that each of the words is the name of the query; the scripts may differ."""
    weights = load_weights()
    result = np.empty(len(others), np.float32)
    script = query[0, 0] > ARABIC_CODE
    crossing = (others[:, 0] > ARABIC_CODE) != script
    if crossing.any():
        sides = (others[crossing], query) if script else (query, others[crossing])
        result[crossing] = align(weights["en-ar"], *sides)
    # Within a script the shorter word is the row, for the other may carry a clitic; equal ones go by their letters.
    sizes, size = (others > 0).sum(axis=1), int((query > 0).sum())
    differs = others.astype(np.int16) - query
    first = np.take_along_axis(differs, (differs != 0).argmax(axis=1)[:, None], axis=1)[:, 0]
    above = (sizes < size) | ((sizes == size) & (first < 0))
    same = weights["ar-ar" if script else "en-en"]
    for part, flip in ((~crossing & above, True), (~crossing & ~above, False)):
        if part.any():
            result[part] = align(same, others[part], query) if flip else align(same, query, others[part])
    return result


def _similarity(query: Letters, others: Letters) -> Floats:
    odds = np.clip((_evidence(query, others) - EVIDENCE) / EVIDENCE_SCALE, -40, 13)
    return np.where((others == query).all(axis=1), np.float32(1), 1 / (1 + np.exp(-odds))).astype(np.float32)


def similarity(a: str, b: str) -> float:
    """How surely two words spell one name, from 0 to 1, in either script; the same both ways.

    1 only for equal words (after folding), 0 when one is no name in one script.
    """
    letters = spell([a, b])
    if not letters[:, 0].all():
        return 0.0
    return float(_similarity(letters[:1], letters[1:])[0])


def _letter_shapes() -> npt.NDArray[np.int8]:
    shapes = np.zeros((256, 4), np.int8)
    shapes[1:_FOREIGN, 3] = 1
    for kind, vowels in enumerate(("aاع", "eiyي", "ouwو")):
        shapes[[_CODES[ord(vowel)] for vowel in vowels], kind] = 1
    return shapes


_SHAPES = _letter_shapes()


def _shape(letters: Letters) -> Ints:
    """How many letters of a word are like a, like i, like u, and how many it has: shape (n, 4)."""
    counts: Ints = _SHAPES[letters].sum(axis=1, dtype=np.int64)
    return counts


# --- Retrieval --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Finds the spellings of a name in a list of n words; plain arrays, which may be memory-mapped.

    `keys` (uint64, ascending) are the keys of all words, `owners` (int32) the position of the word of each, `letters`
    (uint8, (n, WIDTH)) the words as `spell` gives them.
    """

    keys: npt.NDArray[np.uint64]
    owners: npt.NDArray[np.int32]
    letters: Letters

    @classmethod
    def build(cls, words: Sequence[str]) -> NameIndex:
        """Index words in either script; a word may be a pair ("داود اوغلو") that spells one name."""
        lines = _lines(words)
        letters = _letters(lines)
        return cls(*_keys(lines, letters), letters)

    def save(self, folder: Path) -> None:
        """Write the arrays to three files names_*.npy in a folder."""
        for name in self.__slots__:
            np.save(folder / f"names_{name}.npy", getattr(self, name))

    @classmethod
    def open(cls, folder: Path) -> NameIndex:
        """Map a saved index into memory. Raises FileNotFoundError when a file of it is missing."""
        return cls(
            *(np.load(folder / f"names_{name}.npy", mmap_mode="r", allow_pickle=False) for name in cls.__slots__)
        )

    def match(self, word: str, limit: int = 5, least: float = LIKELY) -> list[tuple[int, float]]:
        """The positions of the words that spell a name, with their similarities (of `least` or more), best first."""
        lines = _lines([word])
        query = _letters(lines)
        candidates = self._candidates(query, _keys(lines, query)[0])
        if not len(candidates):
            return []
        similar = _similarity(query, np.asarray(self.letters[candidates]))
        order = np.lexsort((candidates, -similar))[:limit]
        return [(int(candidates[i]), float(similar[i])) for i in order if similar[i] >= least]

    def _candidates(self, query: Letters, keys: npt.NDArray[np.uint64]) -> Ints:
        left, right = np.searchsorted(self.keys, keys), np.searchsorted(self.keys, keys, side="right")
        parts = [self.owners[a:b] for a, b in zip(left, right, strict=True)]
        found = np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int32)
        if len(found) > MOST_CANDIDATES:
            letters = np.asarray(self.letters[found])
            more = _shape(letters) - _shape(query)
            # Arabic leaves vowels out: one too many counts double in an Arabic candidate, one too few in a Latin one.
            excess, lack = np.maximum(more, 0).sum(axis=1), np.maximum(-more, 0).sum(axis=1)
            misfit = excess + lack + np.where(letters[:, 0] > ARABIC_CODE, excess, lack)
            found = np.sort(found[np.argsort(misfit, kind="stable")[:MOST_CANDIDATES]])
        return found.astype(np.int64)
