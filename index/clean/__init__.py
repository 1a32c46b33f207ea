"""Documents become clean articles: title, date, source and body, without what surrounds an article on its page."""

from .bylines import Byline
from .bylines import read as byline
from .cleaner import Cleaner, origin
from .lines import is_paragraph, words_of
from .refusals import refusal
from .titles import SEPARATOR, without_site

__all__ = [
    "SEPARATOR",
    "Byline",
    "Cleaner",
    "byline",
    "is_paragraph",
    "origin",
    "refusal",
    "without_site",
    "words_of",
]
