"""What written forms spell, remembered: most words of one commit stand in the next one, too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import numpy as np

from ..text import NameIndex
from .postings import Array

REMEMBERED = 1 << 17
"""Written forms that are remembered at most, in some 30 MB; then only those of the last commit."""


class Spelled:
    """The names that written forms may be."""

    def __init__(self) -> None:
        """Nothing is remembered yet."""
        self._places: dict[str, int] = {}
        self._names = NameIndex.build([])

    def names(self, words: Sequence[str]) -> NameIndex:
        """The names of some different words, as `NameIndex.build` gives them."""
        places = self._found(words)
        return NameIndex.taken([self._names], np.zeros(len(places), np.int8), places)

    def _found(self, words: Sequence[str]) -> Array:
        """The places of some words; new ones are added."""
        places = np.fromiter(map(self._places.get, words, repeat(-1)), np.int64, len(words))
        new = np.flatnonzero(places < 0)
        if len(self._places) + len(new) > REMEMBERED:
            self._places, self._names = {}, NameIndex.build([])
            new = np.arange(len(words))
        if len(new):
            added, known = [words[i] for i in new.tolist()], len(self._places)
            places[new] = np.arange(known, known + len(new))
            self._places.update(zip(added, places[new].tolist(), strict=True))
            which, where = np.repeat([0, 1], [known, len(new)]), np.append(np.arange(known), np.arange(len(new)))
            self._names = NameIndex.taken([self._names, NameIndex.build(added)], which, where)
        return places
