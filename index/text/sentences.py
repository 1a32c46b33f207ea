"""Where sentences end, in Arabic and English news: offsets into the original text, nothing rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Words are what `str.split` yields. A sentence is cut at LONGEST_SENTENCE, no piece of it shorter than SHORTEST_PIECE:
# in Arabic newspapers 5% of sentences pass 44 words, joined by "و" and commas where English would stop.
LONGEST_SENTENCE = 60


SHORTEST_PIECE = 10


_LINE_ENDS = "\n\r\v\f\x1c-\x1e\x85\u2028\u2029"


_ARABIC = "\u0621-\u063a\u0641-\u064a\u0671-\u06d3"


_MARKS = ".!?؟…۔"


# What still belongs to a sentence after its mark: closing quotes and brackets, and the invisible marks of direction.
_CLOSING = "\"'»”’›)\\]}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"


# A mark ends a sentence before a space, or before an Arabic letter where the space was forgotten ("سورية.وقال"): the
# dots in 3.5, 14.12.2024, a domain or an address are not looked at, nor that of "العربية.نت". A run of marks is tried
# once, to stay linear.
_BREAK = re.compile(
    rf"(?P<line>[{_LINE_ENDS}]++)|(?<![{_MARKS}])[{_MARKS}]++[{_CLOSING}]*+(?=\s|\Z|(?!نت\b|كوم\b)[«“(]?[{_ARABIC}])"
)


_SPACE = re.compile(rf"[^\S{_LINE_ENDS}]*")


_WORD = re.compile(r"\S+")


_WORD_CHARACTER = re.compile(r"[^\W_]")


_LAST_WORD = re.compile(r"([0-9٠-٩] )?([^\W_]+)\Z")


_PAUSE = re.compile(rf"\.\.(?![{_MARKS}])")


_WEB = re.compile(r"://|www\.|@")


# Words whose dot ends no sentence: before a name ("Mr. Adams"), or a number ("Jan. 5", but not "he said no. They").
# Single letters need no list: initials, U.S., د. (doctor), ق.م (BC), أ.ف.ب (an agency).
_BEFORE_NAMES = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "lt", "gen", "col", "maj", "capt", "sgt", "sen", "rep", "gov", "rev",
    "vs",
})  # fmt: skip


_BEFORE_NUMBERS = frozenset({
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "no", "nos", "art", "vol",
    "fig", "pp",
})  # fmt: skip


# Latin initials as Arabic spells them out: "بي. بي. سي" (B. B. C.), alefs without hamza. None of them ends a sentence.
_LETTER_NAMES = frozenset({
    "اي", "ايه", "بي", "سي", "دي", "اف", "جي", "جيه", "اتش", "كي", "كيه", "ال", "ام", "ان", "او", "كيو", "ار", "اس",
    "تي", "يو", "في", "دبليو", "اكس", "واي", "زد",
})  # fmt: skip


_BARE_ALEF = str.maketrans("أإآ", "ااا")


# A sentence that is too long is cut after these ends of words, the best first, else before a clause, else anywhere.
_CUTS_AFTER = (("؛", ";", "..", "…"), ("،", ","))


# "و" (and) opens a clause; but minister, agency, delegation, state, time and the like only begin with that letter.
_CLAUSE = re.compile(
    r"و(?!زي?ر|زار|كال|فد|لاي|قت|فق|ضع|سط|جود|حد|اشنط|احد|الد|طن|ثي?ق|اقع|اجه|سائل|في)[^\W\d_]{3}"
    r"|(?:and|but|while|which)\b"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of `text` as (start, end) offsets, in order, apart, and covering all that is not space.

    No sentence crosses the end of a line or has more than LONGEST_SENTENCE words. The time is linear in the length.
    """
    whole: list[tuple[int, int]] = []
    same_line = bare = False
    for start, end, line_ends in _pieces(text):
        if start < end:
            no_words = not _WORD_CHARACTER.search(text, start, end)
            if same_line and (no_words or bare):  # a lone "!" or "»" belongs to its neighbour
                whole[-1] = (whole[-1][0], end)
                bare = bare and no_words
            else:
                whole.append((start, end))
                bare = no_words
        same_line = not line_ends
    return [piece for start, end in whole for piece in _cut(text, start, end)]


def _pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """The stretches (start, end) between the ends of sentences, some empty, and whether a line ends there."""
    start = _after_space(text, 0)
    for match in _BREAK.finditer(text):
        if match["line"]:
            yield start, start + len(text[start : match.start()].rstrip()), True
        elif _ends_sentence(text, start, match.start(), match.end()):
            yield start, match.end(), False
        else:
            continue
        start = _after_space(text, match.end())
    yield start, start + len(text[start:].rstrip()), True


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _ends_sentence(text: str, start: int, mark: int, end: int) -> bool:
    """Whether the marks text[mark:end] end the sentence that begins at `start`."""
    following = _after_space(text, end)
    if text[following : following + 1].islower():  # "Yahoo! said", "approx. five"
        return False
    marks = text[mark:end]
    if _PAUSE.match(marks):  # a pause, in Arabic newspapers
        return False
    if following == end < len(text) and _WEB.search(text[max(start, mark - 200) : mark].rpartition(" ")[2]):
        return False
    word = _LAST_WORD.search(text, max(start, mark - 20), mark) if marks == "." else None
    if word is None:
        return True
    number, letters = word.groups()
    if letters.isdigit():
        return mark - start > min(len(letters), 3)  # "1." begins an item of a list
    if len(letters) == 1:
        return number is not None  # "2024 م." is a year, "د." a doctor
    if letters.lower() in _BEFORE_NUMBERS:
        return not text[following : following + 1].isdigit()
    return letters.lower() not in _BEFORE_NAMES and letters.translate(_BARE_ALEF) not in _LETTER_NAMES


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentence (start, end) in pieces of at most LONGEST_SENTENCE words."""
    if end - start < 2 * LONGEST_SENTENCE or len(text[start:end].split()) <= LONGEST_SENTENCE:
        return [(start, end)]
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    pieces, first = [], 0
    while len(words) - first > LONGEST_SENTENCE:
        longest = min(first + LONGEST_SENTENCE, len(words) - SHORTEST_PIECE)
        beyond = _best_cut(text, words, range(longest, first + SHORTEST_PIECE - 1, -1))
        pieces.append((words[first][0], words[beyond - 1][1]))
        first = beyond
    return [*pieces, (words[first][0], end)]


def _best_cut(text: str, words: list[tuple[int, int]], places: range) -> int:
    """The place, of `places` before a word, to cut at: the first of them for the best reason there is."""
    for marks in _CUTS_AFTER:
        for place in places:
            if text.endswith(marks, *words[place - 1]):
                return place
    for place in places:
        if _CLAUSE.match(text, words[place][0]):
            return place
    return places[0]
