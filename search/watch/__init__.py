"""Being told: saved searches, what of what is new they find, and who is told of it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
