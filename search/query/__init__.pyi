from .dictionary import load_dictionary, stopwords, translated_by_sound
from .expansion import Expander, Sense
from .narrowing import narrowed, read_filters
from .parsing import Query, parse, plain
from .wordings import concepts_of, said, wording

__all__ = [
    "Expander",
    "Query",
    "Sense",
    "concepts_of",
    "load_dictionary",
    "narrowed",
    "parse",
    "plain",
    "read_filters",
    "said",
    "stopwords",
    "translated_by_sound",
    "wording",
]
