"""One generation of an index on a cluster, and what all its views share."""

from __future__ import annotations

from ..local import LocalVocabulary
from ..ports import FEW, Background
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
        self._background: Background | None = None
        self._counts: Counts | None = None
        self.articles: dict[int, Article] = {}

    def background(self, rows: Rows) -> Background:
        """What any passage is like."""
        if self._background is None:
            mean = self.statistics.mean if len(self.statistics) > FEW else None
            self._background = Background(self._some(rows) if mean is None else mean)
        return self._background

    def _some(self, rows: Rows) -> Vectors:
        """The vectors of all passages; of more than FEW, which an older Khabar counted without their mean, of some."""
        keys = self.statistics.spread(FEW).tolist()
        found = rows.cluster.get(self.state.passages, keys, PASSAGE, rows.at)
        return Passages.of(found, self.state.made.dimension).vectors

    def counts(self, rows: Rows) -> Counts:
        """All articles by source, language and day."""
        if self._counts is None:
            self._counts = rows.counts()
        return self._counts
