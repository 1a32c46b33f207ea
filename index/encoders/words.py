"""The tokens of texts, word by word: a word that was met before is not tokenised again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from ..text import Pieces, pieces_of

REMEMBERED = 1 << 21
"""Letters of the words as written that are kept, some 45 MB: the tokenizer took nine tenths of the time of encoding."""

TOGETHER = 100
"""Words that are tokenised as one text, in a quarter of the time that they take one by one."""

Ids = npt.NDArray[np.int64]


class Words:
    """What a tokenizer makes of texts. None of its rules may look beyond a space or a line break."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._pieces = Pieces(self._tokenised)

    def __call__(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """The tokens of texts, end to end, and how many each text has: int64 (n,), int64 (len(texts),)."""
        found = self._pieces([pieces_of(text) for text in texts])
        if self._pieces.letters > REMEMBERED:
            self._pieces = Pieces(self._tokenised)
        return found

    def _tokenised(self, words: Sequence[str]) -> tuple[Ids, Ids]:
        lines = [words[start : start + TOGETHER] for start in range(0, len(words), TOGETHER)]
        found = self._tokenizer.encode_batch([" ".join(line) for line in lines], add_special_tokens=False)
        ids, counts = [], []
        for line, encoding in zip(lines, found, strict=True):
            ends = np.cumsum([len(word) + 1 for word in line])
            behind = np.searchsorted([start for start, _ in encoding.offsets], ends)
            ids.append(np.array(encoding.ids, np.int64))
            counts.append(np.diff(behind, prepend=0))
        return np.concatenate(ids), np.concatenate(counts)
