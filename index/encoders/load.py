"""Which encoder a name means, and which encoder an index may be read with."""

from __future__ import annotations

import json
import shlex
from functools import cache
from typing import Protocol

from ..errors import IndexMismatch, InputError, ModelUnavailable
from ..types import Encoder
from .hub import is_hub_name, reference
from .static import EMBEDDED, StaticEncoder


@cache
def embedded() -> StaticEncoder:
    """The encoder that the package carries, read once."""
    return StaticEncoder()


@cache
def embedded_hash() -> str:
    """The hash of the embedded model, without loading it."""
    return str(json.loads((EMBEDDED / "encoder.json").read_text("utf-8"))["hash"])


def load_encoder(
    name: str = "default",
    *,
    device: str | None = None,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    dimensions: int | None = None,
    only_cached: bool = False,
) -> Encoder:
    """The encoder called `name`: "default" is the embedded model, anything else a sentence-transformers model.

    That is a folder or a hub name, after `onnx:` or `openvino:` for those backends. `device` ("cpu", "cuda", "mps") is
    for those models, None lets torch choose; so are the prompts, None leaves them to the model; `dimensions` keeps only
    the first of each vector. With `only_cached` the model must be in the hub's cache on this machine: no folder is
    looked at, and no network. Raises ModelUnavailable where the extra `models` is missing or the model can be neither
    found nor fetched, InputError where the model does not have what is asked for.
    """
    usual = embedded()
    if name in ("default", usual.name):
        if query_prompt or passage_prompt or dimensions not in (None, usual.dim):
            raise InputError(
                f"The embedded model takes no prompts and has {usual.dim} dimensions. Name another with --model."
            )
        return usual
    from .transformer import SentenceEncoder

    return SentenceEncoder(
        name,
        device=device,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        dimensions=dimensions,
        only_cached=only_cached,
    )


class Made(Protocol):
    """What an index says of the encoder that it was made with (the manifest of index/local)."""

    @property
    def model(self) -> str:
        """The name of the model: "khabar-static-ar-en", a hub name or a folder."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def model_hash(self) -> str:
        """The hash of the encoder."""
        ...

    @property
    def query_prompt(self) -> str:
        """Put before queries."""
        ...

    @property
    def passage_prompt(self) -> str:
        """Put before passages."""
        ...


def encoder_of(made: Made, device: str | None = None, model: str | None = None) -> Encoder:
    """The encoder that an index was made with.

    An index may come from a stranger, so it cannot choose what is loaded: by itself it gets the embedded model, or a
    hub model that is in the cache of this machine. Anything else is loaded only where the user names it as `model`.

    Raises ModelUnavailable, which says what to type; IndexMismatch where `model` is not the one of the index.
    """
    if model is None:
        _require_hub_name(made)
    try:
        encoder = load_encoder(
            model or made.model,
            device=device,
            query_prompt=made.query_prompt,
            passage_prompt=made.passage_prompt,
            dimensions=made.dimension,
            only_cached=model is None,
        )
    except InputError as error:
        if model is None:
            raise
        raise IndexMismatch(f"The index was made with {made.model}, and {model} is another model ({error})") from None
    if encoder.hash != made.model_hash:
        raise IndexMismatch(
            f"The index was made with {made.model} ({made.model_hash}), not with {encoder.name} ({encoder.hash}). "
            "Name the model it was made with by --model, or encode it again with: khabar reindex"
        )
    return encoder


def encoder_again(
    made: Made,
    device: str | None = None,
    model: str | None = None,
    *,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    dimensions: int | None = None,
) -> Encoder:
    """An encoder for indexing again: that of the index, with another model, prompts or dimensions where given.

    Its hash may differ from that of the index. Raises ModelUnavailable as `encoder_of`, and InputError for what the
    model does not have.
    """
    if model is None:
        _require_hub_name(made)
    if model is None or reference(model) == made.model:
        query_prompt = made.query_prompt if query_prompt is None else query_prompt
        passage_prompt = made.passage_prompt if passage_prompt is None else passage_prompt
        dimensions = dimensions or made.dimension
    return load_encoder(
        model or made.model,
        device=device,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        dimensions=dimensions,
        only_cached=model is None,
    )


def _require_hub_name(made: Made) -> None:
    if not is_hub_name(made.model):
        raise ModelUnavailable(
            f"The index was made with the model in {made.model}. An index does not make Khabar load a folder: "
            f"if you trust that model, name it with --model {shlex.quote(made.model)}"
        )
