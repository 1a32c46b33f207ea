"""Which written form of a term stands for it: that decides what the term means, and what name it spells.

It is chosen by the forms alone, never by how many passages have each. So it is the same however the passages are
divided into segments: a commit more or less changes no answer.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..encoders import embedded
from ..tables import read_table
from ..text import Strings, ranges, term_key

LONGEST = 255
"""Bytes of a form; what is longer counts as this long, and is compared up to there."""

FORMS_AT_ONCE = 1 << 16
"""Forms whose bytes are compared at once: some megabytes of working memory."""

_POWERS = np.cumprod(np.full(LONGEST + 1, 2_654_435_761, np.uint64), dtype=np.uint64)


def preference(
    keys: npt.NDArray[np.uint64], surfaces: Strings, entries: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.uint64]:
    """Of several forms of a term, the one with the least number stands for it: uint64 (n,).

    `keys` are those of the terms (`term_key`), `surfaces` the forms, `entries` where the embedded model has their
    vectors, -1 where it has none. First come the forms with the vector that forms.tsv gives the term, then those with a
    vector, then the shortest; of equally long ones always the same.
    """
    lengths = np.minimum(np.diff(surfaces.offsets), LONGEST).astype(np.uint64)
    listed, given = _given()
    places = np.minimum(np.searchsorted(listed, keys), len(listed) - 1)
    other = (listed[places] == keys) & (given[places] != entries)
    last = np.zeros(len(lengths), np.uint64)
    for first in range(0, len(last), FORMS_AT_ONCE):
        offsets = surfaces.offsets[first : first + FORMS_AT_ONCE + 1]
        each = ranges(np.zeros(len(offsets) - 1, np.int64), np.diff(offsets))
        letters = surfaces.blob[offsets[0] : offsets[-1]] * _POWERS[np.minimum(each, LONGEST)]
        last[first : first + FORMS_AT_ONCE] = np.add.reduceat(
            np.append(letters, np.uint64(0)), offsets[:-1] - offsets[0]
        )
    worse = other.astype(np.uint64) << np.uint64(41) | (entries < 0).astype(np.uint64) << np.uint64(40)
    preferred: npt.NDArray[np.uint64] = worse | lengths << np.uint64(32) | last >> np.uint64(32)
    return preferred


@cache
def _given() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """The keys of the terms in forms.tsv, ascending, and the entry of the form of each."""
    terms, forms = zip(*read_table(Path(__file__).with_name("forms.tsv")), strict=True)
    keys = np.array([*map(term_key, terms)], np.uint64)
    order = np.argsort(keys)
    return keys[order], embedded().entries(forms)[order]
