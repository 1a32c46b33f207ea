"""Articles compared with articles: copies, retellings, related coverage and stories."""

from .collection import Collection, Skipper, read_articles
from .related import Related, asked_about, in_time, related
from .reprints import reprints
from .stories import covering

__all__ = [
    "Collection",
    "Related",
    "Skipper",
    "asked_about",
    "covering",
    "in_time",
    "read_articles",
    "related",
    "reprints",
]
