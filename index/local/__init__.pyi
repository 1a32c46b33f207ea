from .index import Index
from .provenance import Records
from .segments import Segment, Snapshot
from .writer import Writer, writing

__all__ = [
    "Index",
    "Records",
    "Segment",
    "Snapshot",
    "Writer",
    "writing",
]
