"""Loading an encoder by name, and the encoder that an index may be read with."""

from __future__ import annotations

import json
import shlex
from functools import cache

from ..errors import IndexMismatch, InputError, ModelUnavailable
from ..ports import Made
from ..types import Encoder
from .hub import is_hub_name, reference
from .static import EMBEDDED, StaticEncoder


@cache
def embedded() -> StaticEncoder:
    """The encoder that comes with the package; loaded once per process."""
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
    """Load the encoder called `name`.

    "default" is the embedded model. Anything else is a sentence-transformers model: a folder or a name on the hub, with
    the prefix `onnx:` or `openvino:` for those backends. The other arguments are for such models only: `device` is
    "cpu", "cuda" or "mps" (None: torch chooses); the prompts replace those of the model (None: unchanged);
    `dimensions` keeps only the first numbers of each vector; with `only_cached` the model must be in the hub's cache on
    this machine, and neither a folder nor the network is used.

    Raises ModelUnavailable when the extra `models` is not installed or the model cannot be found or downloaded, and
    InputError when the model has no such device or dimensions.
    """
    ours = embedded()
    if name in ("default", ours.name):
        if query_prompt or passage_prompt or dimensions not in (None, ours.dim):
            raise InputError(
                f"The embedded model takes no prompts and has {ours.dim} dimensions. Name another with --model."
            )
        return ours
    from .transformer import SentenceEncoder

    return SentenceEncoder(
        name,
        device=device,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        dimensions=dimensions,
        only_cached=only_cached,
    )


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
