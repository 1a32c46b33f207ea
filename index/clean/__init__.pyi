from .bylines import Byline, read_byline
from .cleaner import Cleaner, Tidied, clean, origin
from .lines import is_paragraph, words_of
from .refusals import refusal
from .repeats import Lines
from .titles import SEPARATOR, without_site

__all__ = [
    "SEPARATOR",
    "Byline",
    "Cleaner",
    "Lines",
    "Tidied",
    "clean",
    "is_paragraph",
    "origin",
    "read_byline",
    "refusal",
    "without_site",
    "words_of",
]
