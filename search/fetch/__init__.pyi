from .client import Client, Reply, Unreachable, retry_after
from .fetching import FetchReport, fetch
from .opml import feeds_of

__all__ = ["Client", "FetchReport", "Reply", "Unreachable", "feeds_of", "fetch", "retry_after"]
