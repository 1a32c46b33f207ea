"""The postings of several segments become those of one, a few terms at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..text import NameIndex, Strings, distinct, ranges
from . import frequencies
from .arrays import written
from .postings import Array, Postings, chunked, save_strings, within

POSTINGS_AT_ONCE = 1 << 20
"""Postings that are in memory at once, some 50 MB with what is computed of them; or those of one term, if more."""


class Forms(NamedTuple):
    """Written forms that take the place of those of some terms of a segment.

    `numbers` (int64, (n,), ascending) are the terms, `written` their forms, `entries` (int32, (n,)) where the embedded
    model has the vectors of these.
    """

    numbers: Array
    written: Sequence[str]
    entries: Array


NO_FORMS = Forms(np.zeros(0, np.int64), (), np.zeros(0, np.int32))


def shortened(part: Postings, alive: Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The terms that stand both in rows that go and in rows that stay, and for each the first row that stays."""
    numbers, rows = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for first, last in _slices(part.starts):
        held, _ = part.between(first, last)
        begins = part.starts[first:last] - part.starts[first]
        staying = np.minimum.reduceat(np.where(alive[held], held, len(alive)), begins)
        found = np.flatnonzero((staying < len(alive)) & np.logical_or.reduceat(~alive[held], begins))
        numbers.append(first + found)
        rows.append(staying[found])
    return np.concatenate(numbers), np.concatenate(rows)


def merge_postings(
    folder: Path, parts: Sequence[Postings], names: Sequence[NameIndex], keep: Sequence[Array], forms: Sequence[Forms]
) -> None:
    """Write the postings of several segments as those of one, without the rows whose entry in `keep` is False.

    `keep` has one array of booleans a part, `names` its written forms, `forms` those that take the place of some. The
    postings are read and written a few at a time, so that memory is bound by the vocabulary, not by them. Raises
    OSError.
    """
    keys = distinct(np.concatenate([part.keys for part in parts]))
    places = [np.searchsorted(keys, part.keys) for part in parts]
    kept = [_kept(part, alive) for part, alive in zip(parts, keep, strict=True)]
    sizes = np.zeros((len(parts), len(keys)), np.int32)
    arabic = np.zeros(len(keys), np.int32)
    which, numbers = (np.zeros(len(keys), np.int32) for _ in range(2))  # whose form stands for each term
    best = np.full(len(keys), np.iinfo(np.uint64).max)
    for j, (at, (rows_of, arabic_of)) in enumerate(zip(places, kept, strict=True)):
        sizes[j, at] = rows_of
        arabic[at] += arabic_of
        better = np.flatnonzero((rows_of > 0) & (parts[j].preferred < best[at]))
        which[at[better]], numbers[at[better]], best[at[better]] = j, better, parts[j].preferred[better]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes.sum(0, dtype=np.int64))])
    pieces, chunks, lengths_of_pieces = _write_merged(folder, parts, keep, places, sizes, starts)

    used = np.diff(starts) > 0  # a term whose every passage is gone leaves the vocabulary: nothing of it may stay
    which, numbers = which[used], numbers[used]
    save_strings(folder, "vocabulary", Strings.taken([part.vocabulary for part in parts], which, numbers))
    for j, form in enumerate(forms):
        own = np.flatnonzero(which == j)
        own = own[np.isin(numbers[own], form.numbers)]
        which[own], numbers[own] = len(parts) + j, np.searchsorted(form.numbers, numbers[own])
    surfaces = [*(part.surfaces for part in parts), *(Strings.pack(form.written) for form in forms)]
    save_strings(folder, "surfaces", Strings.taken(surfaces, which, numbers))
    NameIndex.taken([*names, *(NameIndex.build(form.written) for form in forms)], which, numbers).save(folder)
    entries = np.zeros(len(which), np.int32)
    for j, of in enumerate([*(part.entries for part in parts), *(form.entries for form in forms)]):
        entries[which == j] = of[numbers[which == j]]
    arrays = {
        "keys": keys[used],
        "entries": entries,
        "arabic": arabic[used],
        "starts": np.append(starts[:-1][used], starts[-1]),
        "pieces": np.append(pieces[used], len(chunks)),
        "chunks": chunks,
        "sizes": lengths_of_pieces,
        "lengths": np.concatenate([part.lengths[alive] for part, alive in zip(parts, keep, strict=True)]),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def _write_merged(
    folder: Path,
    parts: Sequence[Postings],
    keep: Sequence[Array],
    places: Sequence[Array],
    sizes: Array,
    starts: Array,
) -> tuple[Array, Array, Array]:
    """Write rows and frequencies; returns the pieces that they lie in, as `chunked` does."""
    ends = np.cumsum([np.count_nonzero(alive) for alive in keep])
    rows_of = [np.cumsum(alive) - 1 + (end - np.count_nonzero(alive)) for alive, end in zip(keep, ends, strict=True)]
    pieces, chunks, lengths = [np.zeros(0, np.int64)], [np.zeros(0, np.uint16)], [np.zeros(0, np.uint16)]
    known = 0
    with ExitStack() as files:
        write_rows = files.enter_context(written(folder / "rows.npy", np.uint16, int(starts[-1])))
        write_counts = files.enter_context(frequencies.writing(folder, int(starts[-1])))
        for first, last in _slices(starts):
            behind = starts[first : last + 1] - starts[first]
            rows, counts = np.zeros(behind[-1], np.int64), np.zeros(behind[-1], np.uint8)
            filled = behind[:-1].copy()
            for part, alive, at, size, new in zip(parts, keep, places, sizes, rows_of, strict=True):
                terms = np.searchsorted(at, (first, last))
                old, often = part.between(*terms.tolist())
                if not alive.all():
                    old, often = old[alive[old]], often[alive[old]]
                own = at[terms[0] : terms[1]]
                target = ranges(filled[own - first], size[own].astype(np.int64))
                rows[target], counts[target] = new[old], often
                filled += size[first:last]
            found = chunked(behind, rows)
            pieces.append(found[0] + known)
            chunks.append(found[1])
            lengths.append(found[2])
            known += len(found[1])
            write_rows(within(rows))
            write_counts(counts)
    return np.concatenate(pieces), np.concatenate(chunks), np.concatenate(lengths)


def _slices(starts: Array) -> list[tuple[int, int]]:
    """The terms in stretches of at most POSTINGS_AT_ONCE postings, or of one term."""
    found, first = [], 0
    while first < len(starts) - 1:
        last = max(int(np.searchsorted(starts, starts[first] + POSTINGS_AT_ONCE, "right")) - 1, first + 1)
        found.append((first, last))
        first = last
    return found


def _kept(part: Postings, alive: Array) -> tuple[Array, Array]:
    """How many rows hold each term, and how many of them are mostly Arabic, of the rows that stay."""
    if alive.all():
        return np.diff(part.starts), part.arabic
    rows_of, arabic_of = np.zeros((2, len(part.keys)), np.int64)
    for first, last in _slices(part.starts):
        rows, _ = part.between(first, last)
        begins = part.starts[first:last] - part.starts[first]
        rows_of[first:last] = np.add.reduceat(alive[rows], begins, dtype=np.int64)
        arabic_of[first:last] = np.add.reduceat(alive[rows] & part.in_arabic[rows], begins, dtype=np.int64)
    return rows_of, arabic_of
