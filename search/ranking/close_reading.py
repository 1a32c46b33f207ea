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
from index.text import Column, Remembered, hashed_once, parts, sentences
from index.types import LANGUAGES, Concept, Passage, Tokens, Vectors, WordEncoder

from ..query import Query

UNRELATED = 0.2
"""The cosine of a word with the nearest word of an unrelated passage: up to here, likeness counts as none."""

REMEMBERED = 1_000
"""Passages that are kept in memory as they were read, some 15 kB each."""

LETTERS = 1 << 21
"""Letters of what stands between spaces of which is kept what it says, some 60 MB."""


@dataclass(frozen=True, slots=True)
class Text:
    """One passage as s sentences, at least one, the title of its article before them.

    `terms` and `folded` (int64, (n,)) are the hashes of the terms and of the folded words of all sentences (`hashed`),
    `sizes` (int64, (s,)) how many each has. `vectors` (float32, (s, dim)) are the sentences' vectors, `words` (int32,
    (w,)) the rows of the encoder's table that the words of all have; both are empty without an encoder of words.
    """

    terms: Numbers
    folded: Numbers
    sizes: Numbers
    vectors: Vectors
    words: npt.NDArray[np.int32]


class Reader:
    """Reads passages word by word, and remembers the words. Threads share it.

    Without an encoder of words, only the words of the query are looked for: encoding every sentence with a transformer
    would take seconds.
    """

    def __init__(self, encoder: WordEncoder | None) -> None:
        self.encoder = encoder
        self._known = Remembered(self._made, LETTERS)

    def texts(self, passages: Sequence[Sequence[str]]) -> list[Text]:
        """Passages, each as its sentences, ready to be compared with queries."""
        if not passages:
            return []
        several = [parts(sentence) for sentences in passages for sentence in sentences]
        (terms, sizes), (folded, _), *tokens = self._known([part for some in several for part in some])
        firsts = np.cumsum([0, *map(len, several[:-1])])
        sizes = np.add.reduceat(sizes, firsts)
        vectors, words, of_words = np.zeros((len(several), 0), np.float32), np.zeros(0, np.int32), np.zeros_like(sizes)
        if self.encoder is not None:
            (words, counts), (scales, _) = tokens
            of_words = np.add.reduceat(counts, firsts)
            owners = np.repeat(np.arange(len(several)), of_words)
            vectors = self.encoder.averaged(Tokens(words, scales, owners, of_words))
        bounds = np.cumsum([0, *map(len, passages)])
        behind, behind_words = (np.append(0, np.cumsum(counts))[bounds].tolist() for counts in (sizes, of_words))
        return [
            Text(terms[a:b], folded[a:b], sizes[first:last], vectors[first:last], words[c:d])
            for (first, last), (a, b), (c, d) in zip(
                pairwise(bounds.tolist()), pairwise(behind), pairwise(behind_words), strict=True
            )
        ]

    def hashed(self, parts: Sequence[str]) -> list[Column]:
        """What `index.text.hashed` gives, remembered here with all else that is known of the parts."""
        return self._known(parts)[:2]

    def _made(self, parts: Sequence[str]) -> list[Column]:
        """The hashed terms and words of what stands between spaces, the rows and scales of the words that are known."""
        columns = hashed_once(parts)
        if self.encoder is None:
            return columns
        tokens = self.encoder.tokens(parts)
        known = np.flatnonzero(tokens.scales > 0)
        known = known[np.argsort(tokens.owners[known], kind="stable")]
        counts = np.bincount(tokens.owners[known], minlength=len(parts))
        return [*columns, (tokens.entries[known], counts), (tokens.scales[known], counts)]


