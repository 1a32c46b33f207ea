from .bm25 import score
from .index import Index
from .provenance import Records
from .searches import Fetched, HitRow, SearchFile, SearchRow
from .segments import Segment, Snapshot
from .verify import Problem, repair, verify
from .writer import Writer, writing

__all__ = [
    "Fetched",
    "HitRow",
    "Index",
    "Problem",
    "Records",
    "SearchFile",
    "SearchRow",
    "Segment",
    "Snapshot",
    "Writer",
    "repair",
    "score",
    "verify",
    "writing",
]
