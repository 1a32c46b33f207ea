"""Learn the bilingual lexicon, the translation probabilities of terms, from translation pairs by word alignment.

IBM model 1 (Brown and others 1993) in both directions, with the position prior of fast_align (Dyer, Chahuneau and Smith
2013). In the last rounds the posteriors of both directions are multiplied (alignment by agreement; Liang, Taskar and
Klein 2006), which keeps rare words from aligning with everything around them. Words are index terms. Dictionary entries
are treated as pairs; being short, they anchor the rest.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from index.text.letters import script
from index.text.packed import Strings
from index.text.tokens import terms
from index.types import LANGUAGES

from . import data
from .exclusion import Exclusion, evaluation_rows
from .tokenizer import normalizer, words_of

NAME = "lexicon.safetensors"

LONGEST = 40  # the most terms of a text that are aligned
UNEQUAL = 2.5  # pairs are skipped when one text is this many times as long: a wrong or a free translation
ROUNDS, AGREEING = 4, 3  # of expectation maximisation: each direction alone, then in agreement
TENSION = 4.0  # how steeply the prior of a link falls with the distance in position (lambda in fast_align)
NULL = 0.08  # probability that a word is aligned with nothing, as in fast_align

LEAST = 0.05  # least probability of a translation that is kept
MOST = 8  # the most translations of a term
EVIDENCE = 0.9  # least expected count of a translation that is kept; a dictionary entry alone counts 1
HEARD = 1.2  # the same for words of the dialects, whose dictionaries gloss every form
DOUBT = 0.3  # smoothing: added to each term's total count, so that rare terms have no certain translation

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Bitext:
    """Pairs of texts as term numbers: text i of a side is `ids[starts[i]:starts[i + 1]]`; `weights` one a pair."""

    english: Ints
    arabic: Ints
    english_starts: npt.NDArray[np.int64]
    arabic_starts: npt.NDArray[np.int64]
    weights: Floats


@dataclass(frozen=True, slots=True)
class Cells:
    """All (English word, Arabic word) of all pairs: their positions, the number of their link type, and the prior."""

    english: Ints
    arabic: Ints
    link: Ints
    prior: Floats
    links: npt.NDArray[np.int64]  # English term * number of Arabic terms + Arabic term, of each kind of link


def read(pairs: Iterable[data.Pair], exclusion: Exclusion) -> tuple[Bitext, list[str], list[str]]:
    """The pairs that may be used for training, and the English and Arabic terms by number."""
    numbers: tuple[dict[str, int], dict[str, int]] = {}, {}
    ids, starts = (array("i"), array("i")), (array("q", [0]), array("q", [0]))
    weights, fold = array("f"), normalizer()
    for pair in pairs:
        if exclusion.reason(*(words_of(fold.normalize_str(text)) for text in (pair.left, pair.right))):
            continue
        sides = [
            [term for term in terms(text)[:LONGEST] if script(term) == language]
            for text, language in ((pair.left, "en"), (pair.right, "ar"))
        ]
        few, many = sorted(map(len, sides))
        if few and many <= UNEQUAL * few + 2:
            for side, known, flat, ends in zip(sides, numbers, ids, starts, strict=True):
                flat.extend(known.setdefault(term, len(known)) for term in side)
                ends.append(len(flat))
            weights.append(pair.weight)
    columns = (np.array(ids[0], np.int32), np.array(ids[1], np.int32), np.array(starts[0]), np.array(starts[1]))
    english, arabic = map(list, numbers)
    return Bitext(*columns, np.array(weights, np.float32)), english, arabic


def cells(bitext: Bitext) -> Cells:
    """All possible links within the pairs."""
    wide, high = np.diff(bitext.english_starts), np.diff(bitext.arabic_starts)
    pair = np.repeat(np.arange(len(wide)), wide * high)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(wide * high) - wide * high, wide * high)
    i, j = within // high[pair], within % high[pair]
    apart = np.abs((i + 0.5) / wide[pair] - (j + 0.5) / high[pair])
    english, arabic = (
        (bitext.english_starts[pair] + i).astype(np.int32),
        (bitext.arabic_starts[pair] + j).astype(np.int32),
    )
    kinds = bitext.english[english].astype(np.int64) * (int(bitext.arabic.max()) + 1) + bitext.arabic[arabic]
    links, link = np.unique(kinds, return_inverse=True)
    return Cells(english, arabic, link.astype(np.int32), np.exp(-TENSION * apart).astype(np.float32), links)


def align(bitext: Bitext, grid: Cells) -> npt.NDArray[np.float64]:
    """The weighted expected count of each link type: float64 (link types,)."""
    sides = ((bitext.english, grid.english), (bitext.arabic, grid.arabic))
    terms_of = np.divmod(grid.links, int(bitext.arabic.max()) + 1)
    weight = np.repeat(bitext.weights, np.diff(bitext.english_starts))[grid.english]
    shares = [np.bincount(ids) / len(ids) for ids, _ in sides]
    # p(Arabic | English) and p(English | Arabic), at first independent of the condition
    chance = [shares[1 - side][terms_of[1 - side]].astype(np.float32) for side in (0, 1)]
    counts: npt.NDArray[np.float64] = np.zeros(len(grid.links))
    for step in range(ROUNDS + AGREEING):
        beliefs = []
        for given, share, (ids, place) in zip(chance, shares[::-1], sides[::-1], strict=True):
            # Each word is generated by one word of the other side, or by none.
            spread = np.bincount(place, grid.prior, len(ids))
            belief = grid.prior * ((1 - NULL) / np.maximum(spread, 1e-9)).astype(np.float32)[place] * given[grid.link]
            total = np.bincount(place, belief, len(ids)) + (NULL * share)[ids]
            beliefs.append(belief / total.astype(np.float32)[place])
        if step >= ROUNDS:
            beliefs = [beliefs[0] * beliefs[1]] * 2
        for direction, belief in enumerate(beliefs):
            counts = np.bincount(grid.link, belief * weight, len(grid.links)).astype(np.float64, copy=False)
            of_term = np.bincount(terms_of[direction], counts)
            chance[direction] = (counts / (of_term + 1e-9)[terms_of[direction]]).astype(np.float32)
    return counts


def probable(counts: npt.NDArray[np.float64], source: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Floats]:
    """The link types that are kept, ordered by source term and then by probability, and their probabilities."""
    p = counts / (np.bincount(source, counts) + DOUBT)[source]
    kept = np.flatnonzero((p >= LEAST) & (counts >= EVIDENCE))
    kept = kept[np.lexsort((-p[kept], source[kept]))]
    rank = np.arange(len(kept)) - np.searchsorted(source[kept], source[kept])
    kept = kept[rank < MOST]
    return kept, p[kept].astype(np.float32)


def table(
    counts: npt.NDArray[np.float64], links: npt.NDArray[np.int64], english: list[str], arabic: list[str]
) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays that `search.query.dictionary` reads: the terms of both languages, and for each its translations."""
    columns = np.divmod(links, len(arabic))
    chosen = [probable(counts, columns[direction]) for direction in (0, 1)]
    tensors: dict[str, npt.NDArray[np.generic]] = {}
    order, place = [], []
    for names, column in zip((english, arabic), columns, strict=True):
        used = np.unique(np.concatenate([column[kept] for kept, _ in chosen]))
        order.append(sorted(used.tolist(), key=names.__getitem__))
        place.append(dict(zip(order[-1], range(len(used)), strict=True)))
    for direction, (language, names) in enumerate((("en", english), ("ar", arabic))):
        kept, p = chosen[direction]
        source = np.array([place[direction][i] for i in columns[direction][kept].tolist()])
        target = np.array([place[1 - direction][i] for i in columns[1 - direction][kept].tolist()], np.int32)
        by_source = np.lexsort((-p, source))
        packed = Strings.pack(names[i] for i in order[direction])
        tensors |= {
            f"{language}_terms": packed.blob,
            f"{language}_offsets": packed.offsets.astype(np.int32),
            f"{language}_starts": np.searchsorted(source[by_source], np.arange(len(packed) + 1)).astype(np.int32),
            f"{language}_targets": target[by_source],
            f"{language}_chances": np.rint(p[by_source] * 255).astype(np.uint8),
        }
    return tensors


