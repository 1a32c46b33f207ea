"""Where the saved searches of an index on a cluster are: with the user who saved them, in a folder of this machine."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from ..errors import StorageError
from ..local import SearchFile
from .address import Address

STATE = "KHABAR_STATE"
"""The environment variable that names the folder for those of all indexes."""


def searches_of(address: Address) -> SearchFile:
    """The saved searches of the index at an address. Raises StorageError where their folder cannot be made."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "khabar"
    digest = blake2b(str(address).encode(), digest_size=6).hexdigest()
    folder = Path(os.environ.get(STATE) or home) / f"{address.name}-{digest}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made ({error.strerror}). Name another folder in {STATE}.") from None
    return SearchFile(folder)
