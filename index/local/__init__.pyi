from .bm25 import score
from .index import Index
from .provenance import Reading, digest, key
from .segments import Segment, Snapshot
from .verify import Problem, repair, verify
from .writer import Entry, Writer, writing

__all__ = [
    "Entry",
    "Index",
    "Problem",
    "Reading",
    "Segment",
    "Snapshot",
    "Writer",
    "digest",
    "key",
    "repair",
    "score",
    "verify",
    "writing",
]
