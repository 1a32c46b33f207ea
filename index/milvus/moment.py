"""One generation of an index on a cluster, and what all its views share."""

from __future__ import annotations

from ..local import LocalVocabulary
from ..ports import SAMPLE
from ..types import Article, Vectors
from .reading import Counts, Rows
from .schema import PASSAGE
from .scoring import Passages
from .state import State
from .statistics import Statistics


class Moment:
    """One generation of an index, and what all its views share; it is computed when it is first asked for."""

    def __init__(self, state: State, statistics: Statistics) -> None:
        self.state, self.statistics = state, statistics
        self.vocabulary = LocalVocabulary(statistics.parts)
        self._sample: Vectors | None = None
        self._counts: Counts | None = None
        self.articles: dict[int, Article] = {}

    def sample(self, rows: Rows) -> Vectors:
        """Vectors of at most SAMPLE passages, spread evenly: float32 (n, dim)."""
        if self._sample is None:
            keys = self.statistics.spread(SAMPLE).tolist()
            found = rows.cluster.get(self.state.passages, keys, PASSAGE, rows.at)
            self._sample = Passages.of(found, self.state.made.dimension).vectors
        return self._sample

    def counts(self, rows: Rows) -> Counts:
        """All articles by source, language and day."""
        if self._counts is None:
            self._counts = rows.counts()
        return self._counts
