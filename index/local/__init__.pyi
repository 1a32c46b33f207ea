from .bm25 import score
from .index import Index
from .provenance import Known, Lost, Reading, Records, key
from .segments import Segment, Snapshot
from .verify import Problem, repair, verify
from .writer import Entry, Writer, writing

__all__ = [
    "Entry",
    "Index",
    "Known",
    "Lost",
    "Problem",
    "Reading",
    "Records",
    "Segment",
    "Snapshot",
    "Writer",
    "key",
    "repair",
    "score",
    "verify",
    "writing",
]
