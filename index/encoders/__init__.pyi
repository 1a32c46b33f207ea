from .articles import Encoded, encode_articles
from .catalogue import Model, models
from .hub import is_hub_name, load_model, reference
from .load import embedded, embedded_hash, encoder_again, encoder_of, load_encoder
from .static import EMBEDDED, StaticEncoder
from .transformer import SentenceEncoder, precision
from .whole_article import article_vectors

__all__ = [
    "EMBEDDED",
    "Encoded",
    "Model",
    "SentenceEncoder",
    "StaticEncoder",
    "article_vectors",
    "embedded",
    "embedded_hash",
    "encode_articles",
    "encoder_again",
    "encoder_of",
    "is_hub_name",
    "load_encoder",
    "load_model",
    "models",
    "precision",
    "reference",
]
