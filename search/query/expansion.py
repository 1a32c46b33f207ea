"""What else may stand for a query word: other forms, words of the other language that mean it, spellings of a name.

The corpus terms nearest to a query word in the model's space are its translations, with probabilities, which a store
counts as expected frequencies. Only terms that the corpus holds are ever proposed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.encoders import embedded
from index.ports import Vocabulary
from index.text import LIKELY, Token, analyse, script
from index.types import LANGUAGES, Concept

from .arabizi import readings
from .dictionary import by_sound, load_dictionary, other_forms, stopwords, translated_by_sound
from .parsing import Query

# Translations of a word: at most so many, with a cosine of at least FLOOR and within MARGIN of the best; their
# probabilities are a softmax of the cosines at TEMPERATURE.
TRANSLATIONS = 8
FLOOR = 0.5
MARGIN = 0.25
TEMPERATURE = 0.13

# Where the dictionary has translations that the corpus holds, this share of the probability is theirs.
DICTIONARY_SHARE = 0.5

# Spellings of a name: at most so many. Where there are translations too, this is the share of the spellings.
SPELLINGS = 5
NAME_SHARE = 0.3

# The fewest letters of a name that has other spellings in its own script.
SHORTEST = 4

# The similarity that an Arabic word needs to one that is typed with digits for letters: the digits say what it is.
SOUNDED = 0.2

# Words before this place among those of the model, by frequency, are no spellings of a name, but for names.
COMMON = 30_000

# The similarity that a spelling needs where the dictionary has the word. From here on common words find hardly more
# than without spellings, and names that are words too (Rose, Hope) are found where nothing else is.
VERY_LIKELY = 0.9

# The weight of words of the same language that stand for one that no passage holds, as their share of it.
SYNONYMS = 0.5

# The weight of the other inflected forms of a query word (تكتب for يكتب); the form in the query weighs 1. With equal
# weights headline queries rank worse, because a headline and its article use the same forms.
FORM = 0.5

# Queries that are expanded at once, where there are many: the vectors of their words are compared in one product.
AT_ONCE = 20

# Query words whose senses are kept in memory.
REMEMBERED = 20_000

Terms = tuple[tuple[str, str, float], ...]
"""Corpus terms with the kind of each and its probability, most probable first."""


_Key = tuple[str, str, bool]
"""What decides how a word is expanded: its term, the word itself, and whether it is written as a name."""


@dataclass(frozen=True, slots=True)
class Sense:
    """A query token with the corpus terms that may express it; `typed` is what was typed in error instead.

    `ways` are folded words in a row, of several tokens or of parts of this one, that mean the same (compounds.py).
    """

    token: Token
    terms: Terms
    typed: str | None = None
    ways: tuple[tuple[str, ...], ...] = ()

    def concept(self) -> Concept:
        """The same for scoring."""
        return Concept(tuple((term, p) for term, _, p in self.terms), self.token.word in stopwords())

    @property
    def informative(self) -> bool:
        """Whether the word says something of a subject; function words do not."""
        return self.token.word not in stopwords()


class Expander:
    """Finds what query words may be called in the passages of one view. Threads share it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[_Key, Terms] = {}  # half the words of a question were in another before

    def expand(self, query: Query) -> list[Sense]:
        """The senses of each token: its own term, other forms, translations, and spellings of a name.

        A token that the dictionary has and no passage holds also stands for the nearest words of its own language, as a
        dialect's word for the standard one.

        A token is taken for a name where the query writes it with a capital inside a sentence, where the dictionary
        translates it by its sound, and where the dictionary does not have it. Where the dictionary has translations
        that no passage holds, a spelling must be very likely.
        """
        expressed = self._expressed([query])
        senses = [Sense(token, expressed[key]) for token, key in zip(query.tokens, _keys(query), strict=True)]
        return [_corrected(sense, query) for sense in senses] if query.respelled else senses

    def learn(self, queries: Sequence[Query]) -> None:
        """Expand many queries at once and remember what was found: it takes less time than one after the other."""
        for start in range(0, len(queries), AT_ONCE):
            self._expressed(queries[start : start + AT_ONCE])

    def _expressed(self, queries: Sequence[Query]) -> dict[_Key, Terms]:
        """The corpus terms that may express each word of some queries."""
        asked = dict.fromkeys(key for query in queries for key in _keys(query))
        expressed = {key: self._known[key] for key in asked if key in self._known}
        missing = [key for key in asked if key not in expressed]
        translations = self._nearest(sorted({word for _, word, _ in missing if word.isalpha()}))
        dictionary = {(term, word): _meant(term, word) for term, word, _ in missing}
        held = self._vocabulary.holds([term for term, _, _ in missing])
        spelt = [(term, word) for term, word, _ in missing if word.isalpha() and len(word) >= SHORTEST]
        rare = _rare(spelt)
        heard = by_sound(
            [
                (term, word)
                for term, word, capital in missing
                if dictionary[term, word] and (not capital or (term, word) in rare)
            ]
        )
        unheld = [(term, word) for term, word, _ in missing if term not in held and (term, word) not in heard]
        synonyms = self._nearest(sorted({word for term, word in unheld if dictionary[term, word]}), within=True)
        for term, word, capital in missing:
            meant = dictionary[term, word]
            near, listed = translations.get(word, {}), self._listed(meant)
            named = capital or not meant or (term, word) in heard
            spelled = {}
            if word.isalpha() and (named or not listed):
                spelled = self._spellings(word, LIKELY if named else VERY_LIKELY)
            sounds = [] if term in held else self._sounds(word)
            only_name = (term, word) in rare and (not meant or (term, word) in heard)
            if only_name if term in held else (term, word) in spelt and not (listed or near):
                spelled = self._variants(term, word, term in held) | spelled
            forms = sorted(self._vocabulary.holds(other_forms(term)))
            expressed[term, word, capital] = (
                (term, "stem", 1.0),
                *((form, "stem", FORM) for form in forms),
                *sounds,
                *(
                    (other, "translation", SYNONYMS * p)
                    for other, p in synonyms.get(word, {}).items()
                    if other not in forms
                ),
                *_mixed(spelled, _blended(near, listed)),
            )
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._known.update(expressed)
        return expressed

    def _spellings(self, word: str, least: float) -> dict[str, float]:
        """Corpus terms of the other script that spell a name, with their similarity as a share of the best one's.

        They do not compete as translations do: whichever of them a passage writes, it speaks of the name.
        """
        similar = dict(self._vocabulary.spellings(word, SPELLINGS, least))
        best = max(similar.values(), default=1.0)
        return {term: value / best for term, value in similar.items()}

    def _sounds(self, word: str) -> list[tuple[str, str, float]]:
        """Arabic corpus terms that a word in Latin letters and digits is typed for, most probable first."""
        found: dict[str, float] = {}
        for reading in readings(word):
            for term, value in self._vocabulary.spellings(reading, SPELLINGS, SOUNDED):
                found[term] = max(value, found.get(term, 0.0))
        best = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:SPELLINGS]
        return [(term, "spelling", value / best[0][1]) for term, value in best]

    def _variants(self, term: str, word: str, held: bool) -> dict[str, float]:
        """Corpus terms of the same script that spell a name, with what they weigh: Qadhafi for Gaddafi.

        Where passages hold the name as it is typed, others must be very like it.
        """
        similar = self._vocabulary.spellings(word, SPELLINGS, VERY_LIKELY if held else LIKELY, within=True)
        rare = _rare([(other, other) for other, _ in similar])
        alike = [one for one in similar if one[0] != term and ((one[0], one[0]) in rare or _named(one[0]))]
        best = max((value for _, value in alike), default=1.0)
        return {other: (FORM if held else 1.0) * value / best for other, value in alike}

    def _listed(self, meant: dict[str, float]) -> dict[str, float]:
        """Those of the dictionary's translations that the corpus holds, with probabilities."""
        held = self._vocabulary.holds(meant)
        total = sum(meant[term] for term in held)
        return {term: p / total for term, p in meant.items() if term in held}

    def _nearest(self, words: Sequence[str], within: bool = False) -> dict[str, dict[str, float]]:
        """Corpus terms of the other language that mean each word by their vectors, with probabilities.

        With `within`, terms of the same language. A word that the model breaks into pieces has none: the pieces of a
        name say nothing of it.
        """
        result: dict[str, dict[str, float]] = {}
        if not words:
            return result
        known = embedded().entries(words)
        vectors = embedded().averaged(embedded().tokens(words))
        whole = {word: i for i, word in enumerate(words) if known[i] >= 0}
        for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
            asked = {word: i for word, i in whole.items() if script(word) == language}
            if not asked:
                continue
            wanted = language if within else other
            found = self._vocabulary.translations(vectors[list(asked.values())], wanted, TRANSLATIONS)
            for word, terms in zip(asked, found, strict=True):
                chosen = [(term, cosine) for term, cosine in terms if cosine >= max(FLOOR, terms[0][1] - MARGIN)]
                weights = [math.exp(cosine / TEMPERATURE) for _, cosine in chosen]
                result[word] = {t: weight / sum(weights) for (t, _), weight in zip(chosen, weights, strict=True)}
        return result


