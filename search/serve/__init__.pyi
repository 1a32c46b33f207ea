from .answering import NoArticle
from .app import Settings, create_app
from .archive import Archive, Asked, Narrowing
from .limits import Busy, Limits, TooSlow
from .running import listen, serve

__all__ = [
    "Archive",
    "Asked",
    "Busy",
    "Limits",
    "Narrowing",
    "NoArticle",
    "Settings",
    "TooSlow",
    "create_app",
    "listen",
    "serve",
]