class CloseReader:
    """Reads passages of one view and remembers those it has read. Threads share it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[int, tuple[Text, tuple[str, Passage]]] = {}

    def evidence(
        self, query: Query, question: Question, best: Candidates, view: View, scaled: Callable[[Scores], Scores]
    ) -> dict[str, Scores]:
        """Scores of the passages `best` for each kind of `Weights.reading`: float32 (len(best.passages),), 0 to 1.

        `scaled` turns cosines into scores.
        """
        encoder = self._reader.encoder
        if question.concepts is None and (question.vector is None or encoder is None):
            return {}
        texts = self.texts(best.passages, view)
        found: dict[str, Scores] = {}
        if question.vector is not None and encoder is not None:
            found["semantic"] = scaled(sentence_similarity(question.vector, texts))
            found["words"] = word_similarity(query.text, texts, encoder)
        if question.concepts is not None:
            found["lexical"] = sentence_coverage(question.concepts, best, texts)
        return found

    def texts(self, numbers: Numbers, view: View) -> list[Text]:
        """Passages as they are read."""
        known = self._known
        missing = np.array([number for number in numbers.tolist() if number not in known], np.int64)
        found = view.passages(missing) if len(missing) else []
        read = self._reader.texts([_sentences(title, passage.text) for title, passage in found])
        new = dict(zip(missing.tolist(), zip(read, found, strict=True), strict=True))
        texts = [(new.get(number) or known[number])[0] for number in numbers.tolist()]
        if len(known) + len(new) > REMEMBERED:
            known = self._known = {}  # a thread that still reads the old one is not disturbed
        known.update(new)
        return texts

    def passages(self, numbers: Numbers, view: View) -> list[tuple[str, Passage]]:
        """Passages as `View.passages` gives them: those that were read are not loaded again."""
        known = self._known
        held = {number: known[number][1] for number in numbers.tolist() if number in known}
        missing = np.array([number for number in numbers.tolist() if number not in held], np.int64)
        if len(missing):
            held |= zip(missing.tolist(), view.passages(missing), strict=True)
        return [held[number] for number in numbers.tolist()]


def _sentences(title: str, text: str) -> list[str]:
    return [*filter(None, [title]), *(text[start:end] for start, end in sentences(text))] or [text]


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
    said = np.concatenate([words[:0], *(text.words for text in texts)])
    present = np.zeros(said.max(initial=-1) + 1, bool)
    present[said] = True
    here = np.flatnonzero(present)
    place_of = np.empty(len(present), np.int32)
    place_of[here] = np.arange(len(here))
    similarity = np.maximum(encoder.vectors(here) @ encoder.vectors(words).T - UNRELATED, 0) / (1 - UNRELATED)
    best = np.zeros((len(texts), len(words)), np.float32)
    sizes = np.array([len(text.words) for text in texts], np.int64)
    having = np.flatnonzero(sizes)
    if len(having):
        best[having] = np.maximum.reduceat(similarity[place_of[said]], (np.cumsum(sizes) - sizes)[having])
    return np.asarray(best @ weights / max(float(weights.sum()), 1e-9), np.float32)


def sentence_coverage(concepts: Sequence[Concept], found: Candidates, texts: Sequence[Text]) -> Scores:
    """The share of the query's words, weighed by rarity, in the best sentence of each text: (len(texts),), 0 to 1."""
    asked = list(dict.fromkeys(term for concept in concepts for term, _ in concept.terms))
    hashes = np.fromiter(map(hash, asked), np.int64, len(asked))
    sizes = np.concatenate([hashes[:0], *(text.sizes for text in texts)])
    held = _holding(np.concatenate([hashes[:0], *(text.terms for text in texts)]), sizes, hashes)
    firsts = np.cumsum([0, *(len(text.sizes) for text in texts[:-1])])
    shares = np.zeros(len(texts), np.float32)
    worded = np.ones(len(texts), bool) if found.lexical is None else found.lexical > 0
    for language, idf in zip(LANGUAGES, found.idf.astype(np.float64), strict=True):
        here = np.flatnonzero(worded & (found.languages == LANGUAGES.index(language)))
        if not len(here) or not idf.any():
            continue
        said = np.minimum(held @ _chances(concepts, language, asked), 1) @ idf / idf.sum()
        shares[here] = np.maximum.reduceat(said, firsts)[here]
    return shares


def _holding(terms: Numbers, sizes: Numbers, asked: Numbers) -> npt.NDArray[np.float64]:
    """Which of the terms `asked` (a,) each of s sentences holds, 0 or 1: (s, a).

    `terms` are those of all sentences, end to end, `sizes` (s,) how many each has.
    """
    held = np.zeros((len(sizes), len(asked)))
    order = np.argsort(asked)
    places = np.minimum(np.searchsorted(asked, terms, sorter=order), len(asked) - 1)
    same = asked[order[places]] == terms
    held[np.repeat(np.arange(len(sizes)), sizes)[same], order[places[same]]] = 1
    return held


def _chances(concepts: Sequence[Concept], language: str, asked: Sequence[str]) -> npt.NDArray[np.float64]:
    """With which probability each of the terms `asked` expresses each concept in a language: (a, len(concepts))."""
    place_of = {term: place for place, term in enumerate(asked)}
    chances = np.zeros((len(asked), len(concepts)))
    for number, concept in enumerate(concepts):
        for term, p in concept.terms_in(language):
            chances[place_of[term], number] += p
    return chances


def sequence_shares(phrases: Sequence[Sequence[str]], texts: Sequence[Text]) -> Scores:
    """The share of the pairs of neighbours in a phrase, as folded words, that are neighbours in each text too, of that
    phrase of which it is the largest: (len(texts),), 0 to 1.

    Of a phrase of one word, 1 where the text has it.
    """
    words = np.concatenate([np.zeros(0, np.int64), *(text.folded for text in texts)])
    owners = np.repeat(np.arange(len(texts)), [len(text.folded) for text in texts])
    inside = owners[1:] == owners[:-1]
    shares = np.zeros(len(texts), np.float32)
    for phrase in phrases:
        hashes = list(map(hash, phrase))
        if len(hashes) == 1:
            holding = [owners[words == hashes[0]]]
        else:
            pairs = set(pairwise(hashes))
            holding = [owners[:-1][inside & (words[:-1] == a) & (words[1:] == b)] for a, b in pairs]
        counts = np.zeros(len(texts), np.float32)
        for several in holding:
            counts[several] += 1
        np.maximum(shares, counts / len(holding), out=shares)
    return shares
