"""One vector for a whole article, by which articles are compared with each other, not with queries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..passages import encoded_text
from ..types import Article, Encoder, Vectors
from .load import load_encoder

# Letters of an article that are read: more than most models see at once. News says what matters first; the mean of all
# its passages agrees no better with what people call similar.
OPENING = 2_000


def article_vectors(articles: Sequence[Article], encoder: Encoder) -> Vectors:
    """Vectors of articles by their titles and openings, with the prompt for similarity: float32, (n, dim), unit rows.

    (n, 0) for the embedded model: it has no prompts, so the mean of an article's passages does as well and costs
    nothing.
    """
    if encoder.hash == load_encoder("default").hash:
        return np.zeros((len(articles), 0), np.float32)
    return encoder.encode_similar([encoded_text(a.title, a.text[:OPENING]) for a in articles])
