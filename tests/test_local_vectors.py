"""The vectors of a segment: small ones are compared exactly, large ones by a shortlist; filters are always filled."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.local import vectors
from index.local.vectors import KINDS, VectorIndex

Made = Callable[[np.ndarray], VectorIndex]

COARSE = ((0, KINDS[0][1]), KINDS[1])  # every segment is stored as a large one


@pytest.fixture
def rows() -> np.ndarray:
    """Near each of 50 places lie 10, as the passages of news about one event do."""
    chance = np.random.default_rng(7)
    rows = np.repeat(chance.standard_normal((50, 32)), 10, axis=0) + 0.4 * chance.standard_normal((500, 32))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float16).astype(np.float32)


def made(rows: np.ndarray, folder: Path, like: VectorIndex | None = None) -> VectorIndex:
    folder.mkdir()
    vectors.write(folder, len(rows), lambda taken: rows[taken], like)
    return VectorIndex(folder, len(rows))


@pytest.fixture
def exact(rows: np.ndarray, tmp_path: Path) -> VectorIndex:
    return made(rows, tmp_path / "exact")


@pytest.fixture
def coarse(rows: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VectorIndex:
    monkeypatch.setattr(vectors, "KINDS", COARSE)
    return made(rows, tmp_path / "coarse")


@pytest.fixture(params=["exact", "coarse"])
def index(request: pytest.FixtureRequest) -> VectorIndex:
    found: VectorIndex = request.getfixturevalue(request.param)
    return found


def test_the_nearest_rows_and_their_inner_products_are_exact(exact: VectorIndex, rows: np.ndarray) -> None:
    found, scores = exact.search(rows[3], 10)
    products = rows @ rows[3]
    np.testing.assert_array_equal(found, np.argsort(-products)[:10])
    np.testing.assert_allclose(scores, np.sort(products)[::-1][:10], atol=1e-5)


def test_a_large_segment_finds_nearly_all_of_the_nearest_with_nearly_exact_products(
    coarse: VectorIndex, rows: np.ndarray
) -> None:
    shares = []
    for query in rows[::10]:
        found, scores = coarse.search(query, 10)
        shares.append(len(np.intersect1d(found, np.argsort(-(rows @ query))[:10])) / 10)
        np.testing.assert_allclose(scores, rows[found] @ query, atol=0.02)
        assert (np.diff(scores) <= 0).all()
    assert np.mean(shares) > 0.95


@pytest.mark.parametrize("share", [2, 50])
def test_a_filter_still_fills_k(index: VectorIndex, rows: np.ndarray, share: int) -> None:
    allowed = np.zeros(len(rows), bool)
    allowed[::share] = True
    found, _ = index.search(rows[3], 10, allowed)
    assert len(set(found.tolist())) == 10
    assert allowed[found].all()


def test_a_filter_that_leaves_only_what_is_far_away_still_fills_k(index: VectorIndex, rows: np.ndarray) -> None:
    allowed = np.ones(len(rows), bool)
    allowed[np.argsort(-(rows @ rows[3]))[:400]] = False
    found, _ = index.search(rows[3], 10, allowed)
    assert len(set(found.tolist())) == 10
    assert allowed[found].all()


def test_a_filter_that_nothing_passes_finds_nothing(index: VectorIndex, rows: np.ndarray) -> None:
    assert not len(index.search(rows[3], 10, np.zeros(len(rows), bool))[0])


def test_asking_for_more_than_there_is_gives_all_there_is(index: VectorIndex, rows: np.ndarray) -> None:
    found, scores = index.search(rows[0], 1000)
    assert sorted(found.tolist()) == list(range(500))
    assert len(scores) == 500


def test_stored_vectors_come_back(exact: VectorIndex, coarse: VectorIndex, rows: np.ndarray) -> None:
    np.testing.assert_array_equal(exact.rows(np.array([4, 2, 4])), rows[[4, 2, 4]])
    np.testing.assert_allclose(coarse.rows(np.array([4, 2, 4])), rows[[4, 2, 4]], atol=0.005)


def test_the_mean_of_all_vectors_stands_beside_them(index: VectorIndex, rows: np.ndarray, tmp_path: Path) -> None:
    np.testing.assert_allclose(index.mean, rows.mean(0), atol=1e-4)
    (path,) = tmp_path.glob("*/mean.npy")
    path.unlink()  # an older Khabar wrote none
    assert VectorIndex(path.parent, 500).mean is None
    np.save(path, np.zeros(31, np.int32))
    with pytest.raises(ValueError, match="31 numbers in the mean"):
        VectorIndex(path.parent, 500)


def test_a_large_segment_that_is_joined_to_another_keeps_its_codes(
    coarse: VectorIndex, rows: np.ndarray, tmp_path: Path
) -> None:
    """Else every merge would take something off the vectors."""
    stored = coarse.rows(np.arange(500))
    more = made(np.concatenate([stored, 2 * rows[:20]]), tmp_path / "joined", coarse)
    np.testing.assert_array_equal(more.rows(np.arange(500)), stored)


@pytest.mark.parametrize("dim", [1, 7, 30])
def test_vectors_of_any_length_have_a_shortlist(dim: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "KINDS", COARSE)
    rows = np.random.default_rng(1).standard_normal((40, dim)).astype(np.float32)
    assert len(made(rows, tmp_path / "index").search(rows[0], 40)[0]) == 40


def test_other_files_than_those_that_were_written_are_refused(coarse: VectorIndex, tmp_path: Path) -> None:
    for name in ("vectors.faiss", "shortlist.faiss"):
        path = tmp_path / "coarse" / name
        whole = path.read_bytes()
        for place in (*range(37), 41, 53, -1):
            damaged = bytearray(whole)
            damaged[place] ^= 1
            path.write_bytes(damaged[:-1] if place < 0 else damaged)
            with pytest.raises(ValueError, match=name):
                VectorIndex(tmp_path / "coarse", 500)
        path.write_bytes(whole)
    with pytest.raises(ValueError, match="501"):
        VectorIndex(tmp_path / "coarse", 501)
