"""Indexing speed and memory: articles a second, split into stages, and the peak memory of the process.

    python -m benchmarks.indexing ../shared/data/news/antcorpus_multisource.jsonl.gz [more files] [--workers N]

Stages are timed within one normal run of `ingest` in one process, in seconds of processor time. "analysis" is finding
words and their terms, "postings" building the lexical index of them, "storing" all else in a commit. With several
workers the processor time of this process and of the others is told instead.
"""

import argparse
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from index import Index, batches, ingest, load_encoder, preparing
from index.clean.cleaner import Cleaner
from index.encoders import articles
from index.local import derived, writer
from index.local.postings import Postings

seconds: dict[str, float] = defaultdict(float)


def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **options: Any) -> Any:
        began = time.process_time()
        try:
            return function(*args, **options)
        finally:
            seconds[stage] += time.process_time() - began

    return wrapper


def measure(stage: str, owner: Any, name: str) -> None:
    """Count the time spent in a function of a module or class as part of a stage."""
    setattr(owner, name, timed(stage, getattr(owner, name)))


def measure_reading() -> None:
    read = batches.events  # type: ignore[attr-defined]

    def timed_read(*args: Any, **options: Any) -> Iterator[Any]:
        source = read(*args, **options)
        pull = timed("reading", lambda: next(source, None))
        while (item := pull()) is not None:
            yield item

    batches.events = timed_read  # type: ignore[attr-defined]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    encoder = load_encoder()
    if options.workers == 1:
        measure_reading()
        measure("cleaning", Cleaner, "learn")
        measure("cleaning", preparing, "clean")
        measure("splitting", articles, "split")
        measure("sketching", preparing, "sketches")
        measure("analysis", preparing, "analysed")
        measure("postings", Postings, "build")
        measure("merging", derived.segments, "merge")  # type: ignore[attr-defined]
        measure("storing", writer.Writer, "add")
        measure("encoding", type(encoder), "encode_passages")
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        index = Index.create(f"{folder}/index", encoder)
        report = ingest.ingest(index, options.files, encoder, workers=options.workers)
    own, others = time.process_time() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    speed = report.added / report.seconds
    print(f"{report.added} articles, {report.passages} passages, {report.seconds:.1f} s: {speed:.0f} a second")
    print(f"processor time {own:.1f} s, of workers {others.ru_utime + others.ru_stime:.1f} s")
    seconds["storing"] -= seconds["postings"] + seconds["merging"]
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]) if options.workers == 1 else ():
        print(f"  {stage:<10} {spent:7.1f} s {spent / own:6.1%}")
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"peak memory {peaks[0]:.0f} MB, of the largest worker {peaks[1]:.0f} MB")
