"""Models, rerankers and modes measured against each other on one test collection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from index.encoders import encoder_of, load_encoder
from index.ingest import ingest
from index.open import create_store, open_store
from index.ports import Store
from index.types import Encoder, Rejected

from ..coverage import Collection
from ..engine import Engine
from ..ranking import Reranker
from ..types import Mode
from .beir import Benchmark
from .groups import Relation, evaluate_groups, read_stories
from .rankings import MEASURES, Evaluation, evaluate, report

DEFAULT = "default"  # the embedded model; with an index, the model of that
NO_RERANKER = "none"

Bars = Callable[[Encoder], AbstractContextManager[Callable[[int, int, int], None] | None]]
"""Shows the progress of indexing while its context is open; see `search.show.progress_bars`."""


@dataclass(frozen=True, slots=True)
class Configurations:
    """Every combination of these models, rerankers and modes; the first is the one that others are compared with.

    With `index`, an index of the collection, that index and its model are used; `models` must then name one only.
    """

    models: Sequence[str] = (DEFAULT,)
    rerankers: Sequence[str] = (NO_RERANKER,)
    modes: Sequence[Mode] = (Mode.HYBRID,)
    index: str | Path | None = None
    device: str | None = None

    def __len__(self) -> int:
        return len(self.models) * len(self.rerankers) * len(self.modes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """JSON-ready `facts`, the rankings of the first configuration by query, and what could not be indexed."""

    facts: dict[str, Any]
    run: Mapping[str, Sequence[tuple[str, float]]]
    rejected: Sequence[Rejected]


def evaluate_configurations(
    folder: Path, configurations: Configurations, measures: Sequence[str] = MEASURES, bars: Bars | None = None
) -> Outcome:
    """Measure rankings on a BEIR folder; where it holds a stories.tsv, also groups of duplicates and stories.

    Each model without an index gets a temporary one. Raises InputError, ModelUnavailable, IndexMissing.
    """
    benchmark = Benchmark.read(folder)
    judged = folder / "stories.tsv"
    relations = read_stories(judged) if judged.is_file() else None
    done: list[tuple[dict[str, str], Evaluation]] = []
    groups: list[dict[str, Any]] = []
    rejected: list[Rejected] = []
    for model in configurations.models:
        with ExitStack() as closing:
            if configurations.index:
                index = open_store(configurations.index)
                encoder = encoder_of(index.manifest, configurations.device, None if model == DEFAULT else model)
            else:
                encoder = load_encoder(model, device=configurations.device)
                index = closing.enter_context(_temporary_index(benchmark.corpus, encoder, rejected, bars))
            for name in configurations.rerankers:
                reranker = None if name == NO_RERANKER else Reranker(name, device=configurations.device)
                engine = Engine(index, encoder, reranker)
                for mode in configurations.modes:
                    named = {"model": encoder.name, "mode": mode.value, "rerank": name}
                    done.append((named, evaluate(engine, benchmark, measures, mode)))
            if relations is not None:
                groups.append({"model": encoder.name} | _grouped(index, relations))
    facts = {"benchmark": str(folder)} | report(done) | {"groups": groups}
    return Outcome(facts, done[0][1].run, rejected)


def _grouped(index: Store, relations: Sequence[Relation]) -> dict[str, Any]:
    """How the duplicates and the stories of an index agree with judged pairs."""
    collection = Collection.of(index)
    found = {"duplicates": collection.groups(), "stories": collection.stories()}
    return {
        kind: asdict(evaluate_groups([[article.id for article in story.articles] for story in stories], relations))
        for kind, stories in found.items()
    }


@contextmanager
def _temporary_index(corpus: Path, encoder: Encoder, rejected: list[Rejected], bars: Bars | None) -> Iterator[Store]:
    """An index of a corpus that is deleted afterwards; what could not be read is added to `rejected`."""
    with TemporaryDirectory(prefix="khabar-") as place:
        index = create_store(Path(place) / "index", encoder)
        with bars(encoder) if bars else nullcontext() as progress:
            rejected.extend(ingest(index, [str(corpus)], encoder, progress).rejected)
        yield index
        index.close()
