"""Documents become clean articles: title, date, source and body, without what surrounds an article on its page."""

from .cleaner import Cleaner, origin

__all__ = [
    "Cleaner",
    "origin",
]
