"""Documents that are zip files of XML, as Word, LibreOffice, Excel and e-books have them: opened with limits."""

from __future__ import annotations

import zipfile
from typing import Any, BinaryIO

from .input import Refused, require_bounded

MAX_PART = 1 << 26
"""Bytes of the largest part that is parsed, 64 MiB: no article comes near it."""


def zipped(file: BinaryIO) -> zipfile.ZipFile:
    """A zip file, of which nothing is unpacked yet. Raises Refused for one that is damaged."""
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise Refused(f"is a zip that is damaged or cut short ({error})") from None


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """A package, of which nothing is unpacked yet. Raises Refused for one that is damaged, a bomb or has a password."""
    package = zipped(file)
    parts = package.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("has a password; save it without one")
    require_bounded(sum(part.file_size for part in parts), sum(part.compress_size for part in parts), "zip bombs")
    return package


def part(package: zipfile.ZipFile, name: str) -> bytes | None:
    """The bytes of a part; None where the package has none of this name. Raises Refused for one that is too large."""
    try:
        with package.open(name) as stream:
            data = stream.read(MAX_PART + 1)
    except KeyError:
        return None
    except (zipfile.BadZipFile, EOFError) as error:
        raise Refused(f"is damaged: its part {name} cannot be unpacked ({error})") from None
    if len(data) > MAX_PART:
        raise Refused(f"has a part {name} of more than {MAX_PART >> 20} MiB; split it into articles")
    return data


def parsed(data: bytes) -> Any:
    """XML as an element of lxml; entities are not resolved and nothing is fetched. Raises Refused."""
    import lxml.etree  # type: ignore[import-untyped]

    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return lxml.etree.fromstring(data, parser)
    except lxml.etree.XMLSyntaxError as error:
        raise Refused(f"is damaged: its XML cannot be read ({error})") from None
