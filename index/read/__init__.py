"""Files, folders and standard input become documents, and every input that cannot be used is named."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
