"""How good are the answers? Rankings against judgements, two configurations against each other, groups of articles.

Rankings are scored by ir-measures, whose names are used throughout: nDCG@10, RR@10, R@100, AP, P@5.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from index.text import language
from index.types import InputError, ModelUnavailable

from .engine import NO_FILTERS, Engine, Filters
from .types import Mode, Tier

MEASURES = ("nDCG@10", "RR@10", "R@10", "R@100")
DEPTH = 100  # articles ranked for each query, more where a measure looks deeper

RESAMPLES = 2_000  # of the queries, for an interval; the ends then move by less than .001 for a hundred queries
FLIPS = 10_000  # of signs, for a test: the smallest p is .0001
SEED = 0

Values = npt.NDArray[np.float64]
Run = Mapping[str, Sequence[str]]  # query -> articles, best first


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A folder in the layout of BEIR. `qrels` grades articles by query: all above 0, at least one for each query."""

    corpus: Path
    queries: Mapping[str, str]
    languages: Mapping[str, str]  # of the queries
    qrels: Mapping[str, Mapping[str, int]]

    @classmethod
    def read(cls, folder: str | Path) -> Benchmark:
        """Read corpus.jsonl, queries.jsonl (either may end in .gz), and qrels.tsv or qrels/test.tsv.

        A query that no article answers cannot be ranked well or badly and is left out. A query's language is its
        `lang`, else what it is written in. Raises InputError, naming the line, for what cannot be read.
        """
        folder = Path(folder)
        texts: dict[str, str] = {}
        languages: dict[str, str] = {}
        path = _first(folder, "queries.jsonl", "queries.jsonl.gz")
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                    id, texts[str(row["_id"])] = str(row["_id"]), str(row["text"])
                except (ValueError, KeyError, TypeError):
                    raise InputError(f"{path}:{number}: not a JSON object with _id and text.") from None
                languages[id] = str(row.get("lang") or language(texts[id]))
        path = _first(folder, "qrels.tsv", "qrels/test.tsv")
        qrels: dict[str, dict[str, int]] = {}
        for number, (query, article, grade) in _rows(path, ("query-id", "corpus-id", "score")):
            if not grade.lstrip("-").isdigit():
                raise InputError(f"{path}:{number}: {grade!r} is not a whole number.")
            if int(grade) > 0:
                qrels.setdefault(query, {})[article] = int(grade)
        unknown = [query for query in qrels if query not in texts]
        if unknown:
            raise InputError(f"{path} judges the query {unknown[0]!r}, which is not in the queries of {folder}.")
        if not qrels:
            raise InputError(f"{path} says of no article that it answers a query.")
        return cls(_first(folder, "corpus.jsonl", "corpus.jsonl.gz"), texts, languages, qrels)


