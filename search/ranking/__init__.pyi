from .close_reading import CloseReader, Reader, sequence_shares
from .explanations import Explanation, explain
from .fusion import Ranked, Weights, by_article, diverse, fuse, refine
from .rerank import Reranker

__all__ = [
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
    "refine",
    "sequence_shares",
]
