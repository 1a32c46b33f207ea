"""Which articles a search is narrowed to: languages, sources and days as people write them -> `Filters`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from index.errors import InputError
from index.ports import View
from index.text import fold
from index.text import words as words_of
from index.types import LANGUAGES, Filters

from .parsing import Field
from .periods import period

# Names of languages, folded: in English, in Arabic and in themselves, and their codes of three letters.
_LANGUAGES = {
    name: code
    for code, names in {
        "ar": "arabic ara arab عربي عربيه العربيه",
        "en": "english eng انجليزي انجليزيه الانجليزيه انكليزي انكليزيه الانكليزيه",
        "fr": "french fra fre francais فرنسي فرنسيه الفرنسيه",
        "es": "spanish spa espanol اسباني اسبانيه الاسبانيه",
        "de": "german deu ger deutsch الماني المانيه الالمانيه",
        "tr": "turkish tur turkce تركي تركيه التركيه",
        "fa": "persian farsi fas per فارسي فارسيه الفارسيه",
        "he": "hebrew heb عبري عبريه العبريه",
        "ru": "russian rus روسي روسيه الروسيه",
        "ur": "urdu urd اردو الاردو",
        "ku": "kurdish kur كردي كرديه الكرديه",
        "zh": "chinese zho chi صيني صينيه الصينيه",
    }.items()
    for name in fold(names).split()
}

NEAREST = 5
"""Sources that are named to a user whose own is unknown."""


def read_filters(
    languages: Iterable[str], sources: Iterable[str], since: Iterable[str], until: Iterable[str], today: date
) -> tuple[Filters, tuple[str, ...]]:
    """Filters as people write them, and in sentences what was read in one of several ways.

    Languages are named or coded in any case ("AR", "ar-EG", "arabic", عربي), several parted by commas; days are those
    of `period`, of several the narrowest. Raises InputError for what is none of these, and for a time that ends before
    it begins.
    """
    codes = _codes(languages)
    firsts, lasts = [period(written, today) for written in since], [period(written, today) for written in until]
    first, last = max((read.first for read in firsts), default=None), min((read.last for read in lasts), default=None)
    notes = tuple(read.note for read in firsts + lasts if read.note)
    return Filters(codes or None, first, last, tuple(sources) or None), notes


def narrowed(given: Filters, fields: Sequence[Field], view: View) -> tuple[Filters, tuple[str, ...]]:
    """The filters given and those of a query's fields together, as `view` answers them; with notes in sentences.

    Sources are matched with those that the view holds: folded, and by a part of the name. Raises InputError for a
    source or language that it does not hold, with the nearest names, and for filters that exclude each other.
    """
    written = {name: [f.value for f in fields if f.name == name and not f.excluded] for name in _FIELDS}
    if not fields and not given.languages and not given.sources:
        return given, ()
    read, notes = read_filters(written["lang"], (), written["since"], written["until"], date.today())
    languages = _chosen("language", given.languages, read.languages)
    unwanted = _codes(f.value for f in fields if f.name == "lang" and f.excluded)
    if unwanted or set(languages) - set(LANGUAGES):
        held = [language or "" for (language,) in view.facets(["language"])]
        unknown = [language for language in languages if language not in held and language not in LANGUAGES]
        if unknown and held:
            raise InputError(f"No article is in {', '.join(unknown)}. There are articles in {', '.join(sorted(held))}.")
        languages = tuple(code for code in languages or held if code not in unwanted)
        if not languages:
            raise InputError(f"Nothing is left without articles in {', '.join(sorted(unwanted))}.")
    sources, said = _sources(given.sources, fields, written["source"], view)
    since = max(filter(None, (given.since, read.since)), default=None)
    until = min(filter(None, (given.until, read.until)), default=None)
    return Filters(languages or None, since, until, sources or None), notes + said


_FIELDS = ("lang", "source", "since", "until")


def _codes(written: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_code(name) for several in written for name in re.split("[,،]", several)))


def _code(name: str) -> str:
    """The code of a language. Raises InputError for what is neither a name nor a code."""
    folded = fold(name).strip()
    primary = re.split("[-_]", folded)[0]
    code = _LANGUAGES.get(folded) or _LANGUAGES.get(primary) or primary
    if not re.fullmatch("[a-z]{2,3}", code):
        raise InputError(f"{name.strip()!r} is not a language. Write ar, en, arabic, english, or another ISO 639 code.")
    return code


def _chosen(what: str, given: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """What passes both, where () lets anything pass. Raises InputError where nothing does."""
    if not given or not asked:
        return tuple(given or asked)
    both = tuple(value for value in given if value in asked)
    if not both:
        raise InputError(
            f"Nothing has both the {what} {', '.join(given)} and {', '.join(asked)}. Leave one of them out."
        )
    return both


def _sources(
    given: Sequence[str], fields: Sequence[Field], written: Sequence[str], view: View
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    unwanted = [f.value for f in fields if f.name == "source" and f.excluded]
    if not (given or written or unwanted):
        return (), ()
    held = {source or "": count for (source,), count in view.facets(["source"]).items()}
    first, second, left_out = (_held(names, held) for names in (given, written, unwanted))
    chosen = _chosen("source", first, second)
    if left_out:
        chosen = tuple(source for source in chosen or held if source not in left_out)
        if not chosen:
            raise InputError(f"Nothing is left without the sources {', '.join(left_out)}.")
    guessed = set(first + second) - set(given) - set(written)
    if left_out:
        return chosen, (f"Left out: sources {', '.join(sorted(left_out))}.",)
    return chosen, (f"Sources: {', '.join(sorted(chosen))}.",) if guessed else ()


def _held(names: Collection[str], held: Mapping[str, int]) -> tuple[str, ...]:
    """The sources that any of the names means: those of that name, else those that hold it. Raises InputError."""
    found: list[str] = []
    for name in names:
        meant = _meant(name, held)
        if not meant:
            raise _unknown(name, held)
        found += meant
    return tuple(dict.fromkeys(found))


def _meant(name: str, held: Mapping[str, int]) -> list[str]:
    asked, known = _key(name), {source: _key(source) for source in held if source}
    ways = (
        lambda key: key == asked,
        lambda key: f" {asked} " in f" {key} ",
        lambda key: asked.replace(" ", "") in key.replace(" ", ""),
    )
    found = ([source for source, key in known.items() if fits(key)] for fits in ways if asked)
    return next(filter(None, found), [name] if name in held else [])


def _key(source: str) -> str:
    """The folded words of a source."""
    return " ".join(fold(word) for word in words_of(source))


def _unknown(name: str, held: Mapping[str, int]) -> InputError:
    from difflib import get_close_matches  # only needed for an error

    keys = {_key(source): source for source in held if source}
    if not keys:
        return InputError(f"No article comes from {name!r}: none names a source.")
    near = [keys[key] for key in get_close_matches(_key(name), keys, NEAREST, 0.5)]
    largest = sorted(keys.values(), key=lambda source: (-held[source], source))[:NEAREST]
    said = f"The nearest names: {', '.join(near)}" if near else f"There are {', '.join(largest)}"
    return InputError(f"No article comes from {name!r}. {said}. All of them: khabar sources")
