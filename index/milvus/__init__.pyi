from .address import SCHEME, Address, withheld, without_token
from .store import MilvusStore

__all__ = ["SCHEME", "Address", "MilvusStore", "withheld", "without_token"]
