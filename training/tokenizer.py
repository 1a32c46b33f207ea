"""The tokenizer: folding as normalizers, whole words, pieces of rare words; and which words share a vector."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from tokenizers.normalizers import Normalizer

from index.encoders.words import COMMONEST, NOT_A_WORD, STEP
from index.text.letters import ARABIC as ARABIC_LETTER
from index.text.letters import script
from index.text.stems import term_of

from .inflection import SEEN, forms_of

UNKNOWN = "[UNK]"
ASKED = "\u0294"  # stands for a question mark after folding; a letter, so that it is tokenised as a word
ALPHABET = 150  # the most frequent letters and digits, which are pieces by themselves
LONGEST_PIECE = 6
ARABIC = "\u0621-\u064a"
INVISIBLE = "\u0640\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # tatweel, joiners, directional marks
LEAST = 0.3  # what is added to the count of a word
RARE = 300  # a word with fewer occurrences shares the vector of its light stem
LETTERS = {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا"}
WORD = re.compile(r"[^\W_]+")
PREFIXES = "وال|فال|بال|كال|ولل|ال|لل"
SUFFIXES = re.compile(rf"(?<=[{ARABIC}]{{3}})(?:ها|ان|ات|ون|ين|يه|ه|ي)+$")


def normalizer() -> Normalizer:
    """Folding as in search. NFKD without combining marks removes diacritics, hamza seats and Latin accents at once."""
    return normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(f"[{INVISIBLE}]+"), ""),
            normalizers.Replace(Regex(r"[?؟]+(?!\w)"), f" {ASKED} "),
            *(normalizers.Replace(written, folded) for written, folded in LETTERS.items()),
            *(normalizers.Replace(chr(zero + i), str(i)) for zero in (0x660, 0x6F0) for i in range(10)),
            normalizers.Replace(Regex(rf"\b(?:{PREFIXES})(?=[{ARABIC}]{{3}})"), ""),
        ]
    )


def words_of(folded: str) -> list[str]:
    """The words of a folded text, which the tokenizer looks up or splits into pieces."""
    return WORD.findall(folded)


def base(word: str, counts: Counter[str]) -> str:
    """The word or stem whose vector `word` shares.

    Arabic words share that of their index term and English plurals that of the singular, if it is a known word. Rare
    words share that of their light stem, known or not; frequent ones do not, since لبنان "Lebanon" is not a dual of لبن
    "milk".
    """
    if script(word) == "ar":
        term = term_of(word)
        return SUFFIXES.sub("", term) if max(counts[word], counts[term]) < RARE else term
    single = _singular(word, counts)
    return term_of(single) if counts[single] < RARE else single


def _singular(word: str, counts: Counter[str]) -> str:
    if word.endswith("ies") and len(word) > 5 and counts[word[:-3] + "y"] >= SEEN:
        return word[:-3] + "y"
    if word.endswith("s") and len(word) > 4 and not word.endswith(("ss", "us", "is")) and counts[word[:-1]] >= SEEN:
        return word[:-1]
    return word


def _pieces(counts: Counter[str], number: int) -> list[str]:
    """Single letters, and the prefixes and suffixes that cover the most letters of rare words; `##` marks suffixes.

    The trainer of the library does much the same but breaks ties at random, so that training would not be reproducible.
    """
    letters = Counter(letter for word in counts for letter in word)
    alphabet = _most(letters, ALPHABET)
    written = set(alphabet)
    rare = [word for word, count in counts.items() if count < 2 * SEEN and written.issuperset(word)]
    starts = Counter(word[:n] for word in rare for n in range(2, LONGEST_PIECE + 1) if n < len(word))
    ends = Counter(f"##{word[-n:]}" for word in rare for n in range(2, LONGEST_PIECE + 1) if n < len(word))
    for pieces in (starts, ends):
        for piece in pieces:
            pieces[piece] *= len(piece.removeprefix("##"))
    half = number // 2 - len(alphabet)
    return [*alphabet, *(f"##{letter}" for letter in alphabet), *_most(starts, half), *_most(ends, half)]


def _most(counts: Counter[str], number: int) -> list[str]:
    return [key for key, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:number]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer, and for each token the row of its vector, the token of its form, or 0, and its rarity."""

    tokenizer: Tokenizer
    mapping: npt.NDArray[np.int32]  # (tokens,)
    forms: npt.NDArray[np.uint8]  # (tokens,)
    rarity: npt.NDArray[np.uint8]  # (tokens,), see `rarities`


def learn(counts: Counter[str], feminine: Counter[str], rows: int, pieces: int) -> Vocabulary:
    """Build the vocabulary: the forms, about `pieces` pieces of rare words, and the most frequent words.

    Words with the same base share one of at most `rows` rows. For `feminine` see inflection.py.
    """
    ranked = [word for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count >= SEEN]
    form_of = forms_of(counts, feminine)
    alone = [UNKNOWN, *sorted(set(form_of.values())), *_pieces(counts, pieces)]
    row_of = {token: row for row, token in enumerate(alone)}
    row_of_base: dict[str, int] = {}
    for word in ranked:
        key = base(word, counts)
        if key not in row_of_base:
            if len(alone) + len(row_of_base) == rows:
                continue  # a rarer word may still share an existing row
            row_of_base[key] = len(alone) + len(row_of_base)
        row_of[word] = row_of_base[key]
    number = {token: i for i, token in enumerate(row_of)}
    tokenizer = Tokenizer(models.WordPiece(number, unk_token=UNKNOWN, max_input_chars_per_word=40))
    tokenizer.normalizer = normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("removed")]
    )
    forms = [number[form_of[token]] if token in form_of else 0 for token in number]
    mapping = np.fromiter(row_of.values(), np.int32, len(row_of))
    return Vocabulary(tokenizer, mapping, np.array(forms, np.uint8), rarities(row_of, counts))


def rarities(tokens: Iterable[str], counts: Mapping[str, float]) -> npt.NDArray[np.uint8]:
    """How rarely each Arabic word is met, as `Words` reads it; `NOT_A_WORD` for other tokens and single letters."""
    return np.array(
        [
            min(max(round(STEP * (COMMONEST - math.log(counts.get(token, 0) + LEAST))), 0), NOT_A_WORD - 1)
            if len(token) > 1 and ARABIC_LETTER.match(token)
            else NOT_A_WORD
            for token in tokens
        ],
        np.uint8,
    )
