"""Any sentence-transformers model as an encoder, where the extra `models` is installed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..text import sentences
from ..types import Article, Passage, Vectors
from .catalogue import find
from .hub import load_model, reference

if TYPE_CHECKING:
    import torch

# Tokens, padding included, that one step holds, by kind of device. More fills a processor's caches without gain; on a
# card, as many as this keep bge-m3 (24 layers of 1,024) below 4 GB.
TOKENS_AT_ONCE = {"cpu": 8_192, "mps": 16_384, "cuda": 65_536}
TEXTS_AT_ONCE = 256

# Under these names a model's configuration keeps its prompts; the first that is there and not empty counts.
PROMPT_NAMES = {
    "query": ("query",),
    "passage": ("document", "passage", "corpus"),
    "similarity": ("STS", "similarity", "text-matching"),
}

# Trained in bfloat16: their activations pass 65,504, the end of float16.
WIDE_RANGE = ("gemma", "qwen", "t5", "mt5", "umt5")


class SentenceEncoder:
    """A model from a folder or the hub, `onnx:` or `openvino:` before its name for those backends.

    Queries and passages get the prompts given here, else those of the model's own configuration, else those that
    models.tsv has for it. Vectors are cut to the first `dimensions`, which Matryoshka models are trained for, and
    brought to unit length. On a card the model runs in half precision. `progress` is told (passages done, in all) while
    passages are encoded; `cut` counts those of which the model did not see the end. With `only_cached` no folder and no
    network is used, only the hub's cache.

    Raises ModelUnavailable where something is not installed or the model can be neither found nor fetched, InputError
    for a device or a number of dimensions that it does not have.
    """

    progress: Callable[[int, int], None] | None = None

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
        """Put before queries, before passages, and before texts that are compared with each other ("similarity")."""
        full = int(self._model.get_embedding_dimension())
        if dimensions is not None and not 0 < dimensions <= full:
            raise InputError(
                f"The model {self.name} has {full} dimensions, not {dimensions}. Give --dimensions 1 to {full}."
            )
        self.dim = dimensions or full
        limit = self._model.max_seq_length
        self.limit: int | None = int(limit) if limit and limit < 1_000_000 else None
        """Tokens of a text that the model sees, its prompt included; None where there is no end."""
        self.cut = 0
        self.hash = self._hash()  # of the weights as they were stored, which are the same for every device
        if self._model.backend == "torch":
            self._model.to(precision(self._model.device, self._model_type))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """float32 (len(texts), dim), unit rows."""
        return self._encode(self._model.encode_query, texts, "query")

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """float32 (len(texts), dim), unit rows."""
        return self._encode(self._model.encode_document, texts, "passage")

    def encode_similar(self, texts: Sequence[str]) -> Vectors:
        """For comparing texts with each other, not with queries: float32 (len(texts), dim), unit rows."""
        return self._encode(self._model.encode, texts, "similarity")

    def fit(self, article: Article, passages: Sequence[Passage], written: Callable[[str, str], str]) -> list[Passage]:
        """The passages, those that are too long for the model divided where sentences end.

        `written` makes what is encoded of a title and a passage. A single sentence beyond the model's end stays whole.
        """
        if self.limit is None:
            return list(passages)
        fitted: list[Passage] = []
        lengths = self._lengths([written(article.title, p.text) for p in passages], self.prompts["passage"])
        for passage, length in zip(passages, lengths.tolist(), strict=True):
            fitted.extend([passage] if length <= self.limit else self._divide(article, passage, written, self.limit))
        return fitted

    def _divide(
        self, article: Article, passage: Passage, written: Callable[[str, str], str], limit: int
    ) -> Iterator[Passage]:
        spans = [(passage.start + start, passage.start + end) for start, end in sentences(passage.text)]
        alone = self._lengths([written(article.title, article.text[a:b]) for a, b in spans], self.prompts["passage"])
        # What the prompt, the title and the marks around a text take up, which each sentence alone was counted with.
        frame = int(self._lengths([written(article.title, "")], self.prompts["passage"])[0])
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
        """Tokens of each text with its prompt, counted by the model's own tokenizer."""
        if not texts:
            return np.zeros(0, np.int64)
        tokenizer, written = self._model.tokenizer, [prompt + text for text in texts]
        if hasattr(tokenizer, "encode_batch"):  # of a static model
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
        # A configuration with one prompt is complete: Arctic has one for queries and wants none for passages.
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
        """16 hexadecimal digits over the weights, the vocabulary, the prompts, and where texts and vectors end."""
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
    """Rows of similar lengths, the longest first, so that little is padded and memory runs out at once or never.

    Each batch holds at most `tokens` tokens, padding included, and at least one row.
    """
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = min(max(tokens // max(int(lengths[order[start]]), 1), 1), TEXTS_AT_ONCE)
        yield order[start : start + size]
        start += size


def precision(device: torch.device, model_type: str) -> torch.dtype:
    """The numbers to compute with: half precision where the device is made for it, float32 elsewhere.

    float16 is finer; models trained in bfloat16 need the range of that, and get float32 where there is none.
    """
    import torch

    if device.type not in ("cuda", "mps", "xpu"):
        return torch.float32
    if not model_type.startswith(WIDE_RANGE):
        return torch.float16
    wide = device.type == "xpu" or (device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False))
    return torch.bfloat16 if wide else torch.float32


def _weights_elsewhere(model: Any) -> list[Path]:
    """Files of a model whose weights torch does not hold: those of ONNX and OpenVINO."""
    if model.backend == "torch":
        return []
    runner = model.transformers_model
    if model.backend == "onnx":
        return [Path(runner.path)]
    return sorted(Path(runner.model_save_dir).rglob("*.bin"))
