"""A question becomes concepts: its words, their other forms, translations and spellings."""

from .dictionary import load_dictionary, stopwords, translated_by_sound
from .expansion import Expander, Sense
from .narrowing import narrowed, read_filters
from .parsing import Operand, Query, parse, plain

__all__ = [
    "Expander",
    "Operand",
    "Query",
    "Sense",
    "load_dictionary",
    "narrowed",
    "parse",
    "plain",
    "read_filters",
    "stopwords",
    "translated_by_sound",
]
