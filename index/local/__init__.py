"""The store in a folder: one SQLite database that is the truth, and segments derived from it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
