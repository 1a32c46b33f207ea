from .alterations import alterations
from .check import check, text_to_check
from .collection import Collection, Skipper, duplicates, read_articles
from .genres import Genre, genre_of
from .listing import StoryOrder, affairs, listed, story_of
from .related import Related, asked_about, in_time, related, related_to
from .reprints import reprints

__all__ = [
    "Collection",
    "Genre",
    "Related",
    "Skipper",
    "StoryOrder",
    "affairs",
    "alterations",
    "asked_about",
    "check",
    "duplicates",
    "genre_of",
    "in_time",
    "listed",
    "read_articles",
    "related",
    "related_to",
    "reprints",
    "story_of",
    "text_to_check",
]
