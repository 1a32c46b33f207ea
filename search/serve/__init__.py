"""An index served to browsers and programs: pages, an API, and what makes a server safe. Needs the extra `serve`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
