from .address import SCHEME, Address
from .store import MilvusStore

__all__ = ["SCHEME", "Address", "MilvusStore"]
