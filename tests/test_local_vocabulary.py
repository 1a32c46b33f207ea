"""The terms of an index: the nearest are found without comparing all in full."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index.local import vocabulary


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 5000))
def test_the_nearest_words_are_found_without_sorting_all(seed: int, words: int, terms: int) -> None:
    cosines = np.random.default_rng(seed).random((words, terms), np.float32)
    values = np.take_along_axis(cosines, vocabulary._largest(cosines), axis=1)
    assert (np.sort(values) == np.sort(cosines)[:, -vocabulary.COMPARED :]).all()
