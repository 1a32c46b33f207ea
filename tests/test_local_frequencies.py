"""Packed frequencies are read back exactly, by any slice or list of places, whatever the sizes of the writes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.local.frequencies import Frequencies, writing

NUMBERS = st.lists(st.integers(1, 255) | st.integers(1, 4) | st.integers(13, 17), max_size=40)


@given(NUMBERS, st.lists(st.integers(0, 40), max_size=4), st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=100, deadline=None)
def test_frequencies_are_read_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, said: list[int], cuts: list[int], first: int, last: int
) -> None:
    folder, numbers = tmp_path_factory.mktemp("frequencies"), np.array(said, np.uint8)
    with writing(folder, len(numbers)) as write:
        for part in np.split(numbers, sorted(min(cut, len(numbers)) for cut in cuts)):
            write(part)
    found = Frequencies.open(folder, len(numbers))
    assert len(found) == len(numbers)
    np.testing.assert_array_equal(found[first:last], numbers[first:last])
    np.testing.assert_array_equal(found[:], numbers)
    some = np.array([cut for cut in cuts if cut < len(numbers)], np.int64)
    np.testing.assert_array_equal(found.take(some), numbers[some])
    with pytest.raises(ValueError, match="bytes of frequencies"):
        Frequencies.open(folder, len(numbers) + 2)
