"""How often the encoding of Arabic and English files is detected: index.read.encodings and charset-normalizer.

    python -m benchmarks.encodings ../shared/data/news

Texts of the given news files are encoded in old encodings and cut to a length. A guess is right if it gives the text
back. index.read.encodings uses charset-normalizer too, but only for the encodings used for Arabic and English news.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from index.read.encodings import decode, detect

LENGTHS = (20, 100, 300, 1000, 5000)
CASES = (  # encoding, file; characters the encoding lacks are left out, as old programs did
    ("cp1256", "antcorpus_multisource"),
    ("iso8859_6", "antcorpus_multisource"),
    ("cp1252", "allsides_en"),
    ("utf-16-le", "antcorpus_multisource"),
    ("utf-16-be", "allsides_en"),
)


def texts(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        for row in rows:
            yield json.loads(row)["text"]


def samples(file: Path, encoding: str, length: int, count: int) -> list[tuple[str, bytes]]:
    """Texts of exactly `length` characters of which at least one is beyond ASCII, with their bytes."""
    found = []
    for text in texts(file):
        kept = text.replace("\r", "").encode(encoding, "ignore").decode(encoding)[:length]
        if len(kept) == length and not kept.isascii():
            found.append((kept, kept.encode(encoding)))
            if len(found) == count:
                break
    return found


def measured(data: bytes) -> str:
    return decode(data, detect(data))


def normalizer(data: bytes) -> str:
    best = from_bytes(data).best()
    return str(best).removeprefix("\ufeff") if best else ""


METHODS: dict[str, Callable[[bytes], str]] = {
    "index.read.encodings": measured,
    "charset-normalizer": normalizer,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("news", type=Path, help="folder of the news files")
    parser.add_argument("--count", type=int, default=300, help="texts of each length")
    arguments = parser.parse_args()
    print(f"{'encoding':<11}{'length':>7}{'texts':>7}  " + "".join(f"{name:<38}" for name in METHODS))
    for (encoding, file), length in itertools.product(CASES, LENGTHS):
        pairs = samples(arguments.news / f"{file}.jsonl.gz", encoding, length, arguments.count)
        if not pairs:
            continue
        cells = []
        for method in METHODS.values():
            began = time.perf_counter()
            right = sum(method(data) == text for text, data in pairs)
            spent = 1e6 * (time.perf_counter() - began)
            cells.append(f"{right / len(pairs):.3f}  {spent / len(pairs):>9,.0f} µs" + " " * 19)
        print(f"{encoding:<11}{length:>7,}{len(pairs):>7}  " + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
