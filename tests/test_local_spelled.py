"""What is remembered of written forms is what would be found out anew."""

import numpy as np
import pytest

from index.local.spelled import Spelled
from index.text import NameIndex

COMMITS = [["minister", "الوزير", "Tedros"], ["تيدروس", "minister", "harbour"], ["harbour", "Kasrun", "قصرون", "rain"]]


@pytest.mark.parametrize("remembered", [2, 4, 100])
def test_what_is_remembered_is_what_is_found_out_anew(remembered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.local.spelled.REMEMBERED", remembered)
    spelled = Spelled()
    for words in COMMITS:
        found, anew = spelled.names(words), NameIndex.build(words)
        for name in ("keys", "owners", "letters"):
            np.testing.assert_array_equal(getattr(found, name), getattr(anew, name))
