"""What is found in one language lifts what says the same in the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.ports import Candidates
from index.types import LANGUAGES
from search.ranking import Best, lifted

ENGLISH, ARABIC = (LANGUAGES.index(language) for language in ("en", "ar"))


def found(languages: list[int], vectors: list[list[float]] | None) -> Candidates:
    numbers = np.arange(len(languages))
    unit = None
    if vectors is not None:
        given = np.array(vectors, np.float32).reshape(len(languages), -1)
        unit = given / np.maximum(np.linalg.norm(given, axis=1, keepdims=True), 1e-9)
    return Candidates(numbers, numbers, np.array(languages, np.int8), None, None, unit, np.zeros((2, 0), np.float32))


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_a_passage_gains_by_what_the_best_in_the_other_language_says() -> None:
    candidates = found([ENGLISH, ARABIC, ARABIC], [[1, 0], [1, 0.1], [0, 1]])
    before = scores(0.8, 0.3, 0.3)
    english, same, other = lifted(before, candidates)
    assert same > 0.4  # the counterpart of the best one
    assert other == before[2]  # which speaks of something else
    assert english >= before[0]


def test_a_weak_passage_lifts_little() -> None:
    candidates = found([ENGLISH, ARABIC], [[1, 0], [1, 0]])
    strong, weak = lifted(scores(0.9, 0.3), candidates)[1], lifted(scores(0.1, 0.3), candidates)[1]
    assert strong - 0.3 > 8 * (weak - 0.3)


def test_passages_of_one_language_are_lifted_by_the_best_in_the_other_beside_them() -> None:
    before = scores(0.3, 0.3)
    beside = Best.of(scores(0.2, 0.9), np.array([[0, 1], [1, 0]], np.float32))
    same, other = lifted(before, found([ARABIC, ARABIC], [[1, 0], [0.2, 1]]), beside)
    assert same > 0.5
    assert 0.3 <= other < 0.4
    none = Best.of(scores(), np.zeros((0, 2), np.float32))
    assert (lifted(before, found([ARABIC, ARABIC], [[1, 0], [0, 1]]), none) == before).all()


def test_within_one_language_nothing_changes() -> None:
    before = scores(0.8, 0.3)
    assert (lifted(before, found([ARABIC, ARABIC], [[1, 0], [1, 0]])) == before).all()


def test_without_vectors_nothing_changes() -> None:
    before = scores(0.8, 0.3)
    assert (lifted(before, found([ENGLISH, ARABIC], None)) == before).all()


@given(st.lists(st.tuples(st.sampled_from([ENGLISH, ARABIC]), st.floats(0, 1, width=32),
                          st.tuples(*[st.floats(-1, 1, width=32)] * 3)), max_size=30))  # fmt: skip
def test_scores_never_fall_and_stay_between_0_and_1(passages: list[tuple[int, float, tuple[float, ...]]]) -> None:
    before = scores(*(score for _, score, _ in passages))
    vectors = [list(vector) for _, _, vector in passages] if passages else None
    after = lifted(before, found([language for language, _, _ in passages], vectors))
    assert (after >= before).all()
    assert (after <= 1 + 1e-6).all()
