"""The facts of a text that make it one story and not another: its numbers, dates, names and negations."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from index.tables import read_table
from index.text import DATES, Token, analyse, fold, is_whole, script

from ..query import load_dictionary, translated_by_sound

_CLITICS = ("", "ال", "و", "ف", "وال", "فال", "ب", "ل", "ك", "بال", "لل", "كال", "وب", "ول", "وبال", "ولل")
AMBIGUOUS = frozenset(map(fold, ("أحد", "آب", "ماي", "mon", "sun", "sat", "mar", "may", "march", "second")))
"""Date words that are ordinary words more often ("one of", "may", "mar")."""

_NUMERAL = re.compile(r"(\d+(?:[.,]\d+)?)(?:st|nd|rd|th|s|'s)?")

_ALIKE = 0.75
"""Letters in common, twice over the letters of both, of two spellings of a name; names nearer than that are listed."""

LONGEST = 64
"""Letters of the longest word that is compared letter by letter: the work grows with the square of its length."""

_VOWELS = str.maketrans("", "", "اويهءaeiou")

DENYING = frozenset({"-4", "-5", "-6", "-7", "-8", "-28"})
"""Ends of scales that deny what stands beside them: to refuse, to deny, to stop, to fail, to forbid, to leave out."""

_INFLECTIONS = ("ا", "ها", "هم", "ه", "ون", "ين", "وا", "ان", "ات")

_TURNED = str.maketrans("+-", "-+")

_ENDINGS = ("وا", "ها", "هم", "هن")

_OPENERS = frozenset(".!?:;\"“”'‘’«»()[]-–—•*\n")
"""Signs after which a capital does not make a name."""

_SMALL, _CAPITAL = (re.compile(rf"\b[{letters}][\w'’]*") for letters in ("a-z", "A-Z"))
"""Words that begin with a small letter, and with a capital."""

_PERCENT = frozenset(map(fold, ("المئة", "المائة", "بالمئة", "بالمائة")))

_ELEVEN = frozenset(map(fold, ("أحد", "إحدى")))
"""One, but only before ten."""

_Counted = tuple[float | None, dict[str, float]]
"""What a word counts: its value in digits, or its number and scale by kind; neither for "per cent"."""

_ONE: _Counted = None, {"number": 1.0}


class Meaning(NamedTuple):
    """What a listed word says: `kind` as in facts.tsv, or "month", "weekday"; `value` as written there."""

    kind: str
    value: str


@lru_cache(maxsize=1 << 17)
def meanings(word: str) -> tuple[Meaning, ...]:
    """What a folded word says, its clitics set aside; nothing for an ordinary word."""
    return _uninflected(word) or _inflected(word) or (meanings(word[:-2]) if word.endswith("'s") else ())


@lru_cache(maxsize=1 << 17)
def _uninflected(word: str) -> tuple[Meaning, ...]:
    """What a folded word says that facts.tsv lists, apart from its clitics; nothing for an inflected form of one."""
    for clitic in _CLITICS:
        if word.startswith(clitic):
            known = _listed().get(word[len(clitic) :], ())
            if clitic not in ("", "و", "ف"):  # "للا" and "كلا" deny nothing
                known = tuple(meaning for meaning in known if meaning.kind != "negation")
            if known:
                return known
    return _uninflected(word[:-2]) if word.endswith("'s") else ()


def _inflected(word: str) -> tuple[Meaning, ...]:
    """The opposites that a folded word takes part in, in forms that are not listed: سيرتفعون, انخفاضا, رفضها."""
    for clitic in (*_CLITICS, "س", "وس"):
        if word.startswith(clitic):
            rest = word[len(clitic) :]
            for stem in (rest, *(rest.removesuffix(ending) for ending in _INFLECTIONS if rest.endswith(ending))):
                known = tuple(meaning for meaning in _listed().get(stem, ()) if meaning.kind == "opposite")
                if known and len(stem) > 2:
                    return known
    return ()


class Quantity(NamedTuple):
    """A number that words [start, end) of a text state."""

    value: float
    start: int
    end: int


def numbers(words: Sequence[str]) -> set[float]:
    """The values of the quantities in a stretch of folded words."""
    return {quantity.value for quantity in quantities(words)}


def may_count(word: str) -> bool:
    """False for a folded word that states no number, alone or beside others."""
    return word[:1].isdigit() or word.removesuffix("'s") in _counting()


def quantities(words: Sequence[str]) -> list[Quantity]:
    """The quantities in folded words, in order: digits, number words and their scales ("5 ملايين" is 5,000,000)."""
    found: list[Quantity] = []
    whole = False  # the last number may still be multiplied, or grow: "خمسة وعشرون", "twenty five thousand"
    before = -1  # the last word that counts
    counted: list[_Counted | None] = [*map(_counted, words)]
    if not _ELEVEN.isdisjoint(words):
        counted = [_ONE if said is None and _is_eleven(words, n) else said for n, said in enumerate(counted)]
    for n, (written, spelled) in [(n, said) for n, said in enumerate(counted) if said is not None]:
        whole, before = whole and before == n - 1, n
        if written is not None:
            found.append(Quantity(written, n, n + 1))
        elif whole and "scale" in spelled:
            found[-1] = Quantity(found[-1].value * spelled["scale"], found[-1].start, n + 1)
        elif spelled:
            value, last = spelled.get("scale", spelled.get("number", 0.0)), found[-1].value if found else 0.0
            if "scale" not in spelled and whole and last < 100 and value < 100 and (last < 10) != (value < 10):
                found[-1] = Quantity(last + value, found[-1].start, n + 1)
            else:
                found.append(Quantity(value, n, n + 1))
        else:
            continue  # per cent
        whole = True
    return found


def _is_eleven(words: Sequence[str], n: int) -> bool:
    """Whether word n is one before ten."""
    return words[n] in _ELEVEN and n + 1 < len(words) and Meaning("number", "10") in meanings(words[n + 1])


@cache
def _counting() -> frozenset[str]:
    """All words that count, with their clitics, and some others."""
    listed = [word for word, known in _listed().items() if any(one.kind in ("number", "scale") for one in known)]
    return frozenset(clitic + word for clitic in _CLITICS for word in listed) | _PERCENT | _ELEVEN


@lru_cache(maxsize=1 << 17)
def _counted(word: str) -> _Counted | None:
    """What a folded word counts; None for one that counts nothing."""
    if word in _PERCENT:
        return None, {}
    if numeral := _NUMERAL.fullmatch(word):
        return float(numeral[1].replace(",", ".")), {}
    counting = (meaning for meaning in _uninflected(word) if meaning.kind in ("number", "scale"))
    spelled = {meaning.kind: float(meaning.value) for meaning in counting}
    return (None, spelled) if spelled else None


def other_numbers(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether two stretches state different quantities; "25" and "five and twenty" are one."""
    one, other = numbers(a), numbers(b)
    return bool(one - other and other - one) and sum(one) != sum(other)


