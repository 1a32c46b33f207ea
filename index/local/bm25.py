"""BM25 over the postings of an index, in which a query word may stand for several terms of both languages.

BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). A concept's term and
document frequencies are expected ones, summed over its terms by their probabilities: probabilistic structured queries,
Darwish and Oard (2003). That is how an English word is counted in an Arabic passage.

Most of the postings of a question are those of words that tell little. They are not added up: once k passages score
more than the remaining words can give to a passage that none of the words before is in, the remaining words are only
looked up in the passages that may still be among the best (Turtle and Flood, "Query Evaluation: Strategies and
Optimizations", 1995; Moffat and Zobel, "Self-Indexing Inverted Files", 1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from ..text import script, term_key
from ..types import LANGUAGES, Concept
from .postings import Array, Postings

# Saturation of repeated terms, and length normalisation. Passages have 100 to 180 words, so length says little;
# K1 = 1.2 and B = .75 were tried.
K1 = 0.9
B = 0.4

# A query word that no passage of a language holds still counts in the ideal score of that language, by this share where
# the language has many passages: it may only lack a translation. With fewer passages it counts more, at MANY of them
# half way between this share and all of it.
ABSENT = 0.3
MANY = 100

# Rows among which the k-th best score is looked for while words are added: fewer find a lower one, more take longer.
POOL = 8_192

# Looking a row up takes so many times as long as adding a posting.
LOOKED_UP = 8

# In a passage that repeats several words without limit they would score all that they can; no passage does. In indexes
# of more than LARGE passages, what words can add is taken to be this share of that. With .6, the best 200 of a million
# passages were the same for 60 questions as with 1, which is exact; with .5, 995 in 1,000 were.
REACHED = 0.6
LARGE = 1 << 16

# A term with at most this many rows in a segment is rare there. The postings of all rare terms are read together.
SHORT = 1_024

# Sums of rounded numbers differ by less.
ROUNDING = 1e-5

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]


class Lexicon:
    """The postings of all segments of an index at one moment, as one collection of n rows. Threads share it."""

    def __init__(self, segments: Sequence[Postings]) -> None:
        self.segments = segments
        self.firsts = [0, *accumulate(len(segment.lengths) for segment in segments)]
        self.collections = [_Collection.of(segments, language) for language in LANGUAGES]

    def __len__(self) -> int:
        return self.firsts[-1]

    @cached_property
    def arabic(self) -> npt.NDArray[np.bool_]:
        """Which rows are mostly Arabic: (n,)."""
        return np.concatenate([np.zeros(0, bool), *(segment.in_arabic for segment in self.segments)])

    @property
    def words(self) -> Array:
        """Terms of both languages in each row: int32 (n,)."""
        return np.concatenate([np.zeros(0, np.int32), *(segment.words for segment in self.segments)])

    @cached_property
    def saturation(self) -> Scores:
        """The term frequency that gives half of the most a term can give, in each row: float32 (n,)."""
        english, arabic = (K1 * B / collection.length for collection in self.collections)
        saturation = self.words.astype(np.float32)
        saturation *= np.where(self.arabic, np.float32(arabic), np.float32(english))
        saturation += np.float32(K1 * (1 - B))
        return saturation

    def split(self, rows: Rows) -> list[slice]:
        """Which of some rows, ascending, belong to each segment."""
        bounds = np.searchsorted(rows, self.firsts).tolist()
        return [slice(a, b) for a, b in pairwise(bounds)]


class Ranking:
    """The rows of a collection by BM25, for the concepts of one question.

    Scores are float32, 0 where a row has none of the concepts. They are divided by the score of an ideal passage in the
    row's language, one that repeats every concept without limit, so that they stay below 1 and mean the same for short
    and long queries and in both languages. (The factor K1 + 1 of both cancels.)

    `idf` is float32 (len(LANGUAGES), len(concepts)), 0 where no passage of the language holds the concept. Counted are
    the passages of one language, translations included: an English name in an Arabic passage does not make its word
    common in Arabic. Function words count in passages of their own language alone.
    """

    def __init__(self, lexicon: Lexicon, concepts: Sequence[Concept]) -> None:
        self._lexicon = lexicon
        self._terms = terms = _Terms.of(lexicon.segments, concepts)
        self._rare = [_Rare.of(terms, number, segment) for number, segment in enumerate(lexicon.segments)]
        self.idf = np.zeros((len(LANGUAGES), len(concepts)), np.float32)
        ideal = np.zeros(len(LANGUAGES), np.float32)
        for language, collection in enumerate(lexicon.collections):
            for place, df in enumerate(self._terms.frequencies[:, language].tolist()):
                idf = collection.idf(df)
                self.idf[language, place] = idf if df else 0
                ideal[language] += idf * (1 if df else 0 if concepts[place].function else collection.absent)
        self._weights = self.idf / (ideal + np.float32(1e-9))[:, None]
        self._order = np.argsort(-self._weights.max(0, initial=0), kind="stable").tolist()
        self.added = 0
        """So many concepts, those that tell most, were added up; the others are looked up."""
        self._sums = np.zeros(len(lexicon), np.float32)
        self._pool = np.zeros(0, np.int64)  # some of the rows that hold one of those

    @property
    def weights(self) -> Scores:
        """The most that each concept adds to a score: float32 (len(LANGUAGES), len(concepts))."""
        return self._weights

    def best(self, k: int, allowed: npt.NDArray[np.bool_]) -> Rows:
        """The k rows with the highest scores above 0, or fewer, among those where `allowed` is True; the best first.

        Of equal scores the first rows.
        """
        threshold, few = self._add(k, allowed)
        least = max(threshold - self._rest(self.added) - ROUNDING, 0)
        rows = np.flatnonzero(self._sums >= least if least else self._sums > 0) if few is None else few
        rows = rows[allowed[rows]]
        sums = self._sums[rows]
        for added in range(self.added, len(self._order)):
            if len(rows) > k:
                likely = sums >= np.partition(sums, -k)[-k] - self._rest(added) - ROUNDING
                rows, sums = rows[likely], sums[likely]
            sums = sums + self._looked_up(self._order[added], rows)
        if few is not None:
            rows, sums = rows[sums > 0], sums[sums > 0]
        if len(rows) > k:
            likely = sums >= np.partition(sums, -k)[-k]
            rows, sums = rows[likely], sums[likely]
        return rows[np.lexsort((rows, -np.minimum(sums, 1)))][:k]

    def scores(self, rows: Rows) -> Scores:
        """The scores of some rows, ascending: float32 (len(rows),)."""
        sums = self._sums[rows]
        for place in self._order[self.added :]:
            sums += self._looked_up(place, rows)
        return np.minimum(sums, 1)

    def _rest(self, added: int) -> float:
        """The most that a row is taken to gain from all concepts but the first `added`."""
        share = REACHED if len(self._lexicon) > LARGE else 1
        return share * float(self._weights[:, self._order[added:]].sum(1).max())

    def _add(self, k: int, allowed: npt.NDArray[np.bool_]) -> tuple[float, Rows | None]:
        """Add concepts up until the others can bring no further row among the k best.

        Returns what the k-th best row has by now or more; and the rows that are left to look at where these are so few
        that looking all words up takes less time, else None.
        """
        several = np.count_nonzero(allowed)
        while self.added < len(self._order):
            left = self._order[self.added :]
            rest = self._rest(self.added) + ROUNDING
            if self._weights[:, self._order[: self.added]].sum(1).max() > rest:
                threshold = self._threshold(k, allowed)
                if threshold > rest:
                    return threshold, None
            if self._terms.postings[left].sum() > LOOKED_UP * self._terms.sizes[left].sum() * several:
                return 0, np.flatnonzero(allowed)
            self._include(left[0])
        return self._threshold(k, allowed), None

    def _threshold(self, k: int, allowed: npt.NDArray[np.bool_]) -> float:
        """A score that k allowed rows have at least, by what was added so far; 0 where that is not known."""
        pool = self._pool[allowed[self._pool]]
        return float(np.partition(self._sums[pool], -k)[-k]) if len(pool) >= k else 0.0

    def _include(self, place: int) -> None:
        for number, first in enumerate(self._lexicon.firsts[:-1]):
            rows, frequencies = self._occurrences(place, number)
            if len(rows):
                rows = rows + first
                sums = self._sums[rows]
                if len(self._pool) < POOL:
                    fresh = rows[sums == 0][:POOL]
                    self._pool = np.concatenate([self._pool, self._once(fresh)])
                # A row that comes twice is the same twice.
                self._sums[rows] = sums + self._gain(place, rows, frequencies)
        self.added += 1

    def _occurrences(self, place: int, number: int) -> tuple[Rows, Scores]:
        """The rows of a segment that hold a concept, some of them several times, and its expected frequency in each."""
        terms, segment = self._terms, self._lexicon.segments[number]
        rows, frequencies = self._rare[number].of_concept(place)
        for term in terms.common(place, number):
            held, counts = segment.between(terms.numbers[number, term], terms.numbers[number, term] + 1)
            rows = np.concatenate([rows, held])
            frequencies = np.concatenate([frequencies, terms.expected(term, counts, segment, held)])
        if terms.sizes[place] > 1 and len(rows):
            sums = self._scratch
            np.add.at(sums, rows, frequencies)
            frequencies = sums[rows]
            sums[rows] = 0
        return rows, frequencies

    def _once(self, rows: Rows) -> Rows:
        """Some rows, each once, in any order. `distinct` sorts them, which takes several times as long."""
        places = np.arange(len(rows), dtype=np.int32)
        self._last[rows] = places  # of a row that comes twice, the last place stays
        once: Rows = rows[self._last[rows] == places]
        return once

    @cached_property
    def _last(self) -> npt.NDArray[np.int32]:
        """Room for a number a row; what is in it means nothing between two uses."""
        return np.empty(len(self._lexicon), np.int32)

    @cached_property
    def _scratch(self) -> Scores:
        """Expected frequencies of one concept in the rows of one segment, all 0 between two uses."""
        return np.zeros(max(len(segment.lengths) for segment in self._lexicon.segments), np.float32)

    def _gain(self, place: int, rows: Rows, frequencies: Scores) -> Scores:
        """What a concept adds to the scores of rows in which it has these expected frequencies."""
        gain: Scores = self._lexicon.saturation.take(rows)
        gain += frequencies
        np.divide(frequencies, gain, out=gain)
        gain *= self._weights[:, place].take(self._lexicon.arabic.view(np.int8).take(rows))
        return gain

    def _looked_up(self, place: int, rows: Rows) -> Scores:
        """What a concept adds to the scores of any rows, ascending."""
        terms, lexicon = self._terms, self._lexicon
        frequencies = np.zeros(len(rows), np.float32)
        for number, part in enumerate(lexicon.split(rows)):
            if part.start == part.stop:
                continue
            own, sums, segment = rows[part] - lexicon.firsts[number], frequencies[part], lexicon.segments[number]
            held, gained = self._rare[number].of_concept(place)
            places = np.searchsorted(own, held)
            places[places == len(own)] = 0
            asked = own[places] == held
            np.add.at(sums, places[asked], gained[asked])
            for term in terms.common(place, number):
                sums += terms.expected(term, segment.frequencies(int(terms.numbers[number, term]), own), segment, own)
        held = np.flatnonzero(frequencies)
        frequencies[held] = self._gain(place, rows[held], frequencies[held])
        return frequencies


@dataclass(frozen=True, slots=True)
class _Rare:
    """The rows of a segment that hold a rare term of a question, and its expected frequency there, by concept.

    Those of concept i are from `bounds[i]` to `bounds[i + 1]`; a row may come several times, for several terms. A
    question has hundreds of rare terms: reading them all at once takes a fraction of the time.
    """

    bounds: list[int]
    rows: Rows
    frequencies: Scores

    @classmethod
    def of(cls, terms: _Terms, number: int, segment: Postings) -> _Rare:
        held = terms.numbers[number] >= 0
        held &= len(segment.lengths) > 0  # a cluster counts the terms of passages that are not here
        rare = np.flatnonzero(held & (terms.lengths[number] <= SHORT))
        numbers = terms.numbers[number, rare]
        rows, counts = segment.occurrences(numbers)
        sizes = segment.starts[numbers + 1] - segment.starts[numbers]  # of a cluster's, `lengths` has none
        behind = np.append(0, np.cumsum(sizes))
        bounds = behind[np.searchsorted(rare, terms.bounds)].tolist()
        owners = np.repeat(rare, sizes)
        return cls(bounds, rows, terms.expected(owners, counts, segment, rows))

    def of_concept(self, place: int) -> tuple[Rows, Scores]:
        here = slice(self.bounds[place], self.bounds[place + 1])
        return self.rows[here], self.frequencies[here]


@dataclass(frozen=True, slots=True)
class _Terms:
    """The t terms of the c concepts of a question, and where they are in each of s segments.

    `bounds` (c + 1) says which terms are those of each concept; `probabilities` (float32), `arabic` and `function`,
    whether it joins others, are (t,). `numbers` (s, t) are the numbers of the terms in the segments, -1 where there is
    none, `lengths` (s, t) how many rows hold them. For each concept, `frequencies` (c, len(LANGUAGES))
    is in how many rows of each language it is expected, `postings` (c,) how many are to be read, and `sizes` (c,) how
    many terms it has.
    """

    bounds: Rows
    function: npt.NDArray[np.bool_]
    probabilities: Scores
    arabic: npt.NDArray[np.bool_]
    numbers: Rows
    lengths: Rows
    frequencies: npt.NDArray[np.float64]
    postings: Rows
    sizes: Rows

    @classmethod
    def of(cls, segments: Sequence[Postings], concepts: Sequence[Concept]) -> _Terms:
        terms = [(term, p, concept.function) for concept in concepts for term, p in concept.terms]
        sizes = np.array([len(concept.terms) for concept in concepts], np.int64)
        owners = np.repeat(np.arange(len(concepts)), sizes)
        keys = np.array([term_key(term) for term, _, _ in terms], np.uint64)
        probabilities = np.array([p for _, p, _ in terms], np.float32)
        arabic = np.array([script(term) == "ar" for term, _, _ in terms], bool)
        function = np.array([joins for _, _, joins in terms], bool)
        numbers = np.full((len(segments), len(terms)), -1, np.int64)
        lengths = np.zeros((len(segments), len(terms)), np.int64)
        held = np.zeros((len(terms), len(LANGUAGES)), np.int64)
        for number, segment in enumerate(segments):
            numbers[number] = found = segment.find(keys)
            here = np.flatnonzero(found >= 0)
            rows = segment.held(found[here])
            lengths[number, here] = rows.sum(1)
            held[here] += rows
        held[function & arabic, 0] = held[function & ~arabic, 1] = 0
        frequencies = np.zeros((len(concepts), len(LANGUAGES)))
        np.add.at(frequencies, owners, held * probabilities[:, None].astype(np.float64))
        postings = np.bincount(owners, lengths.sum(0), len(concepts)).astype(np.int64)
        bounds = np.append(0, np.cumsum(sizes))
        return cls(bounds, function, probabilities, arabic, numbers, lengths, frequencies, postings, sizes)

    def common(self, place: int, segment: int) -> list[int]:
        """The terms of a concept that more than SHORT rows of a segment hold."""
        first, last = self.bounds[place : place + 2].tolist()
        return [term for term in range(first, last) if self.lengths[segment, term] > SHORT]

    def expected(self, terms: int | Rows, counts: Array, segment: Postings, rows: Rows) -> Scores:
        """How often a term is expected in rows that hold it so often; one term, or one for each row (len(rows),).

        A word that joins others counts in passages of its own language alone.
        """
        found: Scores = counts * self.probabilities[terms]
        joins = self.function[terms]
        if np.any(joins):
            found *= ~joins | (segment.in_arabic[rows] == self.arabic[terms])
        return found


@dataclass(frozen=True, slots=True)
class _Collection:
    """The passages of one language: how many there are, and their average length in terms."""

    size: int
    length: float

    def idf(self, df: float) -> float:
        """Inverse document frequency; `df` may be an expected one."""
        return float(np.log1p((max(self.size - df, 0) + 0.5) / (df + 0.5)))

    @property
    def absent(self) -> float:
        """The share by which a word that no passage holds counts in the ideal score."""
        return 1 - (1 - ABSENT) * self.size / (self.size + MANY)

    @classmethod
    def of(cls, segments: Sequence[Postings], language: str) -> _Collection:
        column = LANGUAGES.index(language)
        size, words = (sum(segment.totals[column][i] for segment in segments) for i in (0, 1))
        return cls(size, words / size if words else 1.0)
