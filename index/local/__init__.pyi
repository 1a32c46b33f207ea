from .index import Index
from .provenance import Records
from .segments import Segment, Snapshot
from .verify import Problem, repair, verify
from .writer import Writer, writing

__all__ = [
    "Index",
    "Problem",
    "Records",
    "Segment",
    "Snapshot",
    "Writer",
    "repair",
    "verify",
    "writing",
]
