"""Classes of characters: Arabic letters, diacritics, invisible characters, Latin letters; and the language of a text.

The constants in capitals are contents of regular-expression classes: `[{LETTER}]`.
"""

from __future__ import annotations

import re

# Arabic letters, presentation forms included.
LETTER = (
    r"\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u06ff\u0750-\u077f"
    r"\u0870-\u0887\u08a0-\u08c9\ufb50-\ufbb1\ufbd3-\ufc5d\ufc64-\ufcf1\ufcf5-\ufd3d\ufd50-\ufdf9\ufe80-\ufefc"
)

# Arabic diacritics, and tatweel.
SIGN = (
    r"\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08ca-\u08ff"
    r"\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f"
)

# Invisible characters: soft hyphen, joiners, directional marks, variation selectors.
HIDDEN = r"\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"

# Spaces that keep a number together: no-break, figure, thin and narrow no-break. Apostrophes do the same.
JOINER = r"\u00a0\u2007\u2009\u202f'’"

# Combining accents of Latin letters.
ACCENT = r"\u0300-\u034e\u0350-\u036f"


ALEFS = "أإآٱ"
"""The letters that people type as a bare alef."""

ARABIC = re.compile(rf"[{LETTER}]")

LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")


def script(term: str) -> str:
    """The language a term is counted in: "ar" if it has an Arabic letter, else "en", numbers included."""
    return "ar" if not term.isascii() and ARABIC.search(term) else "en"


def language(text: str) -> str:
    """The language of a text by the script of most of its letters: "ar" or "en" ("en" if it has no letters)."""
    return "ar" if len(ARABIC.findall(text)) > len(LATIN.findall(text)) else "en"
