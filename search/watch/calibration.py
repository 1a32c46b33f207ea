"""The threshold of a saved search: what would rarely have been passed by what is indexed will rarely be by what comes.

Of n articles, one that has nothing to do with a query is the r-th best or better with a probability of about r / n. So
the score of the r-th best old article lets through about r of n new ones, besides those that the query is after.
benchmarks/alerts.py measures it.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.types import Filters

from ..engine import MOST_RESULTS, Engine
from ..types import Hit, Mode

RATE = 0.5
"""Alerts for each 1,000 new articles, unless the user wants another number."""

LOWEST, UNCALIBRATED = 0.3, 0.4
"""Between these is the threshold while there are too few articles to tell, since fewer than one would be let through:
at the score of the best of them, which may be one that the query is after."""

SHOWN = 5
"""Old articles that are shown to the user, who then knows what to expect."""

GROWN = 2
"""A threshold is found again when there are this many times the articles that it was found among."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A threshold, and what it was found on: so many articles, in vectors of the model with this hash."""

    threshold: float
    model: str
    articles: int

    def is_outdated(self, now: Scale) -> bool:
        """Whether a threshold found now would be another one."""
        return self.model != now.model or now.articles >= GROWN * max(self.articles, 1)


def scale_of(engine: Engine, articles: int, threshold: float = UNCALIBRATED) -> Scale:
    """A threshold for what an engine searches now."""
    return Scale(threshold, engine.encoder.hash, articles)


def calibrated(
    engine: Engine, query: str, mode: Mode, filters: Filters, rate: float, articles: int
) -> tuple[Scale, tuple[Hit, ...]]:
    """The threshold that about `rate` of 1,000 new articles pass, found on `articles` old ones, and those that pass it.

    Raises InputError as `Engine.search` does.
    """
    rank = min(int(rate * articles / 1000), MOST_RESULTS)
    if rank < 1:
        nearest = engine.matches(query, 1, mode, filters)
        least = min(max(nearest[0].score, LOWEST), UNCALIBRATED) if nearest else UNCALIBRATED
        scale = scale_of(engine, articles, least)
        return scale, engine.matches(query, SHOWN, mode, filters, scale.threshold)
    best = engine.matches(query, rank, mode, filters)
    least = best[-1].score if len(best) == rank else UNCALIBRATED
    scale = scale_of(engine, articles, int(least * 1e6) / 1e6)
    return scale, tuple(hit for hit in best if hit.score >= scale.threshold)
