from .alterations import alterations
from .collection import Collection, Skipper, read_articles
from .kinds import Kind, kind_of
from .listing import Order, affairs, listed, story_of
from .related import Related, asked_about, in_time, related

__all__ = [
    "Collection",
    "Kind",
    "Order",
    "Related",
    "Skipper",
    "affairs",
    "alterations",
    "asked_about",
    "in_time",
    "kind_of",
    "listed",
    "read_articles",
    "related",
    "story_of",
]
