"""What else may stand for a query word: the words of the other language that mean it, as the embedded model sees it.

The corpus words nearest to a query word in the model's space are its translations, with probabilities; `score` in
index/lexical.py counts them as expected frequencies. Only words that the corpus holds are ever proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.encode import load_encoder
from index.lexical import Concept, Postings
from index.text import Token, script
from index.types import Vectors

# Translations of a word: at most so many, with a cosine of at least FLOOR and within MARGIN of the best; their
# probabilities are a softmax of the cosines at TEMPERATURE.
TRANSLATIONS = 8
FLOOR = 0.45
MARGIN = 0.25
TEMPERATURE = 0.08

# Candidates are found by the heads of the vectors alone; this many of them a word are compared in full.
CANDIDATES = 32

# Words whose vectors are kept in memory: 25 MB.
REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Sense:
    """A query token with the corpus terms that may express it: (term, kind, probability), most probable first."""

    token: Token
    terms: tuple[tuple[str, str, float], ...]

    def concept(self) -> Concept:
        """The same for scoring."""
        return Concept(tuple((term, p) for term, _, p in self.terms))


def senses(tokens: Sequence[Token], segments: Sequence[Postings]) -> list[Sense]:
    """What each query token may be called in the corpus: its own term, and translations into the other language."""
    own = {token.word: ((token.term, "stem", 1.0),) for token in tokens}
    foreign = [word for word in own if not any(c.isdigit() for c in word)]
    found = _translations(foreign, segments) if foreign else {}
    return [Sense(token, own[token.word] + found.get(token.word, ())) for token in tokens]


def _translations(words: Sequence[str], segments: Sequence[Postings]) -> dict[str, tuple[tuple[str, str, float], ...]]:
    vectors = _vectors(words)
    candidates = [_nearest(word, vector, segments) for word, vector in zip(words, vectors, strict=True)]
    surfaces = sorted({surface for found in candidates for surface in found.values()})
    if not surfaces:
        return {}
    row = {surface: i for i, surface in enumerate(surfaces)}
    cosines = vectors @ _vectors(surfaces).T
    result = {}
    for word, found, cosine in zip(words, candidates, cosines, strict=True):
        scored = sorted(((float(cosine[row[surface]]), term) for term, surface in found.items()), reverse=True)
        scored = [(c, t) for c, t in scored[:TRANSLATIONS] if c >= max(FLOOR, scored[0][0] - MARGIN)]
        weights = np.exp(np.array([c for c, _ in scored]) / TEMPERATURE)
        result[word] = tuple(
            (term, "translation", float(p)) for (_, term), p in zip(scored, weights / weights.sum(), strict=True)
        )
    return result


def _vectors(words: Sequence[str]) -> Vectors:
    """The words' vectors, float32, (len(words), dim); the next query has many of them again."""
    known = _remembered.copy()  # another thread may be clearing it
    missing = [word for word in words if word not in known]
    if missing:
        known |= zip(missing, load_encoder("default").encode_passages(missing), strict=True)
        if len(known) <= REMEMBERED:
            _remembered.update(known)
        else:
            _remembered.clear()
    return np.stack([known[word] for word in words])


_remembered: dict[str, Vectors] = {}


def _nearest(word: str, vector: Vectors, segments: Sequence[Postings]) -> dict[str, str]:
    """Terms of the other language whose heads are nearest, with their commonest written form."""
    scored: dict[str, tuple[float, str]] = {}
    for segment in segments:
        arabic = segment.first_arabic
        first, last = (arabic, len(segment.heads)) if script(word) == "en" else (0, arabic)
        heads = segment.heads[first:last]
        cosines = heads @ vector[: heads.shape[1]]
        best = (
            np.argpartition(cosines, -CANDIDATES)[-CANDIDATES:]
            if len(cosines) > CANDIDATES
            else np.arange(len(cosines))
        )
        for i in best:
            number = first + int(i)
            term = segment.vocabulary[number]
            scored[term] = max(scored.get(term, (-1.0, "")), (float(cosines[i]), segment.surfaces[number]))
    best_terms = sorted(scored, key=lambda term: scored[term], reverse=True)[:CANDIDATES]
    return {term: scored[term][1] for term in best_terms}
