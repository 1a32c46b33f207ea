"""How articles and passages become rows of an index on a cluster, and rows become articles.

Passages and articles are in a collection each, both with numbers as keys; everything else is in the ledger. The number
of an article is that of its first passage, and those of the others follow it. Numbers grow with time: an article
that is replaced gets a new one, and a row never changes. What has a number is whole or is not there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from ..local import K1, B
from ..passages import encoded_text
from ..ports import Entry
from ..text import ARABIC, Analysed, Sketch, analysed, sketches, term_key
from ..types import Article, Passage, Vectors
from .cluster import Row

SHORT = 1_000
"""Characters of a text that is compared or shown, and not stored whole there."""

LONGEST = 65_000
"""Bytes that a field of the engine takes, with some to spare; a longer text is in the ledger, under `spilled`."""

_SPILLED = "\x01"
_NO_KEY = 2**32 - 2
_NOTHING = {_NO_KEY: 1e-3}
"""Stands for a sparse vector without numbers, which the engine refuses."""

HEAD = ("number", "key", "host", "id", "title", "language", "day", "source", "passages")
BODY = ("facts", "digest", "document")
PASSAGE = ("number", "article", "arabic", "words", "terms", "dense")


def key_of(text: str) -> int:
    """The number under which an id is looked up: a hash, int64."""
    return int.from_bytes(blake2b(_clean(text).encode(), digest_size=8).digest(), "little", signed=True)


def sparse_keys(keys: npt.NDArray[np.uint64], language: int) -> npt.NDArray[np.uint32]:
    """Where the sparse vectors of passages in a language (a place in LANGUAGES) have the terms with some keys.

    Each language has its own places, so that one question carries the weights of each.
    """
    salt = np.uint64(0x9E3779B9 if language else 0)
    mixed = (keys >> np.uint64(8) & np.uint64(0xFFFFFFFF)) ^ salt
    found: npt.NDArray[np.uint32] = np.minimum(mixed, np.uint64(_NO_KEY - 1)).astype(np.uint32)
    return found


def sparse_key(term: str, language: int) -> int:
    """The same for one term."""
    return int(sparse_keys(np.array([term_key(term)], np.uint64), language)[0])


def sketch_vector(sketch: Sketch) -> dict[int, float]:
    """Fingerprints as a sparse vector: the inner product of two is how many they share."""
    return {min(one, _NO_KEY - 1): 1.0 for one in sketch.tolist()} or _NOTHING


def sketch_of(vector: Mapping[int, float]) -> Sketch:
    """The fingerprints in such a vector."""
    return np.array(sorted(one for one, weight in vector.items() if weight > 0.5), np.uint64)


def spilled(column: str, number: int) -> str:
    """The name in the ledger of what was too long for the column of a row."""
    return f"spilled/{column}/{number}"


# ---------------------------------------------------------------- rows


def completed(entries: Sequence[Entry]) -> list[Entry]:
    """Articles with their fingerprints and words, found out where they are not given."""
    fresh = iter(sketches([entry.article.text for entry in entries if entry.sketch is None]))
    found = []
    for entry in entries:
        sketch = next(fresh) if entry.sketch is None else entry.sketch
        texts = [encoded_text(entry.article.title, passage.text) for passage in entry.passages]
        found.append(replace(entry, sketch=sketch, words=entry.words or analysed(texts)))
    return found


@dataclass(frozen=True, slots=True)
class Made:
    """The rows of an article, and what of them is in the ledger. `words` are the counted terms of its passages."""

    article: Row
    passages: list[Row]
    spilled: dict[str, str]


def made(entry: Entry, number: int, lengths: Sequence[float]) -> Made:
    """The rows of an article, all of which is given, and whose first passage has a number; `lengths` is the average of
    passages by language."""
    assert entry.words is not None and entry.sketch is not None  # noqa: PT018
    spill: dict[str, str] = {}
    article = entry.article
    divided = entry.words.divided([1] * len(entry.passages))
    filters = {"language": _short(article.language), "day": day_of(article), "source": _short(article.source or "")}
    rows = [
        row
        for place, (passage, vector, words) in enumerate(zip(entry.passages, entry.vectors, divided, strict=True))
        for row in [
            {
                "number": number + place,
                "article": number,
                "start": passage.start,
                "end": passage.end,
                "text": fitting(passage.text, "text", number + place, spill),
                "dense": vector,
            }
            | filters
            | _with_terms(words, lengths, number + place, spill)
        ]
    ]
    facts = asdict(article) | {"text": None} | _gaps(article.text, entry.passages)
    written = json.dumps(facts)
    head = {
        "number": number,
        "key": key_of(article.id),
        "host": key_of(article.host) if article.host is not None else 0,
        "id": _short(article.id),
        "title": _short(article.title),
        "passages": len(rows),
        "document": _short(entry.document),
        "facts": fitting(written, "facts", number, spill),
        "digest": digest_of(article),
        "sketch": sketch_vector(entry.sketch),
        "vector": entry.whole if len(entry.whole) else mean(entry.vectors, [row["words"] for row in rows]),
    }
    return Made(head | filters, rows, spill)


def counted(words: Analysed, lengths: Sequence[float]) -> Row:
    """The terms of a passage: a sparse vector of saturated frequencies, which the engine searches, and the frequencies
    themselves, by which it is scored."""
    found, counts = np.unique(words.words.keys[words.numbers], return_counts=True)
    total = int(counts.sum())
    arabic = bool(2 * counts[found >= ARABIC].sum() > total)
    back = K1 * (1 - B + B * total / lengths[arabic])
    keys = sparse_keys(found, arabic).tolist()
    vector = dict(zip(keys, (counts / (counts + back)).tolist(), strict=True))
    return {"arabic": arabic, "words": total, "terms": packed(keys, counts), "sparse": vector or _NOTHING}


_FREQUENCIES = np.dtype([("key", "<u4"), ("count", "u1")])


def packed(keys: Sequence[int], counts: npt.NDArray[np.int64]) -> str:
    """How often a passage has the terms with some keys, as a text (ASCII)."""
    array = np.zeros(len(keys), _FREQUENCIES)
    array["key"], array["count"] = keys, np.minimum(counts, 255)
    return base64.b64encode(array.tobytes()).decode()


def unpacked(written: Sequence[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Keys and frequencies of the terms of passages, one passage behind the other, and the place of each passage."""
    blobs = [base64.b64decode(text) for text in written]
    array = np.frombuffer(b"".join(blobs), _FREQUENCIES)
    rows = np.repeat(np.arange(len(blobs)), [len(blob) // _FREQUENCIES.itemsize for blob in blobs])
    return array["key"], array["count"], rows


def _with_terms(words: Analysed, lengths: Sequence[float], number: int, spill: dict[str, str]) -> Row:
    row = counted(words, lengths)
    return row | {"terms": fitting(row["terms"], "terms", number, spill)}


def mean(vectors: Vectors, words: Sequence[int]) -> Vectors:
    """The mean of the vectors of passages by length, of unit length: float32 (dim,)."""
    total: Vectors = (vectors * np.array(words, np.float32)[:, None]).sum(0)
    return (total / max(float(np.linalg.norm(total)), 1e-9)).astype(np.float32)


def article_of(facts: str, texts: Sequence[str]) -> Article:
    """The article that facts and the texts of its passages give. Raises ValueError, KeyError or TypeError."""
    values = json.loads(facts)
    gaps, whole = values.pop("gaps"), values.pop("whole")
    if whole is None:
        if len(gaps) != len(texts) + 1:
            raise ValueError(f"it has {len(texts)} of {len(gaps) - 1} passages")
        whole = gaps[0] + "".join(text + gap for text, gap in zip(texts, gaps[1:], strict=True))
    return Article(**values | {"text": whole, "keywords": tuple(values["keywords"])})


def digest_of(article: Article) -> str:
    """The checksum of all of an article but its path, which changes when a file is moved."""
    values = [value for name, value in asdict(article).items() if name != "path"]
    return blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def day_of(article: Article) -> str:
    """The day of an article in ISO 8601, "" where there is none."""
    return (article.published or "")[:10]


def _gaps(text: str, passages: Sequence[Passage]) -> dict[str, Any]:
    """What stands between passages; the whole text where they do not follow each other."""
    ends = [0, *(passage.end for passage in passages)]
    starts = [*(passage.start for passage in passages), len(text)]
    follow = all(a <= b for a, b in zip(ends, starts, strict=True))
    if not follow or any(text[p.start : p.end] != p.text for p in passages):
        return {"gaps": [], "whole": text}
    return {"gaps": [text[a:b] for a, b in zip(ends, starts, strict=True)], "whole": None}


def fitting(text: str, column: str, number: int, spill: dict[str, str]) -> str:
    """A text as the column of a row has it; one that is too long goes to `spill`, under its name in the ledger."""
    if len(text.encode("utf-8", "surrogatepass")) <= LONGEST and text != _SPILLED and _clean(text) == text:
        return text
    spill[spilled(column, number)] = json.dumps(text)
    return _SPILLED


def is_spilled(text: str) -> bool:
    """Whether a column says that its text is in the ledger."""
    return text == _SPILLED


def _short(text: str) -> str:
    return _clean(text[:SHORT])


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
