from .documents import read
from .exported import MARK, VERSION, Exported

__all__ = [
    "MARK",
    "VERSION",
    "Exported",
    "read",
]
