"""Loading an encoder by name: the embedded model, or any sentence-transformers model."""

from __future__ import annotations

from functools import cache

from ..errors import InputError
from ..types import Encoder
from .static import StaticEncoder


@cache
def embedded() -> StaticEncoder:
    """The encoder that comes with the package; loaded once per process."""
    return StaticEncoder()


def load_encoder(
    name: str = "default",
    *,
    device: str | None = None,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    dimensions: int | None = None,
) -> Encoder:
    """Load the encoder called `name`.

    "default" is the embedded model. Anything else is a sentence-transformers model: a folder or a name on the hub, with
    the prefix `onnx:` or `openvino:` for those backends. The other arguments are for such models only: `device` is
    "cpu", "cuda" or "mps" (None: torch chooses); the prompts replace those of the model (None: unchanged);
    `dimensions` keeps only the first numbers of each vector.

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
        name, device=device, query_prompt=query_prompt, passage_prompt=passage_prompt, dimensions=dimensions
    )