def learn(folder: Path, out: Path, report: Callable[[str], None]) -> None:
    """Learn the lexicon from `folder`/parallel, leaving out what is in `folder`/eval, and write it to `out`."""
    exclusion = Exclusion(evaluation_rows(folder / "eval"))
    bitext, english, arabic = read(data.translations(folder / "parallel"), exclusion)
    report(f"{len(bitext.weights)} pairs to align, {len(english)} and {len(arabic)} terms")
    grid = cells(bitext)
    report(f"{len(grid.link)} possible links of {len(grid.links)} kinds")
    tensors = table(align(bitext, grid), grid.links, english, arabic)
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out)
    report(f"{len(tensors['en_targets'])} translations into Arabic, {len(tensors['ar_targets'])} into English")


def learn_dialects(folder: Path, sources: Path, lexicon: Path, report: Callable[[str], None]) -> None:
    """Add to `lexicon` what Arabic terms mean that it lacks, from the pairs with English among `sources`.

    English terms keep their translations: a word of a dialect would only take probability from what is written more.
    """
    exclusion = Exclusion(evaluation_rows(folder / "eval"))
    spoken = (pair for pair in data.translations(folder, sources) if not pair.kind.endswith("-msa"))
    bitext, english, arabic = read(spoken, exclusion)
    grid = cells(bitext)
    tensors = extended(load_file(lexicon), align(bitext, grid), grid.links, english, arabic)
    save_file(tensors, lexicon)
    report(f"{len(tensors['ar_targets'])} translations into English with those of dialect words")


