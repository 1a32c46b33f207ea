from .dictionary import load_dictionary, stopwords, translated_by_sound
from .expansion import Lexicon, Sense

__all__ = [
    "Lexicon",
    "Sense",
    "load_dictionary",
    "stopwords",
    "translated_by_sound",
]
