"""The files of a segment, opened: only what Khabar writes, and no more is believed of them than was checked.

The checks cost no reading of whole files: the head of a file, its size, and that offsets stay within what they point
into. The content is under the checksums that `verify` reads.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

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

# The header of a FAISS index file: magic, dimension, number of vectors, two unused fields, trained flag, metric. A
# scalar quantizer follows with its type, two training options, dimension, bytes per code, and the length of its range
# table; then that table, the length of the codes, and the codes.
_INDEX = struct.Struct("<4siqqqbi")
_SCALAR = struct.Struct("<iifQQQ")
_PRODUCT = struct.Struct("<QQQQ")  # numbers in a vector, parts that it is cut into, bits for each, numbers that follow
_PACKED = struct.Struct("<iiiQQQ")  # three options, vectors and parts as far as they are filled up, bytes that follow
_COUNT = struct.Struct("<Q")
_UNUSED = 1 << 20
_INNER_PRODUCT = 0
_HALF, _BYTE = 4, 0  # what FAISS calls the types of codes: 16 bits a number, and 8
_TOGETHER = 32  # vectors whose coarse codes are packed together


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


@contextmanager
def written(path: Path, kind: type[np.integer[Any]], length: int) -> Iterator[Callable[[Array], None]]:
    """A new file for an array (length,), and what writes its next part to it. Raises OSError."""
    head = {"descr": np.lib.format.dtype_to_descr(np.dtype(kind)), "fortran_order": False, "shape": (length,)}
    with path.open("xb") as file:
        np.lib.format.write_array_header_1_0(file, head)

        def write(part: Array) -> None:
            file.write(np.ascontiguousarray(part, kind).data)

        yield write


def require_codes(path: Path, rows: int) -> None:
    """Raises ValueError for a file that is no FAISS index of the codes of so many vectors; OSError."""
    with path.open("rb") as file, _expected(path, rows):
        dim = _require_head(file, b"IxSQ", rows)
        kind, *training, same, size, trained = _SCALAR.unpack(file.read(_SCALAR.size))
        known = {_HALF: (2 * dim, 0), _BYTE: (dim, 2 * dim)}
        _require(training == [0, 0] and same == dim and known.get(kind) == (size, trained))
        file.seek(4 * trained, os.SEEK_CUR)
        _require_rest(file, rows * size)


def require_shortlist(path: Path, rows: int, dim: int) -> None:
    """Raises ValueError for a file that is no FAISS index of coarse codes of so many vectors; OSError."""
    with path.open("rb") as file, _expected(path, rows):
        _require(_require_head(file, b"IPfs", rows) == dim)
        same, parts, bits, centroids = _PRODUCT.unpack(file.read(_PRODUCT.size))
        _require((same, bits, centroids) == (dim, 4, 16 * dim) and 0 < parts <= dim and dim % parts == 0)
        file.seek(4 * centroids, os.SEEK_CUR)
        *options, filled, even, size = _PACKED.unpack(file.read(_PACKED.size))
        _require(options == [0, _TOGETHER, 0] and even == parts + parts % 2)
        _require(filled == -(-rows // _TOGETHER) * _TOGETHER and size == filled * even // 2)
        file.seek(-_COUNT.size, os.SEEK_CUR)
        _require_rest(file, size)


@contextmanager
def _expected(path: Path, rows: int) -> Iterator[None]:
    try:
        yield
    except (ValueError, struct.error):
        raise ValueError(f"{path} is no index of {rows} vectors as Khabar writes it") from None


def _require_head(file: IO[bytes], mark: bytes, rows: int) -> int:
    """How many numbers a vector has, by the head of a FAISS index."""
    found, dim, *others = _INDEX.unpack(file.read(_INDEX.size))
    _require(found == mark and dim > 0 and others == [rows, _UNUSED, _UNUSED, 1, _INNER_PRODUCT])
    return int(dim)


def _require_rest(file: IO[bytes], size: int) -> None:
    (said,) = _COUNT.unpack(file.read(_COUNT.size))
    _require(said == size and os.fstat(file.fileno()).st_size == file.tell() + size)


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError


def require_offsets(offsets: Array, count: int, end: int, what: str) -> None:
    """Raises ValueError unless there are offsets of `count` parts that lie one behind the other from 0 to `end`."""
    whole = len(offsets) == count + 1 and offsets[0] == 0 and offsets[-1] == end
    if not whole or (offsets[1:] < offsets[:-1]).any():
        raise ValueError(f"the {what} do not lie one behind the other")


def require_length(array: Sized, length: int, what: str) -> None:
    """Raises ValueError for an array of another length."""
    if len(array) != length:
        raise ValueError(f"there are {len(array)} {what} instead of {length}")
