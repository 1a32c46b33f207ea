from . import close_reading, fusion
from .explanations import explain, informative_senses
from .rerank import Reranker

__all__ = [
    "Reranker",
    "close_reading",
    "explain",
    "fusion",
    "informative_senses",
]
