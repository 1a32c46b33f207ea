"""A store with exact candidate search. It is the reference for the quality that an approximate index loses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from index import Index, load_encoder
from index.passages import encoded_text
from index.ports import Candidates, Question, View
from index.types import LANGUAGES, Vectors

ENCODED = 4096  # passages encoded at once


def vectors(folder: Path, index: Index) -> Vectors:
    """The unquantised vectors of all passages, in order. They are encoded once and kept in FOLDER/vectors.npy."""
    path = folder / "vectors.npy"
    if not path.exists():
        encoder = load_encoder()
        with index.reading() as view:
            numbers = positions(view)
            found = np.lib.format.open_memmap(path, "w+", np.float32, (len(numbers), encoder.dim))
            for start in range(0, len(numbers), ENCODED):
                part = view.passages(numbers[start : start + ENCODED])
                texts = [encoded_text(title, passage.text) for title, passage in part]
                found[start : start + len(texts)] = encoder.encode_passages(texts)
            found.flush()
    kept: Vectors = np.load(path, mmap_mode="r")
    return kept


def positions(view: View) -> npt.NDArray[np.int64]:
    """The numbers of all passages of a view of a folder."""
    return view.snapshot.positions  # type: ignore[attr-defined, no-any-return]


class Exact:
    """A store whose candidates are chosen and scored exactly; the rest is that of another."""

    def __init__(self, store: Index, vectors: Vectors) -> None:
        self._store, self._vectors = store, vectors

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def reading(self) -> Iterator[View]:
        with self._store.reading() as view:
            yield cast(View, ExactView(view, self._vectors))


class ExactView:
    """One moment of it."""

    def __init__(self, view: View, vectors: Vectors) -> None:
        self._view, self._vectors = view, vectors

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def candidates(self, question: Question) -> Candidates:
        from index.local.bm25 import Ranking

        view: Any = self._view
        snapshot = view.snapshot
        assert question.concepts is not None
        assert question.vector is not None
        allowed = view._allowed(question.where)
        ranking = Ranking(snapshot.lexicon, question.concepts)
        lexical = ranking.scores(np.arange(len(snapshot.lexicon)))
        cosine = self._vectors @ question.vector
        rows = np.union1d(
            *(best(scores, question.k, allowed) for scores in (np.where(lexical > 0, lexical, -1), cosine))
        )
        arabic = snapshot.lexicon.arabic[rows]
        languages = np.where(arabic, LANGUAGES.index("ar"), LANGUAGES.index("en")).astype(np.int8)
        return Candidates(
            snapshot.positions[rows],
            snapshot.articles[rows],
            languages,
            lexical[rows],
            cosine[rows],
            self._vectors[rows],
            ranking.idf,
        )


def best(scores: npt.NDArray[np.float32], k: int, allowed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The allowed rows of the k highest scores above -1."""
    masked = np.where(allowed, scores, np.float32(-1))
    rows = np.argpartition(-masked, min(k, len(masked) - 1))[:k]
    return rows[masked[rows] > -1]
