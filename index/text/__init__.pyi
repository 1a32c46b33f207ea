from .arabizi import arabizi_spellings, fold_arabizi, may_be_arabizi
from .dates import DATES, parse_date, parse_day
from .fingerprints import PACKED, SKETCH, Sketch, bags, overlap, pack, sharing, sketch, sketches, unpack
from .folding import fold
from .languages import identify
from .letters import ALEFS, HIDDEN, LETTER, SIGN, language, script
from .names import LIKELY, NameIndex, keyed, match, similarity
from .packed import Strings, ranges
from .sentences import sentences
from .stems import is_whole
from .tokens import ANALYSER, Token, analyse, terms, tokenize, tokens_of, words
from .transliteration import NAME_WIDTH

__all__ = [
    "ALEFS",
    "ANALYSER",
    "DATES",
    "HIDDEN",
    "LETTER",
    "LIKELY",
    "NAME_WIDTH",
    "PACKED",
    "SIGN",
    "SKETCH",
    "NameIndex",
    "Sketch",
    "Strings",
    "Token",
    "analyse",
    "arabizi_spellings",
    "bags",
    "fold",
    "fold_arabizi",
    "identify",
    "is_whole",
    "keyed",
    "language",
    "match",
    "may_be_arabizi",
    "overlap",
    "pack",
    "parse_date",
    "parse_day",
    "ranges",
    "script",
    "sentences",
    "sharing",
    "similarity",
    "sketch",
    "sketches",
    "terms",
    "tokenize",
    "tokens_of",
    "unpack",
    "words",
]
