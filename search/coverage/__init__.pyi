from .alterations import alterations
from .check import check, text_to_check
from .collection import Collection, Skipper, duplicates, read_articles
from .copies import groups
from .differences import Difference, SideBySide, side_by_side
from .genres import Genre, genre_of
from .lately import stories_since
from .listing import StoryOrder, affairs, listed, story_of
from .related import Related, Relation, asked_about, in_time, related, related_to
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
    "duplicates",
    "genre_of",
    "groups",
    "in_time",
    "listed",
    "read_articles",
    "related",
    "related_to",
    "reprints",
    "side_by_side",
    "stories_since",
    "story_of",
    "text_to_check",
]