def extended(
    lexicon: dict[str, npt.NDArray[np.generic]],
    counts: npt.NDArray[np.float64],
    links: npt.NDArray[np.int64],
    english: list[str],
    arabic: list[str],
) -> dict[str, npt.NDArray[np.generic]]:
    """The lexicon with entries for Arabic terms that it lacks, where it has the English ones."""
    names = {
        language: [*Strings(lexicon[f"{language}_terms"], lexicon[f"{language}_offsets"])] for language in LANGUAGES
    }
    places = {term: place for place, term in enumerate(names["en"])}
    known = set(names["ar"])
    entries: dict[str, list[tuple[int, int]]] = defaultdict(list)
    columns = np.divmod(links, len(arabic))
    for link, p in zip(*(part.tolist() for part in probable(counts, columns[1])), strict=True):
        term, meant = arabic[columns[1][link]], english[columns[0][link]]
        if term not in known and meant in places and counts[link] >= HEARD and len(entries[term]) < MOST:
            entries[term].append((places[meant], round(p * 255)))
    starts, targets, chances = (lexicon[f"ar_{name}"].tolist() for name in ("starts", "targets", "chances"))
    for place, term in enumerate(names["ar"]):
        entries[term] = [*zip(*(part[starts[place] : starts[place + 1]] for part in (targets, chances)), strict=True)]
    order = sorted(term for term, meant in entries.items() if meant or term in known)
    packed, moved = Strings.pack(order), {term: place for place, term in enumerate(order)}
    several = [entries[term] for term in order]
    return lexicon | {
        "ar_terms": packed.blob,
        "ar_offsets": packed.offsets.astype(np.int32),
        "ar_starts": np.cumsum([0, *map(len, several)], dtype=np.int32),
        "ar_targets": np.array([target for meant in several for target, _ in meant], np.int32),
        "ar_chances": np.array([chance for meant in several for _, chance in meant], np.uint8),
        "en_targets": np.array([moved[names["ar"][target]] for target in lexicon["en_targets"].tolist()], np.int32),
    }
