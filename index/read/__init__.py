"""Files, folders and standard input become documents, and every input that cannot be used is named."""

from .documents import read
from .exported import MARK, VERSION, Exported

__all__ = [
    "MARK",
    "VERSION",
    "Exported",
    "read",
]
