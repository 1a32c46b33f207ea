"""The store on a Milvus cluster: the same articles and the same answers, kept by an engine that many machines share."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
