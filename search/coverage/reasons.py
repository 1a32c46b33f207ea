"""Why two articles are related: the names, places, numbers and terms that both have, each told once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from index.text import fold, script, terms, tokenize
from index.types import Article

from ..query import by_sound, load_dictionary, stopwords, translated_by_sound
from ..types import Reasons
from . import facts
from .rarity import TermWeights
from .retellings import plain
from .texts import Texts

TERMS = 12
"""Weightiest terms of an article that are looked for in another, and offered as a reason."""

TELLING = 0.25
"""Weight of such a term beside the weightiest; what is left are words of any news."""

MEANING = 0.5
"""Cosine of two words of two languages that are called one term."""


_HOUSES = frozenset(map(fold, ("شركة", "نادي")))
"""Company and club: what stands after these is a name, but of no place."""

_PLACE = facts.Meaning("role", "place")

SMALLEST = 11
"""The smallest number that tells: smaller ones are in every article."""

REMEMBERED = 1 << 16
"""Words of which it is remembered whether they tell anything."""

NONE = Reasons()


@dataclass(frozen=True, slots=True)
class Said:
    """What an article offers as reasons: its terms with their weights, and its first words, folded.

    `written` says how it writes each term and folded word where that stands first. `silent` are folded words that are
    no reasons: those of its dateline, its agency and its outlet.
    """

    article: Article
    weights: TermWeights
    words: Sequence[str]
    written: Mapping[str, str]
    silent: frozenset[str]

    @classmethod
    def by(cls, article: Article, weights: TermWeights, texts: Texts) -> Said:
        """What its first words offer; `weights` are those of its terms, as Rarity.weigh gives them."""
        written, analysed = texts.head(article)
        origin = " ".join(filter(None, (article.city, article.agency, article.source)))
        silent = frozenset(form for token in tokenize(origin) for form in (token.word, token.term))
        forms = [form for both in analysed for form in both]
        twice = [said for said in written for _ in range(2)]
        first = dict(zip(reversed(forms), reversed(twice), strict=True))
        return cls(article, weights, [word for _, word in analysed], first, silent)

    def weight(self, word: str) -> float:
        """The weight of a folded word, 0 where its term is not weighed."""
        return self.weights.get(facts.term(word), 0.0)

    def tells(self, word: str) -> bool:
        """Whether a term is one of its first words and says something of a subject."""
        return word in self.written and not _is_empty(word) and not _is_day(self.written[word])

    def weightiest(self, most: int, silent: frozenset[str]) -> list[str]:
        """Its weightiest terms that tell something, but for the silent ones; of equal ones, in order of spelling."""
        ranked = sorted(sorted(self.weights), key=self.weights.__getitem__, reverse=True)
        return list(islice((word for word in ranked if word not in silent and self.tells(word)), most))

    def heavy(self, silent: frozenset[str]) -> list[str]:
        """The weightiest, as it writes them, that are compared with those of an article in the other language."""
        return [self.written[word] for word in self.weightiest(2 * TERMS, silent)]

    def places(self, words: Container[str]) -> Iterator[str]:
        """Those of some folded words that stand after a word such as "town"."""
        for before, after in pairwise(self.words):
            if after in words and _PLACE in facts.of_kind((before,), "role") and before not in _HOUSES:
                yield after


def prepare(mine: Said, others: Sequence[Said], texts: Texts) -> None:
    """Make ready for `shared_reasons` of one article and others: all at once takes little longer than one."""
    across = [its for its in others if its.article.language != mine.article.language]
    if across:
        texts.hear(mine.article, [its.article for its in across])
        texts.vectors_of([word for its in (mine, *across) for word in its.heavy(mine.silent | its.silent)])
    if len(across) < len(others):
        by_sound((facts.term(word), word) for word in texts.facts(mine.article).names if _is_translated(word))


def shared_reasons(mine: Said, its: Said, texts: Texts) -> Reasons:
    """What two articles share, the telling first; a thing is told once, as a name, a place or a term."""
    silent = mine.silent | its.silent
    named = [
        (a, b)
        for a, b in texts.shared_names(mine.article, its.article)
        if a in mine.written and b in its.written and (a != b or _tells(a)) and not {a, b} & silent and len(a) > 1
    ]
    named.sort(key=lambda pair: -mine.weight(pair[0]) * its.weight(pair[1]))
    words = {word for pair in named for word in pair}
    places = {*mine.places(words), *its.places(words)} if words else words
    told: set[str] = set()
    return Reasons(
        tuple(_once(((mine.written[a], its.written[b]) for a, b in named if not {a, b} & places), told)),
        tuple(_once(((mine.written[a], its.written[b]) for a, b in named if {a, b} & places), told)),
        _numbers(mine.article, its.article, texts),
        tuple(_once(_terms(mine, its, silent, texts), told)),
    )


def _once(pairs: Iterable[tuple[str, str]], told: set[str]) -> Iterator[tuple[str, str]]:
    """Drop the pairs that repeat an earlier reason. Forms of one word count as the same: التركي and لتركيا."""
    for pair in pairs:
        forms = terms(" ".join(pair))
        if told.isdisjoint(forms):
            told.update(forms)
            yield pair


def _tells(word: str) -> bool:
    """Whether a folded word is surely a name: no day or month, and no word that the dictionary knows as another."""
    if facts.meanings(word):
        return False
    return not _is_translated(word) or translated_by_sound(facts.term(word), word)


@lru_cache(maxsize=REMEMBERED)
def _is_translated(word: str) -> bool:
    """Whether a folded word is Arabic, and the dictionary knows its term."""
    return script(word) == "ar" and bool(load_dictionary().translations(facts.term(word)))


def _numbers(a: Article, b: Article, texts: Texts) -> tuple[int | float, ...]:
    """The numbers of both that tell: no small ones, and no year of publication."""
    years = {float((article.published or "0")[:4]) + step for article in (a, b) for step in (-1, 0, 1)}
    shared = texts.facts(a).numbers & texts.facts(b).numbers
    return tuple(plain(number for number in shared if number >= SMALLEST and number not in years))


def _terms(one: Said, two: Said, silent: frozenset[str], texts: Texts) -> Iterator[tuple[str, str]]:
    """The weightiest terms of one article that the other has too; in the other language, terms that mean the same."""
    mine, its = one.weights, two.weights
    if one.article.language == two.article.language:
        common = (mine.keys() & its.keys()) - silent
        shared = sorted(filter(one.tells, filter(two.tells, common)), key=lambda word: (-mine[word] * its[word], word))
        if not shared:
            return
        enough = TELLING * mine[one.weightiest(1, silent)[0]] * its[two.weightiest(1, silent)[0]]
        telling = [word for word in shared[:TERMS] if mine[word] * its[word] >= enough] or shared[:1]
        yield from ((one.written[word], two.written[word]) for word in telling)
        return
    here, there = (said.heavy(silent) for said in (one, two))
    if not (here and there):
        return
    vectors = texts.vectors_of([*here, *there])
    cosines = vectors[: len(here)] @ vectors[len(here) :].T
    for i, said in enumerate(here):
        j = int(cosines[i].argmax())
        if cosines[i, j] >= MEANING and int(cosines[:, j].argmax()) == i:
            yield said, there[j]


@lru_cache(maxsize=REMEMBERED)
def _is_empty(term: str) -> bool:
    """Whether a term says nothing of a subject, with a conjunction before it or not: قال, وقد, three."""
    stops = stopwords()
    joined = any(term[:1] == letter and term[1:] in stops for letter in "وف")
    kinds = "number", "negation", "month", "weekday", "empty"
    return not term.isalpha() or term in stops or joined or bool(facts.of_kind((term,), *kinds))


@lru_cache(maxsize=REMEMBERED)
def _is_day(written: str) -> bool:
    """Whether a word as it stands is a day or a month, whatever its term: الأحد is Sunday, أحد is anyone."""
    return bool(facts.of_kind((fold(written),), "month", "weekday"))
