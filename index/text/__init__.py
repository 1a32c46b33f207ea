"""Letters and words of Arabic and English: folding, tokens, stems, sentences, dates, names and fingerprints."""

from .dates import DATES, parse_date
from .fingerprints import SKETCH, Sketch, bags, overlap, sketch, sketches, unpack
from .folding import fold
from .languages import identify
from .letters import ALEFS, HIDDEN, LETTER, SIGN, language, script
from .names import LIKELY, NameIndex, keyed, match, similarity
from .packed import Strings
from .sentences import sentences
from .stems import is_whole
from .tokens import ANALYSER, Token, analyse, terms, tokenize, words

__all__ = [
    "ALEFS",
    "ANALYSER",
    "DATES",
    "HIDDEN",
    "LETTER",
    "LIKELY",
    "SIGN",
    "SKETCH",
    "NameIndex",
    "Sketch",
    "Strings",
    "Token",
    "analyse",
    "bags",
    "fold",
    "identify",
    "is_whole",
    "keyed",
    "language",
    "match",
    "overlap",
    "parse_date",
    "script",
    "sentences",
    "similarity",
    "sketch",
    "sketches",
    "terms",
    "tokenize",
    "unpack",
    "words",
]
