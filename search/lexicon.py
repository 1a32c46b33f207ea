"""What else may stand for a query word: words of the other language that mean it, and other spellings of a name.

The corpus words nearest to a query word in the model's space are its translations, with probabilities; `score` in
index/lexical.py counts them as expected frequencies. Only words that the corpus holds are ever proposed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
FLOOR = 0.5
MARGIN = 0.25
TEMPERATURE = 0.13

# Where the dictionary knows translations that the corpus holds, this share of the probability is theirs.
DICTIONARY_SHARE = 0.5

# Candidates are found by the heads of the vectors alone; this many of them a word are compared in full.
CANDIDATES = 32
STRETCH = 64  # heads whose cosines are first looked at together; see `_largest`

# Spellings of a name: at most so many. Where there are translations too, this share of the probability is theirs.
SPELLINGS = 5
NAME_SHARE = 0.5

# Words whose vectors are kept in memory (25 MB), and words whose senses are.
REMEMBERED = 20_000


Terms = tuple[tuple[str, str, float], ...]
"""Corpus terms with the kind of each and its probability, most probable first."""


@dataclass(frozen=True, slots=True)
class Sense:
    """A query token with the corpus terms that may express it."""

    token: Token
    terms: Terms

    def concept(self) -> Concept:
        """The same for scoring."""
        return Concept(tuple((term, p) for term, _, p in self.terms))


def senses(query: str, tokens: Sequence[Token], segments: Sequence[Segment]) -> list[Sense]:
    """What each token of a query may be called in the corpus: its own term, translations, and spellings of a name.

    A token is taken for a name where its sentence writes it with a capital, or where the lexicon has no translation.
    """
    asked = [(token.term, token.word.removesuffix("'s"), _capital(query, token)) for token in tokens]
    known = _known_senses(segments)
    expressed = {key: known[key] for key in set(asked) if key in known}
    missing = [key for key in dict.fromkeys(asked) if key not in expressed]
    words = sorted({word for _, word, _ in missing if word.isalpha()})
    translations = _translations(words, [segment.postings for segment in segments]) if words else {}
    for term, word, capital in missing:
        meant = _blended(translations.get(word, {}), _listed(term, segments))
        spelled = _spellings(word, segments, LIKELY if not meant or capital else SURE) if word.isalpha() else {}
        expressed[term, word, capital] = (term, "stem", 1.0), *_mixed(spelled, meant)
    if len(known) > REMEMBERED:
        known.clear()
    known.update(expressed)
    return [Sense(token, expressed[key]) for token, key in zip(tokens, asked, strict=True)]


def _known_senses(segments: Sequence[Segment]) -> dict[tuple[str, str, bool], Terms]:
    """What was found before in these very segments: half the words of a question are the same in each."""
    global _remembered_senses
    remembered = _remembered_senses  # another thread may be putting its own there
    if remembered[0] is not segments:
        remembered = _remembered_senses = segments, {}
    return remembered[1]


_remembered_senses: tuple[Sequence[Segment], dict[tuple[str, str, bool], Terms]] = (), {}


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
        for number, similarity in segment.names.match(word, SPELLINGS, least, across=True):
            term = segment.postings.vocabulary[number]
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
    candidates = _nearest(words, vectors, segments)
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
    known = {word: vector for word in words if (vector := _remembered.get(word)) is not None}
    missing = [word for word in words if word not in known]
    if missing:
        found = dict(zip(missing, load_encoder("default").encode_passages(missing), strict=True))
        known |= found
        if len(_remembered) > REMEMBERED:
            _remembered.clear()
        _remembered.update(found)
    return np.stack([known[word] for word in words])


_remembered: dict[str, Vectors] = {}


def _nearest(words: Sequence[str], vectors: Vectors, segments: Sequence[Postings]) -> list[dict[str, str]]:
    """For each word, the terms of the other language whose heads are nearest, with their commonest written form."""
    scored: list[dict[str, tuple[float, Postings, int]]] = [{} for _ in words]
    for segment in segments:
        for english in (True, False):
            first, last = (segment.first_arabic, len(segment.heads)) if english else (0, segment.first_arabic)
            asking = [i for i, word in enumerate(words) if (script(word) == "en") == english]
            if not asking or first == last:
                continue
            heads = segment.heads[first:last]
            cosines = vectors[asking, : heads.shape[1]] @ heads.T  # all words at once: the heads are read once
            for i, near, values in zip(asking, *_largest(cosines), strict=True):
                for number, value in zip((near + first).tolist(), values.tolist(), strict=True):
                    term = segment.vocabulary[number]
                    if term not in scored[i] or value > scored[i][term][0]:
                        scored[i][term] = value, segment, number
    result = []
    for found in scored:
        best = sorted(found, key=lambda term: (-found[term][0], term))[:CANDIDATES]
        result.append({term: segment.surfaces[number] for term in best for _, segment, number in [found[term]]})
    return result


def _largest(rows: Vectors) -> tuple[npt.NDArray[np.int64], Vectors]:
    """The places of the CANDIDATES largest numbers of each row, and these.

    They lie in the CANDIDATES stretches of the row with the largest maxima: so few numbers need be sorted.
    """
    starts = np.arange(0, rows.shape[1], STRETCH)
    maxima = np.maximum.reduceat(rows, starts, axis=1)
    few = min(CANDIDATES, len(starts))
    chosen = np.argpartition(maxima, -few, axis=1)[:, -few:]
    places = (starts[chosen][:, :, None] + np.arange(STRETCH)).reshape(len(rows), -1)
    values = np.take_along_axis(rows, np.minimum(places, rows.shape[1] - 1), axis=1)
    values[places >= rows.shape[1]] = -np.inf
    few = min(CANDIDATES, rows.shape[1])
    best = np.argpartition(values, -few, axis=1)[:, -few:]
    return np.take_along_axis(places, best, axis=1), np.take_along_axis(values, best, axis=1)
