"""New articles are matched against all saved searches.

What is new is what was stored after the mark up to which a search has looked. Its hits and its new mark are stored in
one step: a run that is killed is done again by the next one, which finds the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np

from index.errors import InputError
from index.ports import Numbers, Store, View
from index.searches import SearchRow
from index.types import Encoder

from ..engine import MOST_RESULTS, Engine
from ..listing import copies
from ..show import hit_json
from ..types import Hit
from .calibration import Scale, calibrated, scale_of
from .saved import moment, scale_of_row, wanted_of

AT_ONCE = 2_000
"""New articles that all searches are matched against before what they found is stored."""

REMEMBERED = 200
"""Latest hits of a search with which new ones are compared, so that nobody is told of a copy."""


def match(index: Store, encoder: Callable[[], Encoder] | None = None) -> dict[str, int]:
    """Match what is new in the index against every saved search; returns how many new hits of each wait to be told.

    `encoder` gives that of the index, where something is to be done at all.

    An article is told once, also when it is updated, and copies of what was told are not told. Thresholds are found
    again where the model is another one, or where there are twice as many articles. Raises StorageError.
    """
    if not _is_due(index):
        return {}
    engine = Engine(index, encoder() if encoder else None)
    _recalibrate(engine, index)
    new: dict[str, int] = {}
    while rows := index.searches.searches():
        with index.reading() as view:
            least = min(row.mark for row in rows)
            articles, mark = view.newer(least, AT_ONCE)
            rows = [row for row in rows if row.mark == least]
            if len(articles):
                engine.learn([wanted_of(row).query for row in rows])
            found = [(row, _bodies(engine, index, row, articles, view)) for row in rows] if len(articles) else []
        if not found:
            break
        for name, count in index.searches.advance(found, mark, moment(), index.known).items():
            new[name] = new.get(name, 0) + count
    return new


def _is_due(index: Store) -> bool:
    """Whether there is a saved search that has not looked at everything, or whose threshold is outdated."""
    rows = index.searches.searches()
    if not rows:
        return False
    with index.reading() as view:
        mark = view.mark
    now = Scale(0, index.manifest.model_hash, index.counts()["articles"])
    return any(row.mark < mark or scale_of_row(row).is_outdated(now) for row in rows)


def _recalibrate(engine: Engine, index: Store) -> None:
    now = scale_of(engine, index.counts()["articles"])
    for row in index.searches.searches():
        wanted, scale = wanted_of(row), scale_of_row(row)
        if wanted.min_score is None and scale.is_outdated(now):
            try:
                scale, _ = calibrated(engine, wanted.query, wanted.mode, wanted.filters, wanted.rate, now.articles)
            except InputError:
                continue  # its source or language has no articles at the moment
            index.searches.rescale(row, json.dumps(asdict(scale)))


def _bodies(engine: Engine, index: Store, row: SearchRow, articles: Numbers, view: View) -> dict[str, str | None]:
    """What a search finds among some articles: id -> what is told of it, None for a copy of what it found before."""
    wanted, scale = wanted_of(row), scale_of_row(row)
    try:
        found = engine.matches(wanted.query, MOST_RESULTS, wanted.mode, wanted.filters, scale.threshold, among=articles)
    except InputError:
        return {}  # its source or language has no articles at the moment
    if not found:
        return {}
    met = set(index.searches.known(row, [hit.article.id for hit in found]))
    fresh = [hit for hit in found if hit.article.id not in met]
    repeated = _repeated(fresh, index.searches.known(row, last=REMEMBERED), view)
    bodies: dict[str, str | None] = {}
    for hit in fresh:
        repeats = hit.article.id in repeated
        bodies[hit.article.id] = None if repeats else json.dumps(hit_json(hit), ensure_ascii=False)
        bodies.update((copy.id, None) for copy in hit.copies)
    return bodies


def _repeated(fresh: Sequence[Hit], known: Sequence[str], view: View) -> set[str]:
    """The ids of hits that are copies of articles known before."""
    before = view.named(known)
    if not len(before):
        return set()
    numbers = np.concatenate([before, *(view.named([hit.article.id]) for hit in fresh)])
    places = copies(numbers, view, len(numbers))
    return {fresh[place - len(before)].article.id for place in places if place >= len(before)}
