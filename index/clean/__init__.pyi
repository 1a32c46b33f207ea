from .cleaner import Cleaner, origin

__all__ = [
    "Cleaner",
    "origin",
]
