"""A close reading of the best passages: sentence by sentence, and word by word.

An answer mostly stands in one sentence, and the vector of a passage is the mean of many; words of the query that stand
together mean more than the same words apart. Ranking passages by their best sentence: Dai and Callan, "Deeper Text
Understanding for IR with Contextual Neural Language Modeling" (SIGIR 2019), there with a large model. Comparing word
with word: Khattab and Zaharia, "ColBERT" (SIGIR 2020), there with words in their context.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.ports import Candidates, Numbers, Question, Scores, View
from index.text import analyse, sentences, terms, words
from index.types import LANGUAGES, Concept, Vectors, WordEncoder

from ..query import Query

UNRELATED = 0.2
"""The cosine of a word with the nearest word of an unrelated passage: up to here, likeness counts as none."""

REMEMBERED = 3_000
"""Passages that are kept in memory as they were read, some 20 kB each."""


@dataclass(frozen=True, slots=True)
class Text:
    """One passage as s sentences, at least one, the title of its article before them.

    `terms` are those of each sentence. `vectors` (float32, (s, dim)) are the sentences' vectors, `words` (int32, (n,))
    the rows of the encoder's table that the words of all have, each once; both are empty without an encoder of words.
    """

    terms: Sequence[frozenset[str]]
    vectors: Vectors
    words: npt.NDArray[np.int32]


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
            found["semantic"] = scaled(sentence_similarity(question.vector, texts))
            found["words"] = word_similarity(query.text, texts, self._encoder)
        if question.concepts is not None:
            found["lexical"] = sentence_coverage(question.concepts, best, texts)
        return found

    def _texts(self, numbers: Numbers, view: View) -> list[Text]:
        known = self._known
        missing = np.array([number for number in numbers.tolist() if number not in known], np.int64)
        read = [_sentences(title, passage.text) for title, passage in view.passages(missing)] if len(missing) else []
        new = dict(zip(missing.tolist(), read_texts(read, self._encoder), strict=True))
        texts = [new.get(number) or known[number] for number in numbers.tolist()]
        if len(known) + len(new) > REMEMBERED:
            known = self._known = {}  # a thread that still reads the old one is not disturbed
        known.update(new)
        return texts


def _sentences(title: str, text: str) -> list[str]:
    return [*filter(None, [title]), *(text[start:end] for start, end in sentences(text))] or [text]


def read_texts(texts: Sequence[Sequence[str]], encoder: WordEncoder | None) -> list[Text]:
    """Passages, each as its sentences, ready to be compared with queries."""
    said = [frozenset(terms(sentence)) for text in texts for sentence in text]
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    vectors, entries = np.zeros((len(said), 0), np.float32), [np.zeros(0, np.int32)] * len(texts)
    if encoder is not None and said:
        tokens = encoder.tokens([sentence for text in texts for sentence in text])
        vectors = encoder.averaged(tokens)
        known = tokens.scales > 0
        owners = np.searchsorted(ends, tokens.owners[known], side="right")
        entry, times = tokens.entries[known].astype(np.int64), int(tokens.entries.max(initial=0)) + 1
        owners, entry = np.divmod(np.unique(owners * times + entry), times)
        entries = np.split(entry.astype(np.int32), np.searchsorted(owners, np.arange(1, len(texts))))
    parts = zip(pairwise([0, *ends.tolist()]), entries, strict=True)
    return [Text(said[start:end], vectors[start:end], words) for (start, end), words in parts]


def sentence_similarity(vector: Vectors, texts: Sequence[Text]) -> Scores:
    """The cosine of a query's vector, float32 (dim,), with the nearest sentence of each text: float32 (len(texts),)."""
    if not texts:
        return np.zeros(0, np.float32)
    cosines = np.concatenate([text.vectors for text in texts]) @ vector
    starts = np.cumsum([0, *(len(text.vectors) for text in texts[:-1])])
    return np.asarray(np.maximum.reduceat(cosines, starts), np.float32)


def word_similarity(query: str, texts: Sequence[Text], encoder: WordEncoder) -> Scores:
    """The similarity of each query word to the nearest word of a text, averaged over the query: (len(texts),), 0 to 1.

    A word weighs the third power of its vector's length before normalisation: training makes vectors of words that say
    much long.
    """
    asked = encoder.query_tokens([query])
    words = asked.entries[: asked.words[0]]
    weights = (asked.scales[: len(words)] * encoder.lengths(words)) ** 3
    here, where = np.unique(np.concatenate([words[:0], *(text.words for text in texts)]), return_inverse=True)
    similarity = np.maximum(encoder.vectors(here) @ encoder.vectors(words).T - UNRELATED, 0) / (1 - UNRELATED)
    best = np.zeros((len(texts), len(words)), np.float32)
    for i, (start, end) in enumerate(pairwise(np.cumsum([0, *(len(text.words) for text in texts)]).tolist())):
        best[i] = similarity[where[start:end]].max(axis=0, initial=0)
    return np.asarray(best @ weights / max(float(weights.sum()), 1e-9), np.float32)


def sentence_coverage(concepts: Sequence[Concept], found: Candidates, texts: Sequence[Text]) -> Scores:
    """The share of the query's words, weighed by rarity, in the best sentence of each text: (len(texts),), 0 to 1."""
    spoken = [_Spoken.of(concepts, language, row) for language, row in zip(LANGUAGES, found.idf.tolist(), strict=True)]
    shares = np.zeros(len(texts), np.float32)
    worded = np.ones(len(texts), bool) if found.lexical is None else found.lexical > 0
    for i, (text, language) in enumerate(zip(texts, found.languages.tolist(), strict=True)):
        if worded[i]:
            shares[i] = max(map(spoken[language].share, text.terms), default=0.0)
    return shares


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What expresses a query in one language: for each term the concepts it may stand for, with probabilities.

    `idf` are the concepts' weights, `total` is their sum.
    """

    terms: dict[str, list[tuple[int, float]]]
    idf: Sequence[float]
    total: float

    @classmethod
    def of(cls, concepts: Sequence[Concept], language: str, idf: Sequence[float]) -> _Spoken:
        terms: dict[str, list[tuple[int, float]]] = {}
        for place, concept in enumerate(concepts):
            for term, p in concept.terms_in(language) if idf[place] > 0 else ():
                terms.setdefault(term, []).append((place, p))
        return cls(terms, idf, sum(idf))

    def share(self, held: frozenset[str]) -> float:
        """The weight of the concepts that some terms express, as a share of that of all."""
        said: dict[int, float] = {}
        for term in held & self.terms.keys():
            for place, p in self.terms[term]:
                said[place] = said.get(place, 0.0) + p
        return sum(self.idf[place] * min(1.0, p) for place, p in said.items()) / self.total if said else 0.0


def sequence_share(phrase: Sequence[str], text: str) -> float:
    """The share of the pairs of neighbours in a phrase, as folded words, that are neighbours in a text too: 0 to 1.

    Of a phrase of one word, 1 where the text has it.
    """
    asked = set(pairwise(phrase))
    folded = [analyse(word)[1] for word in words(text)]
    if len(phrase) == 1:
        return float(phrase[0] in folded)
    return len(asked & set(pairwise(folded))) / len(asked) if asked else 0.0
