from .documents import Began, Ended, Unknown, events, read
from .exported import MARK, VERSION, Exported
from .fields import made_id
from .input import Input
from .sources import is_missing, shown

__all__ = [
    "MARK",
    "VERSION",
    "Began",
    "Ended",
    "Exported",
    "Input",
    "Unknown",
    "events",
    "is_missing",
    "made_id",
    "read",
    "shown",
]
