"""Documents become clean articles: title, date, source and body, without what surrounds an article on its page."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
