"""Documents become clean articles: title, date, source and body, without what surrounds an article on its page."""

from .bylines import Byline
from .bylines import read as byline
from .cleaner import Cleaner, origin
from .lines import is_paragraph, is_section, words_of
from .refusals import refusal

__all__ = [
    "Byline",
    "Cleaner",
    "byline",
    "is_paragraph",
    "is_section",
    "origin",
    "refusal",
    "words_of",
]
