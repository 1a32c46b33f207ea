"""The interface of a store: what ranking, coverage and ingestion call. A folder and a cluster implement it.

Numbers go in and out here: passages and articles are named by integers that mean something to one view only. Higher
scores are better everywhere.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
