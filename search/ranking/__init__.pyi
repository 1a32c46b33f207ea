from .close_reading import CloseReader, Reader, sequence_shares
from .counterparts import Best, lifted
from .explanations import Explanation, explain
from .fusion import Ranked, Weights, by_article, diverse, fuse, refine
from .rerank import Reranker

__all__ = [
    "Best",
    "CloseReader",
    "Explanation",
    "Ranked",
    "Reader",
    "Reranker",
    "Weights",
    "by_article",
    "diverse",
    "explain",
    "fuse",
    "lifted",
    "refine",
    "sequence_shares",
]