def _corrected(sense: Sense, query: Query) -> Sense:
    """The sense of a token that was corrected; what was typed stays a sense of it too, where passages hold it."""
    typed = next((r.typed for r in query.respelled if r.start <= sense.token.start < r.end), None)
    if typed is None:
        return sense
    terms = tuple((term, "spelling" if kind == "stem" else kind, p) for term, kind, p in sense.terms)
    return replace(sense, terms=(*terms, (analyse(typed)[0], "stem", 1.0)), typed=typed)


def _keys(query: Query) -> list[_Key]:
    return [(token.term, token.word.removesuffix("'s"), _capital(query.text, token)) for token in query.tokens]


def _capital(query: str, token: Token) -> bool:
    """Whether a token is written with a capital where no sentence begins."""
    before = query[: token.start].rstrip()
    return query[token.start].isupper() and bool(before) and before[-1] not in ".?!:\"'"


def _rare(asked: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some (term, word) of which the model has no common word."""
    places = embedded().entries([word for _, word in asked]).tolist() if asked else []
    return {pair for pair, place in zip(asked, places, strict=True) if not 0 <= place < COMMON}


def _named(term: str) -> bool:
    """Whether a term has no meaning but that of a name: the dictionary lacks it, or translates it by its sound."""
    return not _meant(term, term) or translated_by_sound(term, term)


def _meant(term: str, word: str) -> dict[str, float]:
    """What the dictionary has for a word, with probabilities: no word that only joins others, where this one says more.

    A number is written alike in both languages; what the dictionary has for 100, "dollar", stood beside it.
    """
    if term.isdigit():
        return {}
    meant = load_dictionary().translations(term)
    return meant if word in stopwords() else {t: p for t, p in meant.items() if t not in stopwords()}


def _mixed(spelled: dict[str, float], meant: dict[str, float]) -> list[tuple[str, str, float]]:
    """Spellings and translations with their probabilities, most probable first."""
    share = NAME_SHARE if spelled and meant else float(bool(spelled))
    terms = []
    for term in spelled.keys() | meant.keys():
        by_name, by_meaning = share * spelled.get(term, 0.0), (1 - share) * meant.get(term, 0.0)
        # A name that the dictionary knows too is shown as a name.
        terms.append((term, "name" if term in spelled else "translation", by_name + by_meaning))
    return sorted(terms, key=lambda sense: (-sense[2], sense[0]))


def _blended(near: dict[str, float], listed: dict[str, float]) -> dict[str, float]:
    """Translations by the vectors and by the dictionary as one distribution."""
    share = DICTIONARY_SHARE if near and listed else float(bool(listed))
    return {
        term: (1 - share) * near.get(term, 0.0) + share * listed.get(term, 0.0) for term in near.keys() | listed.keys()
    }
