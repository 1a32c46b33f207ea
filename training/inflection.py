"""What the form of a word adds to its meaning: who does it, to whom, whose it is, one or many, and when.

Words of one index term share a vector, and so "his dog" and "my dog" are one in Arabic (كلبه, كلبي). Their forms have
vectors of their own, which all words of a form share: a word in such a form counts as two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

SEEN = 3  # texts a word must stand in to be known: to be a token, and to vouch for another
SHARE = 0.02  # of the texts of that other: ايران, Iran, is no verb for the few texts that write يران
COMMON = 300  # texts in which the words of a form must stand for the form to have a vector
SHORTEST = 3  # letters that are left of a word without its ending
IMPERFECT = "يتنا"
ENDINGS = ("ها", "هم", "هن", "كم", "نا", "ني", "وا", "ون", "ين", "ان", "ات", "تم", "ه", "ك", "ي", "ت", "ن")
ARABIC = re.compile(r"[\u0621-\u064a]{3,}")
ENGLISH = re.compile(r"([a-z]{3,})(ing|ed|s)")


def form_of(word: str, counts: Counter[str], feminine: Counter[str]) -> str:
    """The form of a folded word as "[beginning-ending]", or "" where it has none that other words vouch for.

    `counts` are the texts in which each word stands, `feminine` those where it is written with ة, which folds to ه.
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
    """The form of each word that has a common one."""
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
