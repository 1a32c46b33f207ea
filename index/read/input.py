"""The bytes of one input: read once, hashed on the way, unpacked, and never beyond the limits."""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import zlib
from typing import Any, BinaryIO

from .encodings import SAMPLE

MAX_PAGE = 1 << 24
"""Bytes of the largest text, Markdown or HTML file, 16 MiB: beyond that it is no page of an article."""

MAX_UNPACKED = 1 << 34
"""Bytes that one .gz file may unpack to, 16 GiB."""

MAX_RATIO = 200
"""How many times its size a .gz file may unpack to beyond 8 MiB. News unpacks to 3-6 times, a gzip bomb to 1,000."""

_RATIO_FREE = 1 << 23

_CHUNK = 1 << 20


class Refused(Exception):
    """Why a file is not read on."""


def require_bounded(unpacked: int, stored: int | None, bombs: str) -> None:
    """Raises Refused where so many bytes were unpacked from those stored that they are taken for a bomb."""
    if stored is not None and unpacked > _RATIO_FREE and unpacked > MAX_RATIO * stored:
        raise Refused(f"unpacks to more than {MAX_RATIO} times its size, as {bombs} do; nothing further was read")
    if unpacked > MAX_UNPACKED:
        raise Refused(f"unpacks to more than {MAX_UNPACKED:,} bytes; unpack it first and give the unpacked file")


class Input(io.RawIOBase):
    """A file, or standard input for the path "-", as a stream of its unpacked bytes.

    A file of at most MAX_PAGE bytes is read at once and kept while it is open, so its hash is known before its content
    is looked at; the hash of a larger one is known when it has been read.
    """

    def __init__(self, path: str, size: int, data: bytes | None = None) -> None:
        """Opens nothing yet. `size` is that of the file in bytes; `data` are these, where they are here already."""
        self.path, self.size, self._data = path, size, data
        self.packed = False
        self._stored: _Hashed | None = None
        self._bytes: io.BufferedReader | gzip.GzipFile
        self._count = 0
        self._failure: Exception | None = None

    @property
    def small(self) -> bool:
        """Whether the whole file is read at once."""
        return self.path != "-" and self.size <= MAX_PAGE

    def digest(self) -> bytes:
        """The SHA-256 of the file as it is stored. It reads a large file an extra time. Raises OSError."""
        if self.small:
            return self._open().digest()
        with open(self.path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()

    def open(self) -> io.BufferedReader:
        """The unpacked bytes. Raises OSError."""
        self._bytes = io.BufferedReader(self._open())
        if self._bytes.peek(2).startswith(b"\x1f\x8b"):  # by its first bytes, since many are named without .gz
            self._bytes = gzip.GzipFile(fileobj=self._bytes)
            self.packed = True
        return io.BufferedReader(self, SAMPLE)

    def finish(self) -> bytes | None:
        """Read what is left; returns the hash of all that was stored, None for standard input. Raises OSError."""
        if self.path == "-":
            return None
        stored = self._open()
        while stored.read(_CHUNK):
            pass
        return stored.digest()

    @property
    def stored(self) -> int:
        """Bytes read so far of the file as it is stored."""
        return self._stored.count if self._stored else 0

    def _open(self) -> _Hashed:
        if self._stored is None:
            if self.path == "-":
                self._stored = _Hashed(sys.stdin.buffer)
            elif self._data is not None:
                self._stored = _Hashed(io.BytesIO(self._data), hashlib.sha256(self._data))
            elif self.small:
                with open(self.path, "rb") as file:
                    data = file.read(MAX_PAGE + 1)  # one that has grown since is hashed as far as it is read
                self._stored = _Hashed(io.BytesIO(data), hashlib.sha256(data))
            else:
                self._stored = _Hashed(open(self.path, "rb"), hashlib.sha256())  # noqa: SIM115
        return self._stored

    def readable(self) -> bool:
        """It can be read from."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer. Raises Refused beyond the limits, else what the file or gzip raises."""
        if self._failure:
            raise self._failure
        view, filled = memoryview(buffer), 0
        while filled < len(view):
            try:
                data = self._bytes.read1(len(view) - filled)
            except (OSError, EOFError, zlib.error) as error:
                if not filled:
                    raise
                self._failure = error  # raised by the next call: what was unpacked before the damage is good
                break
            if not data:
                break
            view[filled : filled + len(data)] = data
            filled += len(data)
        self._count += filled
        if self.packed:
            self._check_unpacked()
        return filled

    def _check_unpacked(self) -> None:
        require_bounded(self._count, self.stored, "gzip bombs")

    def __exit__(self, *_: object) -> None:
        # Not in close(): whatever decodes the stream closes it, and the rest of the file is still to be hashed then.
        if self._stored and self.path != "-":
            self._stored.stream.close()


class _Hashed(io.RawIOBase):
    """A stream that counts and hashes what is read from it; with a hash of all of it, it only counts."""

    def __init__(self, stream: BinaryIO, digest: Any = None) -> None:
        self.stream, self.count = stream, 0
        self._hash = digest
        self._whole = isinstance(stream, io.BytesIO)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self.stream.readinto(buffer)  # type: ignore[attr-defined]
        self.count += count
        if self._hash is not None and not self._whole:
            self._hash.update(memoryview(buffer)[:count])
        return count

    def digest(self) -> bytes:
        digest: bytes = self._hash.digest()
        return digest


class Budget:
    """What the files in one archive may unpack to, taken together."""

    def __init__(self, stored: int | None) -> None:
        """`stored` is the size of the archive in bytes, None where it is not known."""
        self._stored, self._count = stored, 0
        self.exhausted = False

    def spent_by(self, stream: Any) -> io.RawIOBase:
        """A stream of the same bytes, each of which is counted. It raises Refused beyond the limits."""
        return _Counted(stream, self)

    def spend(self, count: int) -> None:
        """So many bytes more were unpacked. Raises Refused."""
        self._count += count
        try:
            require_bounded(self._count, self._stored, "bombs of archives")
        except Refused:
            self.exhausted = True
            raise


class _Counted(io.RawIOBase):
    def __init__(self, stream: Any, budget: Budget) -> None:
        self._stream, self._budget = stream, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self._budget.spend(len(data))
        memoryview(buffer)[: len(data)] = data
        return len(data)
