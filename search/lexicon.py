"""What else may stand for a query word: words of the other language that mean it, and other spellings of a name.

The corpus words nearest to a query word in the model's space are its translations, with probabilities; `score` in
index/lexical.py counts them as expected frequencies. Only words that the corpus holds are ever proposed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.encode import load_encoder
from index.lexical import Concept, Postings
from index.names import LIKELY, SURE
from index.segments import Segment
from index.text import Token, script
from index.types import Vectors

from .dictionary import load_dictionary

# Translations of a word: at most so many, with a cosine of at least FLOOR and within MARGIN of the best; their
# probabilities are a softmax of the cosines at TEMPERATURE.
TRANSLATIONS = 8
FLOOR = 0.4
MARGIN = 0.25
TEMPERATURE = 0.08

# Where the dictionary knows translations that the corpus holds, this share of the probability is theirs.
DICTIONARY_SHARE = 0.5

# Candidates are found by the heads of the vectors alone; this many of them a word are compared in full.
CANDIDATES = 32

# Spellings of a name: at most so many. Where there are translations too, this share of the probability is theirs.
SPELLINGS = 5
NAME_SHARE = 0.5

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


def senses(query: str, tokens: Sequence[Token], segments: Sequence[Segment]) -> list[Sense]:
    """What each token of a query may be called in the corpus: its own term, translations, and spellings of a name.

    A token is taken for a name where its sentence writes it with a capital, or where the lexicon has no translation.
    """
    bare = [token.word.removesuffix("'s") for token in tokens]
    words = sorted({word for word in bare if word.isalpha()})
    translations = _translations(words, [segment.postings for segment in segments]) if words else {}
    found = []
    for token, word in zip(tokens, bare, strict=True):
        meant = _blended(translations.get(word, {}), _listed(token.term, segments))
        least = LIKELY if not meant or _capital(query, token) else SURE
        spelled = _spellings(word, segments, least) if word.isalpha() else {}
        found.append(Sense(token, ((token.term, "stem", 1.0), *_mixed(spelled, meant))))
    return found


def _capital(query: str, token: Token) -> bool:
    """Whether a token is written with a capital where no sentence begins."""
    before = query[: token.start].rstrip()
    return query[token.start].isupper() and bool(before) and before[-1] not in ".?!:\"'"


def _mixed(spelled: dict[str, float], meant: dict[str, float]) -> list[tuple[str, str, float]]:
    """Spellings and translations as one distribution, most probable first."""
    share = NAME_SHARE if spelled and meant else float(bool(spelled))
    terms = []
    for term in spelled.keys() | meant.keys():
        by_name, by_meaning = share * spelled.get(term, 0.0), (1 - share) * meant.get(term, 0.0)
        # A name that the dictionary knows too is shown as a name.
        terms.append((term, "name" if term in spelled else "translation", by_name + by_meaning))
    return sorted(terms, key=lambda sense: (-sense[2], sense[0]))


def _spellings(word: str, segments: Sequence[Segment], least: float) -> dict[str, float]:
    """Corpus terms of the other script that spell a name, with probabilities."""
    similar: dict[str, float] = {}
    for segment in segments:
        for number, similarity in segment.names.match(word, SPELLINGS, least):
            term = segment.postings.vocabulary[number]
            if script(term) != script(word):
                similar[term] = max(similar.get(term, 0.0), similarity)
    best = sorted(similar.items(), key=lambda item: -item[1])[:SPELLINGS]
    total = sum(value for _, value in best)
    return {term: value / total for term, value in best}


def _listed(term: str, segments: Sequence[Segment]) -> dict[str, float]:
    """Corpus terms that the dictionary gives for a term, with probabilities."""
    listed = load_dictionary().translations(term)
    held = {t: p for t, p in listed.items() if any(s.postings.find(t) is not None for s in segments)}
    total = sum(held.values())
    return {t: p / total for t, p in held.items()}


def _blended(near: dict[str, float], listed: dict[str, float]) -> dict[str, float]:
    """Translations by the vectors and by the dictionary as one distribution."""
    share = DICTIONARY_SHARE if near and listed else float(bool(listed))
    return {
        term: (1 - share) * near.get(term, 0.0) + share * listed.get(term, 0.0) for term in near.keys() | listed.keys()
    }


def _translations(words: Sequence[str], segments: Sequence[Postings]) -> dict[str, dict[str, float]]:
    """Corpus terms of the other language that mean each word, with probabilities."""
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
        chosen = [(c, term) for c, term in scored[:TRANSLATIONS] if c >= max(FLOOR, scored[0][0] - MARGIN)]
        weights = [math.exp(c / TEMPERATURE) for c, _ in chosen]
        if chosen:
            result[word] = {term: weight / sum(weights) for (_, term), weight in zip(chosen, weights, strict=True)}
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
        few = min(CANDIDATES, len(cosines))
        for i in np.argpartition(cosines, -few)[-few:] if few else []:
            number = first + int(i)
            term = segment.vocabulary[number]
            scored[term] = max(scored.get(term, (-1.0, "")), (float(cosines[i]), segment.surfaces[number]))
    best = sorted(scored, key=lambda term: scored[term], reverse=True)[:CANDIDATES]
    return {term: scored[term][1] for term in best}
