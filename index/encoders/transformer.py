"""Any sentence-transformers model as an encoder. Needs the extra `models`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..passages import encoded_text
from ..text import sentences
from ..types import Article, Encoder, Passage, Vectors
from .catalogue import find
from .hub import load_model, reference

if TYPE_CHECKING:
    import torch

# Tokens in one batch, padding included, by type of device. On a CPU more gain nothing, since they no longer fit its
# caches; on a GPU this many keep bge-m3 (24 layers of 1,024) below 4 GB.
TOKENS_AT_ONCE = {"cpu": 8_192, "mps": 16_384, "cuda": 65_536}
TEXTS_AT_ONCE = 256

# The names of prompts in a model's configuration; the first that is present and not empty is used.
PROMPT_NAMES = {
    "query": ("query",),
    "passage": ("document", "passage", "corpus"),
    "similarity": ("STS", "similarity", "text-matching"),
}

# Model types trained in bfloat16: their activations exceed 65,504, the largest float16.
WIDE_RANGE = ("gemma", "qwen", "t5", "mt5", "umt5")


class SentenceEncoder(Encoder):
    """A sentence-transformers model from a folder or the hub; the prefix `onnx:` or `openvino:` chooses the backend.

    Prompts are those given here, or else those of the model's configuration, or else those in models.tsv. With
    `dimensions`, vectors are cut to the first numbers (for Matryoshka models) and scaled back to unit length. On a GPU
    the model runs in half precision. `progress` is called with (passages done, passages in all) while passages are
    encoded; `cut` counts the passages that were longer than `limit`. With `only_cached` only the hub's cache is
    used, neither a folder nor the network.

    Raises ModelUnavailable when the extra is not installed or the model cannot be found or downloaded, and InputError
    when the model has no such device or dimensions.
    """

    def __init__(
        self,
        name: str,
        *,
        device: str | None = None,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        dimensions: int | None = None,
        only_cached: bool = False,
    ) -> None:
        self.name = reference(name)
        self._model: Any = load_model("SentenceTransformer", name, device, only_cached=only_cached)
        self.prompts = self._prompts({"query": query_prompt, "passage": passage_prompt})
        full = int(self._model.get_embedding_dimension())
        if dimensions is not None and not 0 < dimensions <= full:
            raise InputError(
                f"The model {self.name} has {full} dimensions, not {dimensions}. Give --dimensions 1 to {full}."
            )
        self.dim = dimensions or full
        limit = self._model.max_seq_length
        self.limit = int(limit) if limit and limit < 1_000_000 else None
        self.cut = 0
        self.hash = self._hash()  # before the change of precision, so that it is the same on every device
        if self._model.backend == "torch":
            self._model.to(precision(self._model.device, self._model_type))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of queries: float32 (len(texts), dim), unit rows."""
        return self._encode(self._model.encode_query, texts, "query")

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages: float32 (len(texts), dim), unit rows."""
        return self._encode(self._model.encode_document, texts, "passage")

    def encode_similar(self, texts: Sequence[str]) -> Vectors:
        """Vectors for comparing texts with each other, not with queries: float32 (len(texts), dim), unit rows."""
        return self._encode(self._model.encode, texts, "similarity")

    def fit(self, article: Article, passages: Sequence[Passage]) -> list[Passage]:
        """The passages, those beyond `limit` divided where sentences end. A single longer sentence stays whole."""
        if self.limit is None:
            return list(passages)
        fitted: list[Passage] = []
        lengths = self._lengths([encoded_text(article.title, p.text) for p in passages], self.prompts["passage"])
        for passage, length in zip(passages, lengths.tolist(), strict=True):
            fitted.extend([passage] if length <= self.limit else self._divide(article, passage, self.limit))
        return fitted

    def _divide(self, article: Article, passage: Passage, limit: int) -> Iterator[Passage]:
        spans = [(passage.start + start, passage.start + end) for start, end in sentences(passage.text)]
        alone = self._lengths(
            [encoded_text(article.title, article.text[a:b]) for a, b in spans], self.prompts["passage"]
        )
        # Tokens of the prompt, the title and the special tokens, which are part of each sentence's length.
        frame = int(self._lengths([encoded_text(article.title, "")], self.prompts["passage"])[0])
        first, taken = 0, frame
        for number, length in enumerate((alone - frame).tolist()):
            if number > first and taken + length > limit:
                start, end = spans[first][0], spans[number - 1][1]
                yield Passage(article.id, start, end, article.text[start:end])
                first, taken = number, frame
            taken += length
        start, end = (spans[first][0], spans[-1][1]) if spans else (passage.start, passage.end)
        yield Passage(article.id, start, end, article.text[start:end])

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str], use: str) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        lengths = self._lengths(texts, self.prompts[use])
        if self.limit is not None:
            self.cut += int((lengths > self.limit).sum()) if use == "passage" else 0
            lengths = np.minimum(lengths, self.limit)
        done = 0
        for rows in batches(lengths, TOKENS_AT_ONCE.get(self._model.device.type, TOKENS_AT_ONCE["cpu"])):
            found = encode(
                [texts[row] for row in rows],
                prompt=self.prompts[use],
                batch_size=len(rows),
                convert_to_tensor=True,
                show_progress_bar=False,
            )
            vectors[rows] = found[:, : self.dim].float().cpu().numpy()
            done += len(rows)
            if self.progress is not None and use == "passage":
                self.progress(done, len(texts))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(norms > 0, norms, 1)
        return vectors

    def _lengths(self, texts: Sequence[str], prompt: str) -> npt.NDArray[np.int64]:
        """How many tokens each text has with its prompt, by the model's tokenizer: int64 (len(texts),)."""
        if not texts:
            return np.zeros(0, np.int64)
        tokenizer, written = self._model.tokenizer, [prompt + text for text in texts]
        if hasattr(tokenizer, "encode_batch"):  # a static model's
            return np.array([len(encoding) for encoding in tokenizer.encode_batch(written)], np.int64)
        ids = tokenizer(written, add_special_tokens=True, truncation=False, padding=False, verbose=False)["input_ids"]
        return np.fromiter(map(len, ids), np.int64, len(ids))

    def _prompts(self, given: dict[str, str | None]) -> dict[str, str]:
        own = {
            use: next((self._model.prompts[name] for name in names if self._model.prompts.get(name)), None)
            for use, names in PROMPT_NAMES.items()
        }
        width = getattr(self._model.config, "hidden_size", "")
        known = find(self.name, f"{self._model_type} {width}")
        listed = {use: getattr(known, use, "") for use in PROMPT_NAMES}
        # A configuration with any prompt is taken as complete: Arctic has one for queries and wants none for passages.
        prompts = {use: own[use] or "" for use in own} if any(own.values()) else listed
        prompts |= {use: prompt for use, prompt in given.items() if prompt is not None}
        prompts["similarity"] = (
            own["similarity"] or listed["similarity"] or (prompts["passage"] if known is None else "")
        )
        return prompts

    @property
    def _model_type(self) -> str:
        return str(getattr(self._model.config, "model_type", ""))

    def _hash(self) -> str:
        """16 hexadecimal digits: a hash of the weights, vocabulary, prompts, limit and dimensions."""
        import torch

        digest = hashlib.sha256()
        for key, tensor in sorted(self._model.state_dict().items()):
            digest.update(key.encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
        for path in _weights_elsewhere(self._model):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        vocabulary = sorted(self._model.tokenizer.get_vocab().items())
        digest.update(repr((vocabulary, sorted(self.prompts.items()), self.limit, self.dim)).encode())
        return digest.hexdigest()[:16]


def batches(lengths: npt.NDArray[np.int64], tokens: int) -> Iterator[npt.NDArray[np.int64]]:
    """Batches of rows of similar length, so that little is padded; the longest first, so that memory fails early.

    `lengths` are in tokens. A batch has at most `tokens` tokens, padding included, and at least one row.
    """
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = min(max(tokens // max(int(lengths[order[start]]), 1), 1), TEXTS_AT_ONCE)
        yield order[start : start + size]
        start += size


def precision(device: torch.device, model_type: str) -> torch.dtype:
    """The number type to compute with: half precision where the device supports it, float32 elsewhere.

    float16 is more precise than bfloat16. Models trained in bfloat16 need its range, and get float32 on devices
    without it.
    """
    import torch

    if device.type not in ("cuda", "mps", "xpu"):
        return torch.float32
    if not model_type.startswith(WIDE_RANGE):
        return torch.float16
    wide = device.type == "xpu" or (device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False))
    return torch.bfloat16 if wide else torch.float32


def _weights_elsewhere(model: Any) -> list[Path]:
    """The weight files of a model that does not run on torch: ONNX or OpenVINO."""
    if model.backend == "torch":
        return []
    runner = model.transformers_model
    if model.backend == "onnx":
        return [Path(runner.path)]
    return sorted(Path(runner.model_save_dir).rglob("*.bin"))
