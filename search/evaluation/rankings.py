"""Rankings measured against judgements, with confidence intervals and significance tests.

The measures are those of the library ir-measures, under its names: nDCG@10, RR@10, R@100, AP, P@5.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from index.errors import InputError
from index.extras import require_extra
from index.types import NO_FILTERS, Filters

from ..engine import Engine
from ..types import Mode
from .beir import Benchmark

MEASURES = ("nDCG@10", "RR@10", "R@10", "R@100")
DEPTH = 100  # articles ranked for each query; more if a measure has a larger cutoff

RESAMPLES = 2_000  # bootstrap samples for an interval; for 100 queries its ends then vary by less than .001
FLIPS = 10_000  # random sign flips for a test; the smallest p is .0001
SEED = 0

Values = npt.NDArray[np.float64]
Run = Mapping[str, Sequence[str]]  # query -> articles, best first


@dataclass(frozen=True, slots=True)
class Score:
    """How well queries in one language find articles in one language; None means all languages together.

    `values` maps each measure to one value per query, in the order of `queries`.
    """

    query_language: str | None
    passage_language: str | None
    queries: tuple[str, ...]
    values: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of one configuration of the engine.

    The first of `scores` is over all languages. `run` maps each judged query to its ranked (article id, score) pairs.
    `seconds` is the mean time of a query.
    """

    scores: tuple[Score, ...]
    run: Mapping[str, Sequence[tuple[str, float]]]
    seconds: float


class Estimate(NamedTuple):
    """A mean and its 95% confidence interval."""

    mean: float
    low: float
    high: float


class Comparison(NamedTuple):
    """The difference of two configurations' means, and the p-value of a paired randomisation test."""

    difference: Estimate
    p: float


def evaluate(
    engine: Engine, benchmark: Benchmark, measures: Sequence[str] = MEASURES, mode: Mode = Mode.HYBRID
) -> Evaluation:
    """Rank articles for every judged query: among all articles, and among those of each language alone.

    Raises InputError for an unknown measure or an index without articles.
    """
    parsed = _parse(measures)
    depth = max([DEPTH, *(int(m.params.get("cutoff") or 0) for m in parsed.values())])
    spoken = {article.id: article.language for _, article in engine.index.articles()}
    if not spoken:
        raise InputError("There is nothing to rank: the index has no articles. Add some with: khabar index")
    passages = sorted(set(spoken.values()))
    asking = sorted({benchmark.queries[query].language for query in benchmark.qrels})

    def answers(filters: Filters) -> dict[str, list[tuple[str, float]]]:
        return {query: engine.run(benchmark.queries[query].text, depth, mode, filters) for query in benchmark.qrels}

    began = time.perf_counter()
    run = answers(NO_FILTERS)
    seconds = (time.perf_counter() - began) / len(run)
    scores = []
    for spoken_in in _and_together(passages):
        ranked = run if spoken_in is None or len(passages) == 1 else answers(Filters(language=spoken_in))
        articles = {query: [article for article, _ in found] for query, found in ranked.items()}
        judged = {
            query: {name: grade for name, grade in grades.items() if spoken_in in (None, spoken.get(name, spoken_in))}
            for query, grades in benchmark.qrels.items()
        }
        for asked_in in _and_together(asking):
            graded = {q: g for q, g in judged.items() if g and asked_in in (None, benchmark.queries[q].language)}
            if graded:
                scores.append(Score(asked_in, spoken_in, tuple(graded), measure(graded, articles, measures)))
    return Evaluation(tuple(scores), run, seconds)


def _and_together(languages: Sequence[str]) -> list[str | None]:
    return [None, *languages] if len(languages) > 1 else [*languages]


def measure(qrels: Mapping[str, Mapping[str, int]], run: Run, measures: Sequence[str]) -> dict[str, Values]:
    """The value of each measure for each query of `qrels`, in order; 0 for a query that is not in the run.

    Only the order of articles in the run counts. Raises InputError for an unknown measure.
    """
    parsed = _parse(measures)
    import ir_measures

    # Ranks instead of scores, because ties would be ordered by article id, which is not what the user sees.
    scored = {query: {name: float(-i) for i, name in enumerate(ranked)} for query, ranked in run.items() if ranked}
    places = {query: place for place, query in enumerate(qrels)}
    values = {name: np.zeros(len(qrels)) for name in measures}
    names = {parsed[name]: name for name in measures}
    for found in ir_measures.iter_calc(list(names), {q: dict(g) for q, g in qrels.items()}, scored):
        values[names[found.measure]][places[found.query_id]] = found.value
    return values


def estimate(values: Values) -> Estimate:
    """The mean over queries with its 95% bootstrap percentile interval (Efron 1979)."""
    random = np.random.default_rng(SEED)
    means = [values[random.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(values.mean()), float(low), float(high))


def compare(values: Values, others: Values) -> Comparison:
    """Compare two configurations on the same queries by a randomisation test (Smucker, Allan and Carterette 2007).

    If both were equally good, the sign of each query's difference would be random. p is the share of FLIPS random
    choices of signs whose mean difference is at least as large as the observed one, two-sided.
    """
    difference = values - others
    random = np.random.default_rng(SEED)
    observed = abs(difference.mean())
    step = max(1, 1_000_000 // len(difference))
    as_large = 0
    for start in range(0, FLIPS, step):
        signs = random.choice((-1.0, 1.0), size=(min(step, FLIPS - start), len(difference)))
        # Sums in another order differ in their last digits; equal ones must count as equal.
        as_large += int((np.abs(signs @ difference) / len(difference) >= observed - 1e-12).sum())
    return Comparison(estimate(difference), (as_large + 1) / (FLIPS + 1))


def report(done: Sequence[tuple[dict[str, str], Evaluation]]) -> dict[str, Any]:
    """JSON-ready figures of named evaluations; each but the first is compared with the first, over all languages."""
    configurations = [
        named
        | {
            "milliseconds": round(evaluation.seconds * 1000, 3),
            "scores": [
                {
                    "query_language": score.query_language,
                    "passage_language": score.passage_language,
                    "queries": len(score.queries),
                    "measures": {name: estimate(values)._asdict() for name, values in score.values.items()},
                }
                for score in evaluation.scores
            ],
        }
        for named, evaluation in done
    ]
    first, *others = (evaluation.scores[0].values for _, evaluation in done)
    compared = [{name: compare(values[name], first[name]) for name in first} for values in others]
    comparisons = [{name: c.difference._asdict() | {"p": c.p} for name, c in test.items()} for test in compared]
    return {"configurations": configurations, "comparisons": comparisons}


def _parse(measures: Sequence[str]) -> dict[str, Any]:
    """Parse the names of measures. Raises one InputError for all unknown names."""
    require_extra("Evaluation", "evaluate", "ir_measures")
    import ir_measures

    parsed, unknown = {}, []
    for name in measures:
        try:
            parsed[name] = ir_measures.parse_measure(name)
            supported = any(
                p.is_available() and p.supports(parsed[name]) for p in ir_measures.DefaultPipeline.providers
            )
        except (NameError, ValueError, SyntaxError, TypeError, AssertionError, KeyError):
            supported = False
        if not supported:
            unknown.append(name)
    if unknown:
        raise InputError(
            f"No measure is called {', '.join(map(repr, unknown))}. Name them like nDCG@10, RR@10, R@100, P@5, AP."
        )
    return parsed
