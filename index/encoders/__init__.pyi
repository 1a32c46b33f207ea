from .articles import Encoded, encode_articles
from .catalogue import Model, models
from .hub import load_model, reference
from .load import embedded, load_encoder
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
    "encode_articles",
    "load_encoder",
    "load_model",
    "models",
    "precision",
    "reference",
]
