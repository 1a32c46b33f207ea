"""One vector for a whole article, for comparing articles with each other (not with queries)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..passages import encoded_text
from ..types import Article, Encoder, Vectors
from .load import load_encoder

# How many characters of an article are encoded: more than most models read at once. News puts what matters first; the
# mean vector of all passages correlates no better with human judgements of similarity.
OPENING = 2_000


def article_vectors(articles: Sequence[Article], encoder: Encoder) -> Vectors:
    """Encode the title and opening of each article with the prompt for similarity: float32 (n, dim), unit rows.

    The result has shape (n, 0) for the embedded model. It has no prompts, and the mean of the passage vectors, which
    are stored anyway, serves as well.
    """
    if encoder.hash == load_encoder("default").hash:
        return np.zeros((len(articles), 0), np.float32)
    return encoder.encode_similar([encoded_text(a.title, a.text[:OPENING]) for a in articles])
