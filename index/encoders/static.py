"""The embedded bilingual model: a table of word vectors, averaged with weights."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from ..text import Remembered, distinct
from ..types import Encoder, Tokens, Vectors, WordEncoder
from .wordpieces import WordPieces
from .words import ReadWords

EMBEDDED = Path(__file__).parents[1] / "model"
TEXTS_AT_ONCE = 4096  # tokenised in one batch

# Texts are averaged together where they have about as many tokens: within so many more, and so many tokens at once,
# whose vectors take 2 MB.
WIDTHS = 8
TOKENS_AT_ONCE = 1_600

# Table rows of words are cached in two caches. Requests for at most SEVERAL words come from queries: their cache holds
# REMEMBERED words. Larger requests come from passages: theirs holds LETTERS letters, and evicts no query words.
REMEMBERED = 20_000
SEVERAL = 1_000
LETTERS = 1 << 21

POOLING = "4"
"""Version of the averaging; part of the model's hash. Change it whenever the same table gives a text another vector."""

_NO_QUESTION_MARKS = str.maketrans("?؟", "  ")  # a passage that answers a question need not contain a question mark


class StaticEncoder(Encoder):
    """A text's vector is the weighted mean of its tokens' vectors. No network is run: thousands of passages a second.

    Arabic words that differ only in clitics or endings (كلبه "his dog", كلبي "my dog") share one vector. What
    distinguishes them ("his", "my") has a vector of its own and counts as a further token. A question mark is a token
    too, except in queries.

    Of whole texts, a word that is no token is read as one (see `ReadWords`): a dialect's spelling of it, say.

    The weight of a token is its scale, times the square root of how often it occurs, times its novelty: 1 minus the
    cosine between its vector and the sum of all other tokens' vectors, so that what is said in many words does not
    outweigh what is said in one. sentence-transformers loads the same folder, but as a plain mean of the words.
    """

    def __init__(self, folder: Path = EMBEDDED) -> None:
        """Load a model folder. tokenizer.json is read only when a text is first encoded.

        encoder.json       name, dim and hash
        tokenizer.json     folding, light stemming and the vocabulary
        model.safetensors  embeddings, int8 (rows, dim), and their lengths, float32 (rows,); and for each token:
                           mapping, int32, its row; weights, float32, its scale; forms, uint8, the token of its form,
                           or 0; rarity, uint8, how rarely an Arabic word is met (see `readings` in words.py)
        """
        about = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        self.name: str = about["name"]
        self.dim: int = about["dim"]
        self.hash: str = about["hash"]  # stored, because hashing the files would slow down every start
        self._folder = folder
        self._entries: dict[str, int] = {}  # of words that were asked for: those of a query are asked for several times
        self._entries_of_passages = Remembered(
            lambda words: [(self._entries_of(words), np.ones(len(words), np.int64))], LETTERS
        )
        self._rows = _mapped(folder / "model.safetensors", "embeddings")
        with safe_open(folder / "model.safetensors", framework="np") as tensors:
            self._mapping: npt.NDArray[np.int32] = tensors.get_tensor("mapping")
            self._weights: npt.NDArray[np.float32] = tensors.get_tensor("weights")
            self._forms: npt.NDArray[np.uint8] = tensors.get_tensor("forms")
            self._lengths: npt.NDArray[np.float32] = tensors.get_tensor("lengths")
            self._rarity: npt.NDArray[np.uint8] = tensors.get_tensor("rarity")

    @property
    def words(self) -> WordEncoder:
        """The encoder itself: it is a table of words."""
        return self

    @cached_property
    def _words(self) -> WordPieces:
        # Reading it takes a tenth of the start-up time of a search, and most commands encode nothing.
        return WordPieces((self._folder / "tokenizer.json").read_text(encoding="utf-8"))

    @cached_property
    def _read(self) -> ReadWords:
        return ReadWords(self._words, self._rarity)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts: float32 (len(texts), dim), unit rows; a zero row for a text without known tokens."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            part = slice(start, start + TEXTS_AT_ONCE)
            vectors[part] = self.averaged(self._tokens(*self._read(texts[part])))
        return vectors

    def averaged(self, tokens: Tokens) -> Vectors:
        """Vectors of tokenised texts, as `encode` gives them."""
        vectors = np.zeros((len(tokens.words), self.dim), np.float32)
        known = tokens.scales > 0
        held, first, times = np.unique(
            (tokens.owners * len(self._rows) + tokens.entries)[known], return_index=True, return_counts=True
        )  # for all texts at once, which is ten times as fast as text by text
        owners, entries = np.divmod(held, len(self._rows))
        weights = tokens.scales[known][first] * np.sqrt(times, dtype=np.float32)
        lengths = weights * self._lengths[entries]
        counts = np.bincount(owners, minlength=len(vectors))
        starts = np.cumsum(counts) - counts
        for texts, width in _alike(counts):
            places = np.arange(width)
            held_here = places < counts[texts, None]
            taken = np.where(held_here, starts[texts, None] + places, 0)
            rows = self._rows[entries[taken]].astype(np.float32)
            here = weights[taken] * held_here
            novelty = _novelty(rows, here, lengths[taken] * held_here)
            vectors[texts] = ((here * novelty)[:, None] @ rows)[:, 0]
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(norms > 0, norms, 1)
        return vectors

    encode_passages = encode_similar = encode

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of queries: as `encode` gives them, but question marks are ignored."""
        return self.encode([text.translate(_NO_QUESTION_MARKS) for text in texts])

    def entries(self, words: Sequence[str]) -> npt.NDArray[np.int32]:
        """The row of each word in the table: int32 (len(words),), -1 for a word that is unknown or several tokens."""
        if len(words) > SEVERAL:
            ((entries, _),) = self._entries_of_passages(words)
            return entries
        known = self._entries  # another thread may put a new one there
        missing = [word for word in dict.fromkeys(words) if word not in known]
        if missing:
            if len(known) > REMEMBERED:
                known = self._entries = {word: known[word] for word in words if word in known}
            known.update(zip(missing, self._entries_of(missing).tolist(), strict=True))
        return np.fromiter(map(known.__getitem__, words), np.int32, len(words))

    def _entries_of(self, words: Sequence[str]) -> npt.NDArray[np.int32]:
        tokens = self._words.whole(words)
        found: npt.NDArray[np.int32] = np.where(
            (tokens >= 0) & (self._weights[tokens] > 0), self._mapping[tokens], np.int32(-1)
        )
        return found

    def vectors(self, entries: npt.NDArray[np.integer[Any]], dim: int | None = None) -> Vectors:
        """The vectors in these rows of the table, at unit length: float32 (*entries.shape, dim).

        With `dim`, only the first `dim` numbers of each are used.
        """
        found: Vectors = self._rows[:, :dim][entries].astype(np.float32)
        squares = np.einsum("...i,...i->...", found, found)  # in a third of the time of np.linalg.norm
        found /= np.sqrt(np.maximum(squares, 1))[..., None]  # int8 rows: only a zero row is shorter than 1
        return found

    def lengths(self, entries: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.float32]:
        """The lengths of the vectors in these rows of the table, before scaling: float32 (n,)."""
        return np.asarray(self._lengths[entries])

    def query_tokens(self, queries: Sequence[str]) -> Tokens:
        """The tokens of queries, without question marks."""
        return self.tokens([query.translate(_NO_QUESTION_MARKS) for query in queries])

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """The tokens of texts, with pieces for words that the model does not know."""
        return self._tokens(*self._words(texts))

    def _tokens(self, words: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Tokens:
        owners, forms = np.repeat(np.arange(len(counts)), counts), self._forms[words]
        ids = np.concatenate([words, forms[forms > 0]])
        return Tokens(self._mapping[ids], self._weights[ids], np.concatenate([owners, owners[forms > 0]]), counts)


def _alike(counts: npt.NDArray[np.int64]) -> Iterator[tuple[npt.NDArray[np.int64], int]]:
    """Texts of about as many tokens, a few at a time, with a number that none of them exceeds.

    That number depends on a text alone: its vector is the same to the last bit whatever other texts there are.
    """
    widths = -(-counts // WIDTHS) * WIDTHS
    for width in distinct(widths[widths > 0]).tolist():
        texts = np.flatnonzero(widths == width)
        several = max(TOKENS_AT_ONCE // width, 1)
        for start in range(0, len(texts), several):
            yield texts[start : start + several], width


def _novelty(rows: Vectors, weights: npt.NDArray[np.float32], lengths: npt.NDArray[np.float32]) -> Vectors:
    """The novelty of each token of some texts, 0 to 1: float32 (texts, n). See `StaticEncoder`.

    `rows` (texts, n, dim) are the tokens' vectors, `weights` (texts, n) their weights so far, `lengths` (texts, n) the
    lengths of the weighted vectors; both 0 where a text has no more tokens.
    """
    total = weights[:, None] @ rows
    squares = lengths * lengths
    # dot product of each weighted vector with the sum of all, itself included
    within = weights * (rows @ total.transpose(0, 2, 1))[:, :, 0]
    # squared length of the sum of all others
    others = np.maximum((total @ total.transpose(0, 2, 1))[:, :, 0] - 2 * within + squares, 1e-9)
    cosines = (within - squares) / (np.where(lengths > 0, lengths, 1) * np.sqrt(others))
    novelty: Vectors = 1 - np.minimum(np.maximum(cosines, 0), 1)
    return novelty


def _mapped(path: Path, name: str) -> npt.NDArray[np.int8]:
    """An int8 tensor of a safetensors file, memory-mapped. The library would copy 23 MB at each start (15-30 ms).

    The file begins with the length of its header (8 bytes, little-endian). The header is JSON and gives the offset of
    each tensor, counted from the end of the header.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        about = json.loads(file.read(length))[name]
    return np.asarray(np.memmap(path, np.int8, "r", 8 + length + about["data_offsets"][0], tuple(about["shape"])))
