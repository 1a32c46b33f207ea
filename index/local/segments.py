"""Segments: the derived part of an index, in folders of plain files that never change once written.

A segment holds the lexical and the vector index of a run of passages. Each commit adds one; segments of like size are
merged, so that their number stays logarithmic and a small change never rewrites a large file. Everything in them can
be made again from the database (see writer.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..text import NAME_WIDTH, NameIndex, distinct, ranges
from ..types import Vectors
from . import vectors
from .arrays import mapped, require_length
from .bm25 import Lexicon
from .layout import file_mode, finish_segment_folder, folder_mode, new_segment_folder, require_segment_files
from .merging import Forms, merge_postings
from .postings import Postings
from .vectors import VectorIndex

# A segment is merged into its elder when that one is less than this many times larger: with 4, every passage is
# rewritten about log4(n) times over the life of an index.
GROWTH = 4

Rows = npt.NDArray[np.int64]
Files = dict[str, tuple[int, str]]  # file name -> bytes, SHA-256


@dataclass(frozen=True)
class Segment:
    """One opened segment of n passages.

    `positions` (int64, (n,), ascending) are the passages' numbers in the store, `articles` (int64, (n,)) the numbers of
    their articles; row i of `postings` and of `vectors` is passage `positions[i]`. Word i of `names` is term i of
    `postings`, in the form that stands for it.
    """

    name: str
    positions: npt.NDArray[np.int64]
    articles: npt.NDArray[np.int64]
    postings: Postings
    names: NameIndex
    vectors: VectorIndex

    def __len__(self) -> int:
        return len(self.positions)

    @classmethod
    def open(cls, folder: Path, files: Mapping[str, tuple[int, str]]) -> Segment:
        """Map a segment into memory, all its files at once: it stays readable when a writer then deletes them.

        Raises OSError or ValueError when one of `files` is missing, is not as long as it was (reading a mapped file
        beyond its end would kill the process), or has a structure that Khabar does not write.
        """
        require_segment_files(files)
        for name, (size, _) in files.items():
            if (found := (folder / name).stat().st_size) != size:
                raise ValueError(f"{folder / name} has {found} bytes instead of {size}")
        positions, articles = (mapped(folder / f"{name}.npy", np.int64) for name in ("positions", "articles"))
        names = NameIndex(
            mapped(folder / "names_keys.npy", np.uint64),
            mapped(folder / "names_owners.npy", np.int32),
            mapped(folder / "names_letters.npy", np.uint8, NAME_WIDTH),
        )
        postings = Postings.open(folder)
        try:
            _require_sound(positions, articles, postings, names)
        except ValueError as error:
            raise ValueError(f"in {folder} {error}") from None
        return cls(folder.name, positions, articles, postings, names, VectorIndex(folder, len(positions)))


@dataclass(frozen=True)
class Snapshot:
    """A consistent view of an index. Row i, over all segments in order, is passage `positions[i]` of article number
    `articles[i]` (both int64, ascending); `alive[i]` is False where that passage has been removed. `lexicon` has the
    postings of all of them."""

    generation: object
    segments: tuple[Segment, ...]
    positions: Rows
    articles: Rows
    alive: npt.NDArray[np.bool_]
    lexicon: Lexicon

    @classmethod
    def of(cls, generation: object, segments: Sequence[Segment], dead: Rows) -> Snapshot:
        """The view of some segments, in which the passages at the positions in `dead` have been removed."""
        none = np.zeros(0, np.int64)
        positions = np.concatenate([none, *(segment.positions for segment in segments)])
        articles = np.concatenate([none, *(segment.articles for segment in segments)])
        alive = np.ones(len(positions), bool)
        alive[_places(positions, dead)] = False
        lexicon = Lexicon([segment.postings for segment in segments])
        return cls(generation, tuple(segments), positions, articles, alive, lexicon)

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of some rows: float32, (len(rows), dim)."""
        found = np.zeros((len(rows), self.segments[0].vectors.dim if self.segments else 0), np.float32)
        for segment, first, last in self._stretches():
            here = np.flatnonzero((rows >= first) & (rows < last))
            if len(here):
                found[here] = segment.vectors.rows(rows[here] - first)
        return found

    def mean(self) -> Vectors | None:
        """The mean of the vectors of all rows, also of removed ones: float32, (dim,). None where it is not known of all
        segments, or there are none."""
        means = [segment.vectors.mean for segment in self.segments]
        known = [mean for mean in means if mean is not None]
        if not means or len(known) < len(means):
            return None
        mean: Vectors = np.average(known, 0, list(map(len, self.segments))).astype(np.float32)
        return mean

    def nearest(self, vector: Vectors, k: int, allowed: npt.NDArray[np.bool_]) -> Rows:
        """The k rows, or fewer, nearest to a vector (float32, (dim,)), the nearest first, where `allowed` is True."""
        return self.nearest_of(vector, k, [allowed])[0]

    def nearest_of(self, vector: Vectors, k: int, several: Sequence[npt.NDArray[np.bool_]]) -> list[Rows]:
        """What `nearest` finds where each of `several` is True, in less time than one after the other."""
        rows = [[np.zeros(0, np.int64)] for _ in several]
        scores = [[np.zeros(0, np.float32)] for _ in several]
        for segment, first, last in self._stretches():
            found = segment.vectors.searches(vector, k, [allowed[first:last] for allowed in several])
            for n, (here, values) in enumerate(found):
                rows[n].append(here + first)
                scores[n].append(values)
        order = [np.argsort(-np.concatenate(values), kind="stable")[:k] for values in scores]
        return [np.concatenate(found)[best] for found, best in zip(rows, order, strict=True)]

    def of_articles(self, numbers: Rows) -> npt.NDArray[np.bool_]:
        """Which rows are passages of some articles: (n,)."""
        chosen = np.zeros(len(self.articles), bool)
        chosen[self.rows_of(distinct(numbers))] = True
        return chosen

    def rows_of(self, numbers: Rows) -> Rows:
        """The rows that are passages of some articles, whose numbers ascend."""
        firsts, lasts = (np.searchsorted(self.articles, numbers, side=side) for side in ("left", "right"))
        return ranges(firsts, lasts - firsts)

    def _stretches(self) -> Iterator[tuple[Segment, int, int]]:
        """Each segment with the first of its rows and the one behind its last."""
        return zip(self.segments, self.lexicon.firsts, self.lexicon.firsts[1:], strict=False)


