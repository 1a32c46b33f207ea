"""What is kept of each article to find its copies: hashes of word sequences, a few hundred bytes an article."""

from __future__ import annotations

import struct
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from .text import terms

SKETCH = "1"
"""Stored beside the sketches; changes whenever the same text would give another sketch."""

Sketch = npt.NDArray[np.uint64]

GRAM = 4
"""Words in a shingle. A copy with every twentieth word changed keeps 81% of its 4-grams."""

WINDOW = 4
"""Shingles in a window, of which the smallest is kept: two texts that share GRAM + WINDOW - 1 = 7 words in a row
share a fingerprint, however short or long they are, and two in five shingles are stored."""

_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def sketch(text: str) -> Sketch:
    """The fingerprints of a text: uint64, shape (n,), ascending, each once; empty where there is no word.

    Winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003)
    over the terms of the text, so that marks, letter variants, punctuation and clitics do not matter. The hashes are
    the same on every machine and in every run.
    """
    words = terms(text.replace("ى", "ي"))  # folding keeps على (on) and علي (a name) apart, which many papers do not
    if not words:
        return np.empty(0, np.uint64)
    shingles = _shingles(np.fromiter(map(_hash, words), np.uint64, len(words)))
    if len(shingles) > WINDOW:
        shingles = np.lib.stride_tricks.sliding_window_view(shingles, WINDOW).min(axis=1)
    return np.unique(shingles)


def overlap(a: Sketch, b: Sketch) -> float:
    """The estimated share of the smaller text that the other holds, from 0 to 1."""
    if not len(a) or not len(b):
        return 0.0
    return len(np.intersect1d(a, b, assume_unique=True)) / min(len(a), len(b))


def pack(fingerprints: Sketch) -> bytes:
    """The sketch as it is stored: little-endian, 8 bytes each."""
    return fingerprints.astype("<u8").tobytes()


def unpack(stored: bytes) -> Sketch:
    """The sketch that `pack` stored."""
    return np.frombuffer(stored, "<u8").astype(np.uint64, copy=False)


@lru_cache(maxsize=1 << 18)
def _hash(word: str) -> int:
    return int(struct.unpack("<Q", blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest())[0])


def _shingles(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    size = min(GRAM, len(words))
    count = len(words) - size + 1
    mixed = np.zeros(count, np.uint64)
    for i in range(size):  # the order of the words counts: each place rotates the sum before the next word is added
        mixed = (mixed << np.uint64(17) | mixed >> np.uint64(47)) + words[i : i + count] * _MIX[0]
    mixed ^= mixed >> np.uint64(31)
    mixed *= _MIX[1]
    return mixed ^ (mixed >> np.uint64(29))
