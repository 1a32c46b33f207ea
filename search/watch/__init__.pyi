from .atom import atom
from .calibration import RATE
from .channels import Channel, Delivery, Undelivered, tell, told, undelivered
from .folder import watch_folder
from .mail import Mail
from .matching import match
from .saved import hits, news, remove, save, saved
from .webhook import Webhook

__all__ = [
    "RATE",
    "Channel",
    "Delivery",
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
    "told",
    "undelivered",
    "watch_folder",
]
