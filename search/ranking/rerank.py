"""A second look at the best candidates: a cross-encoder reads query and passage together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.encoders import load_model, precision, reference
from index.errors import InputError
from index.ports import Numbers, Scores

from .fusion import scaled

# How much the cross-encoder weighs against the first stage, both scaled to 0-1 over the candidates. The first stage
# keeps a say for names and numbers, which it matches to the letter.
WEIGHT = 0.7


class Reranker:
    """A cross-encoder of sentence-transformers, from a folder or the hub; `onnx:` or `openvino:` may stand before.

    `candidates` is how many articles of a ranking it reads: it takes as long for each as an encoder, and below the
    fiftieth few answers are left to find. Raises ModelUnavailable where something is not installed or the model can be
    neither found nor fetched, InputError for a device that is not there or a model that does not give one score.
    """

    def __init__(self, name: str, *, device: str | None = None, candidates: int = 50) -> None:
        self.name = reference(name)
        self.candidates = candidates
        self._model = load_model("CrossEncoder", name, device)
        if self._model.num_labels != 1:
            raise InputError(f"The model {name!r} gives {self._model.num_labels} scores, not one: it is no reranker.")
        architectures = getattr(self._model.config, "architectures", None) or [""]
        if all(name.endswith("Model") for name in architectures):  # its head would be one of random numbers
            raise InputError(f"The model {name!r} is an encoder, not a cross-encoder. Give it with --model.")
        if self._model.backend == "torch":
            self._model.to(precision(self._model.device, str(getattr(self._model.config, "model_type", ""))))

    def scores(self, query: str, passages: Sequence[str]) -> Scores:
        """How well each passage answers the query: float32, shape (len(passages),), higher is better."""
        if not passages:
            return np.zeros(0, np.float32)
        pairs = [(query, passage) for passage in passages]
        return np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float32)

    def rerank(self, query: str, passages: Sequence[str], first: Scores) -> tuple[Numbers, Scores]:
        """The order of passages by both scores, and those scores: int64 and float32, both (len(passages),), best first.

        `first` are the scores of the first stage, best first. What lies beyond `candidates` keeps its order, below.
        """
        read = self.scores(query, passages[: self.candidates])
        values = first.astype(np.float32)
        if len(read):
            values[: len(read)] = WEIGHT * scaled(read) + (1 - WEIGHT) * scaled(values[: len(read)])
            values[len(read) :] += values[: len(read)].min() - first[len(read) - 1]
        order = np.argsort(-values, kind="stable")
        return order, values[order]
