"""What ranking, coverage and ingestion need of any store, and nothing more: a folder, a cluster, or memory in a test.

Numbers go in and out here: passages and articles are named by integers that mean something to one view only. Higher
scores are better everywhere.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
