"""How rare terms are among some texts, whether these are learned one by one or all at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.coverage.rarity import Compared, Rarity, shared_weight

TERMS = st.sampled_from(["fire", "ferry", "inquiry", "حريق", "عبارة", "2024"])


@given(st.lists(st.lists(TERMS, max_size=8), min_size=1))
def test_texts_compared_at_once_are_as_alike_as_one_by_one(texts: list[list[str]]) -> None:
    rarity = Rarity()
    for text in texts:
        rarity.learn(text)
    hashes = np.array([hash(term) for text in texts for term in text], np.int64)
    among = Compared(hashes, np.array([*map(len, texts)], np.int64))
    weights = [rarity.weigh(text) for text in texts]
    for n, text in enumerate(texts):
        assert among.weigh(text) == weights[n]
        shared = [shared_weight(weights[n], other) for other in weights]
        assert among.shared(n).tolist() == pytest.approx(shared, abs=1e-12)
