"""The files of a segment, opened: only what Khabar writes, and no more is believed of them than was checked.

The checks cost no reading of whole files: the head of a file, its size, and that offsets stay within what they point
into. The content is under the checksums that `verify` reads.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# The head of a .npy file of version 1 as numpy writes it for plain numbers: length of the text, type, one or two sizes.
# numpy itself would evaluate it as a Python literal.
_HEAD = re.compile(
    rb"\x93NUMPY\x01\x00(..)\{'descr': '([<|][iu][1248])', 'fortran_order': False, "
    rb"'shape': \(([0-9]{1,18}),(?: ([0-9]{1,9}))?\), \} *\n",
    re.DOTALL,
)
_LONGEST_HEAD = 256

# The head of a FAISS index of whole vectors by inner product: mark, numbers in a vector, vectors, two unused numbers,
# trained, metric, numbers that follow.
_FLAT = struct.Struct("<4siqqqbiQ")
_UNUSED = 1 << 20


def mapped(path: Path, kind: type[np.integer[Any]], columns: int | None = None) -> Array:
    """The array of a file, mapped into memory: (n,), or (n, columns). Nothing is read until it is used.

    Raises ValueError for a file that is not of that type and shape, or not as long as its head says; OSError.
    """
    with path.open("rb") as file:
        head = _HEAD.match(file.read(_LONGEST_HEAD))
    if head is None or head.end() != 10 + int.from_bytes(head[1], "little"):
        raise ValueError(f"{path} is no array of whole numbers as Khabar writes them")
    shape = tuple(int(size) for size in head.groups()[2:] if size is not None)
    dtype = np.dtype(kind).newbyteorder("<")
    if head[2].decode() != dtype.str or shape[1:] != (() if columns is None else (columns,)):
        raise ValueError(f"{path} holds {head[2].decode()} of shape {shape}, which is not what Khabar writes there")
    size = path.stat().st_size
    if size != head.end() + int(np.prod(shape, dtype=object)) * dtype.itemsize:
        raise ValueError(f"{path} has {size} bytes, and its head says {shape} numbers of {dtype.itemsize}")
    return np.asarray(np.memmap(path, dtype, "r", head.end(), shape))


def require_flat(path: Path, rows: int) -> None:
    """Raises ValueError for a file that is no FAISS index of so many whole vectors; OSError."""
    with path.open("rb") as file:
        head = file.read(_FLAT.size)
    if len(head) == _FLAT.size:
        mark, dim, count, *unused, trained, metric, numbers = _FLAT.unpack(head)
        whole = path.stat().st_size == _FLAT.size + 4 * numbers and numbers == dim * count
        if (mark, count, *unused, trained, metric) == (b"IxFI", rows, _UNUSED, _UNUSED, 1, 0) and dim > 0 and whole:
            return
    raise ValueError(f"{path} is no index of {rows} vectors as Khabar writes it")


def require_offsets(offsets: Array, count: int, end: int, what: str) -> None:
    """Raises ValueError unless there are offsets of `count` parts that lie one behind the other from 0 to `end`."""
    whole = len(offsets) == count + 1 and offsets[0] == 0 and offsets[-1] == end
    if not whole or (offsets[1:] < offsets[:-1]).any():
        raise ValueError(f"the {what} do not lie one behind the other")


def require_length(array: Array, length: int, what: str) -> None:
    """Raises ValueError for an array of another length."""
    if len(array) != length:
        raise ValueError(f"there are {len(array)} {what} instead of {length}")
