"""Grammatical forms of words: person, object, possessor, number and tense.

Words with the same index term share a vector, so that Arabic "his dog" and "my dog" (كلبه, كلبي) have the same one.
Each form has a vector too, shared by all words in that form; a word in such a form counts as two tokens.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

SEEN = 3  # a word is known (may be a token or a base form) if it occurs in this many texts
SHARE = 0.02  # a base form must be this frequent relative to the word: rare يران does not make ايران (Iran) a verb
COMMON = 300  # a form gets a vector if its words occur in this many texts
SHORTEST = 3  # the fewest letters of a word without its ending
IMPERFECT = "يتنا"
ENDINGS = ("ها", "هم", "هن", "كم", "نا", "ني", "وا", "ون", "ين", "ان", "ات", "تم", "ه", "ك", "ي", "ت", "ن")
ARABIC = re.compile(r"[\u0621-\u064a]{3,}")
ENGLISH = re.compile(r"([a-z]{3,})(ing|ed|s)")


def form_of(word: str, counts: Counter[str], feminine: Counter[str]) -> str:
    """The form of a folded word as "[beginning-ending]", or "" if no known base form supports one.

    `counts` says how many texts contain each word, `feminine` how many write it with ة, which folds to ه.
    """
    if ARABIC.fullmatch(word):
        beginning, rest = _beginning(word, counts)
        ending = _ending(rest, counts)
        if ending == "ه" and 2 * feminine[word] > counts[word]:
            ending = "ة"
    else:
        beginning, ending = "", _english(word, counts)
    return f"[{beginning}-{ending}]" if beginning or ending else ""


def forms_of(counts: Counter[str], feminine: Counter[str]) -> dict[str, str]:
    """The form of each word, for forms that are common."""
    forms = {word: form_of(word, counts, feminine) for word, count in counts.items() if count >= SEEN}
    texts: Counter[str] = Counter()
    for word, form in forms.items():
        texts[form] += counts[word]
    return {word: form for word, form in forms.items() if form and texts[form] >= COMMON}


def _beginning(word: str, counts: Counter[str]) -> tuple[str, str]:
    """What begins a verb, the future and the imperfect, and the word without "and" and future: of وستكتب ست, تكتب."""
    if len(word) >= 5 and word[0] in "وف" and _vouched(word, [word[1:]], counts):
        word = word[1:]
    for future in ("س", ""):
        verb = word.removeprefix(future)
        if future and (verb == word or not _vouched(word, [verb], counts)):
            continue
        if len(verb) >= 4 and verb[0] in IMPERFECT:
            others = sum(_vouched(verb, [letter + verb[1:]], counts) for letter in IMPERFECT if letter != verb[0])
            if others >= (2 if verb[0] == "ا" else 1):  # much else begins with alef
                return future + verb[0], verb
    return "", word


def _ending(word: str, counts: Counter[str]) -> str:
    """The first of the endings without which, or with another in its place, the word is known."""
    for ending in ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= SHORTEST and _vouched(word, without(rest, ending), counts):
            return ending
    return ""


def without(rest: str, ending: str) -> list[str]:
    """What a word that is `rest` and `ending` may be formed from."""
    others = [rest, rest + "ه"]
    if rest.endswith("ت"):
        others.append(rest[:-1] + "ه")  # مدينتهم: مدينة
    if rest.endswith("ا"):
        others.append(rest[:-1] + "ي")  # مستشفاها: مستشفى
    if ending == "وا":
        others.append(rest + "ا")
    return others


def _english(word: str, counts: Counter[str]) -> str:
    found = ENGLISH.fullmatch(word)
    if not found:
        return ""
    rest, ending = found.groups()
    known = [rest]
    if ending == "s":
        known = [rest[:-2] + "y"] if rest.endswith("ie") else [] if rest.endswith(("s", "u", "i")) else [rest]
    else:
        known.append(rest + "e")
        if len(rest) > 3 and rest[-1] == rest[-2]:
            known.append(rest[:-1])
        if rest.endswith("i"):
            known.append(rest[:-1] + "y")
    return ending if _vouched(word, known, counts) else ""


def _vouched(word: str, others: Sequence[str], counts: Counter[str]) -> bool:
    return max((counts[other] for other in others), default=0) >= max(SEEN, SHARE * counts[word])
