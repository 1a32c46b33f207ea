from .bm25 import score
from .index import Index
from .lock import Patience
from .provenance import Records
from .segments import Segment, Snapshot
from .verify import Problem, repair, verify
from .writer import Writer, writing

__all__ = [
    "Index",
    "Patience",
    "Problem",
    "Records",
    "Segment",
    "Snapshot",
    "Writer",
    "repair",
    "score",
    "verify",
    "writing",
]
