from .questions import FEW, Background, Candidates, Facet, Numbers, Profile, Question, Scores, Wording
from .sink import Entry, Known, Lost, Provenance, Reading, Sink, is_there, key
from .store import PATIENCE, Made, Patience, Problem, Store
from .view import View, Vocabulary

__all__ = [
    "FEW",
    "PATIENCE",
    "Background",
    "Candidates",
    "Entry",
    "Facet",
    "Known",
    "Lost",
    "Made",
    "Numbers",
    "Patience",
    "Problem",
    "Profile",
    "Provenance",
    "Question",
    "Reading",
    "Scores",
    "Sink",
    "Store",
    "View",
    "Vocabulary",
    "Wording",
    "is_there",
    "key",
]
