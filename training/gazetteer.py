"""Collect the folded Arabic words that are mostly names: search/coverage/gazetteer.txt.gz, in alphabetical order.

    python -m training.gazetteer PARALLEL_FOLDER ARTICLES.jsonl.gz ... [--output search/coverage/gazetteer.txt.gz]

Four sources: lists of names and places with their Arabic side; English words with a capital whose Arabic side spells
them; words of the news that mostly follow a title or another name; and what the bilingual dictionary mostly translates
by its sound. A word that a dictionary gives for an English
word without a capital must be a country or follow names. Months, weekdays and the words of `ORDINARY` are left out.
Only single words are kept, nothing of the texts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from index.text.folding import fold
from index.text.name_keys import keys
from index.text.names import LIKELY, similarity
from index.text.tokens import tokenize
from search.coverage.facts import meanings
from search.query.dictionary import load_dictionary

PEOPLE = ("names_wikidata", "names_google_train")
COUNTRIES = ("cldr_names", "iso_codes", "countries_mledoze_dr5hn")
PLACES = (*COUNTRIES, "deb_gweather_places")
PROSE = (
    "arwikicats_titles",
    "un_sentences",
    "ud_pud",
    "govuk_whitehall",
    "ocha_reports",
    "euparliament_monitor",
    "tatoeba",
)
DICTIONARIES = ("omw_wordnet_arb", "freedict_engara")

SPELLED = 0.8
"""Similarity from which an Arabic word spells the English one beside it."""

FOLLOWS = 0.35
"""Share of its places in which a word follows a title or a name; of ordinary words it is below a fifth."""

SOUNDED = 0.5
"""Probability of the translations that sound like the word, from which it is a name or was borrowed as one."""

LEAST = 5
"""Places of a word in the news from which that share means something."""

ROUNDS = 2
"""The names found after names are names themselves, once."""

ORDINARY = frozenset(Path(__file__).with_name("gazetteer_ordinary.txt").read_text(encoding="utf-8").split())
"""Ordinary words that pass the other tests, found by reading the commonest ones."""


def rows(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            english, arabic, *_ = [*line.rstrip("\n").split("\t"), ""]
            yield english, arabic


def bare(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) >= 5 else word


def arabic_words(text: str) -> list[str]:
    return [bare(word) for word in re.findall(r"(?<![ء-ي])[ء-ي]{3,}(?![ء-ي])", fold(text))]


def listed(folder: Path, files: tuple[str, ...]) -> set[str]:
    found = set()
    for name in files:
        for english, arabic in rows(folder / f"{name}.tsv.gz"):
            words = arabic_words(arabic)
            if len(words) == 1 and (name in PEOPLE or english[:1].isupper()):
                found.update(words)
    return found


cached_keys = cache(keys)


def articled(folder: Path) -> set[str]:
    """Places that are always written with the article, without it."""
    found = {
        fold(arabic) for name in PLACES for english, arabic in rows(folder / f"{name}.tsv.gz") if english[:1].isupper()
    }
    return {word[2:] for word in found if word.startswith("ال") and re.fullmatch("[ء-ي]{5,}", word)}


def spelled(folder: Path) -> set[str]:
    pairs: set[tuple[str, str]] = set()
    for name in PROSE:
        for english, arabic in rows(folder / f"{name}.tsv.gz"):
            by_key = defaultdict(list)
            for word in arabic_words(arabic):
                for key in cached_keys(word):
                    by_key[key].append(word)
            for capital in set(re.findall(r"(?<=\S )[A-Z][a-z]{2,}", english)):
                pairs.update((capital, word) for key in cached_keys(capital) for word in by_key[key])
    return {word for capital, word in pairs if similarity(capital, word) >= SPELLED}


def ordinary(folder: Path) -> set[str]:
    found = set()
    for name in DICTIONARIES:
        for english, arabic in rows(folder / f"{name}.tsv.gz"):
            if english.islower():
                found.update(arabic_words(arabic))
    return found


def following(news: list[Path], names: set[str], refused: set[str]) -> set[str]:
    """The names, with the words that mostly follow one; of these, the refused are not names."""
    texts = []
    for path in news:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            texts += [[bare(token.word) for token in tokenize(json.loads(line)["text"])] for line in lines]
    total = Counter(word for text in texts for word in text)
    titles = {word for word in total if any(meaning == ("role", "person") for meaning in meanings(word))}
    for _ in range(ROUNDS):
        after = Counter(
            word for text in texts for before, word in pairwise(text) if before in names or before in titles
        )
        names |= {
            word
            for word, count in after.items()
            if count >= max(LEAST, FOLLOWS * total[word]) and word not in refused and len(word) > 2
            if word[0] not in "وفبل" and re.fullmatch("[ء-ي]+", word)
        }
    return names


def sounded() -> set[str]:
    """The Arabic words that the dictionary mostly translates by their sound."""
    found = set()
    dictionary = load_dictionary()
    for word in dictionary.terms("ar"):
        if not re.fullmatch("[ء-ي]{3,}", word):
            continue
        here = set(cached_keys(word))
        near = ((other, p) for other, p in dictionary.translations(word).items() if here & set(cached_keys(other)))
        if sum(p for other, p in near if similarity(other, word) >= LIKELY) >= SOUNDED:
            found.add(bare(word))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parallel", type=Path)
    parser.add_argument("news", type=Path, nargs="*")
    parser.add_argument("--output", type=Path, default=Path("search/coverage/gazetteer.txt.gz"))
    options = parser.parse_args()
    people, places = listed(options.parallel, PEOPLE), listed(options.parallel, PLACES)
    dictionary = ordinary(options.parallel)
    names = (people | places | spelled(options.parallel)) - dictionary | listed(options.parallel, COUNTRIES)
    names = following(options.news, names - ORDINARY, (dictionary - people) | ORDINARY)
    names |= sounded() - dictionary - ORDINARY
    names |= {"ال" + word for word in articled(options.parallel) & dictionary}  # القاهرة is Cairo, قاهرة is not
    kept = sorted(
        word
        for word in names
        if {meaning.kind for meaning in meanings(word)} <= {"distinct"} and not (word[0] == "و" and word[1:] in names)
    )  # what facts.tsv and dates.tsv list has another meaning
    with options.output.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write("\n".join(kept).encode())
    print(f"{len(kept):,} words")
