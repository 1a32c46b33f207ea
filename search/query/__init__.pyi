from .dictionary import load_dictionary, stopwords, translated_by_sound
from .expansion import Expander, Sense
from .parsing import Query, parse

__all__ = [
    "Expander",
    "Query",
    "Sense",
    "load_dictionary",
    "parse",
    "stopwords",
    "translated_by_sound",
]
