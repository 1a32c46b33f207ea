"""Sentences of Arabic and English news, as offsets into the original text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .letters import LETTER

# In words, as `str.split` counts them. Longer sentences are cut into pieces of at least SHORTEST_PIECE words: Arabic
# newspapers join clauses with "و" and commas where English would end a sentence, and 5% of sentences exceed 44 words.
LONGEST_SENTENCE = 60
SHORTEST_PIECE = 10
_LINE_ENDS = "\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_MARKS = ".!?؟…۔"

# What may follow the mark and still belongs to the sentence: closing quotes and brackets, directional marks.
_CLOSING = "\"'»”’›)\\]}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"

# Where a sentence may end: at a line end, or at a mark before a space or before an Arabic letter (a missing space:
# "سورية.وقال"), but not in "العربية.نت". So the dots in 3.5, 14.12.2024 and addresses are no candidates. A run of marks
# is tried once, so that the time stays linear. It begins with one set of characters: the engine scans that fastest.
_BREAK = re.compile(
    rf"[{_LINE_ENDS}{_MARKS}](?:(?<=[{_LINE_ENDS}])(?P<line>[{_LINE_ENDS}]*+)"
    rf"|(?<=[{_MARKS}])(?<![{_MARKS}]{{2}})[{_MARKS}]*+[{_CLOSING}]*+"
    rf"(?=\s|\Z|(?!نت\b|كوم\b)[«“(]?[{LETTER}]))"
)
_SPACE = re.compile(rf"[^\S{_LINE_ENDS}]*")
_WORD = re.compile(r"\S+")
_WORD_CHARACTER = re.compile(r"[^\W_]")
_LAST_WORD = re.compile(r"([0-9٠-٩] )?([^\W_]+)\Z")
_PAUSE = re.compile(rf"\.\.(?![{_MARKS}])")
_WEB = re.compile(r"://|www\.|@")

# Abbreviations whose dot does not end a sentence: before names ("Mr. Adams"), and before numbers ("Jan. 5", while "no."
# in "he said no. They" does). Single letters need no list: initials, U.S., د. (doctor), ق.م (BC), أ.ف.ب (an agency).
_BEFORE_NAMES = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "lt", "gen", "col", "maj", "capt", "sgt", "sen", "rep", "gov", "rev",
    "vs",
})  # fmt: skip
_BEFORE_NUMBERS = frozenset({
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "no", "nos", "art", "vol",
    "fig", "pp",
})  # fmt: skip

# The names of Latin letters in Arabic: "بي. بي. سي" (B. B. C.), without hamza. Their dot does not end a sentence.
_LETTER_NAMES = frozenset({
    "اي", "ايه", "بي", "سي", "دي", "اف", "جي", "جيه", "اتش", "كي", "كيه", "ال", "ام", "ان", "او", "كيو", "ار", "اس",
    "تي", "يو", "في", "دبليو", "اكس", "واي", "زد",
})  # fmt: skip
_LONGEST_ABBREVIATION = max(map(len, _BEFORE_NAMES | _BEFORE_NUMBERS | _LETTER_NAMES))
_BARE_ALEF = str.maketrans("أإآ", "ااا")

# A long sentence is cut after these marks, the best first; else before a clause; else at any word.
_CUTS_AFTER = (("؛", ";", "..", "…"), ("،", ","))

# "و" (and) opens a clause. Excluded are common words that begin with that letter: minister, agency, delegation, ...
_CLAUSE = re.compile(
    r"و(?!زي?ر|زار|كال|فد|لاي|قت|فق|ضع|سط|جود|حد|اشنط|احد|الد|طن|ثي?ق|اقع|اجه|سائل|في)[^\W\d_]{3}"
    r"|(?:and|but|while|which)\b"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of `text` as (start, end) offsets, in order and without overlap; only space is left out.

    A sentence ends with its line at the latest and has at most LONGEST_SENTENCE words. Takes linear time.
    """
    whole: list[tuple[int, int]] = []
    same_line = bare = False
    for start, end, line_ends in _pieces(text):
        if start < end:
            no_words = not _WORD_CHARACTER.search(text, start, end)
            if same_line and (no_words or bare):  # marks without words, "!" or "»", join the sentence beside them
                whole[-1] = (whole[-1][0], end)
                bare = bare and no_words
            else:
                whole.append((start, end))
                bare = no_words
        same_line = not line_ends
    words = word_counter(text)
    found: list[tuple[int, int]] = []
    for start, end in whole:
        if end - start < 2 * LONGEST_SENTENCE or words(start, end) <= LONGEST_SENTENCE:
            found.append((start, end))
        else:
            found += _cut(text, start, end)
    return found


