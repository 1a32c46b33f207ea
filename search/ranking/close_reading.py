"""A close reading of the best passages: sentence by sentence, and word by word.

An answer mostly stands in one sentence, and the vector of a passage is the mean of many; words of the query that stand
together mean more than the same words apart. Ranking passages by their best sentence: Dai and Callan, "Deeper Text
Understanding for IR with Contextual Neural Language Modeling" (SIGIR 2019), there with a large model. Comparing word
with word: Khattab and Zaharia, "ColBERT" (SIGIR 2020), there with words in their context.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

import numpy as np

from index.ports import Candidates, Numbers, Question, Scores, View
from index.text import analyse, sentences, terms, words
from index.types import LANGUAGES, Concept, Tokens, Vectors, WordEncoder

from ..query import Query

UNRELATED = 0.2
"""The cosine of a word with the nearest word of an unrelated passage: up to here, likeness counts as none."""

REMEMBERED = 1_000
"""Passages whose sentences are kept in memory, some 15 kB each."""


@dataclass(frozen=True)
class Text:
    """One passage as sentences, at least one, the title of its article before them; `tokens` are those of each."""

    sentences: Sequence[str]
    tokens: Sequence[Tokens]

    @cached_property
    def terms(self) -> list[frozenset[str]]:
        """The terms of each sentence."""
        return [frozenset(terms(sentence)) for sentence in self.sentences]


class CloseReader:
    """Reads passages of one view and remembers those it has read. Threads share it.

    Without an encoder of words, only the words of the query are looked for: encoding every sentence with a transformer
    would take seconds.
    """

    def __init__(self, encoder: WordEncoder | None) -> None:
        self._encoder = encoder
        self._known: dict[int, Text] = {}

    def evidence(
        self, query: Query, question: Question, best: Candidates, view: View, scaled: Callable[[Scores], Scores]
    ) -> dict[str, Scores]:
        """Scores of the passages `best` for each kind of `Weights.reading`: float32 (len(best.passages),), 0 to 1.

        `scaled` turns cosines into scores.
        """
        by_meaning = question.vector is not None and self._encoder is not None
        if question.concepts is None and not by_meaning:
            return {}
        texts = self._texts(best.passages, view)
        found: dict[str, Scores] = {}
        if question.vector is not None and self._encoder is not None:
            found["semantic"] = scaled(sentence_similarity(question.vector, texts, self._encoder))
            found["words"] = word_similarity(query.text, texts, self._encoder)
        if question.concepts is not None:
            found["lexical"] = sentence_coverage(question.concepts, best, texts)
        return found

    def _texts(self, numbers: Numbers, view: View) -> list[Text]:
        known = self._known
        missing = np.array([number for number in numbers.tolist() if number not in known], np.int64)
        read = [_sentences(title, passage.text) for title, passage in view.passages(missing)] if len(missing) else []
        tokens = iter(self._encoder.tokens([s for text in read for s in text]) if self._encoder else ())
        new = {
            number: Text(text, list(islice(tokens, len(text))))
            for number, text in zip(missing.tolist(), read, strict=True)
        }
        texts = [new.get(number) or known[number] for number in numbers.tolist()]
        if len(known) + len(new) > REMEMBERED:
            known = self._known = {}  # a thread that still reads the old one is not disturbed
        known.update(new)
        return texts


def _sentences(title: str, text: str) -> list[str]:
    return [*filter(None, [title]), *(text[start:end] for start, end in sentences(text))] or [text]


def sentence_similarity(vector: Vectors, texts: Sequence[Text], encoder: WordEncoder) -> Scores:
    """The cosine of a query's vector, float32 (dim,), with the nearest sentence of each text: float32 (len(texts),)."""
    if not texts:
        return np.zeros(0, np.float32)
    cosines = encoder.averaged([sentence for text in texts for sentence in text.tokens]) @ vector
    starts = np.cumsum([0, *(len(text.tokens) for text in texts[:-1])])
    return np.asarray(np.maximum.reduceat(cosines, starts), np.float32)


def word_similarity(query: str, texts: Sequence[Text], encoder: WordEncoder) -> Scores:
    """The similarity of each query word to the nearest word of a text, averaged over the query: (len(texts),), 0 to 1.

    A word weighs the third power of its vector's length before normalisation: training makes vectors of words that say
    much long.
    """
    (asked,) = encoder.query_tokens([query])
    words = asked.entries[: asked.words]
    weights = (asked.scales[: asked.words] * encoder.lengths(words)) ** 3
    held = [np.unique(np.concatenate([t.entries[t.scales > 0] for t in text.tokens])) for text in texts]
    here, where = np.unique(np.concatenate([words[:0], *held]), return_inverse=True)
    similarity = np.maximum(encoder.vectors(here) @ encoder.vectors(words).T - UNRELATED, 0) / (1 - UNRELATED)
    best = np.zeros((len(texts), len(weights)), np.float32)
    for i, (start, end) in enumerate(pairwise(np.cumsum([0, *map(len, held)]))):
        best[i] = similarity[where[start:end]].max(axis=0, initial=0)
    return np.asarray(best @ weights / max(float(weights.sum()), 1e-9), np.float32)


def sentence_coverage(concepts: Sequence[Concept], found: Candidates, texts: Sequence[Text]) -> Scores:
    """The share of the query's words, weighed by rarity, in the best sentence of each text: (len(texts),), 0 to 1."""
    spoken = [
        [(float(idf), concept.terms_in(language)) for concept, idf in zip(concepts, row, strict=True) if idf > 0]
        for language, row in zip(LANGUAGES, found.idf, strict=True)
    ]
    shares = np.zeros(len(texts), np.float32)
    worded = np.ones(len(texts), bool) if found.lexical is None else found.lexical > 0
    for i, (text, language) in enumerate(zip(texts, found.languages.tolist(), strict=True)):
        total = sum(idf for idf, _ in spoken[language])
        if total and worded[i]:
            shares[i] = max((_covered(spoken[language], held) for held in text.terms), default=0.0) / total
    return shares


def _covered(spoken: Sequence[tuple[float, Sequence[tuple[str, float]]]], held: Collection[str]) -> float:
    return sum(idf * min(1.0, sum(p for term, p in meant if term in held)) for idf, meant in spoken)


def sequence_share(phrase: Sequence[str], text: str) -> float:
    """The share of the pairs of neighbours in a phrase, as folded words, that are neighbours in a text too: 0 to 1."""
    asked = set(pairwise(phrase))
    folded = [analyse(word)[1] for word in words(text)]
    return len(asked & set(pairwise(folded))) / len(asked) if asked else 0.0
