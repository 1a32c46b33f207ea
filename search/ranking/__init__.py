"""Candidates become a ranking: fusion, close reading, reranking, and the explanation of each hit."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
