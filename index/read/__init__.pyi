from .documents import Began, Ended, Given, Source, Unknown, events, read, read_content
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
    "Given",
    "Input",
    "Source",
    "Unknown",
    "events",
    "is_missing",
    "made_id",
    "read",
    "read_content",
    "shown",
]
