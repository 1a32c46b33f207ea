"""Letters and words of Arabic and English: folding, tokens, stems, sentences, dates, names and fingerprints."""

from .dates import DATES, parse_date
from .fingerprints import SKETCH, Sketch, bags, overlap, sharing, sketch, sketches, unpack
from .folding import fold
from .letters import language, script
from .names import LIKELY, NameIndex, keyed, match, similarity
from .packed import Strings
from .sentences import sentences
from .stems import is_whole
from .tokens import ANALYSER, Token, analyse, terms, tokenize, words

__all__ = [
    "ANALYSER",
    "DATES",
    "LIKELY",
    "SKETCH",
    "NameIndex",
    "Sketch",
    "Strings",
    "Token",
    "analyse",
    "bags",
    "fold",
    "is_whole",
    "keyed",
    "language",
    "match",
    "overlap",
    "parse_date",
    "script",
    "sentences",
    "sharing",
    "similarity",
    "sketch",
    "sketches",
    "terms",
    "tokenize",
    "unpack",
    "words",
]
