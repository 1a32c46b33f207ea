"""Text to vectors: the embedded bilingual model, or any sentence-transformers model by name or folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from tokenizers import Tokenizer

from ..types import Encoder, Tokens, Vectors, WordEncoder

EMBEDDED = Path(__file__).parents[1] / "model"
TEXTS_AT_ONCE = 4096  # as many as are tokenised in parallel

POOLING = "3"
"""Part of the model's hash; changes whenever the same table gives a text another vector."""

_UNASKED = str.maketrans("?؟", "  ")  # a passage that answers need not ask


class StaticEncoder(Encoder):
    """One vector per token, averaged: no network to run, so thousands of passages a second on one core.

    "His dog" and "my dog" are one word in Arabic and share its vector (كلبه, كلبي); their forms, his and my, have
    vectors of their own, which count as further tokens. So does a question mark, but not in queries.

    A token that stands n times in a text counts as the root of n, and the less the more the others say the same: by 1
    less the cosine between its vector and the sum of theirs. sentence-transformers loads the same folder, but as a
    plain mean of the words.
    """

    def __init__(self, folder: Path = EMBEDDED) -> None:
        """Reads `folder`: encoder.json (name, dim, hash), tokenizer.json (folding, light stemming, vocabulary; when a
        text is first encoded) and model.safetensors (`embeddings`, int8 (rows, dim), and their `lengths`, float32
        (rows,); for each token its row in `mapping`, int32, its scale in `weights`, float32, and in `forms`, uint8, the
        token of its form or 0).
        """
        about = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        self.name: str = about["name"]
        self.dim: int = about["dim"]
        self.hash: str = about["hash"]  # stored, since hashing the files would cost each start as much as reading them
        self._folder = folder
        self._rows = _mapped(folder / "model.safetensors", "embeddings")
        with safe_open(folder / "model.safetensors", framework="np") as tensors:
            self._mapping: npt.NDArray[np.int32] = tensors.get_tensor("mapping")
            self._weights: npt.NDArray[np.float32] = tensors.get_tensor("weights")
            self._forms: npt.NDArray[np.uint8] = tensors.get_tensor("forms")
            self._lengths: npt.NDArray[np.float32] = tensors.get_tensor("lengths")

    @property
    def words(self) -> WordEncoder:
        """The encoder itself: it is a table of words."""
        return self

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        # Reading it takes a third of a cold start, and most commands encode nothing.
        return Tokenizer.from_file(str(self._folder / "tokenizer.json"))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts`, float32 (len(texts), dim), unit rows; a text without any known token is a zero row."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            part = slice(start, start + TEXTS_AT_ONCE)
            vectors[part] = self.averaged(list(self.tokens(texts[part])))
        return vectors

    def averaged(self, texts: Sequence[Tokens]) -> Vectors:
        """The same of texts whose tokens are known already."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        entries = np.concatenate([tokens.entries for tokens in texts] or [self._mapping[:0]]).astype(np.int64)
        scales = np.concatenate([tokens.scales for tokens in texts] or [self._weights[:0]])
        owners = np.repeat(np.arange(len(texts)), [len(tokens.entries) for tokens in texts])
        known = scales > 0
        held, first, times = np.unique(
            (owners * len(self._rows) + entries)[known], return_index=True, return_counts=True
        )  # all texts at once: a tenth of the time that it takes for each alone
        weights = scales[known][first] * np.sqrt(times, dtype=np.float32)
        owners, entries = np.divmod(held, len(self._rows))
        lengths = weights * self._lengths[entries]
        for i, (start, end) in enumerate(pairwise(np.searchsorted(owners, np.arange(len(texts) + 1)).tolist())):
            rows = self._rows.take(entries[start:end], axis=0).astype(np.float32)
            vectors[i] = (weights[start:end] * _news(rows, weights[start:end], lengths[start:end])) @ rows
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(norms > 0, norms, 1)
        return vectors

    encode_passages = encode_similar = encode

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of queries, as `encode` gives them, but read without question marks."""
        return self.averaged(list(self.query_tokens(texts)))

    def entries(self, words: Sequence[str]) -> npt.NDArray[np.int32]:
        """Where the vector of each word stands in the table: int32 (len(words),), -1 for a word that has none alone."""
        found = np.full(len(words), -1, np.int32)
        for i, tokens in enumerate(self.tokens(words)):
            if tokens.words == 1 and tokens.scales[0] > 0:
                found[i] = tokens.entries[0]
        return found

    def vectors(self, entries: npt.NDArray[np.integer[Any]], dim: int | None = None) -> Vectors:
        """The vectors at entries of the table, the first `dim` numbers of each: float32 (*entries.shape, dim), of unit
        length.
        """
        found: Vectors = self._rows[:, :dim][entries].astype(np.float32)
        found /= np.maximum(np.linalg.norm(found, axis=-1, keepdims=True), 1)  # whole numbers: below 1 only of nothing
        return found

    def lengths(self, entries: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.float32]:
        """How long the vectors at entries of the table are without a scale: float32 (n,)."""
        return np.asarray(self._lengths[entries])

    def query_tokens(self, queries: Sequence[str]) -> Iterator[Tokens]:
        """The tokens of each query: without question marks."""
        return self.tokens([query.translate(_UNASKED) for query in queries])

    def tokens(self, texts: Sequence[str]) -> Iterator[Tokens]:
        """The tokens of each text."""
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            batch = list(texts[start : start + TEXTS_AT_ONCE])
            for encoding in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False):
                words = np.array(encoding.ids, np.int64)
                forms = self._forms[words]
                ids = np.concatenate([words, forms[forms > 0]])
                yield Tokens(self._mapping[ids], self._weights[ids], len(words))


def _news(rows: Vectors, weights: npt.NDArray[np.float32], lengths: npt.NDArray[np.float32]) -> Vectors:
    """How little the others of its text say what each token says, 0 to 1: float32 (n,). `lengths` are as weighed."""
    total = weights @ rows
    squares = lengths * lengths
    within = weights * (rows @ total)  # the product of each vector with the sum of all, itself included
    others = np.maximum(total @ total - 2 * within + squares, 1e-9)  # of the sum of the others, the length squared
    cosines = (within - squares) / (lengths * np.sqrt(others))
    news: Vectors = 1 - np.minimum(np.maximum(cosines, 0), 1)
    return news


def _mapped(path: Path, name: str) -> npt.NDArray[np.int8]:
    """An int8 tensor of a safetensors file, mapped into memory: the library would copy 23 MB at each start (15-30 ms).

    Such a file begins with the length of its header (8 bytes, little-endian); the header is JSON and says where each
    tensor lies behind it.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        about = json.loads(file.read(length))[name]
    return np.asarray(np.memmap(path, np.int8, "r", 8 + length + about["data_offsets"][0], tuple(about["shape"])))
