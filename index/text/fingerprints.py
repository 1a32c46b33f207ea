"""What is kept of each article to find its copies: hashes of word sequences, a few hundred bytes an article."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .folding import fold
from .packed import distinct, ranges

SKETCH = "4"
"""Stored beside the sketches; changes whenever the same text would give another sketch."""

Sketch = npt.NDArray[np.uint64]

GRAM = 4
"""Words in a shingle. A copy with every twentieth word changed keeps 81% of its 4-grams."""

WINDOW = 4
"""Shingles in a window, of which the smallest is kept: two texts that share GRAM + WINDOW - 1 = 7 words in a row
share a fingerprint, however short or long they are, and two in five shingles are stored."""

COLUMNS = 4_096
"""Shared fingerprints that are counted at once where sketches are compared in pairs."""

CHARACTERS = 1 << 18
"""Characters of one text that are hashed at once: their arrays, some 20 MB, are the working memory."""

TOGETHER = 1 << 15
"""Characters of short texts that are hashed together: arrays that stay in the cache, in memory that is used again. With
eight times as many, the system hands out and clears new memory each time, which takes half as long as the work."""

PACKED = 4
"""Bytes in which a fingerprint is stored. Of 400,000 articles, three share one with an article by chance."""

_PLANE = 1 << 16  # characters that the alphabet knows: the basic plane; those beyond it, emoji first, are no letters
_UNFOLDED = range(0x3400, 0xD800)  # Chinese, Korean and their neighbours: folding would only take time
_PLACES = 64  # letters of a word from which on places are counted anew
_SPACE, _NOTHING, _POINT, _APOSTROPHE, _SEVERAL = range(5)  # what a character may be instead of a letter
_NINE = ord("9")
_NONE: Sketch = np.empty(0, np.uint64)
_LAST = np.uint64((1 << 8 * PACKED) - 1)


def sketch(text: str) -> Sketch:
    """The fingerprints of a text: uint64 (below 2^32), shape (n,), ascending, each once; empty where there is no word.

    Winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003)
    over the words of the text as they are folded, so that marks, letter variants and punctuation do not matter. The
    hashes are the same on every machine and in every run.
    """
    return sketches([text])[0]


def sketches(texts: Sequence[str]) -> list[Sketch]:
    """The sketch of each text, in a tenth of the time that as many calls of `sketch` take."""
    found = _batched(texts, _sketches)
    return [kept[0] if len(kept) == 1 else distinct(np.concatenate([_NONE, *kept])) for kept in found]


def bags(texts: Sequence[str]) -> list[Sketch]:
    """A fingerprint of every word of each text, the second use of a word being another than the first.

    uint64, ascending, each once: the `overlap` of two bags is the share of its words that the smaller text has in
    common with the other, in whatever order.
    """
    return [np.sort(np.concatenate([_NONE, *kept])) for kept in _batched(texts, _bags)]


def overlap(a: Sketch, b: Sketch) -> float:
    """The estimated share of the smaller text that the other holds, from 0 to 1."""
    if not len(a) or not len(b):
        return 0.0
    return len(np.intersect1d(a, b, assume_unique=True)) / min(len(a), len(b))


def overlapping(sketches: Sequence[Sketch], least: float) -> list[tuple[int, int]]:
    """The pairs of sketches whose `overlap` is `least` (0 to 1) or more, as places i < j, in order.

    For the articles of one list: time and memory grow with the square of the number of those that share anything.
    """
    every = np.concatenate([_NONE, *sketches])
    ordered = np.sort(every)  # of most texts, few fingerprints are shared: this is faster than counting each
    several = distinct(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(several):
        return []
    sizes = np.array([max(len(sketch), 1) for sketch in sketches])
    owners = np.repeat(np.arange(len(sketches)), [len(sketch) for sketch in sketches])
    places = np.minimum(np.searchsorted(several, every), len(several) - 1)
    common = several[places] == every
    owners, places = owners[common], places[common]
    # Of a pair that overlaps, the smaller has such a share in common with all others.
    enough = np.bincount(owners, minlength=len(sketches)) / sizes >= least
    wanted = np.zeros(len(several), bool)
    wanted[places[enough[owners]]] = True
    owners, places = owners[wanted[places]], places[wanted[places]]
    rows, which = np.unique(owners, return_inverse=True)
    counts = np.zeros((len(rows), len(rows)), np.float32)
    for first in range(0, len(several), COLUMNS):
        part = (places >= first) & (places < first + COLUMNS)
        marks = np.zeros((len(rows), min(COLUMNS, len(several) - first)), np.float32)
        marks[which[part], places[part] - first] = 1
        counts += marks @ marks.T
    shares = counts / np.minimum.outer(sizes[rows], sizes[rows])
    i, j = np.nonzero(np.triu(shares >= least, 1))
    return list(zip(rows[i].tolist(), rows[j].tolist(), strict=True))


def pack(sketch: Sketch) -> bytes:
    """A sketch as it is stored: little-endian numbers of PACKED bytes each."""
    return sketch.astype("<u4").tobytes()


def unpack(stored: bytes) -> Sketch:
    """The sketch that was packed, or several of them end to end."""
    return np.frombuffer(stored, "<u4").astype(np.uint64)


class _Alphabet(NamedTuple):
    """What each character is once it is folded, and the numbers that words are hashed with.

    `letters` (uint16) holds the folded letter, or one of the names above; `several` what unfolds to more than one.
    `values` (uint64) has a number for each letter, 0 for what is none; `factors` (uint64) one for each place in a word.
    """

    letters: npt.NDArray[np.uint16]
    several: dict[int, str]
    values: Sketch
    factors: Sketch


@cache
def _alphabet() -> _Alphabet:
    characters = [chr(code) if code not in _UNFOLDED and chr(code) != "\n" else " " for code in range(_PLANE)]
    folded = fold("\n".join(characters)).replace("ى", "ي").split("\n")  # folding one by one takes a second
    folded[_UNFOLDED.start : _UNFOLDED.stop] = map(chr, _UNFOLDED)
    letters = np.zeros(_PLANE + 1, np.uint16)
    several = {}
    for code, form in enumerate(folded):
        if len(form) == 1 and form.isalnum() and ord(form) < _PLANE:
            letters[code] = ord(form)
        elif len(form) > 1 and any(map(str.isalnum, form)):
            letters[code], several[code] = _SEVERAL, form
        else:
            letters[code] = {"": _NOTHING, ".": _POINT, ",": _POINT, "'": _APOSTROPHE}.get(form, _SPACE)
    letters[[ord(space) for space in "\u00a0\u2007\u2009\u202f"]] = _POINT  # 1 250 000 in one piece
    values = _mixed(np.arange(1, _PLANE + 1, dtype=np.uint64))
    values[: _SEVERAL + 1] = 0
    return _Alphabet(letters, several, values, _mixed(np.arange(1, _PLACES + 1, dtype=np.uint64) << np.uint64(32)))


def _batched(texts: Sequence[str], step: Callable[[Sequence[str]], Iterator[Sketch]]) -> list[list[Sketch]]:
    """What `step` makes of the pieces of each text, taken together until they have `TOGETHER` characters."""
    pieces = [(n, text[i : i + CHARACTERS]) for n, text in enumerate(texts) for i in range(0, len(text), CHARACTERS)]
    found: list[list[Sketch]] = [[] for _ in texts]
    start = size = 0
    for end, (_, piece) in enumerate(pieces, 1):
        size += len(piece)
        if size >= TOGETHER or end == len(pieces):
            numbers, batch = zip(*pieces[start:end], strict=True)
            for n, kept in zip(numbers, step(batch), strict=True):
                found[n].append(kept)
            start, size = end, 0
    return found


def _sketches(texts: Sequence[str]) -> Iterator[Sketch]:
    """The sketches of some texts."""
    words, bounds = _words(texts)
    shingles = _shingles(words, GRAM)
    smallest = shingles[: max(0, len(shingles) - WINDOW + 1)].copy()
    for i in range(1, WINDOW):
        np.minimum(smallest, shingles[i : i + len(smallest)], out=smallest)
    for start, end in pairwise(bounds):
        if end - start < GRAM:
            kept = _shingles(words[start:end], end - start)
        elif end - start < GRAM + WINDOW:
            kept = shingles[start : end - GRAM + 1]
        else:
            kept = smallest[start : end - GRAM - WINDOW + 2]
        yield distinct(kept & _LAST)  # the first bits are not spread evenly: the smallest of several were taken


def _bags(texts: Sequence[str]) -> Iterator[Sketch]:
    """The bags of some texts, unsorted."""
    words, bounds = _words(texts)
    words = words[np.lexsort((words, np.repeat(np.arange(len(texts)), np.diff(bounds))))]
    first = np.ones(len(words), bool)
    first[1:] = words[1:] != words[:-1]
    first[[start for start in bounds[:-1] if start < len(words)]] = True
    numbered = _mixed(words + _behind(first).astype(np.uint64))
    yield from (numbered[start:end] for start, end in pairwise(bounds))


def _words(texts: Sequence[str]) -> tuple[Sketch, list[int]]:
    """The hashes of the words of some texts, end to end, and where each text begins, all in the same few steps.

    No word is ever a string of its own: its hash is the sum of the numbers of its letters, each multiplied by that of
    its place. Folding keeps على (on) and علي (a name) apart, which many papers do not: here they are one.
    """
    alphabet = _alphabet()
    letters = alphabet.letters.take(_codes(texts), mode="clip")
    begins = np.cumsum([0, *(len(text) + 1 for text in texts)])
    several = np.flatnonzero(letters == _SEVERAL)
    if len(several):  # few texts have ligatures, fractions or pious formulas
        whole = list(texts)
        for n in distinct(np.searchsorted(begins, several, "right") - 1).tolist():
            whole[n] = texts[n].translate(alphabet.several)
        return _words(whole)
    places = np.flatnonzero(letters != _NOTHING)
    letters = letters[places]
    kept = np.ones(len(places), bool)
    kept[_unwritten(letters)] = False
    places, letters = places[kept], letters[kept]
    written, arabic = letters > _SEVERAL, (letters >= 0x620) & (letters < 0x700)
    first = written.copy()
    first[1:] &= ~written[:-1] | (arabic[1:] != arabic[:-1])  # "2024يذكر" is two words
    starts = np.flatnonzero(first)
    if not len(starts):
        return _NONE, [0] * len(begins)
    lengths = np.diff(np.append(starts, len(letters)))
    behind = ranges(np.zeros(len(starts), np.int64), lengths) % _PLACES
    values = alphabet.values.take(letters[starts[0] :]) * alphabet.factors.take(behind)
    words = _mixed(np.add.reduceat(values, starts - starts[0]))
    return words, np.searchsorted(places[starts], begins).tolist()


def _behind(first: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """How far each place is behind the last one that is marked."""
    return np.asarray(np.arange(len(first)) - np.flatnonzero(first)[np.cumsum(first) - 1])


def _codes(texts: Sequence[str]) -> npt.NDArray[np.uint32]:
    """The characters of all texts, a line break behind each."""
    joined = "".join(f"{text}\n" for text in texts)
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")


def _unwritten(letters: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    """Where a character counts for nothing: what parts the thousands of a number, the apostrophe of "don't", letters
    drawn out."""
    inside = np.flatnonzero((letters[1:-1] == _POINT) | (letters[1:-1] == _APOSTROPHE)) + 1
    sides = np.stack((letters[inside - 1], letters[inside + 1]))
    digits = ((sides > _SEVERAL) & (sides <= _NINE)).all(axis=0)
    held = digits | ((letters[inside] == _APOSTROPHE) & (sides > _NINE).all(axis=0))
    twice = np.flatnonzero((letters[1:] == letters[:-1]) & (letters[1:] > _NINE)) + 1
    thrice = np.isin(twice - 1, twice) | np.isin(twice + 1, twice)
    thrice &= ~np.isin(letters[twice], [ord(letter) for letter in "ivxw"])  # Roman numbers and "www" stay
    return np.concatenate((inside[held], twice[thrice]))


def _shingles(words: Sketch, size: int) -> Sketch:
    """A hash of each `size` words in a row."""
    mixed = np.zeros(max(0, len(words) - size + 1) if size else 0, np.uint64)
    for i in range(size):  # the order of the words counts: each place rotates the sum before the next word is added
        mixed = (mixed << np.uint64(17) | mixed >> np.uint64(47)) + words[i : i + len(mixed)]
    return _mixed(mixed)


def _mixed(values: Sketch) -> Sketch:
    """Each number spread over all 64 bits (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
    OOPSLA 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