def of_kind(words: Iterable[str], *kinds: str) -> set[Meaning]:
    """The meanings of the given kinds among folded words."""
    # Only opposites are known in forms that are not listed, and the search for those is slow.
    said = meanings if "opposite" in kinds else _uninflected
    return {meaning for word in words for meaning in said(word) if meaning.kind in kinds}


def poles(words: Iterable[str]) -> set[str]:
    """The ends of scales that folded words name: "+1" is a rise, "-1" a fall, as facts.tsv lists them."""
    return {meaning.value for meaning in of_kind(words, "opposite")}


def opposite(a: Iterable[str], b: Iterable[str]) -> bool:
    """Whether one stretch says the contrary of the other: a rise and a fall, a win and a loss.

    Where one of them says both ("oil up, dollar down"), who does which is not known, and nothing is said.
    """
    one, other = poles(a), poles(b)
    turned = {pole.translate(_TURNED) for pole in other}
    return bool((one & turned) - (other | {pole.translate(_TURNED) for pole in one}))


def negations(tokens: Sequence[Token], start: int, end: int) -> int:
    """How often tokens [start, end) deny; idioms that affirm with a negator ("لا يزال", "not only") are left out."""
    return sum(
        bool(of_kind((token.word,), "negation"))
        and not (n + 1 < len(tokens) and of_kind((tokens[n + 1].word,), "idiom"))
        for n, token in enumerate(tokens[start:end], start)
    )


def names(capitalised: frozenset[str], words: Sequence[str], start: int = 0) -> set[str]:
    """The folded words of a text, from number `start` on, that look like names.

    English: among the words that the text writes with a capital, as `capitalised` finds them. Arabic, which has no
    capitals: after a title or a kind of place, or in gazetteer.txt.gz.
    """
    return {
        word
        for n, word in enumerate(words[start:], start)
        if (_is_named(words, n) if script(word) == "ar" else word in capitalised)
    }


def unlisted(tokens: Sequence[Token], start: int, end: int) -> set[str]:
    """The folded Arabic words among tokens [start, end) that the dictionary cannot translate: most of them are names.

    Of the others most are rare forms, so those with the ending of a verb or a pronoun are left out.
    """
    return {
        token.word
        for token in tokens[start:end]
        if script(token.word) == "ar" and not token.word.endswith(_ENDINGS) and _is_unlisted(token.term)
    }


