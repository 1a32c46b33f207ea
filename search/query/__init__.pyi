from .compounds import Compounds
from .dictionary import by_sound, load_dictionary, stopwords, translated_by_sound
from .expansion import Expander, Sense
from .narrowing import narrowed, read_filters
from .parsing import Query, Respelled, parse, plain
from .spelling import Speller
from .wordings import concepts_of, said, wording

__all__ = [
    "Compounds",
    "Expander",
    "Query",
    "Respelled",
    "Sense",
    "Speller",
    "by_sound",
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
