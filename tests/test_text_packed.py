"""Lists in arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import distinct


@given(st.lists(st.integers(0, 2**31 - 1), max_size=40), st.sampled_from([np.int32, np.int64, np.uint64]))
def test_distinct_numbers_are_those_that_numpy_finds(numbers: list[int], dtype: type) -> None:
    asked = np.array(numbers * 2, dtype)
    found = distinct(asked)
    assert found.dtype == dtype
    assert found.tolist() == np.unique(asked).tolist() == sorted(set(numbers))


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_nothing_has_no_distinct_numbers(dtype: type) -> None:
    assert distinct(np.zeros(0, dtype)).shape == (0,)