def can_be_name(tokens: Sequence[Token], n: int) -> bool:
    """Whether an Arabic word that is mostly no name may be one here.

    Some translation sounds like it (روحاني, spiritual, is Rouhani), or it stands beside a name as another name would,
    without an article and no title (عمر, age, is Omar in "عمر البشير").
    """
    token = tokens[n]
    if script(token.word) != "ar" or _bare(token.word) != token.word or meanings(token.word):
        return False
    beside = [tokens[m] for m in (n - 1, n + 1) if 0 <= m < len(tokens)]
    by_a_name = any(_in_gazetteer(other.word) or _is_unlisted(other.term) for other in beside)
    return by_a_name or translated_by_sound(token.term, token.word)


def same_name(a: str, b: str) -> bool:
    """Whether two folded words can be spellings of one name, or forms of one word.

    Measured on newspapers that print the same wire: نتنياهو and نتانياهو, الأميركي and الأمريكي, بوتين and بوتن. Of
    words longer than `LONGEST` letters only equal ones are.
    """
    a, b = _bare(a), _bare(b)
    if a == b or max(len(a), len(b)) > LONGEST:
        return a == b
    if of_kind((a,), "distinct") & of_kind((b,), "distinct"):
        return False
    return sorted(a) == sorted(b) or SequenceMatcher(None, min(a, b), max(a, b), autojunk=False).ratio() >= _ALIKE


def unmatched(names: Iterable[str], words: Iterable[str]) -> set[str]:
    """The names of which no word is a spelling; both folded."""
    return {name for name in names if not any(same_name(name, word) for word in words)}


def same_consonants(a: str, b: str) -> bool:
    """Whether two folded words differ in nothing but vowels and the article."""
    return _bare(a).translate(_VOWELS) == _bare(b).translate(_VOWELS)


def _bare(word: str) -> str:
    for clitic in ("وال", "فال", "بال", "كال", "ال", "لل"):
        if word.startswith(clitic) and len(word) > len(clitic) + 2:
            return word[len(clitic) :]
    return word.removesuffix("'s")


def _is_named(words: Sequence[str], n: int) -> bool:
    word, before = words[n], words[n - 1] if n else ""
    if _in_gazetteer(word):
        return True
    roles = {meaning.value for meaning in of_kind((before,), "role")}
    return "person" in roles or ("place" in roles and _bare(before) == before)


@lru_cache(maxsize=1 << 17)
def _in_gazetteer(word: str) -> bool:
    names = _gazetteer()
    rests = (word[len(clitic) :] for clitic in _CLITICS if clitic and word.startswith(clitic))
    return word in names or any(rest in names and not is_whole(word, rest) for rest in rests)


@lru_cache(maxsize=1 << 17)
def _is_unlisted(term: str) -> bool:
    return not load_dictionary().translations(term)


@cache
def _gazetteer() -> frozenset[str]:
    with gzip.open(Path(__file__).with_name("gazetteer.txt.gz"), "rt", encoding="utf-8") as words:
        return frozenset(words.read().split())


def term(word: str) -> str:
    """The term of a folded word."""
    return analyse(word)[0]


def capitalised(text: str) -> frozenset[str]:
    """The folded words that an English text writes with a capital inside a sentence, and never without."""
    lower = {analyse(written)[1] for written in set(_SMALL.findall(text))}
    upper: set[str] = set()
    for match in _CAPITAL.finditer(text):
        before = text[max(0, match.start() - 3) : match.start()].rstrip()
        if before and before[-1] not in _OPENERS:
            upper.add(analyse(match[0])[1])
    return frozenset(upper - lower)


@cache
def _listed() -> dict[str, tuple[Meaning, ...]]:
    listed: dict[str, tuple[Meaning, ...]] = {}
    dates = DATES
    for path in (Path(__file__).with_name("facts.tsv"), dates):
        for kind, value, spellings in read_table(path):
            if path == dates and kind not in ("month", "weekday"):
                continue
            for spelling in map(fold, spellings.split(" | ")):
                if path == dates and spelling in AMBIGUOUS:
                    continue
                bare = spelling[2:] if len(spelling) > 4 and spelling.startswith("ال") else spelling
                word = spelling if path == dates and bare in AMBIGUOUS else bare  # الأحد is Sunday, أحد is anyone
                listed[word] = (*listed.get(word, ()), Meaning(kind, value))
    return listed