def _places(positions: Rows, dead: Rows) -> Rows:
    """Where those of the positions are that are in `dead`; both ascending."""
    places = np.searchsorted(positions, dead)
    places = places[places < len(positions)]
    found: Rows = places[np.isin(positions[places], dead)]
    return found


def _require_sound(
    positions: npt.NDArray[np.int64], articles: npt.NDArray[np.int64], postings: Postings, names: NameIndex
) -> None:
    """Raises ValueError for arrays that do not fit together. What they hold is not read, but for offsets."""
    if (positions[1:] <= positions[:-1]).any():
        raise ValueError("the positions do not ascend")
    require_length(articles, len(positions), "articles")
    postings.require_sound(len(positions))
    require_length(names.letters, len(postings.vocabulary), "words to compare names with")
    require_length(names.owners, len(names.keys), "owners of keys")


def write(folder: Path, positions: Rows, articles: Rows, postings: Postings, names: NameIndex, rows: Vectors) -> Files:
    """Write a segment to a new folder and force it to the disk; returns what its files hold. Raises OSError."""
    mode = file_mode(folder.parents[1])
    new_segment_folder(folder, folder_mode(mode))
    np.save(folder / "positions.npy", positions)
    np.save(folder / "articles.npy", articles)
    postings.save(folder)
    names.save(folder)
    vectors.write(folder, len(rows), lambda taken: rows[taken])
    finish_segment_folder(folder, mode)
    return files(folder)


def merge(folder: Path, parts: Sequence[Segment], dead: Rows, forms: Sequence[Forms]) -> Files:
    """Join segments into a new one, without the passages whose positions are in `dead`; as `write`.

    `forms` has the written forms that take the place of some of each part.

    Memory is bound by the vocabulary and some bytes a passage: postings and vectors are copied a few at a time.
    """
    whole = Snapshot.of(0, parts, dead)
    kept = np.flatnonzero(whole.alive)
    alive = [whole.alive[first:last] for _, first, last in whole._stretches()]
    mode = file_mode(folder.parents[1])
    new_segment_folder(folder, folder_mode(mode))
    np.save(folder / "positions.npy", whole.positions[kept])
    np.save(folder / "articles.npy", whole.articles[kept])
    merge_postings(folder, [part.postings for part in parts], [part.names for part in parts], alive, forms)
    largest = max(parts, key=len).vectors
    vectors.write(folder, len(kept), lambda rows: whole.vectors(kept[rows]), largest)
    finish_segment_folder(folder, mode)
    return files(folder)


def due(sizes: Sequence[int]) -> int:
    """How many of the youngest segments (sizes in order of age) should be merged into one now; 0 when none."""
    count, total = 1, sizes[-1] if sizes else 0
    for size in reversed(sizes[:-1]):
        if size >= GROWTH * total:
            break
        count, total = count + 1, total + size
    return count if count > 1 else 0


def files(folder: Path) -> Files:
    """What the files of a segment hold now."""
    found = {}
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            found[path.name] = path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
    return found
