"""Which encoder a name means: the embedded model, or any sentence-transformers model."""

from __future__ import annotations

from functools import cache

from ..errors import InputError
from ..types import Encoder
from .static import StaticEncoder


@cache
def embedded() -> StaticEncoder:
    """The encoder that the package carries, read once."""
    return StaticEncoder()


def load_encoder(
    name: str = "default",
    *,
    device: str | None = None,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    dimensions: int | None = None,
) -> Encoder:
    """The encoder called `name`: "default" is the embedded model, anything else a sentence-transformers model.

    That is a folder or a hub name, after `onnx:` or `openvino:` for those backends. `device` ("cpu", "cuda", "mps") is
    for those models, None lets torch choose; so are the prompts, None leaves them to the model; `dimensions` keeps only
    the first of each vector. Raises ModelUnavailable where the extra `models` is missing or the model can be neither
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
        name, device=device, query_prompt=query_prompt, passage_prompt=passage_prompt, dimensions=dimensions
    )
