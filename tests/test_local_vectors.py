"""FAISS gives what exact arithmetic gives, filters included."""

from pathlib import Path

import numpy as np
import pytest

from index.local import vectors
from index.local.vectors import VectorIndex


@pytest.fixture
def rows() -> np.ndarray:
    rows = np.random.default_rng(7).standard_normal((500, 32)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def index(rows: np.ndarray, tmp_path: Path) -> VectorIndex:
    vectors.build(rows, tmp_path / "vectors.faiss")
    return VectorIndex(tmp_path / "vectors.faiss")


def test_the_nearest_rows_and_their_inner_products_are_exact(index: VectorIndex, rows: np.ndarray) -> None:
    found, scores = index.search(rows[3], 10)
    exact = rows @ rows[3]
    np.testing.assert_array_equal(found, np.argsort(-exact)[:10])
    np.testing.assert_allclose(scores, np.sort(exact)[::-1][:10], atol=1e-5)


def test_a_filter_still_fills_k(index: VectorIndex, rows: np.ndarray) -> None:
    allowed = np.zeros(len(rows), bool)
    allowed[::50] = True
    found, _ = index.search(rows[3], 10, allowed)
    assert sorted(found) == list(range(0, 500, 50))


def test_asking_for_more_than_there_is_gives_all_there_is(index: VectorIndex, rows: np.ndarray) -> None:
    found, scores = index.search(rows[0], 1000)
    assert len(found) == len(scores) == 500


def test_stored_vectors_come_back(index: VectorIndex, rows: np.ndarray) -> None:
    np.testing.assert_array_equal(index.rows(np.array([4, 2, 4])), rows[[4, 2, 4]])
