"""What written forms spell, remembered: most words of one commit stand in the next one, too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..text import NAME_WIDTH, Column, NameIndex, Remembered

REMEMBERED = 1 << 20
"""Letters of the written forms that are remembered: 150,000 forms, in some 40 MB."""


class Spelled:
    """The names that written forms may be."""

    def __init__(self) -> None:
        """Nothing is remembered yet."""
        self._made = Remembered(_made, REMEMBERED)

    def names(self, words: Sequence[str]) -> NameIndex:
        """The names of some different words, as `NameIndex.build` gives them."""
        if not words:
            return NameIndex.build(words)
        (keys, counts), (letters, _) = self._made(words)
        order = np.argsort(keys, kind="stable")
        owners = np.repeat(np.arange(len(words), dtype=np.int32), counts)
        return NameIndex(keys[order], owners[order], letters.reshape(-1, NAME_WIDTH))


def _made(words: Sequence[str]) -> list[Column]:
    """The keys of words, and their letters."""
    index = NameIndex.build(words)
    counts = np.bincount(index.owners, minlength=len(words))
    keys = index.keys[np.argsort(index.owners, kind="stable")]
    return [(keys, counts), (index.letters.ravel(), np.full(len(words), NAME_WIDTH))]
