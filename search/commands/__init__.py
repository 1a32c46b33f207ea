"""The commands of the command line: each parses its options, makes one call and shows the result."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
