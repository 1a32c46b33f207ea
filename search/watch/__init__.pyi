from .atom import atom
from .calibration import RATE
from .channels import Channel, Undelivered, tell
from .folder import watch_folder
from .mail import Mail
from .matching import match
from .saved import hits, news, remove, save, saved
from .webhook import Webhook

__all__ = [
    "RATE",
    "Channel",
    "Mail",
    "Undelivered",
    "Webhook",
    "atom",
    "hits",
    "match",
    "news",
    "remove",
    "save",
    "saved",
    "tell",
    "watch_folder",
]
