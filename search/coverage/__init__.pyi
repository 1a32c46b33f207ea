from .alterations import alterations
from .check import check, text_to_check
from .collection import Collection, Skipper, read_articles
from .related import Related, asked_about, in_time, related
from .reprints import reprints
from .stories import covering

__all__ = [
    "Collection",
    "Related",
    "Skipper",
    "alterations",
    "asked_about",
    "check",
    "covering",
    "in_time",
    "read_articles",
    "related",
    "reprints",
    "text_to_check",
]
