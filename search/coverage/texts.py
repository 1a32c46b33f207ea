"""What is read of each article to compare it with others: its words, its facts, vectors of opening and sentences."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice, pairwise

import numpy as np
import numpy.typing as npt

from index.encoders import load_encoder
from index.text import LIKELY, Memo, analyse_all, fold, keyed, parts, script, sentences, similarities, tokenize, words
from index.types import Article, Vectors

from ..query import load_dictionary, translated_by_sound
from . import facts
from .alignment import Comparison, compare_tokens
from .words import Words, respelled, respelled_word

HEADING = 300
"""Characters of a title that are read for its vectors; no headline is longer."""

WORDS = 400
"""Words of an article whose facts are read: news says what matters first."""

SMALL = 3
"""Numbers below it are said of everything."""

SURE = 0.78
"""Similarity from which an Arabic word spells an English name although the dictionary knows it as another word: بريد
(mail) spells Brad with .52, خميس (Thursday) James with .64."""

OPENING = 15
"""Words of the text that open an article, after its title: where news says what is new."""

SENTENCES = 100
"""Sentences of an article, its title among them, that are looked for in a translation."""

SENTENCE = 1_000
"""Characters of a sentence that are read."""


ENCODED = 1 << 12
"""Words whose vectors are kept, a kilobyte each."""

HEARD = 1 << 17
"""Pairs of words of which it is remembered whether one spells the other."""


@dataclass(frozen=True)
class Facts:
    """What an article states in its first words, computed when it is first asked for.

    `text` ends with the last of these words. `said` are the words, folded and in the spelling in which they are
    compared (`respelled`), without those that are too long to be compared.
    """

    language: str
    text: str
    said: Sequence[str]

    @cached_property
    def numbers(self) -> frozenset[float]:
        """The numbers that it states."""
        return frozenset(quantity.value for quantity in self._quantities)

    @cached_property
    def names(self) -> frozenset[str]:
        """The folded words that are names."""
        return frozenset(facts.names(self._capitalised, self.said))

    @cached_property
    def words(self) -> frozenset[str]:
        """In Arabic, every folded word that could be a name."""
        if self.language != "ar":
            return frozenset()
        return frozenset(word for word in {*self.said} if len(word) > 2 and script(word) == "ar")

    @cached_property
    def written(self) -> Mapping[str | float, str]:
        """The first spelling of each of its numbers, names and words."""
        tokens = [token for token in respelled(tokenize(self.text, WORDS)) if _is_compared(token.word)]
        written: dict[str | float, str] = {}
        for value, start, end in self._quantities:
            written.setdefault(value, self.text[tokens[start].start : tokens[end - 1].end])
        for token in tokens:
            if token.word in self.names or token.word in self.words:
                written.setdefault(token.word, self.text[token.start : token.end])
        return written

    def named(self, words: Container[str]) -> set[str]:
        """Those of some folded words that are names."""
        beside = (self.said[max(0, n - 1) : n + 1] for n, word in enumerate(self.said) if word in words)
        return {name for here in beside for name in facts.names(self._capitalised, here, len(here) - 1)}

    @cached_property
    def _quantities(self) -> list[facts.Quantity]:
        return [quantity for quantity in facts.quantities(self.said) if quantity.value >= SMALL]

    @cached_property
    def _capitalised(self) -> frozenset[str]:
        return facts.capitalised(self.text)


class Texts:
    """What was read of the articles of one collection, each article once.

    Everything is bounded, and dropped with the collection that owns it: no text of a removed article outlives it.
    """

    def __init__(self) -> None:
        """Nothing read yet."""
        self.words = lru_cache(maxsize=256)(lambda article: Words(body(article)))
        self.head = head = lru_cache(maxsize=256)(first_words)
        self.facts = lru_cache(maxsize=4096)(lambda article: read_facts(article, head(article)))
        self.opening = lru_cache(maxsize=4096)(opening)
        self.sentences = lru_cache(maxsize=1024)(sentence_vectors)
        self._keyed = lru_cache(maxsize=256)(keyed)
        self._vectors: dict[str, Vectors] = {}  # of single words

    def compare(self, a: Article, b: Article) -> Comparison:
        """The texts of two articles aligned word by word."""
        return compare_tokens((body(a), body(b)), self.words(a), self.words(b))

    def shared_names(self, a: Article, b: Article, least: float = 0) -> list[tuple[str, str]]:
        """The names of two articles that are the same, in one script or across scripts, as pairs of folded words.

        Where there are fewer than `least`, not all of them: then no more are sought.
        """
        one, other = self.facts(a), self.facts(b)
        if one.language == other.language:
            return [(name, name) for name in sorted(other.named(one.names))]
        candidates = self._like_sounding(one, other)
        if len(candidates) < least:
            return []
        pairs: list[tuple[str, str]] = []
        for name, sounds in _heard_in(candidates).items():
            alike, word = max((_same_across(name, word, sound), word) for word, sound in sounds.items())
            if alike:
                pairs.append((name, word) if one.language != "ar" else (word, name))
        return pairs

    def hear(self, a: Article, others: Sequence[Article]) -> None:
        """Make ready for `shared_names` of an article and others in the other language: all at once takes little longer
        than one."""
        one, several = self.facts(a), [*map(self.facts, others)]
        keyed({word for other in several for word in _sounding(other)})
        candidates: dict[str, set[str]] = {}
        for other in several:
            for name, sounding in self._like_sounding(one, other).items():
                candidates.setdefault(name, set()).update(sounding)
        _heard_in(candidates)

    def vectors_of(self, words: Sequence[str]) -> Vectors:
        """The vectors of single words, by the embedded model, each encoded once: float32 (len(words), dim)."""
        if len(self._vectors) > ENCODED:
            self._vectors.clear()
        if new := [word for word in dict.fromkeys(words) if word not in self._vectors]:
            self._vectors.update(zip(new, load_encoder("default").encode_passages(new), strict=True))
        return np.stack([self._vectors[word] for word in words])

    def _like_sounding(self, one: Facts, other: Facts) -> dict[str, set[str]]:
        """The English names of two articles in two languages, and the Arabic words that share a key with each."""
        latin, arabic = (one, other) if one.language != "ar" else (other, one)
        names, words = self._keyed(_sounding(latin)), self._keyed(_sounding(arabic))
        found: dict[str, set[str]] = {}
        for key in names.keys() & words.keys():
            for name in names[key]:
                found.setdefault(name, set()).update(words[key])
        return found


def _sounding(facts: Facts) -> frozenset[str]:
    """The words of an article that may sound like those of one in the other language."""
    return facts.words if facts.language == "ar" else facts.names


def body(article: Article) -> str:
    """The text by which an article is judged: the title where there is no other."""
    return article.text if article.text.strip() else article.title


def read_numbers(article: Article) -> frozenset[float]:
    """The numbers that an article states in its title and its first `WORDS` words, as `read_facts` gives them, in a
    tenth of the time."""
    said = islice(chain.from_iterable(map(_counting.__getitem__, parts(whole(article)))), WORDS)
    near = [word for before, word in pairwise(chain(("",), filter(_is_compared, said))) if before or word]
    return frozenset(quantity.value for quantity in facts.quantities(near) if quantity.value >= SMALL)


def _is_compared(word: str) -> bool:
    return len(word) <= facts.LONGEST


def _counting_once(part: str) -> tuple[str, ...]:
    """The words of one of the `parts` of a text, folded; "" for those that state no number, but for the longest."""
    folded = (fold(word).replace("ى", "ي") for word in words(part))
    return tuple(word if not _is_compared(word) or facts.may_count(word) else "" for word in folded)


_counting = Memo(_counting_once, 1 << 18, facts.LONGEST)  # some 30 MB


def first_words(article: Article) -> tuple[list[str], list[tuple[str, str]]]:
    """The first `WORDS` words of the title and the text, which `whole` puts together: as it writes them, and the term
    and the folded form of each."""
    written = words(whole(article), WORDS)
    return written, analyse_all(written)


def whole(article: Article) -> str:
    """The title and the text."""
    return f"{article.title}\n{article.text}"


def read_facts(article: Article, head: tuple[list[str], list[tuple[str, str]]] | None = None) -> Facts:
    """The facts of the title and the first `WORDS` words; `head` are these, where they are known."""
    written, analysed = head or first_words(article)
    text = whole(article)
    said = [respelled_word(folded) for _, folded in analysed]
    compared = [n for n, word in enumerate(said) if _is_compared(word)]
    end = 0
    for word in written[: compared[-1] + 1 if compared else 0]:
        end = text.index(word, end) + len(word)
    return Facts(article.language, text[:end], [said[n] for n in compared])


def opening(article: Article) -> Vectors:
    """The vector of the title and the first `OPENING` words, by the embedded model: float32, (dim,), of unit length."""
    vectors: Vectors = openings([article])[0]
    return vectors


def openings(articles: Sequence[Article]) -> Vectors:
    """The same of each article, in one step: float32, (n, dim)."""
    said = []
    for article in articles:
        words = article.text[: OPENING * facts.LONGEST].split(maxsplit=OPENING)[:OPENING]
        said.append(f"{article.title[:HEADING]}\n{' '.join(words)}")
    return np.asarray(load_encoder("default").encode_passages(said), np.float32)


def sentence_vectors(article: Article) -> tuple[Vectors, npt.NDArray[np.int64]]:
    """The vectors of the title and of the first `SENTENCES`, by the embedded model, and how many letters each has."""
    whole = f"{article.title[:HEADING]}\n{article.text[: SENTENCES * SENTENCE]}"
    said = [whole[start:end][:SENTENCE] for start, end in sentences(whole)[:SENTENCES]] or [whole]
    return load_encoder("default").encode_passages(said), np.array([len(sentence) for sentence in said])


_heard: dict[tuple[str, str], float] = {}  # of single words, which recur


def _heard_in(candidates: Mapping[str, Iterable[str]]) -> dict[str, dict[str, float]]:
    """English names, in order, and how likely each of some Arabic words spells each, all folded; 0 below `LIKELY`."""
    pairs = [(name, word) for name in sorted(candidates) for word in candidates[name]]
    heard = {pair: sound for pair in pairs if (sound := _heard.get(pair)) is not None}
    new = [pair for pair in pairs if pair not in heard]
    if new:
        if len(_heard) > HEARD:
            _heard.clear()
        heard |= zip(new, similarities([name for name, _ in new], [word for _, word in new], LIKELY), strict=True)
        _heard.update(heard)
    found: dict[str, dict[str, float]] = {}
    for name, word in pairs:
        found.setdefault(name, {})[word] = heard[name, word]
    return found


@lru_cache(maxsize=HEARD)
def _same_across(name: str, word: str, alike: float) -> float:
    """How surely an Arabic word spells an English name, both folded; 0 where it does not, or is another word."""
    if alike < LIKELY or facts.of_kind((name, word), "month", "weekday"):
        return 0.0
    term = facts.term(word)
    translations = load_dictionary().translations(term)
    if not translations or alike >= SURE or facts.term(name) in translations or translated_by_sound(term, word):
        return alike
    return 0.0
