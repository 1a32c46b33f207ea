"""One module a file format: text of a file in, documents and rejected inputs out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