@dataclass(frozen=True, slots=True)
class Score:
    """How well the queries of one language find the articles of one; None stands for all languages together.

    `values` holds, under the name of each measure, one value in the order of `queries`.
    """

    query_language: str | None
    passage_language: str | None
    queries: tuple[str, ...]
    values: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one configuration of the engine reaches. `run` ranks articles with their scores for each judged query.

    The first of `scores` is over everything. `seconds` is the mean time of one query.
    """

    scores: tuple[Score, ...]
    run: Mapping[str, Sequence[tuple[str, float]]]
    seconds: float


class Estimate(NamedTuple):
    """A mean and the interval that holds it in 95 of 100 resamples."""

    mean: float
    low: float
    high: float


class Comparison(NamedTuple):
    """The mean of one configuration minus that of another, its interval, and how often chance alone differs as much."""

    difference: Estimate
    p: float


def evaluate(
    engine: Engine, benchmark: Benchmark, measures: Sequence[str] = MEASURES, mode: Mode = Mode.HYBRID
) -> Evaluation:
    """Rank the articles of the index for every judged query, in all languages and then in each language alone.

    Raises InputError for an unknown measure or an index without articles.
    """
    parsed = _parse(measures)
    depth = max([DEPTH, *(int(m.params.get("cutoff") or 0) for m in parsed.values())])
    spoken = {article.id: article.language for _, article in engine.index.articles()}
    if not spoken:
        raise InputError(f"There is nothing to rank: the index {engine.index.path} has no articles.")
    passages = sorted(set(spoken.values()))
    asking = sorted({benchmark.languages[query] for query in benchmark.qrels})

    def answers(filters: Filters) -> dict[str, list[tuple[str, float]]]:
        return {query: engine.run(benchmark.queries[query], depth, mode, filters) for query in benchmark.qrels}

    began = time.perf_counter()
    run = answers(NO_FILTERS)
    seconds = (time.perf_counter() - began) / len(run)
    scores = []
    for spoken_in in _and_together(passages):
        ranked = run if spoken_in is None or len(passages) == 1 else answers(Filters(language=spoken_in))
        articles = {query: [id for id, _ in found] for query, found in ranked.items()}
        judged = {
            query: {id: grade for id, grade in grades.items() if spoken_in in (None, spoken.get(id, spoken_in))}
            for query, grades in benchmark.qrels.items()
        }
        for asked_in in _and_together(asking):
            graded = {q: g for q, g in judged.items() if g and asked_in in (None, benchmark.languages[q])}
            if graded:
                scores.append(Score(asked_in, spoken_in, tuple(graded), measure(graded, articles, measures)))
    return Evaluation(tuple(scores), run, seconds)


def _and_together(languages: Sequence[str]) -> list[str | None]:
    return [None, *languages] if len(languages) > 1 else [*languages]


def measure(qrels: Mapping[str, Mapping[str, int]], run: Run, measures: Sequence[str]) -> dict[str, Values]:
    """One value for each query of the qrels, in their order; 0 for one that the run does not answer.

    Articles count in the order in which the run has them. Raises InputError for an unknown measure.
    """
    parsed = _parse(measures)
    import ir_measures

    # Ranks, not scores: equal scores would be ordered by name, which is not what the reader saw.
    scored = {query: {id: float(-place) for place, id in enumerate(ranked)} for query, ranked in run.items() if ranked}
    places = {query: place for place, query in enumerate(qrels)}
    values = {name: np.zeros(len(qrels)) for name in measures}
    names = {parsed[name]: name for name in measures}
    for found in ir_measures.iter_calc(list(names), {q: dict(g) for q, g in qrels.items()}, scored):
        values[names[found.measure]][places[found.query_id]] = found.value
    return values


def estimate(values: Values) -> Estimate:
    """The mean of some queries' values with its bootstrap percentile interval (Efron 1979)."""
    random = np.random.default_rng(SEED)
    means = [values[random.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(values.mean()), float(low), float(high))


def compare(values: Values, others: Values) -> Comparison:
    """Two configurations on the same queries, by Fisher's randomisation test (Smucker, Allan and Carterette 2007).

    If both were alike, the sign of each query's difference would be chance: p is the share of all ways to set the
    signs, of which FLIPS are tried, that give a mean difference as large.
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
    """Named evaluations as JSON-ready figures, and each but the first compared with the first over all languages."""
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


# ---------------------------------------------------------------- articles that belong together


class Relation(NamedTuple):
    """A judged pair of articles of one story: a tier of duplicates, "followup" or "template"."""

    story: str
    a: str
    b: str
    relation: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares in 0-1. Precision of nothing found, and recall of nothing to be found, are 1."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, precision: float, recall: float) -> Agreement:
        """With the harmonic mean of the two."""
        return cls(precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0)


@dataclass(frozen=True, slots=True)
class Grouping:
    """How groups of articles agree with a stories.tsv.

    `pairwise` counts pairs of one group, `b_cubed` (Bagga and Baldwin 1998) looks from each article at its group;
    `recall` is that of the pairs of each relation, and `wrong` counts pairs put together that do not belong together:
    by their relation, or "unrelated".
    """

    pairwise: Agreement
    b_cubed: Agreement
    recall: Mapping[str, float]
    wrong: Mapping[str, int]


DUPLICATE = frozenset(Tier)  # the relations of which `khabar duplicates` speaks


def read_stories(path: str | Path) -> list[Relation]:
    """The rows of a stories.tsv: story, a, b and relation, under a header. Raises InputError, naming the line."""
    return [Relation(*row) for _, row in _rows(Path(path), Relation._fields)]


def evaluate_groups(
    found: Iterable[Collection[str]], relations: Sequence[Relation], belonging: Collection[str] = DUPLICATE
) -> Grouping:
    """Groups of article ids against judged pairs, of which those whose relation is in `belonging` belong together."""
    found = [frozenset(group) for group in found]
    judged = {frozenset((r.a, r.b)): r.relation for r in relations}
    gold = {pair for pair, relation in judged.items() if relation in belonging}
    pairs = {frozenset((a, b)) for group in found for a in group for b in group if a < b}
    wrong: dict[str, int] = {}
    for pair in pairs - gold:
        relation = judged.get(pair, "unrelated")
        wrong[relation] = wrong.get(relation, 0) + 1
    recall = {}
    for relation in dict.fromkeys(r.relation for r in relations if r.relation in belonging):
        of_relation = {pair for pair in gold if judged[pair] == relation}
        recall[relation] = len(of_relation & pairs) / len(of_relation)
    both = len(pairs & gold)
    pairwise = Agreement.of(both / len(pairs) if pairs else 1.0, both / len(gold) if gold else 1.0)
    return Grouping(pairwise, b_cubed(found, _connected(gold)), recall, dict(sorted(wrong.items())))


def b_cubed(found: Iterable[Collection[str]], gold: Iterable[Collection[str]]) -> Agreement:
    """For each article, how much of its found group belongs to its true group, and how much of that was found.

    Articles that are alone in both are left out: they would raise every figure. Groups may not share articles.
    """
    of_found = {id: frozenset(group) for group in found for id in group if len(group) > 1}
    of_gold = {id: frozenset(group) for group in gold for id in group if len(group) > 1}
    ids = sorted(of_found.keys() | of_gold.keys())
    if not ids:
        return Agreement.of(1.0, 1.0)
    precision = recall = 0.0
    for id in ids:
        mine, true = of_found.get(id, frozenset((id,))), of_gold.get(id, frozenset((id,)))
        precision += len(mine & true) / len(mine)
        recall += len(mine & true) / len(true)
    return Agreement.of(precision / len(ids), recall / len(ids))


def _connected(pairs: Iterable[frozenset[str]]) -> list[set[str]]:
    groups: list[set[str]] = []
    for pair in pairs:
        touched = [group for group in groups if group & pair]
        groups = [group for group in groups if not group & pair] + [set(pair).union(*touched)]
    return groups


# ---------------------------------------------------------------- files


def _parse(measures: Sequence[str]) -> dict[str, Any]:
    """Names -> measures of ir-measures; all unknown names are told at once."""
    if find_spec("ir_measures") is None:
        raise ModelUnavailable("Evaluation needs an extra that is not installed: pip install 'khabar[evaluate]'")
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


def _first(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"{folder} holds no {' or '.join(names)}. Name a folder in the layout of BEIR.")


def _open(path: Path) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".gz" else path.open(encoding="utf-8-sig")


def _rows(path: Path, header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The numbered rows of a table with tabs, without its header, which may be missing."""
    try:
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                row = line.rstrip("\r\n").split("\t")
                if row == [""] or (number == 1 and row[0] == header[0]):
                    continue
                if len(row) != len(header):
                    raise InputError(f"{path}:{number}: {len(row)} columns, not {len(header)} ({', '.join(header)}).")
                yield number, row
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from None
