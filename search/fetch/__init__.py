"""Feeds and pages are fetched from the network, politely, and only when the user asks for it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
