from .alterations import alterations
from .check import check, text_to_check
from .collection import Collection, Skipper, read_articles
from .copies import groups
from .differences import Difference, SideBySide, side_by_side
from .genres import Genre, genre_of
from .listing import StoryOrder, affairs, listed, story_of
from .related import Related, Relation, asked_about, in_time, related
from .reprints import reprints

__all__ = [
    "Collection",
    "Difference",
    "Genre",
    "Related",
    "Relation",
    "SideBySide",
    "Skipper",
    "StoryOrder",
    "affairs",
    "alterations",
    "asked_about",
    "check",
    "genre_of",
    "groups",
    "in_time",
    "listed",
    "read_articles",
    "related",
    "reprints",
    "side_by_side",
    "story_of",
    "text_to_check",
]
