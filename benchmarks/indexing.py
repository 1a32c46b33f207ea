"""Indexing speed and memory: articles a second, split into stages, and the peak memory of the process.

    python -m benchmarks.indexing ../shared/data/news/antcorpus_multisource.jsonl.gz [more files]

Stages are timed within one normal run of `ingest`. "analysis" is building the lexical index, "storing" everything else
in a commit.
"""

import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from index import Index, ingest, load_encoder
from index.clean.cleaner import Cleaner
from index.encoders import articles
from index.local import derived, writer
from index.local.postings import Postings

seconds: dict[str, float] = defaultdict(float)


def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*args, **options)
        finally:
            seconds[stage] += time.perf_counter() - began

    return wrapper


def measure(stage: str, owner: Any, name: str) -> None:
    """Count the time spent in a function of a module or class as part of a stage."""
    setattr(owner, name, timed(stage, getattr(owner, name)))


def measure_reading() -> None:
    read = ingest.events  # type: ignore[attr-defined]

    def timed_read(*args: Any, **options: Any) -> Iterator[Any]:
        source = read(*args, **options)
        pull = timed("reading", lambda: next(source, None))
        while (item := pull()) is not None:
            yield item

    ingest.events = timed_read  # type: ignore[attr-defined]


if __name__ == "__main__":
    encoder = load_encoder()
    measure_reading()
    measure("cleaning", Cleaner, "learn")
    measure("cleaning", Cleaner, "clean")
    measure("splitting", articles, "split")
    measure("sketching", writer, "sketches")
    measure("analysis", Postings, "build")
    measure("merging", derived.segments, "merge")  # type: ignore[attr-defined]
    measure("storing", writer.Writer, "add")
    measure("encoding", type(encoder), "encode_passages")
    with tempfile.TemporaryDirectory() as folder:
        report = ingest.ingest(Index.create(f"{folder}/index", encoder), sys.argv[1:], encoder)
    seconds["storing"] -= seconds["analysis"] + seconds["merging"] + seconds["sketching"]
    speed = report.added / report.seconds
    print(f"{report.added} articles, {report.passages} passages, {report.seconds:.1f} s: {speed:.0f} a second")
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        print(f"  {stage:<10} {spent:7.1f} s {spent / report.seconds:6.1%}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
