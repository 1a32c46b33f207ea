"""Articles written for other programs: JSON lines that `khabar index` reads back, CSV, and references."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
