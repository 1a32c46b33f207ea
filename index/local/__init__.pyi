from .bm25 import K1, B, Lexicon, Ranking
from .index import Index
from .manifest import FORMAT, Manifest
from .postings import Postings
from .provenance import Records
from .searches import SearchFile
from .segments import Segment, Snapshot, due
from .vocabulary import LocalVocabulary
from .wordings import answering
from .writer import Writer, writing

__all__ = [
    "FORMAT",
    "K1",
    "B",
    "Index",
    "Lexicon",
    "LocalVocabulary",
    "Manifest",
    "Postings",
    "Ranking",
    "Records",
    "SearchFile",
    "Segment",
    "Snapshot",
    "Writer",
    "answering",
    "due",
    "writing",
]
