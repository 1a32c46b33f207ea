"""Text becomes vectors: the embedded model, or any sentence-transformers model."""

from .catalogue import Model, models
from .hub import is_hub_name, load_model, reference
from .load import embedded, embedded_hash, encoder_again, encoder_of, load_encoder
from .static import EMBEDDED, StaticEncoder, Tokens
from .transformer import SentenceEncoder, precision
from .whole_article import article_vectors

__all__ = [
    "EMBEDDED",
    "Model",
    "SentenceEncoder",
    "StaticEncoder",
    "Tokens",
    "article_vectors",
    "embedded",
    "embedded_hash",
    "encoder_again",
    "encoder_of",
    "is_hub_name",
    "load_encoder",
    "load_model",
    "models",
    "precision",
    "reference",
]
