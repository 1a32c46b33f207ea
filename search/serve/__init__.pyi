from .app import Settings, create_app
from .archive import Archive, Asked, Narrowing, NoArticle
from .compared import Compared
from .limits import Busy, Limits, TooSlow

__all__ = [
    "Archive",
    "Asked",
    "Busy",
    "Compared",
    "Limits",
    "Narrowing",
    "NoArticle",
    "Settings",
    "TooSlow",
    "create_app",
]
