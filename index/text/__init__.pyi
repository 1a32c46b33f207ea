from .analysis import ARABIC, Analysed, analysed, term_key
from .arabizi import arabizi_spellings, fold_arabizi, may_be_arabizi
from .dates import DATES, parse_date, parse_day
from .fingerprints import PACKED, SKETCH, Sketch, bags, overlap, overlapping, pack, sketch, sketches, unpack
from .folding import fold
from .languages import identify
from .letters import ALEFS, HIDDEN, LETTER, SIGN, language, script
from .names import LIKELY, NameIndex, keyed, match, similarities, similarity
from .packed import Strings, distinct, ranges
from .packed_sketches import Sketches
from .phrases import stretches
from .pieces import Learned, pieced
from .remembered import Column, Memo, Remembered
from .sentences import is_single_spaced, sentences, word_counter
from .stems import is_whole
from .tokens import (
    ANALYSER,
    Token,
    analyse,
    analyse_all,
    first_terms,
    hashed,
    hashed_once,
    parts,
    terms,
    tokenize,
    tokens_of,
    words,
)
from .transliteration import NAME_WIDTH

__all__ = [
    "ALEFS",
    "ANALYSER",
    "ARABIC",
    "DATES",
    "HIDDEN",
    "LETTER",
    "LIKELY",
    "NAME_WIDTH",
    "PACKED",
    "SIGN",
    "SKETCH",
    "Analysed",
    "Column",
    "Learned",
    "Memo",
    "NameIndex",
    "Remembered",
    "Sketch",
    "Sketches",
    "Strings",
    "Token",
    "analyse",
    "analyse_all",
    "analysed",
    "arabizi_spellings",
    "bags",
    "distinct",
    "first_terms",
    "fold",
    "fold_arabizi",
    "hashed",
    "hashed_once",
    "identify",
    "is_single_spaced",
    "is_whole",
    "keyed",
    "language",
    "match",
    "may_be_arabizi",
    "overlap",
    "overlapping",
    "pack",
    "parse_date",
    "parse_day",
    "parts",
    "pieced",
    "ranges",
    "script",
    "sentences",
    "similarities",
    "similarity",
    "sketch",
    "sketches",
    "stretches",
    "term_key",
    "terms",
    "tokenize",
    "tokens_of",
    "unpack",
    "word_counter",
    "words",
]