def is_single_spaced(text: str) -> bool:
    """Whether single spaces and line feeds are the only white space and control characters of a text. Most are so."""
    return "  " not in text and text.replace("\n", "").isprintable()


def word_counter(text: str) -> Callable[[int, int], int]:
    """What counts the words of a stretch of a text, as `str.split` does. It begins and ends with words of one line."""
    if is_single_spaced(text):
        return lambda start, end: text.count(" ", start, end) + 1
    return lambda start, end: len(text[start:end].split())


def _pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """The stretches (start, end) between sentence ends, some empty, each with whether a line ends after it."""
    start = _after_space(text, 0)
    for match in _BREAK.finditer(text):
        mark, end = match.span()
        following = _after_space(text, end)
        if match.lastindex:  # a line ends
            yield start, start + len(text[start:mark].rstrip()), True
        elif _ends_sentence(text, start, mark, end, following):
            yield start, end, False
        else:
            continue
        start = following
    yield start, start + len(text[start:].rstrip()), True


def _after_space(text: str, position: int) -> int:
    near = text[position : position + 2]
    if not near[:1].isspace():
        return position
    if near[0] == " " and not near[1:].isspace():
        return position + 1
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _ends_sentence(text: str, start: int, mark: int, end: int, following: int) -> bool:
    """Whether the marks from `mark` to `end` end the sentence that begins at `start`; `following` is what follows the
    space behind them."""
    if text[following : following + 1].islower():  # "Yahoo! said", "approx. five"
        return False
    marks = text[mark:end]
    if marks != "." and _PAUSE.match(marks):  # ".." is a pause in Arabic newspapers
        return False
    if following == end < len(text) and _WEB.search(text[max(start, mark - 200) : mark].rpartition(" ")[2]):
        return False
    if marks != ".":
        return True
    last = text[max(start, mark - 20) : mark].rpartition(" ")[2]
    if len(last) > _LONGEST_ABBREVIATION and last.isalpha():
        return True
    word = _LAST_WORD.search(text, max(start, mark - 20), mark)
    if word is None:
        return True
    number, letters = word.groups()
    if letters.isdigit():
        return mark - start > min(len(letters), 3)  # "1." begins a list item
    if len(letters) == 1:
        return number is not None  # "2024 م." is a year and may end a sentence, "د." (Dr.) does not
    if letters.lower() in _BEFORE_NUMBERS:
        return not text[following : following + 1].isdigit()
    return letters.lower() not in _BEFORE_NAMES and letters.translate(_BARE_ALEF) not in _LETTER_NAMES


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut the sentence (start, end), which is too long, into pieces of at most LONGEST_SENTENCE words."""
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    pieces, first = [], 0
    while len(words) - first > LONGEST_SENTENCE:
        longest = min(first + LONGEST_SENTENCE, len(words) - SHORTEST_PIECE)
        beyond = _best_cut(text, words, range(longest, first + SHORTEST_PIECE - 1, -1))
        pieces.append((words[first][0], words[beyond - 1][1]))
        first = beyond
    return [*pieces, (words[first][0], end)]


def _best_cut(text: str, words: list[tuple[int, int]], places: range) -> int:
    """The number of the word to cut before, one of `places`: the first with the best reason, see _CUTS_AFTER."""
    for marks in _CUTS_AFTER:
        for place in places:
            if text.endswith(marks, *words[place - 1]):
                return place
    for place in places:
        if _CLAUSE.match(text, words[place][0]):
            return place
    return places[0]
