"""Indexing speed and memory: articles a second, split into stages, and the peak memory of the process.

    python benchmarks/indexing.py ../shared/data/news/antcorpus_multisource.jsonl.gz [more files]

Stages are timed inside one ordinary run of `ingest`; analysis is the making of the lexical index, storing all the rest
of a commit.
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
from index.local import derived as derive
from index.local import writer
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


def timed_read(*args: Any, **options: Any) -> Iterator[Any]:
    source = real_read(*args, **options)
    pull = timed("reading", lambda: next(source, None))
    while (item := pull()) is not None:
        yield item


if __name__ == "__main__":
    encoder = load_encoder()
    real_read, ingest.events = ingest.events, timed_read
    Cleaner.learn = timed("cleaning", Cleaner.learn)
    Cleaner.clean = timed("cleaning", Cleaner.clean)
    articles.split = timed("splitting", articles.split)
    writer.sketch = timed("sketching", writer.sketch)
    Postings.build = timed("analysis", Postings.build)
    derive.segments.merge = timed("merging", derive.segments.merge)
    writer.Writer.add = timed("storing", writer.Writer.add)
    type(encoder).encode_passages = timed("encoding", type(encoder).encode_passages)
    with tempfile.TemporaryDirectory() as folder:
        report = ingest.ingest(Index.create(f"{folder}/index", encoder), sys.argv[1:], encoder)
    seconds["storing"] -= seconds["analysis"] + seconds["merging"] + seconds["sketching"]
    speed = report.added / report.seconds
    print(f"{report.added} articles, {report.passages} passages, {report.seconds:.1f} s: {speed:.0f} a second")
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        print(f"  {stage:<10} {spent:7.1f} s {spent / report.seconds:6.1%}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
