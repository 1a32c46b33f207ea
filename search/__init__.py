"""Questions are answered: ranking, snippets, related coverage, duplicates. Built on `index`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
